package redline

import (
	"strconv"
	"strings"
	"unicode"

	"vestnik/documents/markdown"
)

// named is the number of a clause, or else its title.
func named(cl *markdown.Clause) string {
	if n := core(cl.Number); n != "" {
		return n
	}
	return strings.ToLower(cl.Title)
}

// path spells where a clause stands in the numbering: its name below its
// parent's, up to the nearest clause that has a pair.
func (c *clausing) path(s *side, pair []int, i int) string {
	cl := &s.Clauses[i]
	key := named(cl)
	for depth := 0; cl.Parent >= 0 && depth < 8; depth++ {
		if p := cl.Parent; pair[p] >= 0 {
			if s == c.b {
				p = pair[p]
			}
			return key + "\x00" + strconv.Itoa(p)
		}
		cl = &s.Clauses[cl.Parent]
		key += "\x00\x00" + named(cl)
	}
	return key
}

// byNumber pairs clauses with the same number whose words are somewhat alike.
func (c *clausing) byNumber() {
	c.sameNumbers(func(i, j int) {
		if l := c.likeness(i, j); l >= 0.15 && (l >= alike || c.parentsPair(i, j)) {
			c.join(i, j, true)
		}
	})
}

// sameNumbers offers clauses with the same number: those in the same place, then
// those whose number is the only one.
func (c *clausing) sameNumbers(take func(i, j int)) {
	same := func(i, j int) {
		if c.sameNumber(i, j) {
			take(i, j)
		}
	}
	c.byKey(c.path, same)
	c.byKey(func(s *side, _ []int, i int) string { return core(s.Clauses[i].Number) }, same)
}

// byKey offers the free clauses whose key no other free one of their text has.
func (c *clausing) byKey(key func(s *side, pair []int, i int) string, take func(i, j int)) {
	one, other := map[string]int{}, map[string]int{}
	var order []string
	for i := range c.x {
		if c.x[i] < 0 {
			order = append(order, key(c.a, c.x, i))
			once(one, order[len(order)-1], i)
		}
	}
	for j := range c.y {
		if c.y[j] < 0 {
			once(other, key(c.b, c.y, j), j)
		}
	}
	for _, k := range order {
		if j, ok := other[k]; ok && one[k] >= 0 && j >= 0 {
			take(one[k], j)
		}
	}
}

// once records where a key stands: -1 if it stands twice.
func once(at map[string]int, key string, i int) {
	if _, twice := at[key]; twice {
		i = -1
	}
	at[key] = i
}

// byHeading pairs clauses whose heading stands once among what is left of each.
func (c *clausing) byHeading() {
	c.byKey(func(s *side, _ []int, i int) string { return strings.ToLower(s.Clauses[i].Title) }, func(i, j int) {
		if c.a.Clauses[i].Title != "" {
			c.join(i, j, !c.parentsPair(i, j) && c.likeness(i, j) < 0.5)
		}
	})
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
