// Package markdown turns the source of a policy into what a reader gets: HTML
// that cannot hurt, an outline of clauses whose numbers are exactly as written,
// and the blocks that a redline compares.
//
// The dialect is CommonMark with tables, strikethrough, footnotes, definition
// lists, front matter and clauses.
//
// # Clauses
//
// A clause is a heading, or a block that begins with a number: 3. 1.1. 6.1.1 1)
// (1) (a) a) a. (iv) § 5, Article 7, Section 4.2, Статья 7, Пункт 3, 7-бап,
// 3-тармақ. The dot behind a number belongs to it. Quotes and footnotes hold no
// clauses of the text.
//
//   - No part of a number is above 999 or has a leading zero, so years and dates
//     are none. A backslash makes a number text: 1\. does not count (in a heading
//     it does).
//   - A word with a number (Article 7) counts before a mark, a capital letter or
//     the end of the line; 1.5 counts before a capital letter, behind a clause 1,
//     1.4 or as its first; a letter counts if it begins a row or comes after an
//     earlier one that is still open; a capital letter only in a row.
//   - Within a paragraph a line begins a clause if its number can follow the one
//     that the paragraph begins with, or if it is like 1.2. and the line before
//     ends a sentence. Other lines are running text.
//   - A list whose items all bear one number leaves counting to the browser.
//
// The level of a clause is its depth in the tree. Its parent is found by the first
// of these rules that applies; clauses deeper than it are closed:
//
//  1. A number of several parts stands beside the open one that differs in the
//     last part, or below the open one that it continues (1.1. below 1.),
//     headings included.
//  2. A heading stands below the open heading of a lesser level.
//  3. Articles stand beside articles, points below articles; both stand below the
//     open heading. So does a number of several parts without a place by rule 1.
//  4. Any other number stands beside the open one of its form (items of one list
//     always do), or else below the clause before it, but never above an item
//     whose list holds it. A list that begins at 1 anew behind a clause of another
//     form is below that clause.
//
// # Classes of the HTML
//
//   - clause, level-N: on the element that begins a clause; its id is the permanent
//     one, if there is one.
//   - number: the number, an a that links to the clause where it has an address,
//     else a span; its id is the human anchor.
//   - numbered: a div that is a list with numbers as written, with role list unless
//     it has one item; item: its items. A browser must not count them again.
//   - scroll: a div around a table, to be scrolled on a narrow screen. align-left,
//     align-right, align-center: on its cells.
//   - image: a link with the description of an image, which stands for it.
//   - footnote-ref, footnotes, backref: the sup of a reference, the section at the
//     end, the link back.
//   - language-X: on code, as the source names it.
//
// Ids that the source gives become u-…; so does the id of a heading to which a
// link of the source leads (#its-words).
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

	bytewise bytewise
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
func (b *Block) Hidden() bool {
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
	// top is the level that a level-1 heading of the source gets; 0 means 2, since
	// the page around the text has a level-1 heading of its own.
	top int
}
