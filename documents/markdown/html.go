package markdown

import (
	"bytes"
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// page writes a text as HTML. Every element that the text itself opens, in raw
// HTML, lies on a scope of the element of ours around it, and ends with it at the
// latest: no text can close one of ours or leave one open.
type page struct {
	t       *Text
	o       Options
	words   labels
	b       bytes.Buffer
	dropped []Dropped
	scopes  [][]string // elements of the source that are open, per element of ours
	opened  int        // how many there are in all
	links   int        // links that are open
	mute    string     // an element whose content is left out
	budget  int        // bytes that addresses of links may still take
	ids     map[string]bool
	wanted  map[string]bool // fragments that the text links to
	slugs   map[string]int
	notes   []*extast.Footnote
	refs    map[*extast.Footnote]int // their places in notes, from 1
	uses    map[*extast.Footnote]int
	raw     bool
	number  string // waits to be written where the text begins with it
	clause  int
}

// HTML renders the whole text as a fragment, and says what it left out. The
// fragment is well-formed: parsed and serialised again it is the same bytes.
func (t *Text) HTML(o Options) ([]byte, []Dropped) {
	if o.top == 0 {
		o.top = 2
	}
	p := &page{t: t, o: o, words: labelsIn(o.Lang), scopes: [][]string{nil}, budget: 1<<20 + 4*len(t.Source),
		ids: map[string]bool{}, slugs: map[string]int{}, refs: map[*extast.Footnote]int{}, uses: map[*extast.Footnote]int{}, clause: -1}
	p.want()
	p.children(t.root)
	p.flush(0)
	p.footnotes()
	return sanitise(p.b.Bytes(), p.raw), p.dropped
}

// want notes which fragments the text links to: only their headings need ids.
func (p *page) want() {
	p.wanted = map[string]bool{}
	for _, b := range p.t.Blocks {
		for _, m := range b.Marks {
			if m.Kind == "link" && strings.HasPrefix(m.Target, "#") {
				p.wanted[fragment(m.Target)] = true
			}
		}
	}
	for i, c := range p.t.Clauses {
		p.ids[c.Anchor] = false
		if p.o.ID != nil {
			p.ids[p.o.ID(i)] = false
		}
	}
	delete(p.ids, "")
}

// drop reports that something does not reach the page.
func (p *page) drop(line int, what string) {
	if len(p.dropped) < 1000 {
		p.dropped = append(p.dropped, Dropped{line, what})
	}
}

func (p *page) text(b []byte) { p.b.WriteString(html.EscapeString(string(b))) }

// enter writes a tag of ours; attributes come in pairs, and those without a value
// are left out.
func (p *page) enter(name string, attributes ...string) {
	p.b.WriteByte('<')
	p.b.WriteString(name)
	for i := 0; i < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			fmt.Fprintf(&p.b, ` %s="%s"`, attributes[i], html.EscapeString(attributes[i+1]))
		}
	}
	p.b.WriteByte('>')
	p.scopes = append(p.scopes, nil)
}

func (p *page) leave(name string) {
	p.flush(0)
	p.scopes = p.scopes[:len(p.scopes)-1]
	p.b.WriteString("</" + name + ">")
}

// flush closes the elements of the source above the first n of the inmost scope.
func (p *page) flush(n int) {
	top := &p.scopes[len(p.scopes)-1]
	for len(*top) > n {
		p.closeTop()
	}
}

func (p *page) closeTop() {
	top := &p.scopes[len(p.scopes)-1]
	name := (*top)[len(*top)-1]
	*top = (*top)[:len(*top)-1]
	p.opened--
	if name == "a" {
		p.links--
	}
	if r, ok := renamed[name]; ok {
		name = r
	}
	p.b.WriteString("</" + name + ">")
}

// id returns s if no element has it yet, else "".
func (p *page) id(s string) string {
	if s == "" || p.ids[s] {
		return ""
	}
	p.ids[s] = true
	return s
}

func (p *page) children(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		p.block(c)
	}
}

func (p *page) element(n ast.Node, name string, attributes ...string) {
	p.enter(name, attributes...)
	p.children(n)
	p.leave(name)
	p.b.WriteByte('\n')
}

