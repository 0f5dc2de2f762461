package redline

import (
	"slices"
	"strings"

	"vestnik/documents/markdown"
)

// pairNear pairs what lies in the same clause, or unpaired between the same
// neighbours, and is at least so alike.
func (m *matching) pairNear(least float64) {
	for c, last := range m.clauses.x {
		if last >= 0 && !m.clauses.whole[c] {
			m.pairWithin(c, least)
		}
	}
	m.pairGaps(least)
}

// pairWithin pairs the blocks that clause c of a and the one it continues as hold
// themselves: the first of each, which bears the number or is the heading, and
// the others by likeness.
func (m *matching) pairWithin(c int, least float64) {
	i, endA := m.a.own(c)
	j, endB := m.b.own(m.clauses.x[c])
	if i < endA && j < endB && m.a.pair[i] < 0 && m.b.pair[j] < 0 && m.comparable(i, j) &&
		(m.a.Blocks[i].Number != "" || m.a.Blocks[i].Kind == markdown.Heading) {
		m.join(i, j)
	}
	m.pairAlike(unpaired(m.a.pair, i, endA), unpaired(m.b.pair, j, endB), least)
}

// pairGaps pairs by likeness what lies unpaired between the same neighbours.
func (m *matching) pairGaps(least float64) {
	m.eachGap(func(a, b []int) {
		m.reconcile(a, b)
		if len(a) == 1 && len(b) == 1 && least == alike {
			m.pairAlike(a, b, alikeInPlace)
		} else {
			m.pairAlike(a, b, least)
		}
	})
}

// pairFarAlike pairs what is still free wherever it stands, if its words leave
// little doubt.
func (m *matching) pairFarAlike() {
	a, b := m.free(m.a), m.free(m.b)
	var links []link
	m.candidates(a, b, func(x, y int) {
		if m.comparable(a[x], b[y]) {
			if l := m.likeness(a[x], b[y]); l >= m.leastAfar(a[x], b[y]) {
				links = append(links, link{a[x], b[y], int(l * 1000)})
			}
		}
	})
	slices.SortStableFunc(links, func(x, y link) int { return y.weight - x.weight })
	for _, l := range links {
		m.join(l.i, l.j)
	}
}

// leastAfar is how alike two blocks must be to be known again anywhere: short
// ones say the same words, and so do rows that begin with other ones.
func (m *matching) leastAfar(i, j int) float64 {
	switch {
	case min(len(m.a.body(i)), len(m.b.body(j))) < 40:
		return 0.9
	case m.a.Blocks[i].Kind == markdown.Row && !m.sameName(i, j):
		return 0.8
	}
	return alikeAfar
}

// widen pairs what stands beside a pair on both sides and is alike: a moved
// block's neighbours moved with it.
func (m *matching) widen() {
	beside := func(from, to, by int) {
		for i := from; i != to; i += by {
			j := m.a.pair[i]
			if j < 0 || i+by == -1 || i+by == len(m.a.pair) || j+by == -1 || j+by == len(m.b.pair) || m.a.pair[i+by] >= 0 || m.b.pair[j+by] >= 0 || m.a.silent(i+by) {
				continue
			}
			if _, ok := m.resembles(i+by, j+by, alike); ok {
				m.join(i+by, j+by)
			}
		}
	}
	beside(0, len(m.a.pair), 1)
	beside(len(m.a.pair)-1, -1, -1)
}

// free returns the unpaired blocks that are long enough to be known again.
func (m *matching) free(s *side) []int {
	var out []int
	for i, end := m.middle(s); i < end; i++ {
		if s.pair[i] < 0 && !s.silent(i) && len(s.body(i)) >= longBody {
			out = append(out, i)
		}
	}
	return out
}

// bag returns the words of block i.
func (m *matching) bag(s *side, i int) bag {
	if s.bags == nil {
		s.bags = make([]bag, len(s.Blocks))
	}
	if !s.bags[i].ready {
		s.bags[i] = bagged(s.body(i))
	}
	return s.bags[i]
}

// likeness of block i of a and block j of b, or 0 once the work is used up.
func (m *matching) likeness(i, j int) float64 {
	x, y := m.bag(m.a, i), m.bag(m.b, j)
	lesser := min(x.weight, y.weight)
	if lesser*2 < int(alikeInPlace*float64(x.weight+y.weight)) {
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
	if !m.comparable(i, j) || m.parted[link{i: i, j: j}] {
		return 0, false
	}
	if m.a.silent(i) {
		return 1, true
	}
	l := m.likeness(i, j)
	switch {
	case m.a.body(i) == m.b.body(j):
		l = 1
	case least == alikeInPlace && m.renamed(i, j):
		return 1, true
	case m.a.Blocks[i].Kind == markdown.Row && !m.sameName(i, j):
		least = max(least, alikeAfar)
	}
	return 1 + int(l*l*float64(100+m.bag(m.a, i).weight+m.bag(m.b, j).weight)), l >= least
}

// sameName tells whether the first cell of one table row says the same as one of
// the first two cells of the other.
func (m *matching) sameName(i, j int) bool {
	x, y := strings.SplitN(m.a.body(i), " | ", 3), strings.SplitN(m.b.body(j), " | ", 3)
	same := func(p, q string) bool { return p == q || likeness(bagged(p), bagged(q)) >= 0.8 }
	return same(x[0], y[0]) || len(y) > 1 && same(x[0], y[1]) || len(x) > 1 && same(x[1], y[0])
}

// renamed tells whether two rows say the same in each cell that both have, two at
// least, but the first.
func (m *matching) renamed(i, j int) bool {
	if m.a.Blocks[i].Kind != markdown.Row {
		return false
	}
	x, y := strings.Split(m.a.body(i), border), strings.Split(m.b.body(j), border)
	n := min(len(x), len(y))
	return n > 2 && slices.Equal(x[1:n], y[1:n])
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
