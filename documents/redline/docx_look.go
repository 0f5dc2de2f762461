package redline

import (
	neturl "net/url"
	"strconv"
	"strings"

	"vestnik/documents/markdown"
)

// layout is how a paragraph stands on paper.
type layout struct {
	style           string
	indent, hanging int // in twentieths of a point
	align           string
}

const step = 425 // the indent of a level: 7.5 mm

func layoutOf(b *markdown.Block) layout {
	var l layout
	for _, c := range formOf(b).around {
		switch c {
		case "quote":
			l.style = "Quote"
			l.indent += step
		case "li", "dd":
			l.indent += step
		}
	}
	switch b.Kind {
	case markdown.Item:
		l.indent += step
		l.hanging = step
	case markdown.Heading:
		l.style = "Heading" + strconv.Itoa(b.Level)
	case markdown.Code:
		l.style = "Code"
	case markdown.Footnote:
		l.style = "FootnoteText"
	case markdown.Term:
		l.style = "Term"
	case markdown.Break:
		l.style = "Rule"
	}
	return l
}

func (l layout) properties(rtl bool) string {
	var b strings.Builder
	if l.style != "" {
		b.WriteString(`<w:pStyle w:val="` + l.style + `"/>`)
	}
	if rtl {
		b.WriteString(`<w:bidi/>`)
	}
	if l.indent > 0 {
		b.WriteString(`<w:ind w:left="` + strconv.Itoa(l.indent) + `" w:hanging="` + strconv.Itoa(l.hanging) + `"/>`)
	}
	if l.align != "" {
		b.WriteString(`<w:jc w:val="` + l.align + `"/>`)
	}
	return b.String()
}

func (l look) properties(rtl bool) string {
	var b strings.Builder
	for _, p := range []struct {
		on   bool
		text string
	}{
		{l.link != "", `<w:rStyle w:val="Hyperlink"/>`},
		{l.code, `<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/>`},
		{l.bold, `<w:b/><w:bCs/>`},
		{l.italic, `<w:i/><w:iCs/>`},
		{l.strike, `<w:strike/>`},
		{l.underline, `<w:u w:val="single"/>`},
		{l.sup, `<w:vertAlign w:val="superscript"/>`},
		{l.sub && !l.sup, `<w:vertAlign w:val="subscript"/>`},
		{rtl, `<w:rtl/>`},
	} {
		if p.on {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// bullets returns by block what a page shows before the words of list items that
// the text has no number for: a bullet, or the number that the browser counts.
func bullets(t *markdown.Text) []string {
	type list struct {
		form string
		next int
	}
	var open []list
	out := make([]string, len(t.Blocks))
	for i, b := range t.Blocks {
		if b.Kind == markdown.Blank {
			continue
		}
		for len(open) > 0 && !strings.HasPrefix(b.Form, open[len(open)-1].form) {
			open = open[:len(open)-1]
		}
		form, ok := strings.CutSuffix(b.Form, "li")
		if b.Kind != markdown.Item || !ok {
			continue
		}
		kind := form[strings.LastIndexByte(strings.TrimSuffix(form, "/"), '/')+1:]
		if kind == "ul/" {
			out[i] = "•\t"
			continue
		}
		start, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(kind, "ol"), "/"))
		if err != nil {
			continue // its number is written
		}
		if len(open) == 0 || open[len(open)-1].form != form {
			open = append(open, list{form, start})
		}
		out[i] = strconv.Itoa(open[len(open)-1].next) + ". "
		open[len(open)-1].next++
	}
	return out
}

// bulleted puts bullets before spans. A number that one text counts and the other
// has written looks the same.
func bulleted(spans []Span, was, is string) []Span {
	spans = readable(spans)
	switch {
	case was == "" && is == "":
		return spans
	case was == is:
		return append([]Span{{opSame, is}}, spans...)
	}
	if was == "" && len(spans) > 0 && spans[0].Op == opRemoved && strings.HasPrefix(spans[0].Text, is) {
		return append([]Span{{opSame, is}, {opRemoved, spans[0].Text[len(is):]}}, spans[1:]...)
	}
	if is == "" && len(spans) > 0 && spans[0].Op == opAdded && strings.HasPrefix(spans[0].Text, was) {
		return append([]Span{{opSame, was}, {opAdded, spans[0].Text[len(was):]}}, spans[1:]...)
	}
	return append(put(put(nil, opRemoved, was), opAdded, is), spans...)
}

// link returns the relationship that leads to target.
func (d *docx) link(target string) string {
	n, ok := d.links[target]
	if !ok {
		n = len(d.targets)
		d.links[target] = n
		d.targets = append(d.targets, target)
	}
	return "link" + strconv.Itoa(n)
}

// hyperlink is target as a document may lead to it, or "": an absolute address of
// the web, of mail or of a telephone. Others would lead into the reader's own
// files.
func hyperlink(target string) string {
	u, err := neturl.Parse(target)
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" || u.User != nil {
			return ""
		}
	case "mailto", "tel":
		if u.Opaque == "" {
			return ""
		}
	default:
		return ""
	}
	var b strings.Builder
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>\^`+"`{|}", c) >= 0 {
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16))[1:])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
