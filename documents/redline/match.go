package redline

import (
	"slices"
	"strings"

	"vestnik/documents/markdown"
)

// Bounds of the work on one pair of texts. Past them the answer is coarser and
// still right. They count steps, so no answer depends on how fast a machine is.
const (
	tableCells   = 1 << 24 // of tables that align equal blocks
	likenessWork = 1 << 25 // words looked at while comparing bags
	wordWork     = 1 << 27 // square tokens handed to go-diff
)

// Two blocks are compared word by word from a third alike on; in another place,
// where nothing but their words connects them, from alikeAfar on.
const (
	alike        = 0.38
	alikeInOrder = 0.5
	alikeAfar    = 0.6
)

// matching pairs the blocks of two texts: clauses first, then blocks in order,
// then what moved.
type matching struct {
	a, b    *side
	lexicon *lexicon
	work    int // what is left of likenessWork
	squares int // what is left of wordWork
	clauses []Pair
	numbers map[string]string // the clauses that changed their number, old to new
	parts   map[int][]int     // a block of one side that stands as several of the other: see part.go
	joined  map[int][]int
	spanned map[int][]Span // by block of a that has a pair
}

func newMatching(a, b *markdown.Text) *matching {
	return &matching{a: newSide(a), b: newSide(b), lexicon: newLexicon(), work: likenessWork, squares: wordWork, spanned: map[int][]Span{}}
}

// blocks pairs all blocks.
func (m *matching) blocks() {
	m.alignEqual()
	m.pairFarEqual()
	m.clauses = m.pairClauses()
	m.numbers = m.renumbering()
	for _, p := range m.clauses {
		m.pairWithin(p)
	}
	m.pairGaps()
	m.partStrangers()
	m.pairGaps()
	m.pairFarAlike()
	m.widen()
	m.findParts()
}

// partStrangers unpairs blocks whose words have too little in common, in any
// order or in their order. A clause that keeps its number, or surely continues, keeps
// its first block.
func (m *matching) partStrangers() {
	stay := map[int]bool{}
	for _, l := range m.inOrder() {
		stay[l.i] = true
	}
	for i, j := range m.a.pair {
		if j < 0 || m.a.body[i] == m.b.body[j] || m.a.silent(i) {
			continue
		}
		x, y := &m.a.Blocks[i], &m.b.Blocks[j]
		if x.Number != "" && x.Number == y.Number {
			continue
		}
		l := m.likeness(i, j)
		if m.heads(i, j) && (stay[i] || l > 0) {
			continue
		}
		if l < alike || l < alikeInOrder && !kin(m.compared(i, j)) {
			m.a.pair[i], m.b.pair[j] = -1, -1
			delete(m.spanned, i)
		}
	}
}

// heads tells whether two blocks begin clauses of which one surely continues as
// the other.
func (m *matching) heads(i, j int) bool {
	c, d := m.a.Blocks[i].Clause, m.b.Blocks[j].Clause
	at, ok := slices.BinarySearchFunc(m.clauses, c, func(p Pair, c int) int { return p.Old - c })
	if !ok || m.clauses[at].Doubtful || m.clauses[at].New != d {
		return false
	}
	x, _ := m.a.own(c)
	y, _ := m.b.own(d)
	return x == i && y == j
}

// kin tells whether two texts share any word.
func kin(spans []Span) bool {
	for _, s := range spans {
		if s.Op == opSame && strings.IndexFunc(s.Text, wordly) >= 0 {
			return true
		}
	}
	return false
}

// compared returns the spans of block i and block j, computed once.
func (m *matching) compared(i, j int) []Span {
	if s, ok := m.spanned[i]; ok {
		return s
	}
	x, y := &m.a.Blocks[i], &m.b.Blocks[j]
	s := m.spans(x.Text, y.Text, lead(x), lead(y))
	m.spanned[i] = s
	return s
}

// lead is the length of the number that a text begins with.
func lead(b *markdown.Block) int {
	if strings.HasPrefix(b.Text, b.Number) {
		return len(b.Number)
	}
	return 0
}

func (m *matching) join(i, j int) {
	if m.a.pair[i] < 0 && m.b.pair[j] < 0 {
		m.a.pair[i], m.b.pair[j] = j, i
	}
}

// alignEqual pairs, in order, blocks whose bytes are equal, and between these
// blocks that say the same.
func (m *matching) alignEqual() {
	m.trim()
	cells := tableCells
	m.alignBy(bytesOf, &cells)
	m.alignBy(meaningOf, &cells)
}

