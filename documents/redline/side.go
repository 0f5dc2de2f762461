package redline

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"vestnik/documents/markdown"
)

// side is one of the two texts, prepared for comparing. Index i is a block.
type side struct {
	*markdown.Text
	raw  [][]byte // the bytes of a block's lines, without the last line end
	pair []int    // the block of the other side that it continues as, or -1
	bags []bag    // filled on demand

	ordinals []string // filled on demand: see number
}

func newSide(t *markdown.Text) *side {
	return &side{Text: t, raw: t.Raw(), pair: slices.Repeat([]int{-1}, len(t.Blocks))}
}

// body is the text of block i without its number.
func (s *side) body(i int) string {
	b := &s.Blocks[i]
	if b.Number == "" {
		return b.Text
	}
	return strings.TrimSpace(strings.TrimPrefix(b.Text, b.Number))
}

// own returns the blocks that clause c holds itself: from first to before end.
func (s *side) own(c int) (first, end int) {
	first = sort.Search(len(s.Blocks), func(i int) bool { return s.Blocks[i].Clause >= c })
	for end = first; end < len(s.Blocks) && s.Blocks[end].Clause == c; end++ {
	}
	return first, end
}

// begun is the clause that block i is the first of, or -1.
func (s *side) begun(i int) int {
	if c := s.Blocks[i].Clause; i == 0 || s.Blocks[i-1].Clause != c {
		return c
	}
	return -1
}

// clause names the clause that holds block i as section 10 does.
func (s *side) clause(i int) *string {
	c := s.Blocks[i].Clause
	if c < 0 || c >= len(s.Clauses) {
		return nil
	}
	if name := &s.Clauses[c].Number; *name != "" {
		return name
	}
	return &s.Clauses[c].Title
}

// silent tells whether readers see no words of block i. Such blocks pair in
// order only: what nobody reads cannot be said to have moved.
func (s *side) silent(i int) bool {
	b := &s.Blocks[i]
	return b.Text == "" || b.Hidden()
}

// number is the one that readers see before block i: its own, or the one that a
// list gives its items which counts them itself.
func (s *side) number(i int) string {
	if n := s.Blocks[i].Number; n != "" {
		return n
	}
	if s.ordinals == nil {
		s.ordinals = s.counts()
	}
	return s.ordinals[i]
}

// counts numbers, by block, the items of lists that count them themselves. Whatever
// lies in a list has a form that begins with the list's.
func (s *side) counts() []string {
	type list struct {
		form string
		last int
	}
	var open []list
	out := make([]string, len(s.Blocks))
	for i := range s.Blocks {
		b := &s.Blocks[i]
		for len(open) > 0 && !strings.HasPrefix(b.Form, open[len(open)-1].form) {
			open = open[:len(open)-1]
		}
		form, item := strings.CutSuffix(b.Form, "li")
		first, ok := strings.CutPrefix(form[strings.LastIndexByte(strings.TrimSuffix(form, "/"), '/')+1:], "ol")
		n, err := strconv.Atoi(strings.TrimSuffix(first, "/"))
		if b.Kind != markdown.Item || !item || !ok || err != nil {
			continue
		}
		if len(open) > 0 && open[len(open)-1].form == form {
			n = open[len(open)-1].last + 1
			open = open[:len(open)-1]
		}
		open = append(open, list{form, n})
		out[i] = strconv.Itoa(n) + "."
	}
	return out
}
