package redline

import (
	"bufio"
	"io"
	"strings"

	"github.com/rivo/uniseg"
)

const (
	textColumns = 72
	contextRune = 80 // of an unchanged run that is shown beside an edit
)

// Text writes the redline for a terminal or a plain-text mail, in the language
// nearest to tag: what differs, clause by clause, changes said in words, and how
// much lies unchanged between. Lines are at most 72 columns where words allow.
func (r *Redline) Text(w io.Writer, tag string) error {
	s := speech{catalogue.In(tag), r}
	out := bufio.NewWriter(w)
	paragraph(out, "", s.summary())
	quiet := 0
	flush := func() {
		if quiet > 0 && r.Summary.Same+r.Summary.Reformatted < len(r.Changes) {
			paragraph(out, "\n", "· · · "+s.N("unchanged", quiet))
		}
		quiet = 0
	}
	for i := range r.Changes {
		e := &r.Changes[i]
		if s.unseen(e) {
			quiet++
			continue
		}
		flush()
		paragraph(out, "\n", s.headline(e))
		if body := s.inline(e); body != "" {
			paragraph(out, "  ", body)
		}
		for _, d := range s.details(e) {
			paragraph(out, "  ", d)
		}
	}
	flush()
	return out.Flush()
}

// inline writes the spans of e in one run, edits in brackets.
func (s speech) inline(e *Entry) string {
	var b strings.Builder
	spans := readable(e.Spans)
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
			b.WriteString(elide(p.Text, n > 0, n+1 < len(spans), contextRune))
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
	return text[:at] + "[" + word + " " + visible(inner) + "]" + text[at+len(inner):]
}

// visible shows an edit of line ends alone as what it is.
func visible(s string) string {
	if strings.TrimSpace(s) == "" {
		return strings.ReplaceAll(s, "\n", "¶")
	}
	return s
}

// elide keeps of an unchanged run what stands near an edit: before is one before
// it, after one after it.
func elide(s string, before, after bool, keep int) string {
	r := []rune(s)
	head, tail := 0, 0
	if before {
		head = keep
	}
	if after {
		tail = keep
	}
	if !before && !after {
		head = 2 * keep
	}
	if len(r) <= head+tail+20 {
		return s
	}
	for head > 0 && head > keep/2 && r[head] != ' ' {
		head--
	}
	for from := len(r) - tail; tail > keep/2 && r[from] != ' '; from++ {
		tail--
	}
	return strings.TrimRight(string(r[:head]), " ") + " … " + strings.TrimLeft(string(r[len(r)-tail:]), " ")
}

// paragraph writes text in lines of at most textColumns, each after indent. An
// indent of a line end is an empty line before it. Controls are not written: a
// terminal would obey them.
func paragraph(w *bufio.Writer, indent, text string) {
	if indent == "\n" {
		w.WriteString(indent)
		indent = ""
	}
	for line := range strings.SplitSeq(text, "\n") {
		wrap(w, indent, tame(line))
	}
}

func wrap(w *bufio.Writer, indent, line string) {
	column := 0
	for _, word := range strings.Fields(line) {
		width := uniseg.StringWidth(word)
		switch {
		case column == 0:
			w.WriteString(indent)
			column = len(indent)
		case column+1+width > textColumns:
			w.WriteString("\n" + indent)
			column = len(indent)
		default:
			w.WriteByte(' ')
			column++
		}
		w.WriteString(word)
		column += width
	}
	w.WriteByte('\n')
}

// tame replaces what steers terminals and reading direction.
func tame(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return '\ufffd'
		}
		return r
	}, s)
}
