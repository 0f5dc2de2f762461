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

// Two long texts of which less than sameInOrder stays the same are strangers, unless
// alikeAtLeast of their words is.
const (
	sameInOrder  = 0.15
	alikeAtLeast = 0.55
	longText     = 100 // letters
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
	parted  map[link]bool  // pairs that were parted; true: for good
}

func newMatching(a, b *markdown.Text) *matching {
	return &matching{a: newSide(a), b: newSide(b), lexicon: newLexicon(), work: likenessWork, squares: wordWork, spanned: map[int][]Span{}, parted: map[link]bool{}}
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
	for n := 0; m.partStrangers() && n < 3; n++ {
		m.pairGaps(alike) // what is paired anew may be strangers, too
	}
	m.widen()
	m.findParts()
}

// partStrangers unpairs blocks whose words have too little in common, in any
// order or in their order, unless they were parted before and came together again.
// A clause that keeps its number keeps its first block, and so does one that surely
// continues, in its place or with a word at least. It tells whether it found any.
func (m *matching) partStrangers() (found bool) {
	var stay []bool
	for i, end := m.middle(m.a); i < end; i++ {
		j := m.a.pair[i]
		if j < 0 || m.a.silent(i) || m.a.body(i) == m.b.body(j) {
			continue
		}
		if n := m.a.Blocks[i].Number; n != "" && n == m.b.Blocks[j].Number {
			continue
		}
		if _, before := m.parted[link{i: i, j: j}]; before {
			continue
		}
		if stay == nil {
			stay = m.staying()
		}
		if m.heads(i, j) && (stay[i] || m.likeness(i, j) > 0) {
			continue
		}
		if strange, forGood := m.strange(i, j); strange {
			m.a.pair[i], m.b.pair[j] = -1, -1
			m.parted[link{i: i, j: j}] = forGood
			delete(m.spanned, i)
			found = true
		}
	}
	return found
}

// strange tells whether blocks i and j have too little in common for a pair, and
// whether that is sure: short ones may yet be one in its place.
func (m *matching) strange(i, j int) (strange, sure bool) {
	l := m.likeness(i, j)
	if l >= alikeAtLeast || m.renamed(i, j) {
		return false, false
	}
	c, d := m.a.begun(i), m.b.begun(j)
	long := min(m.bag(m.a, i).weight, m.bag(m.b, j).weight) >= longText
	if long && (c < 0 || m.clauses.x[c] != d) && m.sameShare(i, j) < sameInOrder {
		return true, true
	}
	return l < alikeInPlace || l < alikeInOrder && !kin(m.compared(i, j)), false
}

// sameShare is how much of the words of i and j stays the same, from 0 to 1.
func (m *matching) sameShare(i, j int) float64 {
	same := 0
	for _, s := range m.compared(i, j) {
		if s.Op == opSame {
			same += bagged(s.Text).weight
		}
	}
	return 2 * float64(same) / float64(m.bag(m.a, i).weight+m.bag(m.b, j).weight)
}

// reconcile lets pairs that were parted come together where as many blocks stand on
// both sides and both at the same place: that text was written anew.
func (m *matching) reconcile(a, b []int) {
	if len(a) != len(b) {
		return
	}
	for k := range a {
		if l := (link{i: a[k], j: b[k]}); m.parted[l] {
			m.parted[l] = false
		}
	}
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
