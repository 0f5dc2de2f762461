package markdown

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"golang.org/x/text/unicode/norm"
)

// leaf is a block before lines are shared out, with what the outline needs.
type leaf struct {
	Block
	node      ast.Node
	candidate *number // a number that the block may begin with
	certain   bool    // it is one, whatever stands around it
	depth     int     // list items around it
	list      ast.Node
	aside     bool // in a quote or a footnote: no clause of this text
	clause    int  // its index, -1 if it is none
}

// collector walks the tree and gathers leaves.
type collector struct {
	in     *input
	leaves []leaf
	same   map[string]string
	notes  []*extast.Footnote
}

// place is where a node stands: the containers around it.
type place struct {
	form  string
	kind  Kind // of a paragraph here
	depth int
	aside bool
	list  ast.Node
}

func (c *collector) children(n ast.Node, at place) {
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		c.node(child, at)
	}
}

func (c *collector) node(n ast.Node, at place) {
	switch n := n.(type) {
	case *ast.Paragraph, *ast.TextBlock:
		c.paragraph(n, at)
	case *ast.Heading:
		l := c.words(n, Heading, at.form+"h"+strconv.Itoa(n.Level))
		l.Level = n.Level
		c.add(l, at)
	case *ast.List:
		c.listItems(n, at)
	case *ast.Blockquote:
		at.form, at.aside = at.form+"quote/", true
		c.children(n, at)
	case *extast.Footnote:
		at.form, at.kind, at.aside = "footnote/", Footnote, true
		c.notes = append(c.notes, n)
		c.children(n, at)
	case *extast.DefinitionList:
		at.form += "dl/"
		c.children(n, at)
	case *extast.DefinitionTerm:
		c.add(c.words(n, Term, at.form+"dt"), at)
	case *extast.DefinitionDescription:
		at.form, at.kind = at.form+"dd/", Description
		c.children(n, at)
	case *extast.Table:
		for row := n.FirstChild(); row != nil; row = row.NextSibling() {
			c.row(n, row, at)
		}
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		c.code(n, at)
	case *ast.HTMLBlock:
		c.html(n, at)
	case *ast.ThematicBreak:
		c.add(c.bare(n, Break, at.form+"hr"), at)
	case *ast.LinkReferenceDefinition:
		c.definition(n, at)
	}
}

func (c *collector) add(l leaf, at place) {
	l.depth, l.list, l.aside, l.clause = at.depth, at.list, at.aside, -1
	if len(c.leaves) == cap(c.leaves) { // they are large: leave less behind than append does
		c.leaves = slices.Grow(c.leaves, len(c.leaves)+8)
	}
	c.leaves = append(c.leaves, l)
}

// bare is a leaf with lines and without text.
func (c *collector) bare(n ast.Node, kind Kind, form string) leaf {
	l := leaf{node: n, Block: Block{Kind: kind, Form: form}}
	l.First = c.in.lineAt(max(n.Pos(), 0))
	l.Last = l.First
	if lines := n.Lines(); lines != nil && lines.Len() > 0 {
		if n.Pos() < 0 {
			l.First = c.in.lineAt(lines.At(0).Start)
		}
		last := lines.At(lines.Len() - 1)
		l.Last = max(l.First, c.in.lineAt(max(last.Start, last.Stop-1)))
	}
	return l
}

// words is a leaf with inline content.
func (c *collector) words(n ast.Node, kind Kind, form string) leaf {
	l := c.bare(n, kind, form)
	f := flow{source: c.in.text, same: c.same}
	f.children(n, 0)
	l.Text, l.Marks = f.finish()
	if kind == Heading || kind == Paragraph || kind == Item || kind == Description {
		l.candidate = candidate(n, c.in.text, l.Text)
		l.certain = kind == Heading
	}
	return l
}

// candidate is the number that a reader sees at the start of the text, if it is
// written as one: 1\. is none.
// In a heading, which cannot be mistaken for a list, an escape means nothing.
func candidate(n ast.Node, source []byte, text string) *number {
	line := firstLine(n, source)
	if n.Kind() == ast.KindHeading {
		line = text
	}
	num, _, ok := scan(line)
	if !ok || !strings.HasPrefix(text, num.text) {
		return nil
	}
	return &num
}

func (c *collector) paragraph(n ast.Node, at place) {
	kind := at.kind
	if kind == 0 {
		kind = Paragraph
	}
	if n.Lines().Len() > 0 {
		c.add(c.words(n, kind, at.form), at)
	}
}

func (c *collector) listItems(list *ast.List, at place) {
	counted := countsItself(list, c.in.text)
	at.list = list
	switch {
	case !list.IsOrdered():
		at.form += "ul/"
	case counted:
		at.form += "ol" + strconv.Itoa(list.Start) + "/"
	default:
		at.form += "numbered/"
	}
	if at.kind != Footnote {
		at.kind = Paragraph
	}
	for child := list.FirstChild(); child != nil; child = child.NextSibling() {
		c.item(child.(*ast.ListItem), at, list.IsOrdered() && !counted)
	}
}

func (c *collector) item(item *ast.ListItem, at place, numbered bool) {
	own := item.FirstChild()
	if own != nil && (own.Kind() == ast.KindParagraph || own.Kind() == ast.KindTextBlock) && own.Lines().Len() > 0 {
		l := c.words(own, Item, at.form+"li")
		l.First = min(l.First, c.in.lineAt(max(item.Pos(), 0)))
		if numbered {
			l.prefix(marker(item, c.in.text))
		}
		c.add(l, at)
		own = own.NextSibling()
	} else if numbered {
		l := c.bare(item, Item, at.form+"li")
		l.Last = l.First
		l.prefix(marker(item, c.in.text))
		c.add(l, at)
	}
	at.form, at.depth, at.list = at.form+"li/", at.depth+1, nil
	for ; own != nil; own = own.NextSibling() {
		c.node(own, at)
	}
}

