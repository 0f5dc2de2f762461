package redline

import (
	"bytes"
	"strings"

	"vestnik/documents/markdown"
)

// side is one of the two texts, prepared for comparing. Index i is a block.
type side struct {
	*markdown.Text
	raw   []string // the bytes of a block's lines, without the last line end
	body  []string // the text without its number
	pair  []int    // the block of the other side that it continues as, or -1
	words []bag    // filled on demand
	own   [][]int  // by clause: the blocks that it holds itself
}

func newSide(t *markdown.Text) *side {
	n := len(t.Blocks)
	s := &side{Text: t, raw: make([]string, n), body: make([]string, n), pair: make([]int, n), words: make([]bag, n), own: make([][]int, len(t.Clauses))}
	starts := lineStarts(t.Source)
	for i, b := range t.Blocks {
		s.pair[i] = -1
		s.raw[i] = string(lines(t.Source, starts, b.First, b.Last))
		s.body[i] = strings.TrimSpace(strings.TrimPrefix(b.Text, b.Number))
		if b.Clause >= 0 && b.Clause < len(s.own) {
			s.own[b.Clause] = append(s.own[b.Clause], i)
		}
	}
	if bom := "\ufeff"; n > 0 && t.Blocks[0].First > 1 && strings.HasPrefix(string(t.Source), bom) {
		s.raw[0] = bom + s.raw[0]
	}
	return s
}

// lineStarts returns the offset of each line and, last, the length of b.
func lineStarts(b []byte) []int {
	starts := make([]int, 1, bytes.Count(b, []byte{'\n'})+2)
	for i, c := range b {
		if c == '\n' && i+1 < len(b) {
			starts = append(starts, i+1)
		}
	}
	return append(starts, len(b))
}

// lines returns lines first to last of source without the last line end.
func lines(source []byte, starts []int, first, last int) []byte {
	end := len(starts) - 1
	first, last = min(max(first, 1), end), min(max(last, 1), end)
	if first > last {
		return nil
	}
	return bytes.TrimSuffix(source[starts[first-1]:starts[last]], []byte{'\n'})
}

// clause names the clause that holds block i as section 10 does.
func (s *side) clause(i int) *string {
	c := s.Blocks[i].Clause
	if c < 0 || c >= len(s.Clauses) {
		return nil
	}
	name := s.Clauses[c].Number
	if name == "" {
		name = s.Clauses[c].Title
	}
	return &name
}

// silent tells whether readers see no words of block i. Such blocks pair in
// order only: what nobody reads cannot be said to have moved.
func (s *side) silent(i int) bool {
	b := &s.Blocks[i]
	return b.Hidden() || b.Text == ""
}

// bag holds the words of a block's body: sorted symbols, repeated as often as
// the word stands there, and their weight in letters.
type bag struct {
	ids    []int32
	weight int
	ready  bool
}
