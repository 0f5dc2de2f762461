package redline

import (
	"slices"
	"sort"
	"strings"

	"vestnik/documents/markdown"
)

// side is one of the two texts, prepared for comparing. Index i is a block.
type side struct {
	*markdown.Text
	raw  [][]byte // the bytes of a block's lines, without the last line end
	pair []int    // the block of the other side that it continues as, or -1
	bags []bag    // filled on demand
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
