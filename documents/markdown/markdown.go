// Package markdown turns the source of a policy into what a reader gets: HTML
// that cannot hurt, an outline of clauses whose numbers are exactly as written,
// and the blocks that a redline compares.
package markdown

import (
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// Text is a parsed source. It is immutable and may be shared.
type Text struct {
	Source  []byte
	Title   string // the front matter's title, else the first level-1 heading, else ""
	Lines   int    // of the source; a missing last line end does not count as a line
	Blocks  []Block
	Clauses []Clause

	in     *input
	root   ast.Node
	leaves map[ast.Node]*leaf

	footnotes []*extast.Footnote // as written
}

// Clause is a numbered or headed unit of the text.
type Clause struct {
	Number string `json:"number"` // as written: "6.1.", "§ 5", "Статья 7"; "" for an unnumbered heading
	Title  string `json:"title"`  // the heading's text without the number, or the first words of the clause
	Level  int    `json:"level"`  // depth in the tree, from 1
	Parent int    `json:"-"`      // index of the clause around it, -1 at the top
	First  int    `json:"-"`      // lines, 1-based and inclusive
	Last   int    `json:"-"`
	Anchor string `json:"-"` // p6.1, or p6.1-1 (parent and number), or ""
}

// Kind is the kind of a block.
type Kind int

// The kinds of blocks; containers (quotes, lists) are none.
const (
	FrontMatter Kind = iota + 1
	Paragraph
	Heading
	Item        // a list item's own paragraph, or its number alone
	Row         // a table row; the delimiter row belongs to the header
	Code        // with its fences
	HTML        // raw
	Footnote    // a paragraph of a footnote
	Term        // of a definition list
	Description // of a definition list
	Break       // thematic
	Definitions // a run of link reference definitions
	Comment
	Blank // a container's marks alone, which belong to no other block
)

// Block is the unit of comparison: DESIGN section 10 says exactly what it is.
// Every line of the source that has more than spaces and tabs lies in exactly
// one block's range.
type Block struct {
	Kind        Kind
	First, Last int    // lines, 1-based and inclusive
	Text        string // what a reader sees, NFC, Number included; "" for what readers are not shown
	Number      string // the number as written that Text begins with; "" if none
	Clause      int    // index of the clause whose lines hold the block; -1 before the first
	Level       int    // of a heading
	// Form is everything else that a reader gets and Text does not say, in a
	// canonical spelling: the chain of containers with the kind of each list,
	// heading level, table shape and alignment, the language of a code block. Two
	// blocks with equal Text, Marks and Form look the same.
	Form  string
	Marks []Mark // by Start, then End descending
}

// Hidden tells whether readers are shown nothing of the block.
func (b Block) Hidden() bool {
	return b.Kind == FrontMatter || b.Kind == Definitions || b.Kind == Comment
}

// Mark is emphasis, a link, an image, code: a run of bytes of Text.
type Mark struct {
	Start, End int
	Kind       string // em strong del code link image sup sub html
	Target     string // of a link or an image
	Title      string
}

// Dropped says what of the source does not reach a page.
type Dropped struct {
	Line int    `json:"line"`
	What string `json:"what"` // "<script>", "onclick", "javascript: link"
}

// Options of HTML.
type Options struct {
	// ID returns the permanent id of the clause with this index, or "".
	ID func(clause int) string
	// Lang chooses the words of labels (footnotes, "link to this clause").
	Lang string
	// Top is the level that a level-1 heading of the source gets; 0 means 2, since
	// the page around the text has a level-1 heading of its own.
	Top int
}
