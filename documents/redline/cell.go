package redline

import (
	"html"
	"strings"
	"unicode/utf8"

	"vestnik/documents/markdown"
)

// shape is the class of a cell that shows a block of this kind.
func shape(k markdown.Kind) string {
	switch k {
	case markdown.Heading, markdown.Term:
		return "rl-heading"
	case markdown.Item, markdown.Description:
		return "rl-item"
	case markdown.Row:
		return "rl-row"
	case markdown.Code:
		return "rl-code"
	case markdown.Footnote:
		return "rl-footnote"
	}
	return "rl-text"
}

// cell shows words of an entry as what they are.
func (p *page) cell(e *Entry, spans []Span) { p.block(p.speech.block(e), spans) }

func (p *page) block(b *markdown.Block, spans []Span) {
	class := shape(b.Kind)
	if b.Kind == markdown.Item && b.Number == "" {
		class += " rl-bullet"
	}
	p.WriteString(`<div class="rl-cell ` + class + `" dir="` + p.direction(b.Text) + `">`)
	if b.Kind == markdown.Row {
		p.WriteString(`<span class="rl-column">`)
	}
	for n, s := range spans {
		switch s.Op {
		case opRemoved:
			p.edit("del", Removed, s.Text, b.Kind)
		case opAdded:
			p.edit("ins", Added, s.Text, b.Kind)
		default:
			p.unchanged(s.Text, n > 0, n+1 < len(spans), b.Kind)
		}
	}
	if b.Kind == markdown.Row {
		p.WriteString("</span>")
	}
	p.WriteString("</div>\n")
}

// direction is that of a passage: its first letter's, but in a text written from
// right to left any letter of such a script decides, for Latin names often begin.
func (p *page) direction(text string) string {
	if p.rtl && strings.ContainsFunc(text, fromRight) {
		return "rtl"
	}
	return "auto"
}

// unchanged writes words that stayed; what lies far from edits can be left out of
// a list of changes.
func (p *page) unchanged(s string, before, after bool, k markdown.Kind) {
	if k == markdown.Row || !before && !after || utf8.RuneCountInString(s) < nearRunes {
		p.words(s, k, "", "")
		return
	}
	head, far, tail := besides(s, before, after, nearRunes)
	p.words(head, k, "", "")
	if far != "" {
		p.WriteString(`<span class="rl-far"><span>`)
		p.words(far, k, "", "")
		p.WriteString("</span></span>")
	}
	p.words(tail, k, "", "")
}

// edit writes words that came or went, and says so to who cannot see them.
func (p *page) edit(tag string, what Kind, text string, k markdown.Kind) {
	hidden := func(s string) string {
		return `<span class="visually-hidden"` + p.own + `>` + html.EscapeString(s) + `</span>`
	}
	before, text, after := inner(legible(text), k)
	open, end := "<"+tag+">", "</"+tag+">"
	p.WriteString(spaced(tag, before) + open + hidden(p.T(string(what)+"_words")+" "))
	p.words(text, k, end, open)
	p.WriteString(hidden(" "+p.T(string(what)+"_end")+" ") + end + spaced(tag, after))
}

// spaced is a space of an edit beside its words: nothing to look at, but where what
// came is hidden, so is the space that came with it.
func spaced(tag, space string) string {
	if space == "" || tag == "del" {
		return space
	}
	return `<span class="rl-gap">` + space + "</span>"
}

// inner takes the spaces from an edit that stand around it and are no edit to look at.
func inner(text string, k markdown.Kind) (before, words, after string) {
	words = strings.Trim(text, " ")
	if words == "" || k == markdown.Code || k == markdown.Row && (words[0] == '|' || words[len(words)-1] == '|') {
		return "", text, ""
	}
	at := strings.Index(text, words)
	return text[:at], words, text[at+len(words):]
}

// words writes a text. Where a table has the border of two cells, an edit is left
// and entered again.
func (p *page) words(text string, k markdown.Kind, leave, enter string) {
	out := html.EscapeString(text)
	if k == markdown.Row {
		out = strings.ReplaceAll(out, " | ", leave+`</span><span class="visually-hidden"> | </span><span class="rl-column">`+enter)
	}
	p.WriteString(strings.ReplaceAll(out, "\n", "<br>"))
}
