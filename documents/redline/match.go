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
	alike     = 0.34
	alikeAfar = 0.6
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
		m.pairWithin(m.a.own[p.Old], m.b.own[p.New])
	}
	m.pairGaps()
	m.pairFarAlike()
	m.findParts()
	m.partStrangers()
}

// partStrangers unpairs blocks whose words, once compared in order, have too
// little in common. A clause that keeps its number, or surely continues, keeps
// its first block.
func (m *matching) partStrangers() {
	heads := map[int]int{}
	for _, p := range m.clauses {
		if a, b := m.a.own[p.Old], m.b.own[p.New]; !p.Doubtful && len(a) > 0 && len(b) > 0 {
			heads[a[0]] = b[0]
		}
	}
	for i, j := range m.a.pair {
		if j < 0 || m.parts[i] != nil || m.joined[j] != nil || m.a.body[i] == m.b.body[j] || m.a.silent(i) {
			continue
		}
		x, y := &m.a.Blocks[i], &m.b.Blocks[j]
		if x.Number != "" && x.Number == y.Number {
			continue
		}
		if h, ok := heads[i]; ok && h == j {
			continue
		}
		if !kin(m.compared(i, j)) {
			m.a.pair[i], m.b.pair[j] = -1, -1
		}
	}
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

// symbols numbers equal strings of both sides equally.
func symbols(a, b []string) (x, y []int32) {
	ids := make(map[string]int32, len(a))
	number := func(of []string) []int32 {
		out := make([]int32, len(of))
		for i, s := range of {
			id, ok := ids[s]
			if !ok {
				id = int32(len(ids))
				ids[s] = id
			}
			out[i] = id
		}
		return out
	}
	return number(a), number(b)
}

// alignEqual pairs, in order, blocks whose bytes are equal, and between these
// blocks that say the same.
func (m *matching) alignEqual() {
	cells := tableCells
	m.alignBy(bytesOf, &cells)
	m.alignBy(meaningOf, &cells)
}

// alignBy pairs in order what is free and equal by key.
func (m *matching) alignBy(key func(*side, int) string, cells *int) {
	x, y := symbols(keys(m.a, key), keys(m.b, key))
	m.eachGap(func(a, b []int) {
		r := &rise{
			weight: func(i int) int { return len(m.a.raw[a[i]]) },
			take:   func(i, j int) { m.join(a[i], b[j]) },
			cells:  *cells,
		}
		r.align(pick(x, a), pick(y, b), 0, 0, 0)
		*cells = r.cells
	})
}

func pick(of []int32, at []int) []int32 {
	out := make([]int32, len(at))
	for k, i := range at {
		out[k] = of[i]
	}
	return out
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

func keys(s *side, of func(*side, int) string) []string {
	out := make([]string, len(s.Blocks))
	for i := range out {
		out[i] = of(s, i)
	}
	return out
}

// eachGap calls f with the unpaired blocks that lie between the same pairs in
// both texts. Pairs that moved bound no gap.
func (m *matching) eachGap(f func(a, b []int)) {
	x, y := 0, 0
	for _, l := range append(m.inOrder(), link{i: len(m.a.pair), j: len(m.b.pair)}) {
		a, b := unpaired(m.a.pair, x, l.i), unpaired(m.b.pair, y, l.j)
		if len(a) > 0 && len(b) > 0 {
			f(a, b)
		}
		x, y = l.i+1, l.j+1
	}
}

// inOrder returns the pairs that did not move: the heaviest set that rises in
// both texts.
func (m *matching) inOrder() []link {
	var links []link
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
func (m *matching) pairWithin(a, b []int) {
	if len(a) > 0 && len(b) > 0 && m.a.pair[a[0]] < 0 && m.b.pair[b[0]] < 0 && m.comparable(a[0], b[0]) &&
		(m.a.Blocks[a[0]].Number != "" || m.a.Blocks[a[0]].Kind == markdown.Heading) {
		m.join(a[0], b[0])
	}
	free := func(s *side, of []int) []int {
		return slices.DeleteFunc(slices.Clone(of), func(i int) bool { return s.pair[i] >= 0 })
	}
	m.pairAlike(free(m.a, a), free(m.b, b), alike)
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
