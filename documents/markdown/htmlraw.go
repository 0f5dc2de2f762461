package markdown

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// maxOpened is how many elements of raw HTML may be open at once.
const maxOpened = 60

func (p *page) rawBlock(n *ast.HTMLBlock) {
	line := p.t.in.lineAt(max(n.Pos(), 0))
	p.rawHTML(rawBlock(n, p.t.in.text), line, nil)
	p.mute = ""
	top := &p.scopes[len(p.scopes)-1]
	keep := 0
	for keep < len(*top) && lasting[(*top)[keep]] {
		keep++
	}
	p.flush(keep)
	p.b.WriteByte('\n')
}

// rawHTML writes what a page gets of a piece of raw HTML. n is the inline node
// that it is, nil for a block.
func (p *page) rawHTML(b []byte, line int, n ast.Node) {
	p.raw = true
	for _, t := range tags(b) {
		switch {
		case p.mute != "":
			if t.close && t.name == p.mute {
				p.mute = ""
			}
		case t.text != "":
			p.text([]byte(t.text))
			line += strings.Count(t.text, "\n")
		case t.close:
			p.closeRaw(t.name)
		case t.name == "img":
			p.image(line, t.attr("src"), t.attr("alt"))
		case !elements[t.name]:
			p.drop(line, "<"+t.name+">")
			if silent[t.name] && closedLater(n, t.name, p.t.in.text) {
				p.mute = t.name
			}
		default:
			p.openRaw(t, line, n != nil)
		}
	}
}

// openRaw writes a start tag if the element may stand here.
func (p *page) openRaw(t tag, line int, inline bool) {
	top := p.scopes[len(p.scopes)-1]
	if !t.void && !phrasing[t.name] && !inline {
		if i := slices.IndexFunc(top, func(s string) bool { return s == "p" || phrasing[s] || s[0] == 'h' && len(s) == 2 }); i >= 0 {
			p.flush(i)
		}
		top = p.scopes[len(p.scopes)-1]
	}
	around := ""
	if len(top) > 0 {
		around = top[len(top)-1]
	}
	parents, bound := inside[t.name]
	if bound && !parents[around] && parents[p.unclosed(t.name)] {
		around = p.unclosed(t.name)
		p.flush(slices.Index(top, around) + 1)
	}
	switch {
	case inline && !phrasing[t.name], bound && !parents[around], p.opened >= maxOpened && !t.void,
		t.name == "a" && p.links > 0:
		p.drop(line, "<"+t.name+"> in this place")
		return
	}
	p.writeTag(t, line)
	if t.void {
		return
	}
	p.scopes[len(p.scopes)-1] = append(p.scopes[len(p.scopes)-1], t.name)
	p.opened++
	if t.name == "a" {
		p.links++
	}
}

// unclosed is the nearest open element that may hold name, where the elements
// above it may be left unclosed: <li> ends an <li>, <tr> a <td>.
func (p *page) unclosed(name string) string {
	top := p.scopes[len(p.scopes)-1]
	for i := len(top) - 1; i >= 0; i-- {
		if inside[name][top[i]] {
			return top[i]
		}
		if inside[top[i]] == nil {
			return ""
		}
	}
	return ""
}

func (p *page) writeTag(t tag, line int) {
	name := t.name
	if r, ok := renamed[name]; ok {
		name = r
	}
	if len(name) == 2 && name[0] == 'h' && name[1] != 'r' {
		name = p.heading(int(name[1] - '0'))
	}
	p.b.WriteString("<" + name)
	for _, a := range t.attrs {
		if key, value := p.rawAttr(t.name, a, line); key != "" {
			fmt.Fprintf(&p.b, ` %s="%s"`, key, html.EscapeString(value))
		}
	}
	p.b.WriteByte('>')
}

// rawAttr is what a page gets of an attribute.
func (p *page) rawAttr(element string, a attr, line int) (key, value string) {
	switch {
	case !attrAllowed(element, a.name):
		if a.name != "class" && a.name != "style" && a.name != "align" {
			p.drop(line, a.name)
		}
		return "", ""
	case a.name == "id" || a.name == "name":
		id := strings.Join(strings.Fields(a.value), "-")
		if id = p.id("u-" + id); id == "" {
			return "", ""
		}
		return "id", id
	case a.name == "href":
		if ok, what := safeURL(a.value); !ok {
			p.drop(line, what)
			return "", ""
		}
		return "href", p.href(a.value)
	case numeric[a.name]:
		if _, err := strconv.ParseUint(a.value, 10, 10); err != nil {
			return "", ""
		}
	}
	return a.name, a.value
}

var numeric = set("colspan rowspan span start value")

// closeRaw ends an element of the source that was opened within the same element
// of ours, and what is open inside it. Any other end tag is ignored.
func (p *page) closeRaw(name string) {
	top := p.scopes[len(p.scopes)-1]
	for i := len(top) - 1; i >= 0; i-- {
		if top[i] == name {
			p.flush(i)
			return
		}
	}
}
