package redline

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"vestnik/documents/markdown"
)

// Clauses pairs the clauses of two texts: by what their blocks say and by
// number, then by heading, then by place. Each clause is in one pair at most.
func Clauses(old, new *markdown.Text) []Pair {
	a, b, turned := canonical(old, new)
	m := newMatching(a, b)
	m.alignEqual()
	m.pairFarEqual()
	pairs := m.pairClauses().pairs()
	if turned {
		return mirrored(pairs)
	}
	return pairs
}

// clausing is the pairing of clauses while it is made.
type clausing struct {
	*matching
	x, y     []int // the clause that a clause is paired with, or -1
	doubtful []bool
	whole    []bool   // paired byte for byte
	bags     [2][]bag // of a clause's own blocks, filled on demand
}

func (m *matching) pairClauses() *clausing {
	n := len(m.a.Clauses)
	c := &clausing{matching: m, x: slices.Repeat([]int{-1}, n), y: slices.Repeat([]int{-1}, len(m.b.Clauses)), doubtful: make([]bool, n), whole: make([]bool, n)}
	for _, p := range m.known {
		c.join(p.Old, p.New, p.Doubtful)
	}
	c.byBytes()
	if !slices.Contains(c.x, -1) || !slices.Contains(c.y, -1) {
		return c
	}
	c.byName()
	c.byBlocks()
	c.byWords()
	c.byChildren()
	c.byHeading()
	c.byTitleWords()
	c.byNumber()
	c.byPlace()
	return c
}

func (c *clausing) pairs() []Pair {
	var out []Pair
	for i, j := range c.x {
		if j >= 0 {
			out = append(out, Pair{i, j, c.doubtful[i]})
		}
	}
	return out
}

func (c *clausing) join(i, j int, doubtful bool) {
	if c.x[i] < 0 && c.y[j] < 0 {
		c.x[i], c.y[j], c.doubtful[i] = j, i, doubtful
	}
}

// byBytes pairs clauses whose own blocks are paired with each other's, all of
// them and byte for byte: nothing else knows them better.
func (c *clausing) byBytes() {
	for i := 0; i < len(c.a.Blocks); {
		k, end := c.a.Blocks[i].Clause, i
		for end < len(c.a.Blocks) && c.a.Blocks[end].Clause == k {
			end++
		}
		if j := c.a.pair[i]; k >= 0 && j >= 0 && c.sameRun(i, j, end-i) {
			c.join(k, c.b.Blocks[j].Clause, false)
			c.whole[k] = c.x[k] == c.b.Blocks[j].Clause
		}
		i = end
	}
}

// sameRun tells whether n blocks from i on are all that one clause holds, and
// are paired with the equal ones from j on, all that another one holds.
func (c *clausing) sameRun(i, j, n int) bool {
	d, whole := c.b.Blocks[j].Clause, c.b.Blocks
	if d < 0 || j > 0 && whole[j-1].Clause == d || j+n < len(whole) && whole[j+n].Clause == d {
		return false
	}
	for k := range n {
		if c.a.pair[i+k] != j+k || whole[j+k].Clause != d || !bytes.Equal(c.a.raw[i+k], c.b.raw[j+k]) {
			return false
		}
	}
	return true
}

// sizes are the lengths of the blocks that each clause holds itself.
func (s *side) sizes() []int {
	out := make([]int, len(s.Clauses))
	for i := range s.Blocks {
		if c := s.Blocks[i].Clause; c >= 0 {
			out[c] += len(s.body(i))
		}
	}
	return out
}

// vote is how many bytes of equal blocks two clauses share.
type vote struct{ i, j, weight int }

// byName pairs clauses that alone have their number and their title.
func (c *clausing) byName() {
	c.byKey(func(s *side, _ []int, i int) string {
		return core(s.Clauses[i].Number) + "\x00" + strings.ToLower(s.Clauses[i].Title)
	}, func(i, j int) {
		if c.a.Clauses[i].Title != "" && (c.sameNumber(i, j) || c.parentsPair(i, j)) {
			c.join(i, j, false)
		}
	})
}

