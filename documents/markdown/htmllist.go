package markdown

import (
	"html"
	"strconv"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// list writes a list. One with numbers as written is no ol, which would count by
// itself: it is a list by its roles, so that nothing shows a number twice even
// where our style sheet is not.
func (p *page) list(n *ast.List) {
	switch {
	case !n.IsOrdered():
		p.items(n, "ul")
	case countsItself(n, p.t.in.text):
		start := ""
		if n.Start != 1 {
			start = strconv.Itoa(n.Start)
		}
		p.items(n, "ol", "start", start)
	default:
		p.numbered(n)
	}
}

func (p *page) items(n ast.Node, name string, attributes ...string) {
	p.enter(name, attributes...)
	p.b.WriteByte('\n')
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		p.element(c, "li")
	}
	p.leave(name)
	p.b.WriteByte('\n')
}

func (p *page) numbered(n *ast.List) {
	list, item := "list", "listitem"
	if n.FirstChild() == n.LastChild() {
		list, item = "", ""
	}
	p.enter("div", "class", "numbered", "role", list)
	p.b.WriteByte('\n')
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		p.item(c, item)
	}
	p.leave("div")
	p.b.WriteByte('\n')
}

// item writes an item of a numbered list: its number, then what it holds.
func (p *page) item(item ast.Node, role string) {
	own := item.FirstChild()
	at := item
	if p.t.leaves[item] == nil {
		at = own
	}
	class, id := p.clauseOf(at)
	number, clause := p.number, p.clause
	p.number, p.clause = "", -1
	if class != "" {
		class = " " + class
	}
	p.enter("div", "class", "item"+class, "id", id, "role", role)
	if own != nil && own.Kind() == ast.KindParagraph && at == own {
		p.enter("p")
		p.writeNumber(number, clause, id)
		p.b.WriteByte(' ')
		p.inlines(own, 0)
		p.leave("p")
		own = own.NextSibling()
	} else {
		p.writeNumber(number, clause, id)
		if own != nil {
			p.b.WriteByte(' ')
		}
		if own != nil && own.Kind() == ast.KindTextBlock && at == own {
			p.bareInlines(own)
			own = own.NextSibling()
		}
	}
	for ; own != nil; own = own.NextSibling() {
		p.block(own)
	}
	p.leave("div")
	p.b.WriteByte('\n')
}

// bareInlines writes inline content without an element around it.
func (p *page) bareInlines(n ast.Node) {
	p.scopes = append(p.scopes, nil)
	p.inlines(n, 0)
	p.mute = ""
	p.flush(0)
	p.scopes = p.scopes[:len(p.scopes)-1]
	if n.NextSibling() != nil {
		p.b.WriteByte('\n')
	}
}

// writeNumber writes a number as a link to its clause, with the human anchor.
func (p *page) writeNumber(number string, clause int, id string) {
	anchor := ""
	if clause >= 0 {
		anchor = p.id(p.t.Clauses[clause].Anchor)
	}
	if id == "" {
		id = anchor
	}
	name, href, label := "span", "", ""
	if id != "" && p.links == 0 {
		name, href, label = "a", "#"+id, p.words.link
	}
	p.enter(name, "class", "number", "id", anchor, "href", href, "title", label)
	p.b.WriteString(html.EscapeString(number))
	p.leave(name)
}

// footnotes writes them all at the end: first those that are referred to, in the
// order in which they are, then the rest, so that no text is lost.
func (p *page) footnotes() {
	rest := p.t.footnotes
	for i := 0; ; i++ {
		for i >= len(p.notes) && len(rest) > 0 {
			p.note(rest[0])
			rest = rest[1:]
		}
		if i >= len(p.notes) {
			break
		}
		if i == 0 {
			p.enter("section", "class", "footnotes", "role", "doc-endnotes", "aria-label", p.words.notes)
			p.enter("ol")
		}
		p.footnote(p.notes[i], strconv.Itoa(i+1))
	}
	if len(p.notes) > 0 {
		p.leave("ol")
		p.leave("section")
		p.b.WriteByte('\n')
	}
}

// note gives a footnote its place.
func (p *page) note(n *extast.Footnote) int {
	if p.refs[n] == 0 {
		p.notes = append(p.notes, n)
		p.refs[n] = len(p.notes)
	}
	return p.refs[n]
}

func (p *page) footnote(n *extast.Footnote, number string) {
	p.enter("li", "id", "fn-"+number)
	p.children(n)
	if p.uses[n] > 0 {
		p.enter("a", "class", "backref", "href", "#fnref-"+number, "aria-label", p.words.back)
		p.b.WriteString("↩")
		p.leave("a")
	}
	p.leave("li")
	p.b.WriteByte('\n')
}

func (p *page) footnoteRef(n *footnoteRef) {
	number := strconv.Itoa(p.note(n.note))
	p.uses[n.note]++
	id := "fnref-" + number
	if p.uses[n.note] > 1 {
		id += "-" + strconv.Itoa(p.uses[n.note])
	}
	href, name := "#fn-"+number, "a"
	if p.links > 0 {
		name, href = "span", ""
	}
	p.enter("sup", "class", "footnote-ref")
	p.enter(name, "id", id, "href", href)
	p.b.WriteString(number)
	p.leave(name)
	p.leave("sup")
}