// trim pairs the blocks at both ends whose bytes are equal.
func (m *matching) trim() {
	equal := func(i, j int) bool {
		return m.a.Blocks[i].Kind == m.b.Blocks[j].Kind && m.a.raw[i] == m.b.raw[j]
	}
	i, n, k := 0, len(m.a.raw), len(m.b.raw)
	for ; i < min(n, k) && equal(i, i); i++ {
		m.join(i, i)
	}
	for ; n > i && k > i && equal(n-1, k-1); n, k = n-1, k-1 {
		m.join(n-1, k-1)
	}
}

// alignBy pairs in order what is free and equal by key.
func (m *matching) alignBy(key func(*side, int) string, cells *int) {
	ids := map[string]int32{}
	symbols := func(s *side, of []int) []int32 {
		out := make([]int32, len(of))
		for n, i := range of {
			k := key(s, i)
			id, ok := ids[k]
			if !ok {
				id = int32(len(ids))
				ids[k] = id
			}
			out[n] = id
		}
		return out
	}
	m.eachGap(func(a, b []int) {
		r := &rise{
			weight: func(i int) int { return len(m.a.raw[a[i]]) },
			take:   func(i, j int) { m.join(a[i], b[j]) },
			cells:  *cells,
		}
		r.align(symbols(m.a, a), symbols(m.b, b), 0, 0, 0)
		*cells = r.cells
	})
}

func bytesOf(s *side, i int) string { return string(rune(s.Blocks[i].Kind)) + s.raw[i] }

// meaningOf is what a block says, whatever its number and its marks. Of what
// readers do not see only the kind counts: a text has little of it.
func meaningOf(s *side, i int) string {
	if s.body[i] == "" {
		return "\x00" + string(rune(s.Blocks[i].Kind)) + s.Blocks[i].Number + s.shape(i)
	}
	return s.body[i]
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
	x, y := 0, 0
	for _, l := range append(m.inOrder(), link{i: len(m.a.pair), j: len(m.b.pair)}) {
		if x < l.i && y < l.j {
			if a, b := unpaired(m.a.pair, x, l.i), unpaired(m.b.pair, y, l.j); len(a) > 0 && len(b) > 0 {
				f(a, b)
			}
		}
		x, y = l.i+1, l.j+1
	}
}

// inOrder returns the pairs that did not move: the heaviest set that rises in
// both texts.
func (m *matching) inOrder() []link {
	links := make([]link, 0, len(m.a.pair)+1)
	for i, j := range m.a.pair {
		if j >= 0 && (m.joined[j] == nil || m.joined[j][0] == i) {
			links = append(links, link{i, j, 1 + len(m.a.body[i]) + len(m.b.body[j])})
		}
	}
	return chain(links)
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
// wherever they stand, if they are long enough to be known again.
func (m *matching) pairFarEqual() {
	count := map[string][2]int{}
	at := map[string][2]int{}
	for n, s := range []*side{m.a, m.b} {
		for i, body := range s.body {
			if s.pair[i] >= 0 || s.silent(i) || len(body) < 16 {
				continue
			}
			c, where := count[body], at[body]
			c[n]++
			where[n] = i
			count[body], at[body] = c, where
		}
	}
	for body, c := range count {
		if c == [2]int{1, 1} {
			m.join(at[body][0], at[body][1])
		}
	}
}

// pairWithin pairs the blocks that two clauses hold themselves: the first of
// each, which bears the number or is the heading, and the others by likeness.
func (m *matching) pairWithin(p Pair) {
	i, endA := m.a.own(p.Old)
	j, endB := m.b.own(p.New)
	if i < endA && j < endB && m.a.pair[i] < 0 && m.b.pair[j] < 0 && m.comparable(i, j) &&
		(m.a.Blocks[i].Number != "" || m.a.Blocks[i].Kind == markdown.Heading) {
		m.join(i, j)
	}
	m.pairAlike(unpaired(m.a.pair, i, endA), unpaired(m.b.pair, j, endB), alike)
}

// pairGaps pairs by likeness what lies unpaired between the same neighbours.
func (m *matching) pairGaps() {
	m.eachGap(func(a, b []int) { m.pairAlike(a, b, alike) })
}

// pairFarAlike pairs what is still free wherever it stands, if its words leave
// little doubt.
func (m *matching) pairFarAlike() {
	a, b := m.free(m.a), m.free(m.b)
	var links []link
	m.candidates(a, b, func(x, y int) {
		if m.comparable(a[x], b[y]) {
			if l := m.likeness(a[x], b[y]); l >= alikeAfar {
				links = append(links, link{a[x], b[y], int(l * 1000)})
			}
		}
	})
	slices.SortStableFunc(links, func(x, y link) int { return y.weight - x.weight })
	for _, l := range links {
		m.join(l.i, l.j)
	}
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
	for i, p := range s.pair {
		if p < 0 && !s.silent(i) && len(s.body[i]) >= 40 {
			out = append(out, i)
		}
	}
	return out
}
