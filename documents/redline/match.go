package redline

import (
	"strings"

	"vestnik/documents/markdown"
)

// Bounds of the work on one pair of texts. Past them the answer is coarser and
// still right. They count steps, so no answer depends on how fast a machine is.
const (
	tableCells   = 1 << 24 // of tables that align equal blocks
	likenessWork = 1 << 25 // words looked at while comparing bags
	wordWork     = 1 << 27 // cells of tables that align words
)

// Two blocks are a pair from alike on, between the same neighbours from
// alikeInPlace on, and in another place, where nothing but their words connects
// them, from alikeAfar on. Below alikeInOrder their words must be alike in their
// order, too.
const (
	alikeInPlace = 0.34
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
	head    int // how many blocks are equal at the start and at the end
	tail    int
	known   []Pair // clauses that continue, whatever their words say
	clauses *clausing
	numbers map[string]string // the clauses that changed their number, old to new
	places  contents
	parts   map[int][]int // a block of one side that stands as several of the other: see part.go
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
	m.places = m.contents()
	m.pairNear(alikeAfar)
	m.pairFarAlike()
	m.pairNear(alike)
	if m.partStrangers() {
		m.pairGaps(alike)
	}
	m.widen()
	m.findParts()
}

// partStrangers unpairs blocks whose words have too little in common, in any
// order or in their order. A clause that keeps its number keeps its first block,
// and so does one that surely continues, in its place or with a word at least.
// It tells whether it found any.
func (m *matching) partStrangers() (parted bool) {
	var stay []bool
	for i, end := m.middle(m.a); i < end; i++ {
		j := m.a.pair[i]
		if j < 0 || m.a.silent(i) || m.a.body(i) == m.b.body(j) {
			continue
		}
		if n := m.a.Blocks[i].Number; n != "" && n == m.b.Blocks[j].Number {
			continue
		}
		if stay == nil {
			stay = m.staying()
		}
		l := m.likeness(i, j)
		if m.heads(i, j) && (stay[i] || l > 0) {
			continue
		}
		if l < alikeInPlace || l < alikeInOrder && !kin(m.compared(i, j)) {
			m.a.pair[i], m.b.pair[j] = -1, -1
			delete(m.spanned, i)
			parted = true
		}
	}
	return parted
}

// staying tells, by block of a, which pairs did not move.
func (m *matching) staying() []bool {
	out := make([]bool, len(m.a.pair))
	for _, l := range m.inOrder() {
		out[l.i] = true
	}
	return out
}

// heads tells whether two blocks begin clauses of which one surely continues as
// the other.
func (m *matching) heads(i, j int) bool {
	c, d := m.a.begun(i), m.b.begun(j)
	return c >= 0 && d >= 0 && m.clauses.x[c] == d && !m.clauses.doubtful[c]
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
