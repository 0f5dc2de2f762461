package redline

import (
	"bytes"

	"vestnik/documents/markdown"
)

// alignEqual pairs, in order, blocks that look the same, and between these blocks
// that say the same.
func (m *matching) alignEqual() {
	m.trim()
	if m.head == len(m.a.pair) || m.head == len(m.b.pair) {
		return
	}
	cells := tableCells
	m.alignBy(symbols{}.looks, &cells)
	m.alignBy(symbols{}.meaning, &cells)
}

// trim pairs the blocks at both ends whose bytes are equal.
func (m *matching) trim() {
	n, k := len(m.a.pair), len(m.b.pair)
	for ; m.head < min(n, k) && m.identical(m.head, m.head); m.head++ {
		m.join(m.head, m.head)
	}
	for ; m.tail < min(n, k)-m.head && m.identical(n-1-m.tail, k-1-m.tail); m.tail++ {
		m.join(n-1-m.tail, k-1-m.tail)
	}
}

func (m *matching) identical(i, j int) bool {
	return m.a.Blocks[i].Kind == m.b.Blocks[j].Kind && bytes.Equal(m.a.raw[i], m.b.raw[j])
}

// middle returns where the blocks of s between the equal ends begin and end.
func (m *matching) middle(s *side) (from, to int) { return m.head, len(s.pair) - m.tail }

// alignBy pairs in order what is free and has equal symbols.
func (m *matching) alignBy(symbol func(*side, int) int32, cells *int) {
	spell := func(s *side, of []int) []int32 {
		out := make([]int32, len(of))
		for n, i := range of {
			out[n] = symbol(s, i)
		}
		return out
	}
	m.eachGap(func(a, b []int) {
		r := &rise{
			weight: func(i int) int { return len(m.a.raw[a[i]]) },
			take:   func(i, j int) { m.join(a[i], b[j]) },
			cells:  *cells,
		}
		r.align(spell(m.a, a), spell(m.b, b), 0, 0, 0)
		*cells = r.cells
	})
}

// symbols numbers equal blocks equally.
type symbols map[symbol]int32

type symbol struct {
	kind       markdown.Kind
	text, form string
}

func (ids symbols) number(key symbol) int32 {
	id, ok := ids[key]
	if !ok {
		id = int32(len(ids))
		ids[key] = id
	}
	return id
}

// looks goes by what readers get, however the source is laid out, and of what they
// do not by the source.
func (ids symbols) looks(s *side, i int) int32 {
	b := &s.Blocks[i]
	if s.silent(i) {
		return ids.number(symbol{b.Kind, string(s.raw[i]), b.Form})
	}
	return ids.number(symbol{b.Kind, b.Text, b.Form})
}

// meaning goes by what a block says.
func (ids symbols) meaning(s *side, i int) int32 {
	return ids.number(symbol{text: meaningOf(s, i)})
}

// meaningOf is what a block says, whatever its number and its marks. Of what
// readers do not see only the kind counts: a text has little of it.
func meaningOf(s *side, i int) string {
	body := s.body(i)
	if body == "" {
		return "\x00" + string(rune(s.Blocks[i].Kind)) + s.Blocks[i].Number + s.shape(i)
	}
	return body
}

// shape is the form of a block that has one and no words.
func (s *side) shape(i int) string {
	if s.Blocks[i].Hidden() {
		return ""
	}
	return container(&s.Blocks[i])
}

// eachGap calls f with the unpaired blocks that lie between the same pairs in
// both texts. Pairs that moved bound no gap.
func (m *matching) eachGap(f func(a, b []int)) {
	x, endA := m.middle(m.a)
	y, endB := m.middle(m.b)
	for _, l := range append(m.inOrder(), link{i: endA, j: endB}) {
		if x < l.i && y < l.j {
			if a, b := unpaired(m.a.pair, x, l.i), unpaired(m.b.pair, y, l.j); len(a) > 0 && len(b) > 0 {
				f(a, b)
			}
		}
		x, y = l.i+1, l.j+1
	}
}

// inOrder returns the pairs between the equal ends that did not move: the
// heaviest set that rises in both texts.
func (m *matching) inOrder() []link {
	var links []link
	for i, end := m.middle(m.a); i < end; i++ {
		if j := m.a.pair[i]; j >= 0 && (m.joined[j] == nil || m.joined[j][0] == i) {
			links = append(links, link{i, j, m.weight(i, j)})
		}
	}
	return chain(links)
}

// weight says how much a pair should stay where it is. Each is worth some words,
// so that few move. What came below another clause has moved, whatever it weighs.
func (m *matching) weight(i, j int) int {
	w := 100 + len(m.a.body(i)) + len(m.b.body(j))
	if m.clauses != nil && !m.clauses.settled(m.a.Blocks[i].Clause, m.b.Blocks[j].Clause) {
		w /= 4
	}
	return w
}

func unpaired(pair []int, from, to int) []int {
	var out []int
	for i := from; i < to; i++ {
		if pair[i] < 0 {
			out = append(out, i)
		}
	}
	return out
}

// pairFarEqual pairs blocks that stand once among the unpaired of each text,
// wherever they stand, if they are long enough to be known again; short rows and
// items, if they stand nowhere else at all.
func (m *matching) pairFarEqual() {
	one, other := m.once(m.a), m.once(m.b)
	var all [2]map[string]int // of the short ones: how often each stands in a text
	for body, i := range one {
		j, ok := other[body]
		if !ok || i < 0 || j < 0 {
			continue
		}
		if len(body) < longBody {
			if all[0] == nil {
				all = [2]map[string]int{m.a.tally(), m.b.tally()}
			}
			if m.a.Blocks[i].Kind != m.b.Blocks[j].Kind || all[0][body]+all[1][body] > 2 {
				continue
			}
		}
		m.join(i, j)
	}
}

// longBody is how many bytes are enough to be known again anywhere.
const longBody = 16

// once finds free blocks by what they say, -1 where several say it.
func (m *matching) once(s *side) map[string]int {
	out := map[string]int{}
	for i, end := m.middle(s); i < end; i++ {
		if s.pair[i] < 0 && !s.silent(i) && (len(s.body(i)) >= longBody || m.tellsEnough(s, i)) {
			once(out, s.body(i), i)
		}
	}
	return out
}

// tellsEnough tells whether block i is a row or an item of three words or more.
func (m *matching) tellsEnough(s *side, i int) bool {
	k := s.Blocks[i].Kind
	return (k == markdown.Row || k == markdown.Item) && len(m.bag(s, i).lemmas) >= 3
}

// tally counts what the short blocks of s say.
func (s *side) tally() map[string]int {
	out := map[string]int{}
	for i := range s.Blocks {
		if body := s.body(i); len(body) < longBody {
			out[body]++
		}
	}
	return out
}
