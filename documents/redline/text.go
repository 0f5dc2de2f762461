package redline

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"vestnik/documents/markdown"
)

const textColumns = 72

// Text writes the redline for a terminal or a plain-text mail, in the language
// nearest to tag: what differs, clause by clause, changes said in words, and how
// much lies unchanged between. Lines are at most 72 columns where words allow.
func (r *Redline) Text(w io.Writer, tag string) error {
	t := plainText{speech{catalogue.In(tag), r}, bufio.NewWriter(w)}
	t.paragraph("", t.summary())
	switch {
	case t.silent():
	case r.Rewritten():
		t.outlines()
	default:
		for _, c := range r.changes() {
			t.change(c)
		}
	}
	return t.Flush()
}

// silent tells whether readers see no difference.
func (s speech) silent() bool { return s.sourceOnly()+s.Summary.Same == len(s.Changes) }

// plainText is a redline as plain text while it is written.
type plainText struct {
	speech
	*bufio.Writer
}

func (t plainText) change(c change) {
	switch c.kind {
	case Same:
		if count := t.counted(c.entries); count != "" {
			t.paragraph("\n", "· · · "+count)
		}
		return
	}
	t.paragraph("\n", t.heading(c))
	if c.kind == Renumbered || c.shift != 0 {
		return
	}
	plain := c.kind == Added || c.kind == Removed || c.shown == Moved
	several := len(c.loud) > 1
	for i := 0; i < len(c.entries); i++ {
		e := &c.entries[i]
		if t.unseen(e) {
			continue
		}
		switch {
		case i == 0:
		case t.unseen(&c.entries[i-1]):
			t.WriteByte('\n')
			t.paragraph("  ", "· · ·\n")
		default:
			t.WriteByte('\n')
		}
		if n := followers(c.entries[i:]); n > 0 {
			t.paragraph("  ", t.following(c.entries[i:i+n])+".")
			i += n - 1
			continue
		}
		for _, n := range t.notesIn(c, e, several) {
			t.paragraph("  ", n+".")
		}
		t.entry(e, plain)
	}
}

func (t plainText) entry(e *Entry, plain bool) {
	switch {
	case plain && len(e.Spans) == 1:
		t.paragraph("  ", t.bullet(e)+e.Spans[0].Text)
	case len(e.Spans) > 0:
		t.paragraph("  ", t.bullet(e)+t.inline(e))
	}
	for _, d := range t.details(e) {
		t.paragraph("  ", d)
	}
	for _, h := range t.pointers(e) {
		t.paragraph("  ", h)
	}
}

// bullet is what stands before an item without a number.
func (s speech) bullet(e *Entry) string {
	if b := s.block(e); b.Kind == markdown.Item && b.Number == "" {
		return "• "
	}
	return ""
}

// inline writes the spans of e in one run, edits in brackets.
func (s speech) inline(e *Entry) string {
	var b strings.Builder
	spans := tidy(e.Spans)
	for n, p := range spans {
		switch p.Op {
		case opRemoved:
			b.WriteString(bracket(s.T("removed_words"), p.Text))
		case opAdded:
			if n > 0 && spans[n-1].Op == opRemoved {
				b.WriteByte(' ')
			}
			b.WriteString(bracket(s.T("added_words"), p.Text))
		default:
			b.WriteString(elide(p.Text, n > 0, n+1 < len(spans), nearRunes))
		}
	}
	return b.String()
}

// bracket sets an edit in brackets that its outer spaces stay outside of.
func bracket(word, text string) string {
	inner := strings.Trim(text, " ")
	if inner == "" {
		return "[" + word + " ␣]"
	}
	at := strings.Index(text, inner)
	return text[:at] + "[" + word + " " + strings.TrimSpace(legible(inner)) + "]" + text[at+len(inner):]
}

// paragraph writes text in lines of at most textColumns, each after indent. An
// indent of a line end is an empty line before it. Controls are not written: a
// terminal would obey them.
func (t plainText) paragraph(indent, text string) {
	if indent == "\n" {
		t.WriteString(indent)
		indent = ""
	}
	for line := range strings.SplitSeq(text, "\n") {
		t.wrap(indent, tame(line))
	}
}

func (t plainText) wrap(indent, line string) {
	column := 0
	for _, word := range strings.Fields(line) {
		for n, part := range breakable(word) {
			width := uniseg.StringWidth(part)
			switch {
			case column == 0:
				t.WriteString(indent)
				column = len(indent)
			case n == 0 && column+1+width > textColumns, n > 0 && column+width > textColumns:
				t.WriteString("\n" + indent)
				column = len(indent)
			case n == 0:
				t.WriteByte(' ')
				column++
			}
			t.WriteString(part)
			column += width
		}
	}
	t.WriteByte('\n')
}

// breakable parts what is written without spaces where a line may end: Chinese and
// Japanese. Other words, and addresses, stay whole.
func breakable(word string) []string {
	if len(word) < 4 || uniseg.StringWidth(word) <= utf8.RuneCountInString(word) {
		return []string{word}
	}
	var out []string
	for state := -1; word != ""; {
		var part string
		part, word, _, state = uniseg.FirstLineSegmentInString(word, state)
		out = append(out, part)
	}
	return out
}

// tame replaces what steers terminals and reading direction.
func tame(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r == 0x2068 || r == 0x2069:
			return -1 // ours, around titles
		case r < ' ' || r >= 0x7f && r < 0xa0, r == 0x2028 || r == 0x2029, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2067:
			return '\ufffd'
		}
		return r
	}, s)
}

// outlines lists the clauses of a text that was rewritten, before and now.
func (t plainText) outlines() {
	for _, o := range t.outline() {
		t.paragraph("\n", o.head)
		for _, l := range o.lines {
			t.paragraph("  ", l)
		}
	}
}
