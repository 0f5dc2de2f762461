package redline

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"vestnik/documents/markdown"
)

// Clauses pairs the clauses of two texts: by what their blocks say and by
// number, then by heading, then by place. Each clause is in one pair at most.
func Clauses(old, new *markdown.Text) []Pair {
	a, b, turned := canonical(old, new)
	m := newMatching(a, b)
	m.alignEqual()
	m.pairFarEqual()
	pairs := m.pairClauses()
	if turned {
		for i, p := range pairs {
			pairs[i] = Pair{p.New, p.Old, p.Doubtful}
		}
		slices.SortFunc(pairs, func(x, y Pair) int { return x.Old - y.Old })
	}
	return pairs
}

// clausing is the pairing of clauses while it is made.
type clausing struct {
	*matching
	x, y     []int // the clause that a clause is paired with, or -1
	doubtful []bool
	bags     [2][]bag // of a clause's own blocks, filled on demand
}

func (m *matching) pairClauses() []Pair {
	c := &clausing{matching: m, x: slices.Repeat([]int{-1}, len(m.a.Clauses)), y: slices.Repeat([]int{-1}, len(m.b.Clauses)), doubtful: make([]bool, len(m.a.Clauses))}
	c.bags = [2][]bag{make([]bag, len(m.a.Clauses)), make([]bag, len(m.b.Clauses))}
	c.byName()
	c.byBlocks()
	c.byNumber(0.5, false)
	c.byWords()
	c.byChildren()
	c.byHeading()
	c.byTitleWords()
	c.byNumber(0.15, true)
	c.byPlace()
	return c.pairs()
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

// words returns the bag of clause i's own blocks on side n, 0 for a.
func (c *clausing) words(n, i int) bag {
	w := &c.bags[n][i]
	if w.ready {
		return *w
	}
	s := []*side{c.a, c.b}[n]
	for _, k := range s.own[i] {
		of := c.bag(s, k)
		w.ids = append(w.ids, of.ids...)
		w.weight += of.weight
	}
	slices.Sort(w.ids)
	w.ready = true
	return *w
}

// likeness of the own words of two clauses.
func (c *clausing) likeness(i, j int) float64 {
	x, y := c.words(0, i), c.words(1, j)
	if c.work -= len(x.ids) + len(y.ids); c.work < 0 {
		return 0
	}
	return c.lexicon.likeness(x, y)
}

// sizes returns the length of each clause's own blocks.
func (s *side) sizes() []int {
	out := make([]int, len(s.own))
	for i, own := range s.own {
		for _, k := range own {
			out[i] += len(s.body[k])
		}
	}
	return out
}

// vote is how many bytes of equal blocks two clauses share.
type vote struct{ i, j, weight int }

// byName pairs clauses that alone have their number and their title.
func (c *clausing) byName() {
	name := func(clauses []markdown.Clause, i int) string {
		return core(clauses[i].Number) + "\x00" + strings.ToLower(clauses[i].Title)
	}
	x, y := single(c.a.Clauses, name), single(c.b.Clauses, name)
	for i := range c.a.Clauses {
		k := name(c.a.Clauses, i)
		j, ok := y[k]
		if _, one := x[k]; ok && one && c.a.Clauses[i].Title != "" && (c.sameNumber(i, j) || c.parentsPair(i, j)) {
			c.join(i, j, false)
		}
	}
}

// byTitleWords pairs clauses below one pair of parents whose titles are alike.
func (c *clausing) byTitleWords() {
	left := map[int][]int{} // by parent of b
	for j, cl := range c.b.Clauses {
		if c.y[j] < 0 {
			left[cl.Parent] = append(left[cl.Parent], j)
		}
	}
	for i, cl := range c.a.Clauses {
		if c.x[i] >= 0 || cl.Parent >= 0 && c.x[cl.Parent] < 0 {
			continue
		}
		q := -1
		if cl.Parent >= 0 {
			q = c.x[cl.Parent]
		}
		at, top := -1, 0.6
		for _, j := range left[q][:min(len(left[q]), 40)] {
			if c.y[j] >= 0 {
				continue
			}
			x, y := c.lexicon.bag(cl.Title), c.lexicon.bag(c.b.Clauses[j].Title)
			if c.work -= len(x.ids) + len(y.ids); c.work > 0 && c.lexicon.likeness(x, y) >= top {
				at, top = j, c.lexicon.likeness(x, y)
			}
		}
		if at >= 0 {
			c.join(i, at, true)
		}
	}
}

// byBlocks pairs clauses that share most of their words in equal blocks. A shared
// number or heading breaks ties.
func (c *clausing) byBlocks() {
	sums := map[[2]int]int{}
	for i, j := range c.a.pair {
		if j < 0 || c.a.Blocks[i].Clause < 0 || c.b.Blocks[j].Clause < 0 {
			continue
		}
		sums[[2]int{c.a.Blocks[i].Clause, c.b.Blocks[j].Clause}] += 1 + len(c.a.body[i])
	}
	x, y := c.a.sizes(), c.b.sizes()
	votes := make([]vote, 0, len(sums))
	for k, w := range sums {
		if 3*w < min(x[k[0]], y[k[1]]) {
			continue
		}
		if c.sameNumber(k[0], k[1]) {
			w += w / 4
		}
		votes = append(votes, vote{k[0], k[1], w})
	}
	c.elect(votes)
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

// path is a clause's place in the numbering: its number below its parents'.
func path(clauses []markdown.Clause, i int) string {
	var parts []string
	for ; i >= 0 && i < len(clauses) && len(parts) < 12; i = clauses[i].Parent {
		n := core(clauses[i].Number)
		if n == "" {
			n = strings.ToLower(clauses[i].Title)
		}
		parts = append(parts, n)
	}
	return strings.Join(parts, "\x00")
}

// byNumber pairs clauses with the same number whose words are alike enough:
// first those in the same place, then those whose number is the only one.
func (c *clausing) byNumber(least float64, doubtful bool) {
	number := func(clauses []markdown.Clause, i int) string { return core(clauses[i].Number) }
	for _, key := range []func([]markdown.Clause, int) string{path, number} {
		x, y := single(c.a.Clauses, key), single(c.b.Clauses, key)
		for i := range c.a.Clauses {
			k := key(c.a.Clauses, i)
			j, ok := y[k]
			if _, one := x[k]; !ok || !one || c.x[i] >= 0 || c.y[j] >= 0 || !c.sameNumber(i, j) {
				continue
			}
			if l := c.likeness(i, j); l >= least && (l >= alike || c.parentsPair(i, j)) {
				c.join(i, j, doubtful)
			}
		}
	}
}

// single finds the clauses whose key no other one has.
func single(clauses []markdown.Clause, key func([]markdown.Clause, int) string) map[string]int {
	at, twice := map[string]int{}, map[string]bool{}
	for i := range clauses {
		k := key(clauses, i)
		if _, ok := at[k]; ok {
			twice[k] = true
		}
		at[k] = i
	}
	for k := range twice {
		delete(at, k)
	}
	return at
}

// byWords pairs what was renumbered or moved and reworded.
func (c *clausing) byWords() {
	holders := map[int32][]int{}
	for j := range c.y {
		if c.y[j] < 0 {
			for _, id := range slices.Compact(slices.Clone(c.words(1, j).ids)) {
				holders[id] = append(holders[id], j)
			}
		}
	}
	type close struct {
		vote
		likeness float64
	}
	var found []close
	for i := range c.x {
		if c.x[i] >= 0 || c.words(0, i).weight < 12 {
			continue
		}
		shared := map[int]int{}
		for _, id := range slices.Compact(slices.Clone(c.words(0, i).ids)) {
			if h := holders[id]; len(h) <= 12 {
				for _, j := range h {
					shared[j] += int(c.lexicon.letters[id]) * 12 / len(h)
				}
			}
		}
		for _, j := range best(shared, 5) {
			if l := c.likeness(i, j); l >= 0.5 {
				found = append(found, close{vote{i, j, int(l * 1000)}, l})
			}
		}
	}
	slices.SortFunc(found, func(p, q close) int { return cmp.Or(q.weight-p.weight, p.i-q.i, p.j-q.j) })
	for _, f := range found {
		c.join(f.i, f.j, f.likeness < 0.7 && !c.sameNumber(f.i, f.j) && !c.sameTitle(f.i, f.j))
	}
}

// byChildren pairs clauses at least half of whose children surely continue in
// the other, on the side that has fewer.
func (c *clausing) byChildren() {
	x, y := children(c.a.Clauses), children(c.b.Clauses)
	for range 8 {
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

// byHeading pairs clauses whose heading stands once among what is left of each.
func (c *clausing) byHeading() {
	x, y := titles(c.a.Clauses, c.x), titles(c.b.Clauses, c.y)
	for i := range c.a.Clauses {
		t := strings.ToLower(c.a.Clauses[i].Title)
		if j, ok := y[t]; ok && j >= 0 && t != "" && x[t] == i && c.x[i] < 0 {
			c.join(i, j, !c.parentsPair(i, j) && c.likeness(i, j) < 0.5)
		}
	}
}

// titles finds what is unpaired by its heading, -1 where several have one.
func titles(clauses []markdown.Clause, pair []int) map[string]int {
	at := map[string]int{}
	for i, cl := range clauses {
		if t := strings.ToLower(cl.Title); pair[i] < 0 {
			if _, twice := at[t]; twice {
				i = -1
			}
			at[t] = i
		}
	}
	return at
}

func (c *clausing) parentsPair(i, j int) bool {
	p, q := c.a.Clauses[i].Parent, c.b.Clauses[j].Parent
	return p < 0 && q < 0 || p >= 0 && q >= 0 && c.x[p] == q
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

// core is what a number counts with: "6.1" of "6.1.", "7" of "Статья 7" and of
// "7-бап", "a" of "(a)".
func core(number string) string {
	if i := strings.IndexFunc(number, unicode.IsDigit); i >= 0 {
		return strings.Trim(firstRun(number[i:]), ".")
	}
	return strings.ToLower(strings.TrimFunc(number, func(r rune) bool { return !unicode.IsLetter(r) }))
}

// firstRun cuts s after its leading digits and dots.
func firstRun(s string) string {
	for i, r := range s {
		if !unicode.IsDigit(r) && r != '.' {
			return s[:i]
		}
	}
	return s
}