// byBlocks pairs clauses that share most of their words in equal blocks. A shared
// number or heading breaks ties.
func (c *clausing) byBlocks() {
	sums := map[[2]int]int{}
	for i, j := range c.a.pair {
		if j < 0 {
			continue
		}
		if k, l := c.a.Blocks[i].Clause, c.b.Blocks[j].Clause; k >= 0 && l >= 0 && c.x[k] < 0 && c.y[l] < 0 {
			sums[[2]int{k, l}] += 1 + len(c.a.body(i))
		}
	}
	if len(sums) == 0 {
		return
	}
	sizesA, sizesB := c.a.sizes(), c.b.sizes()
	votes := make([]vote, 0, len(sums))
	for k, w := range sums {
		x, y := sizesA[k[0]], sizesB[k[1]]
		if 3*w < min(x, y) || !c.sameNumber(k[0], k[1]) && !c.sameTitle(k[0], k[1]) && (3*w < max(x, y) || !c.headed(k[0], k[1])) {
			continue // one took a little of another, or what follows it
		}
		if c.sameNumber(k[0], k[1]) {
			w += w / 4
		}
		votes = append(votes, vote{k[0], k[1], w})
	}
	c.elect(votes)
}

// headed tells whether two clauses begin with headings or with like words.
func (c *clausing) headed(i, j int) bool {
	x, endA := c.a.own(i)
	y, endB := c.b.own(j)
	return x == endA || y == endB || c.a.Blocks[x].Kind == markdown.Heading || c.b.Blocks[y].Kind == markdown.Heading ||
		c.a.pair[x] == y || c.matching.likeness(x, y) >= alike
}

// elect takes the strongest votes first.
func (c *clausing) elect(votes []vote) {
	slices.SortFunc(votes, func(p, q vote) int {
		return cmp.Or(q.weight-p.weight, p.i-q.i, p.j-q.j)
	})
	for _, v := range votes {
		c.join(v.i, v.j, false)
	}
}

func (c *clausing) sameNumber(i, j int) bool {
	n := core(c.a.Clauses[i].Number)
	return n != "" && n == core(c.b.Clauses[j].Number)
}

func (c *clausing) sameTitle(i, j int) bool {
	t := c.a.Clauses[i].Title
	return t != "" && strings.EqualFold(t, c.b.Clauses[j].Title)
}

// byChildren pairs clauses at least half of whose children surely continue in
// the other, on the side that has fewer.
func (c *clausing) byChildren() {
	x, y := children(c.a.Clauses), children(c.b.Clauses)
	for range 8 { // levels
		sums := map[[2]int]int{}
		for i, j := range c.x {
			if j < 0 || c.doubtful[i] {
				continue
			}
			if p, q := c.a.Clauses[i].Parent, c.b.Clauses[j].Parent; p >= 0 && q >= 0 && c.x[p] < 0 && c.y[q] < 0 {
				sums[[2]int{p, q}]++
			}
		}
		votes := make([]vote, 0, len(sums))
		for k, n := range sums {
			if 2*n >= min(x[k[0]], y[k[1]]) && 3*n >= max(x[k[0]], y[k[1]]) {
				votes = append(votes, vote{k[0], k[1], n})
			}
		}
		if len(votes) == 0 {
			return
		}
		c.elect(votes)
	}
}

func children(clauses []markdown.Clause) []int {
	out := make([]int, len(clauses))
	for _, cl := range clauses {
		if cl.Parent >= 0 {
			out[cl.Parent]++
		}
	}
	return out
}

func (c *clausing) parentsPair(i, j int) bool {
	p, q := c.a.Clauses[i].Parent, c.b.Clauses[j].Parent
	return p < 0 && q < 0 || p >= 0 && q >= 0 && c.x[p] == q
}

// settled tells whether clause i continues as clause j, below the same one.
func (c *clausing) settled(i, j int) bool {
	if i < 0 || j < 0 {
		return i == j
	}
	return c.x[i] == j && c.parentsPair(i, j)
}

// byPlace pairs the clauses that stand alone between the same neighbours below
// the same parent, if their words are somewhat alike.
func (c *clausing) byPlace() {
	for i := range c.x {
		j := 0
		if i > 0 {
			if c.x[i-1] < 0 {
				continue
			}
			j = c.x[i-1] + 1
		}
		if c.x[i] >= 0 || j >= len(c.y) || c.y[j] >= 0 || !c.parentsPair(i, j) {
			continue
		}
		if i+1 < len(c.x) && (j+1 >= len(c.y) || c.x[i+1] != j+1) || i+1 == len(c.x) && j+1 != len(c.y) {
			continue
		}
		if c.likeness(i, j) >= 0.2 {
			c.join(i, j, true)
		}
	}
}
