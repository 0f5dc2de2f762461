package markdown

import (
	"bytes"
	"net/url"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

func (p *page) inlines(n ast.Node, depth int) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		p.inline(c, depth)
	}
}

func (p *page) inline(n ast.Node, depth int) {
	source := p.t.in.text
	if raw, ok := n.(*ast.RawHTML); ok {
		p.rawHTML(raw.Segments.Value(source), p.t.in.lineAt(raw.Segments.At(0).Start), raw)
		return
	}
	if p.mute != "" {
		return
	}
	switch n := n.(type) {
	case *ast.Text:
		p.prose(n)
	case *ast.String:
		p.text(n.Value)
	case *ast.CodeSpan:
		p.enter("code")
		p.text([]byte(codeText(n, source)))
		p.leave("code")
	case *ast.AutoLink:
		p.link(n, autoTarget(n, source), "", false, func() { p.text(n.Label(source)) })
	case *ast.Image:
		p.image(p.lineOf(n), string(target(n.Destination)), plain(n, source))
	case *footnoteRef:
		p.footnoteRef(n)
	default:
		p.nested(n, depth)
	}
}

func (p *page) nested(n ast.Node, depth int) {
	name := ""
	switch n := n.(type) {
	case *ast.Emphasis:
		name = [...]string{"em", "strong"}[min(n.Level, 2)-1]
	case *extast.Strikethrough:
		name = "s"
	}
	switch link, ok := n.(*ast.Link); {
	case depth > maxInline:
		p.text([]byte(plain(n, p.t.in.text)))
	case ok:
		to, title := string(target(link.Destination)), string(target(link.Title))
		p.link(n, to, title, link.Reference != nil, func() { p.inlines(n, depth+1) })
	case name != "":
		p.enter(name)
		p.inlines(n, depth+1)
		p.leave(name)
	default:
		p.inlines(n, depth+1)
	}
}

// prose writes text; where it begins with the number of the block, the number
// becomes a link. One that elements of the source cut into pieces gets its anchor
// alone.
func (p *page) prose(n *ast.Text) {
	b := resolve(n.Segment.Value(p.t.in.text))
	if number := p.number; number != "" && len(bytes.TrimSpace(b)) > 0 {
		p.number = ""
		if bytes.HasPrefix(b, []byte(number)) {
			id := ""
			if p.o.ID != nil && p.clause >= 0 {
				id = p.o.ID(p.clause)
			}
			p.writeNumber(number, p.clause, id)
			b = b[len(number):]
		} else if p.clause >= 0 {
			p.enter("span", "id", p.id(p.t.Clauses[p.clause].Anchor))
			p.leave("span")
		}
	}
	p.text(b)
	if n.HardLineBreak() {
		p.b.WriteString("<br>\n")
	} else if n.SoftLineBreak() {
		p.b.WriteByte('\n')
	}
}

// link writes a link that may go there, else its content alone.
func (p *page) link(n ast.Node, to, title string, reference bool, content func()) {
	ok, what := safeURL(to)
	if reference {
		p.budget -= len(to) + len(title)
	}
	if !ok {
		p.drop(p.lineOf(n), what)
	}
	if !ok || to == "" || p.links > 0 || p.budget < 0 {
		content()
		return
	}
	p.enter("a", "href", p.href(to), "title", title)
	p.links++
	content()
	p.leave("a")
	p.links--
}

// href is an address as a page has it; a fragment leads to an id of the source.
func (p *page) href(to string) string {
	if strings.HasPrefix(to, "#") && len(to) > 1 {
		name := fragment(to)
		if _, ours := p.ids[name]; ours && !strings.HasPrefix(name, "u-") {
			return to
		}
		return "#" + string(util.URLEscape([]byte("u-"+name), false))
	}
	return string(util.URLEscape([]byte(to), false))
}

// fragment is the id that #… leads to.
func fragment(to string) string {
	name := strings.TrimPrefix(to, "#")
	if decoded, err := url.PathUnescape(name); err == nil {
		return decoded
	}
	return name
}

// image writes what stands for an image: pages ask nobody else for anything.
func (p *page) image(line int, to, alt string) {
	alt = strings.TrimSpace(alt)
	ok, _ := safeURL(to)
	switch {
	case alt == "":
		p.drop(line, "image without a description")
	case !ok || to == "" || p.links > 0:
		p.drop(line, "image (its description is shown)")
		p.text([]byte(alt))
	default:
		p.drop(line, "image (its description is shown, with a link)")
		p.enter("a", "class", "image", "href", p.href(to))
		p.text([]byte(alt))
		p.leave("a")
	}
}

// lineOf is the line that an inline node begins on.
func (p *page) lineOf(n ast.Node) int {
	for n != nil && (n.Pos() < 0 || n.Type() == ast.TypeInline && n.Pos() == 0) {
		n = n.Parent()
	}
	if n == nil {
		return 1
	}
	return p.t.in.lineAt(n.Pos())
}

// HeadingSlug is the fragment by which links of a source lead to a heading: its
// words in lower case, spaces as hyphens, punctuation left out.
func HeadingSlug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(s)) {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte('-')
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}
