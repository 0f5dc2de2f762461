package markdown

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// resolve undoes backslash escapes and entities, as CommonMark reads them.
func resolve(b []byte) []byte {
	if bytes.IndexByte(b, '\\') < 0 && bytes.IndexByte(b, '&') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		switch {
		case b[i] == '\\' && i+1 < len(b) && util.IsPunct(b[i+1]):
			out = append(out, b[i+1])
			i += 2
		case b[i] == '&':
			s, n := entity(b[i:])
			out = append(out, s...)
			i += n
		default:
			out = append(out, b[i])
			i++
		}
	}
	return out
}

// entity reads an entity at the start of b, or the ampersand alone.
func entity(b []byte) ([]byte, int) {
	end := bytes.IndexByte(b[:min(len(b), 40)], ';')
	if end < 2 {
		return b[:1], 1
	}
	whole := b[:end+1]
	var out []byte
	if whole[1] == '#' {
		out = util.ResolveNumericReferences(whole)
	} else if e, ok := util.LookUpHTML5EntityByName(string(whole[1:end])); ok {
		out = e.Characters
	}
	if out == nil || bytes.Equal(out, whole) {
		return b[:1], 1
	}
	return bytes.ReplaceAll(out, []byte{0}, []byte(string(utf8.RuneError))), end + 1
}

// codeText is the content of a code span; line ends in it are spaces.
func codeText(n *ast.CodeSpan, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(source))
		}
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}

// plain is the text of n and all below it, without a deeper call for each level.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(resolve(c.Segment.Value(source)))
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.CodeSpan:
			b.WriteString(codeText(c, source))
		case *ast.AutoLink:
			b.Write(c.Label(source))
		}
		if next := c.FirstChild(); next != nil && c.Kind() != ast.KindCodeSpan {
			c = next
			continue
		}
		for c != n && c.NextSibling() == nil {
			c = c.Parent()
		}
		if c == n {
			break
		}
		c = c.NextSibling()
	}
	return b.String()
}

func autoTarget(n *ast.AutoLink, source []byte) string {
	url := string(n.URL(source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(url), "mailto:") {
		return "mailto:" + url
	}
	return url
}

// target is a link's destination or title with escapes and entities resolved,
// and cut where no honest one is so long.
func target(b []byte) []byte { return resolve(b[:min(len(b), maxTarget)]) }

func (f *flow) intern(b []byte) string {
	b = target(b)
	s, ok := f.same[string(b)]
	if !ok {
		s = string(b)
		if f.same != nil {
			f.same[s] = s
		}
	}
	return s
}