func (p *page) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph:
		p.leaf(n, "p", "")
	case *ast.TextBlock:
		p.textBlock(n)
	case *ast.Heading:
		p.leaf(n, p.heading(n.Level), p.slug(n))
	case *ast.List:
		p.list(n)
	case *ast.Blockquote:
		p.element(n, "blockquote")
	case *extast.DefinitionList:
		p.element(n, "dl")
	case *extast.DefinitionTerm:
		p.leaf(n, "dt", "")
	case *extast.DefinitionDescription:
		p.element(n, "dd")
	case *extast.Table:
		p.table(n)
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		p.code(n)
	case *ast.HTMLBlock:
		p.rawBlock(n)
	case *ast.ThematicBreak:
		p.b.WriteString("<hr>\n")
	}
}

func (p *page) heading(level int) string { return "h" + strconv.Itoa(min(level+p.o.top-1, 6)) }

// slug is the id that a link in the source gives a heading.
func (p *page) slug(n ast.Node) string {
	s := HeadingSlug(plain(n, p.t.in.text))
	times := p.slugs[s]
	p.slugs[s]++
	if times > 0 {
		s += "-" + strconv.Itoa(times)
	}
	if !p.wanted[s] {
		return ""
	}
	return p.id("u-" + s)
}

// clauseOf returns class and permanent id of the clause that begins at n.
func (p *page) clauseOf(n ast.Node) (class, id string) {
	l := p.t.leaves[n]
	if l == nil {
		return "", ""
	}
	p.number, p.clause = l.Number, l.clause
	if l.clause < 0 {
		return "", ""
	}
	class = "clause level-" + strconv.Itoa(p.t.Clauses[l.clause].Level)
	if p.o.ID != nil {
		id = p.id(p.o.ID(l.clause))
	}
	return class, id
}

// leaf writes a block with inline content; a number at its start links to it.
func (p *page) leaf(n ast.Node, name, anchor string) {
	class, id := p.clauseOf(n)
	p.enter(name, "class", class, "id", id)
	if anchor != "" {
		p.b.WriteString(`<span id="` + html.EscapeString(anchor) + `"></span>`)
	}
	p.inlines(n, 0)
	p.mute, p.number, p.clause = "", "", -1
	p.leave(name)
	p.b.WriteByte('\n')
}

// textBlock writes the words of a tight list item, which have no element of
// their own unless they are a clause.
func (p *page) textBlock(n *ast.TextBlock) {
	l, before := p.t.leaves[n], n.PreviousSibling()
	if l != nil && l.clause >= 0 || before != nil && before.Kind() == ast.KindTextBlock {
		p.leaf(n, "p", "")
		return
	}
	p.bareInlines(n)
}

func (p *page) code(n ast.Node) {
	class := ""
	if f, ok := n.(*ast.FencedCodeBlock); ok && f.Language(p.t.in.text) != nil {
		class = "language-" + string(resolve(f.Language(p.t.in.text)))
	}
	p.enter("pre")
	p.enter("code", "class", class)
	p.text(n.Lines().Value(p.t.in.text))
	p.leave("code")
	p.leave("pre")
	p.b.WriteByte('\n')
}

func (p *page) table(n *extast.Table) {
	p.enter("div", "class", "scroll", "role", "region", "aria-label", p.words.table, "tabindex", "0")
	p.enter("table")
	body := false
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		switch {
		case row.Kind() == extast.KindTableHeader:
			p.enter("thead")
			p.row(row, "th")
			p.leave("thead")
			continue
		case !body:
			p.enter("tbody")
			body = true
		}
		p.row(row, "td")
	}
	if body {
		p.leave("tbody")
	}
	p.leave("table")
	p.leave("div")
	p.b.WriteByte('\n')
}

func (p *page) row(row ast.Node, cellName string) {
	p.enter("tr")
	for c := row.FirstChild(); c != nil; c = c.NextSibling() {
		scope, class := "", ""
		if cellName == "th" {
			scope = "col"
		}
		if cell, ok := c.(*extast.TableCell); ok && cell.Alignment != extast.AlignNone {
			class = "align-" + cell.Alignment.String()
		}
		p.enter(cellName, "class", class, "scope", scope)
		p.inlines(c, 0)
		p.mute = ""
		p.leave(cellName)
	}
	p.leave("tr")
	p.b.WriteByte('\n')
}
