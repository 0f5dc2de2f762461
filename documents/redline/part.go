package redline

import (
	"slices"

	"vestnik/documents/markdown"
)

// A part brings at least this share of its words from the whole, and whole and
// parts together are at least this much alike.
const (
	partShare = 0.5
	partsLike = 0.65
)

// prose tells whether a block of this kind may be split and joined.
func prose(k markdown.Kind) bool {
	return k == markdown.Paragraph || k == markdown.Item || k == markdown.Footnote || k == markdown.Description
}

// findParts finds blocks of one text that stand as several of the other, one
// right after the other.
func (m *matching) findParts() {
	m.parts, m.joined = map[int][]int{}, map[int][]int{}
	m.splitWholes(m.a, m.b, m.parts)
	m.splitWholes(m.b, m.a, m.joined)
}

// splitWholes looks in t for the parts of blocks of s.
func (m *matching) splitWholes(s, t *side, found map[int][]int) {
	behind := 0 // the block of t after the one that the last paired block became
	for i, end := m.middle(s); i < end; i++ {
		if i > 0 && s.pair[i-1] >= 0 {
			behind = s.pair[i-1] + 1
		}
		if !prose(s.Blocks[i].Kind) || s.silent(i) {
			continue
		}
		if j := s.pair[i]; j >= 0 {
			if (m.fit(t, j-1) || m.fit(t, j+1)) && s.body(i) != t.body(j) && prose(t.Blocks[j].Kind) && !m.taken(s, i, t, j) && m.brings(s, i, t, bag{}, j) {
				m.settle(s, i, t, m.grow(s, i, t, j, j), found)
			}
			continue
		}
		if first, last := behind, t.room(behind); first < last {
			for j := first; j <= last && s.pair[i] < 0; j++ {
				if m.fit(t, j) && m.brings(s, i, t, bag{}, j) {
					m.settle(s, i, t, m.grow(s, i, t, j, j), found)
				}
			}
		}
	}
}

// taken tells whether i or j is a part or has parts already.
func (m *matching) taken(s *side, i int, t *side, j int) bool {
	if s == m.a {
		return m.joined[j] != nil
	}
	return m.parts[j] != nil
}

// fit tells whether block j of t is free to be a part.
func (m *matching) fit(t *side, j int) bool {
	return j >= 0 && j < len(t.Blocks) && t.pair[j] < 0 && prose(t.Blocks[j].Kind) && !t.silent(j)
}

// room returns the last of the free run that begins at first, or what is before
// first.
func (s *side) room(first int) int {
	last := first - 1
	for last+1 < len(s.pair) && s.pair[last+1] < 0 && last-first < 40 {
		last++
	}
	return last
}

// brings tells whether block j adds mostly words that i has and the union of the
// other parts does not.
func (m *matching) brings(s *side, i int, t *side, union bag, j int) bool {
	whole, part := m.bag(s, i), m.bag(t, j)
	if m.work -= 2*len(whole.lemmas) + len(part.lemmas); m.work < 0 || part.weight == 0 {
		return false
	}
	gain := common(whole, plus(union, part)) - common(whole, union)
	return float64(gain) >= partShare*float64(part.weight)
}

func plus(a, b bag) bag {
	lemmas := append(slices.Clone(a.lemmas), b.lemmas...)
	slices.Sort(lemmas)
	return bag{lemmas, a.weight + b.weight, true}
}

// grow widens the run first to last by neighbours that are parts of i too.
func (m *matching) grow(s *side, i int, t *side, first, last int) [2]int {
	union := m.bag(t, first)
	for {
		switch {
		case m.fit(t, last+1) && m.brings(s, i, t, union, last+1):
			last++
			union = plus(union, m.bag(t, last))
		case m.fit(t, first-1) && m.brings(s, i, t, union, first-1):
			first--
			union = plus(union, m.bag(t, first))
		default:
			if first < last && likeness(m.bag(s, i), union) < partsLike {
				return [2]int{first, first}
			}
			return [2]int{first, last}
		}
	}
}

// settle records that block i of s stands as the run of t.
func (m *matching) settle(s *side, i int, t *side, run [2]int, found map[int][]int) {
	if run[0] == run[1] {
		return
	}
	for j := run[0]; j <= run[1]; j++ {
		t.pair[j] = i
		found[i] = append(found[i], j)
	}
	s.pair[i] = run[0]
}
