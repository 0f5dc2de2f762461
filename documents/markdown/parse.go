package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Parse reads a source. It refuses with an *InvalidSource what is not UTF-8,
// holds a NUL, has nothing to read, or is larger than MaxSource and MaxLines
// allow; everything else is a text.
func Parse(source []byte) (*Text, error) {
	if err := Check(source); err != nil {
		return nil, err
	}
	in := newInput(source)
	root := newParser().Parse(text.NewReader(in.text))
	c := &collector{in: in, same: map[string]string{}}
	c.children(root, place{})
	clauses := outline(c.leaves)
	blocks, holds := partition(in, c.leaves)
	t := &Text{Source: source, Title: in.title, Lines: in.total, Blocks: blocks, Clauses: clauses,
		in: in, root: root, leaves: map[ast.Node]*leaf{}, footnotes: c.notes}
	for i := range c.leaves {
		l := &c.leaves[i]
		t.leaves[l.node] = l
		if l.clause >= 0 {
			t.Clauses[l.clause].First = max(l.First, blocks[holds[i]].First)
		}
	}
	t.extents()
	t.untitled()
	if t.Title == "" {
		t.Title = firstHeading(c.leaves)
	}
	t.bytewise.once.Do(t.measure)
	return t, nil
}

// extents sets the last line of each clause, and the clause of each block.
func (t *Text) extents() {
	end := t.Lines
	for i := len(t.Clauses) - 1; i >= 0; i-- {
		c := &t.Clauses[i]
		for end > c.First && t.in.isBlank(end) {
			end--
		}
		c.Last = max(end, c.First)
		end = c.First - 1
	}
	at := -1
	for i := range t.Blocks {
		for at+1 < len(t.Clauses) && t.Clauses[at+1].First <= t.Blocks[i].First {
			at++
		}
		t.Blocks[i].Clause = at
	}
}

// untitled calls a clause that consists of its number, or of an empty heading, by
// the words that come next in it.
func (t *Text) untitled() {
	for _, b := range t.Blocks {
		if b.Clause >= 0 && t.Clauses[b.Clause].Title == "" && !b.Hidden() && b.First > t.Clauses[b.Clause].First {
			t.Clauses[b.Clause].Title = title(Block{Kind: Paragraph, Text: b.Text})
		}
	}
}

func firstHeading(leaves []leaf) string {
	for _, l := range leaves {
		if l.Kind == Heading && l.Level == 1 && strings.TrimSpace(l.Text) != "" {
			return strings.ReplaceAll(l.Text, "\n", " ")
		}
	}
	return ""
}
