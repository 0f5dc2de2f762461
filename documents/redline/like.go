package redline

import (
	"slices"

	"vestnik/documents/markdown"
)

// bag returns the words of block i.
func (m *matching) bag(s *side, i int) bag {
	if s.words == nil {
		s.words = make([]bag, len(s.Blocks))
	}
	if !s.words[i].ready {
		s.words[i] = m.lexicon.bag(s.body[i])
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
	if m.work -= len(x.ids) + len(y.ids); m.work < 0 {
		return 0
	}
	return m.lexicon.likeness(x, y)
}

// comparable tells whether block i of a may become block j of b at all.
func (m *matching) comparable(i, j int) bool {
	x, y := &m.a.Blocks[i], &m.b.Blocks[j]
	if m.a.silent(i) || m.b.silent(j) {
		return x.Kind == y.Kind && m.a.silent(i) == m.b.silent(j) && m.a.shape(i) == m.b.shape(j)
	}
	return (x.Kind == markdown.Row) == (y.Kind == markdown.Row) && (x.Kind == markdown.Code) == (y.Kind == markdown.Code)
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
	if m.a.body[i] == m.b.body[j] {
		l = 1
	}
	return 1 + int(l*l*float64(100+m.bag(m.a, i).weight+m.bag(m.b, j).weight)), l >= least
}

// candidates tries each of a with the few of b that share its rarest words, and,
// where both are as many, with the one at its place.
func (m *matching) candidates(a, b []int, try func(x, y int)) {
	holders := map[int32][]int{}
	for y, j := range b {
		for _, id := range slices.Compact(slices.Clone(m.bag(m.b, j).ids)) {
			holders[id] = append(holders[id], y)
		}
	}
	for x, i := range a {
		shared := map[int]int{}
		if len(a) == len(b) {
			shared[x] = 1
		}
		for _, id := range slices.Compact(slices.Clone(m.bag(m.a, i).ids)) {
			if h := holders[id]; len(h) <= 12 {
				for _, y := range h {
					shared[y] += int(m.lexicon.letters[id]) * 12 / len(h)
				}
			}
		}
		for _, y := range best(shared, 6) {
			try(x, y)
		}
	}
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
