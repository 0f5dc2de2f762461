package markdown

import (
	"sort"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"golang.org/x/text/unicode/norm"
)

// maxInline is how deep emphasis and links may nest; below it their text stands
// alone.
const maxInline = 40

// maxTarget is the length in bytes beyond which the address of a link is cut, so
// that a short reference repeated often cannot become a page without end.
const maxTarget = 2048

// flow gathers what a reader sees of one block: words with white space folded,
// and the runs of them that look or act differently.
type flow struct {
	source []byte
	buf    []byte
	marks  []Mark
	space  bool
	open   []int // marks of raw HTML elements that are still open
	mute   string
	fresh  []int             // marks that begin with the next character
	same   map[string]string // targets met so far: many links to one share it
}

// words appends text, folding its white space.
func (f *flow) words(b []byte) {
	if f.mute != "" {
		return
	}
	for _, c := range b {
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v' {
			f.space = true
			continue
		}
		f.flush()
		f.buf = append(f.buf, c)
	}
}

// flush writes a white space that is due before a character.
func (f *flow) flush() {
	if f.space && len(f.buf) > 0 && f.buf[len(f.buf)-1] != '\n' {
		f.buf = append(f.buf, ' ')
	}
	f.space = false
	for _, i := range f.fresh {
		f.marks[i].Start = len(f.buf)
	}
	f.fresh = f.fresh[:0]
}

func (f *flow) literal(s string) {
	if f.mute == "" {
		f.flush()
		f.buf = append(f.buf, s...)
	}
}

func (f *flow) hardBreak() {
	f.space = false
	if f.mute == "" && len(f.buf) > 0 {
		f.buf = append(f.buf, '\n')
	}
}

// begin starts a mark and returns its place for end.
func (f *flow) begin(m Mark) int {
	m.Start, m.End = len(f.buf), -1
	f.marks = append(f.marks, m)
	f.fresh = append(f.fresh, len(f.marks)-1)
	return len(f.marks) - 1
}

func (f *flow) end(i int) { f.marks[i].End = len(f.buf) }

func (f *flow) children(n ast.Node, depth int) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		f.node(c, depth)
	}
}

func (f *flow) node(n ast.Node, depth int) {
	switch n := n.(type) {
	case *ast.Text:
		f.words(resolve(n.Segment.Value(f.source)))
		if n.HardLineBreak() {
			f.hardBreak()
		} else if n.SoftLineBreak() {
			f.space = true
		}
	case *ast.String:
		f.words(n.Value)
	case *ast.CodeSpan:
		f.marked(Mark{Kind: "code"}, func() { f.literal(codeText(n, f.source)) })
	case *ast.AutoLink:
		f.marked(Mark{Kind: "link", Target: autoTarget(n, f.source)}, func() { f.words(n.Label(f.source)) })
	case *ast.RawHTML:
		f.raw(n.Segments.Value(f.source), n)
	case *ast.Image:
		m := Mark{Kind: "image", Target: f.intern(n.Destination), Title: f.intern(n.Title)}
		f.marked(m, func() { f.words([]byte(plain(n, f.source))) })
	case *footnoteRef:
		if f.mute == "" {
			f.marks = append(f.marks, Mark{Start: len(f.buf), End: len(f.buf), Kind: "footnote"})
		}
	default:
		f.nested(n, depth)
	}
}

func (f *flow) nested(n ast.Node, depth int) {
	var m Mark
	switch n := n.(type) {
	case *ast.Emphasis:
		m.Kind = [...]string{"em", "strong"}[min(n.Level, 2)-1]
	case *extast.Strikethrough:
		m.Kind = "del"
	case *ast.Link:
		m = Mark{Kind: "link", Target: f.intern(n.Destination), Title: f.intern(n.Title)}
	}
	switch {
	case depth > maxInline:
		f.words([]byte(plain(n, f.source)))
	case m.Kind == "":
		f.children(n, depth+1)
	default:
		f.marked(m, func() { f.children(n, depth+1) })
	}
}

func (f *flow) marked(m Mark, write func()) {
	if f.mute != "" {
		return
	}
	i := f.begin(m)
	write()
	f.end(i)
}

// raw takes in a piece of raw HTML: tags become marks, a line break is one, and
// what stands in elements that no page gets is left out.
func (f *flow) raw(b []byte, n ast.Node) {
	for _, t := range tags(b) {
		switch {
		case t.text != "":
			f.words([]byte(t.text))
		case f.mute != "":
			if t.close && t.name == f.mute {
				f.mute = ""
			}
		case silent[t.name]:
			if !t.close && closedLater(n, t.name, f.source) {
				f.mute = t.name
			}
		case t.name == "br":
			f.hardBreak()
		case t.name == "img":
			f.marked(Mark{Kind: "image", Target: t.attr("src"), Title: t.attr("title")}, func() { f.words([]byte(t.attr("alt"))) })
		case t.name != "" && !t.close && !t.void && t.shown() && len(f.open) < maxOpened:
			f.open = append(f.open, f.begin(rawMark(t)))
		case t.close:
			f.closeRaw(t.name)
		}
		if breaksWords[t.name] {
			f.space = true
		}
	}
}

func rawMark(t tag) Mark {
	m := Mark{Kind: "html", Target: t.name, Title: t.shape()}
	switch t.name {
	case "b", "strong":
		m = Mark{Kind: "strong"}
	case "i", "em":
		m = Mark{Kind: "em"}
	case "s", "del", "strike":
		m = Mark{Kind: "del"}
	case "code", "tt":
		m = Mark{Kind: "code"}
	case "sup", "sub":
		m = Mark{Kind: t.name}
	case "a":
		if t.attr("href") != "" {
			m = Mark{Kind: "link", Target: t.attr("href"), Title: t.attr("title")}
		}
	}
	return m
}

// closedLater tells whether an element that pages do not get ends in the same
// block or among the siblings of n; one that does not hides nothing.
func closedLater(n ast.Node, name string, source []byte) bool {
	if n == nil {
		return true
	}
	c := n
	for range maxLines {
		if c = c.NextSibling(); c == nil {
			return false
		}
		if raw, ok := c.(*ast.RawHTML); ok && hasClose(raw.Segments.Value(source), name) {
			return true
		}
	}
	return false
}

func hasClose(b []byte, name string) bool {
	return len(b) > 3 && b[1] == '/' && strings.EqualFold(strings.TrimSpace(string(b[2:len(b)-1])), name)
}

func (f *flow) closeRaw(name string) {
	for i := len(f.open) - 1; i >= 0 && i > len(f.open)-maxInline; i-- {
		m := &f.marks[f.open[i]]
		if m.Kind == rawMark(tag{name: name, attrs: []attr{{"href", "x"}}}).Kind && (m.Kind != "html" || m.Target == name) {
			for j := i; j < len(f.open); j++ {
				f.end(f.open[j])
			}
			f.open = f.open[:i]
			return
		}
	}
}

// compose returns b in NFC and moves the marks along.
func compose(b []byte, marks []Mark) string {
	if norm.NFC.IsNormal(b) {
		return string(b)
	}
	var out []byte
	from, to := []int{}, []int{}
	var it norm.Iter
	it.Init(norm.NFC, b)
	for !it.Done() {
		from, to = append(from, it.Pos()), append(to, len(out))
		out = append(out, it.Next()...)
	}
	from, to = append(from, len(b)), append(to, len(out))
	move := func(at int) int { return to[sort.SearchInts(from, at)] }
	for i := range marks {
		marks[i].Start, marks[i].End = move(marks[i].Start), move(marks[i].End)
	}
	return string(out)
}
