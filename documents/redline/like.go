package redline

import (
	"slices"
	"strings"
	"unicode"

	"vestnik/documents/markdown"
)

// bag holds the words of a text in order of their stems, repeated as often as
// they stand there, and their weight in letters.
type bag struct {
	lemmas []lemma
	weight int
	ready  bool
}

// A lemma is the hash of its stem and, in the last byte, how many letters it has.
type lemma uint64

func (l lemma) stem() lemma  { return l >> 8 }
func (l lemma) letters() int { return int(l & 0xff) }

// stemmed is how many letters words are told apart by, whatever their case: what
// follows is mostly inflection, in Kazakh and Russian as in English.
const stemmed = 5

// bagged collects the words of s.
func bagged(s string) bag {
	b := bag{ready: true, lemmas: make([]lemma, 0, len(s)/8+1)}
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	hash, letters := uint64(offset), 0
	end := func() {
		if letters > 0 {
			b.lemmas = append(b.lemmas, lemma(hash<<8|uint64(min(letters, 255))))
			b.weight += min(letters, 255)
			hash, letters = offset, 0
		}
	}
	for _, r := range s {
		if !wordly(r) {
			end()
			continue
		}
		apart := alone(r)
		if apart {
			end()
		}
		if letters++; letters <= stemmed {
			hash = (hash ^ uint64(lower(r))) * prime
		}
		if apart {
			end()
		}
	}
	end()
	slices.Sort(b.lemmas)
	return b
}

func lower(r rune) rune {
	switch {
	case r < 0x80:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	case 'А' <= r && r <= 'Я':
		return r + 'а' - 'А'
	case 'а' <= r && r <= 'я':
		return r
	}
	return unicode.ToLower(r)
}

// common is the weight of the words that stand in both bags.
func common(a, b bag) int {
	sum := 0
	for i, j := 0, 0; i < len(a.lemmas) && j < len(b.lemmas); {
		switch x, y := a.lemmas[i], b.lemmas[j]; {
		case x.stem() < y.stem():
			i++
		case x.stem() > y.stem():
			j++
		default:
			sum += min(x.letters(), y.letters())
			i, j = i+1, j+1
		}
	}
	return sum
}

// likeness of two bags, from 0 to 1.
func likeness(a, b bag) float64 {
	if a.weight+b.weight == 0 {
		return 0
	}
	return 2 * float64(common(a, b)) / float64(a.weight+b.weight)
}

// stems calls f with each stem of a bag once, and how many letters it has.
func (b bag) stems(f func(stem lemma, letters int)) {
	for i, w := range b.lemmas {
		if i == 0 || b.lemmas[i-1].stem() != w.stem() {
			f(w.stem(), w.letters())
		}
	}
}

// bag returns the words of block i.
func (m *matching) bag(s *side, i int) bag {
	if s.words == nil {
		s.words = make([]bag, len(s.Blocks))
	}
	if !s.words[i].ready {
		s.words[i] = bagged(s.body[i])
	}
	return s.words[i]
}

// likeness of block i of a and block j of b, or 0 once the work is used up.
func (m *matching) likeness(i, j int) float64 {
	x, y := m.bag(m.a, i), m.bag(m.b, j)
	lesser := min(x.weight, y.weight)
	if lesser*2 < int(alike*float64(x.weight+y.weight)) {
		return 0 // one is too short to be like the other
	}
	if m.work -= len(x.lemmas) + len(y.lemmas); m.work < 0 {
		return 0
	}
	return likeness(x, y)
}

// comparable tells whether block i of a may become block j of b at all.
func (m *matching) comparable(i, j int) bool {
	x, y := &m.a.Blocks[i], &m.b.Blocks[j]
	if m.a.silent(i) || m.b.silent(j) {
		return x.Kind == y.Kind && m.a.silent(i) == m.b.silent(j) && m.a.shape(i) == m.b.shape(j)
	}
	return (x.Kind == markdown.Row) == (y.Kind == markdown.Row)
}

// pairAlike pairs, in order, blocks a with blocks b that are alike.
func (m *matching) pairAlike(a, b []int, least float64) {
	if len(a) == 0 || len(b) == 0 {
		return
	}
	var links []link
	try := func(x, y int) {
		if l, ok := m.resembles(a[x], b[y], least); ok {
			links = append(links, link{x, y, l})
		}
	}
	if len(a)*len(b) <= 2500 {
		for x := range a {
			for y := range b {
				try(x, y)
			}
		}
	} else {
		m.candidates(a, b, try)
	}
	for _, l := range chain(links) {
		m.join(a[l.i], b[l.j])
	}
}

// resembles tells whether i and j may be a pair, and how good a one.
func (m *matching) resembles(i, j int, least float64) (int, bool) {
	if !m.comparable(i, j) {
		return 0, false
	}
	if m.a.silent(i) {
		return 1, true
	}
	l := m.likeness(i, j)
	switch {
	case m.a.body[i] == m.b.body[j]:
		l = 1
	case m.a.Blocks[i].Kind == markdown.Row && !m.sameName(i, j):
		least = max(least, alikeAfar)
	}
	return 1 + int(l*l*float64(100+m.bag(m.a, i).weight+m.bag(m.b, j).weight)), l >= least
}

// sameName tells whether two table rows begin with the same cell.
func (m *matching) sameName(i, j int) bool {
	x, _, _ := strings.Cut(m.a.body[i], " | ")
	y, _, _ := strings.Cut(m.b.body[j], " | ")
	return x == y
}

// candidates tries each of a with the few of b that share its rarest words, and,
// where both are as many, with the one at its place.
func (m *matching) candidates(a, b []int, try func(x, y int)) {
	r := rarely{}
	for y, j := range b {
		r.hold(m.bag(m.b, j), y)
	}
	for x, i := range a {
		shared := r.shared(m.bag(m.a, i))
		if len(a) == len(b) {
			shared[x]++
		}
		for _, y := range best(shared, 6) {
			try(x, y)
		}
	}
}

// rarely says which bags hold a word, by stem.
type rarely map[lemma][]int

// known is in how many bags a word may stand to tell anything.
const known = 12

func (r rarely) hold(b bag, y int) {
	b.stems(func(stem lemma, _ int) {
		if h := r[stem]; len(h) <= known {
			r[stem] = append(h, y)
		}
	})
}

// shared weighs what b has in common with the bags held.
func (r rarely) shared(b bag) map[int]int {
	out := map[int]int{}
	b.stems(func(stem lemma, letters int) {
		if h := r[stem]; len(h) <= known {
			for _, y := range h {
				out[y] += letters * known / len(h)
			}
		}
	})
	return out
}

// best returns the n keys with the greatest values, smaller keys first on ties.
func best(of map[int]int, n int) []int {
	out := make([]int, 0, len(of))
	for k := range of {
		out = append(out, k)
	}
	slices.SortFunc(out, func(x, y int) int {
		if of[x] != of[y] {
			return of[y] - of[x]
		}
		return x - y
	})
	return out[:min(n, len(out))]
}