// prefix puts the number of a list item before its text.
func (l *leaf) prefix(marker string) {
	num, _, ok := scan(marker + " x")
	if !ok {
		num = number{text: marker, style: "1.", parts: []int{0}}
	}
	l.candidate, l.certain = &num, true
	lead := marker
	if l.Text != "" {
		lead += " "
	}
	l.Text = lead + l.Text
	for i := range l.Marks {
		l.Marks[i].Start += len(lead)
		l.Marks[i].End += len(lead)
	}
}

// countsItself tells whether all items of an ordered list bear one number, which
// leaves counting to the browser.
func countsItself(list *ast.List, source []byte) bool {
	first := list.FirstChild()
	if !list.IsOrdered() || first == nil || first.NextSibling() == nil {
		return false
	}
	same := marker(first.(*ast.ListItem), source)
	for c := first.NextSibling(); c != nil; c = c.NextSibling() {
		if marker(c.(*ast.ListItem), source) != same {
			return false
		}
	}
	return true
}

func (c *collector) row(table *extast.Table, row ast.Node, at place) {
	form := at.form + "table:row:" + strconv.Itoa(len(table.Alignments))
	if row.Kind() == extast.KindTableHeader { // which holds the alignment of all
		form = at.form + "table:header:" + alignment(table.Alignments)
	}
	l := c.bare(row, Row, form)
	f := flow{source: c.in.text, same: c.same}
	for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
		if cell != row.FirstChild() {
			f.space = false
			f.buf = append(f.buf, " | "...)
		}
		f.children(cell, 0)
	}
	f.space = false
	l.Text, l.Marks = f.finish()
	c.add(l, at)
}

func alignment(aligns []extast.Alignment) string {
	var b strings.Builder
	for _, a := range aligns {
		b.WriteString(a.String()[:1])
	}
	return b.String()
}

func (c *collector) code(n ast.Node, at place) {
	form := at.form + "code"
	if f, ok := n.(*ast.FencedCodeBlock); ok && len(f.Language(c.in.text)) > 0 {
		form += ":" + norm.NFC.String(string(resolve(f.Language(c.in.text))))
	}
	l := c.bare(n, Code, form)
	l.Text = norm.NFC.String(string(bytes.TrimRight(n.Lines().Value(c.in.text), "\n")))
	if n.Lines().Len() > 0 && n.Kind() == ast.KindCodeBlock {
		l.First = c.in.lineAt(n.Lines().At(0).Start)
	}
	c.add(l, at)
}

func (c *collector) html(n *ast.HTMLBlock, at place) {
	l := c.bare(n, HTML, "")
	if n.HasClosure() {
		l.Last = max(l.Last, c.in.lineAt(n.ClosureLine.Start))
	}
	raw := rawBlock(n, c.in.text)
	f := flow{source: c.in.text, same: c.same}
	f.raw(raw, nil)
	l.Text, l.Marks = f.finish()
	shape := shaped(skeleton(raw))
	l.Form = at.form + shape
	if !strings.HasPrefix(shape, "html:") {
		l.Marks = slices.DeleteFunc(l.Marks, func(m Mark) bool { return m.Kind == "html" && !phrasing[m.Target] })
		if len(l.Marks) == 0 {
			l.Marks = nil
		}
	}
	if isComment(raw) {
		l.Kind, l.Text, l.Form = Comment, "", at.form
	}
	c.add(l, at)
}

func rawBlock(n *ast.HTMLBlock, source []byte) []byte {
	raw := n.Lines().Value(source)
	if n.HasClosure() {
		raw = append(raw, n.ClosureLine.Value(source)...)
	}
	return raw
}

// isComment tells whether raw is made of comments alone.
func isComment(raw []byte) bool {
	for {
		raw = bytes.TrimSpace(raw)
		if len(raw) == 0 {
			return true
		}
		if !bytes.HasPrefix(raw, []byte("<!--")) {
			return false
		}
		end := bytes.Index(raw, []byte("-->"))
		if end < 0 {
			return true
		}
		raw = raw[end+3:]
	}
}

// skeleton is the tags of raw HTML that a page gets, as far as they show.
func skeleton(raw []byte) string {
	var b strings.Builder
	for _, t := range tags(raw) {
		if !elements[t.name] || !t.close && !t.shown() || t.close && bare[t.name] {
			continue
		}
		if t.close {
			b.WriteByte('/')
		}
		b.WriteString(t.shape() + ">")
	}
	return b.String()
}

// shaped is the form of raw HTML: a paragraph or a heading by itself is one.
func shaped(skeleton string) string {
	name, rest, _ := strings.Cut(skeleton, ">")
	if rest == "/"+name+">" {
		switch name {
		case "p":
			return ""
		case "h1", "h2", "h3", "h4", "h5", "h6":
			return name
		}
	}
	return "html:" + skeleton
}

// definition adds a link definition to the run that ends on the line before.
func (c *collector) definition(n *ast.LinkReferenceDefinition, at place) {
	l := c.bare(n, Definitions, at.form)
	if k := len(c.leaves) - 1; k >= 0 && c.leaves[k].Kind == Definitions && c.leaves[k].Last >= l.First-1 {
		c.leaves[k].Last = max(c.leaves[k].Last, l.Last)
		return
	}
	c.add(l, at)
}
