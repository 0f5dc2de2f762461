package redline

import (
	"cmp"
	"slices"
	"strconv"
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
	name := func(cl markdown.Clause) string { return core(cl.Number) + "\x00" + strings.ToLower(cl.Title) }
	c.byKey(spelled(c.a.Clauses, name), spelled(c.b.Clauses, name), func(i, j int) bool {
		return c.a.Clauses[i].Title != "" && (c.sameNumber(i, j) || c.parentsPair(i, j))
	}, false)
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

// paths spells where each clause stands in the numbering, its number below its
// parents', by short names: equal places of the two texts have one name.
func (c *clausing) paths() (x, y []string) {
	names := map[string]string{}
	of := func(clauses []markdown.Clause) []string {
		out := make([]string, len(clauses))
		for i, cl := range clauses {
			key := core(cl.Number)
			if key == "" {
				key = strings.ToLower(cl.Title)
			}
			if cl.Parent >= 0 {
				key = out[cl.Parent] + "\x00" + key
			}
			if names[key] == "" {
				names[key] = strconv.Itoa(len(names))
			}
			out[i] = names[key]
		}
		return out
	}
	return of(c.a.Clauses), of(c.b.Clauses)
}

// byNumber pairs clauses with the same number whose words are alike enough:
// first those in the same place, then those whose number is the only one.
func (c *clausing) byNumber(least float64, doubtful bool) {
	near := func(i, j int) bool {
		if c.x[i] >= 0 || c.y[j] >= 0 || !c.sameNumber(i, j) {
			return false
		}
		l := c.likeness(i, j)
		return l >= least && (l >= alike || c.parentsPair(i, j))
	}
	x, y := c.paths()
	c.byKey(x, y, near, doubtful)
	number := func(cl markdown.Clause) string { return core(cl.Number) }
	c.byKey(spelled(c.a.Clauses, number), spelled(c.b.Clauses, number), near, doubtful)
}

// byKey pairs clauses whose key no other one of their text has, where fits holds.
func (c *clausing) byKey(x, y []string, fits func(i, j int) bool, doubtful bool) {
	one, other := single(x), single(y)
	for i, key := range x {
		if _, ok := one[key]; !ok {
			continue
		}
		if j, ok := other[key]; ok && fits(i, j) {
			c.join(i, j, doubtful)
		}
	}
}

func spelled(clauses []markdown.Clause, key func(markdown.Clause) string) []string {
	out := make([]string, len(clauses))
	for i, cl := range clauses {
		out[i] = key(cl)
	}
	return out
}

// single finds the keys that stand once.
func single(keys []string) map[string]int {
	at, twice := map[string]int{}, map[string]bool{}
	for i, k := range keys {
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
