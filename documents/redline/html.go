package redline

import (
	"html"
	"strconv"
	"strings"

	"vestnik/documents/markdown"
)

// HTML is the redline as a fragment, in the language nearest to tag. The package
// comment names its classes.
func (r *Redline) HTML(tag string) string {
	p := page{speech: speech{catalogue.In(tag), r}}
	p.tag("p", "rl-summary", p.summary())
	for i := 0; i < len(r.Changes); {
		j := i
		for j < len(r.Changes) && p.unseen(&r.Changes[j]) {
			j++
		}
		if j > i {
			p.fold(r.Changes[i:j])
			i = j
			continue
		}
		p.entry(&r.Changes[i])
		i++
	}
	return p.String()
}

// page collects HTML.
type page struct {
	speech
	strings.Builder
	entries int
}

func (p *page) open(tag, class string) { p.WriteString("<" + tag + ` class="` + class + `">`) }

func (p *page) tag(tag, class, text string) {
	p.open(tag, class)
	p.WriteString(html.EscapeString(text) + "</" + tag + ">\n")
}

// fold shows a run that did not change behind a line that says how long it is.
func (p *page) fold(entries []Entry) {
	p.open("details", "rl-same")
	p.tag("summary", "rl-count", p.N("unchanged", len(entries)))
	for i := range entries {
		if e := &entries[i]; len(e.Spans) > 0 {
			p.cell(e, "rl-both")
		}
	}
	p.WriteString("</details>\n")
}

// entry shows one difference: the old cell and the new one hold the same words,
// so that a style can show either or both.
func (p *page) entry(e *Entry) {
	p.entries++
	p.WriteString(`<section class="rl-entry rl-` + string(e.Kind) + `" id="change-` + strconv.Itoa(p.entries) + `">` + "\n")
	p.tag("p", "rl-head", p.headline(e))
	switch {
	case len(e.Spans) == 0:
	case len(e.Spans) == 1 && e.Spans[0].Op == opSame:
		p.cell(e, "rl-both")
	case e.Kind == Removed:
		p.cell(e, "rl-old")
	case e.Kind == Added:
		p.cell(e, "rl-new")
	default:
		p.cell(e, "rl-old")
		p.cell(e, "rl-new")
	}
	for _, d := range p.details(e) {
		p.tag("p", "rl-detail", d)
	}
	p.WriteString("</section>\n")
}

func (p *page) cell(e *Entry, class string) {
	p.WriteString(`<div class="rl-cell ` + class + " " + p.shape(e) + `" dir="auto">`)
	for _, s := range readable(e.Spans) {
		text := strings.ReplaceAll(html.EscapeString(s.Text), "\n", "<br>")
		switch s.Op {
		case opRemoved:
			p.edit("del", "removed_words", s.Text, text)
		case opAdded:
			p.edit("ins", "added_words", s.Text, text)
		default:
			p.WriteString(text)
		}
	}
	p.WriteString("</div>\n")
}

// edit writes words that came or went, and says so to who cannot see them.
func (p *page) edit(tag, key, raw, text string) {
	if strings.Trim(raw, " \n") == "" {
		text = strings.ReplaceAll(text, "<br>", "¶<br>")
	}
	hidden := func(s string) string {
		return `<span class="visually-hidden">` + html.EscapeString(s) + `</span>`
	}
	p.WriteString("<" + tag + ">" + hidden(p.T(key)+" ") + text + hidden(" "+p.T("end")+" ") + "</" + tag + ">")
}

var shapes = map[markdown.Kind]string{markdown.Heading: "rl-heading", markdown.Item: "rl-item", markdown.Row: "rl-row", markdown.Code: "rl-code", markdown.Footnote: "rl-footnote"}

// shape is the class of what kind of block e is about.
func (p *page) shape(e *Entry) string {
	b := p.old.Blocks
	i := e.OldBlocks
	if len(e.NewBlocks) > 0 {
		b, i = p.new.Blocks, e.NewBlocks
	}
	if class := shapes[b[i[0]].Kind]; class != "" {
		return class
	}
	return "rl-text"
}
