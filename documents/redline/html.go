package redline

import (
	"html"
	"slices"
	"strconv"
	"strings"

	"vestnik/documents/lang"
)

// HTML is the redline as a fragment, in the language nearest to tag. The package
// comment names its classes.
func (r *Redline) HTML(tag string) string {
	p := r.page(tag)
	p.all()
	return p.String()
}

func (r *Redline) page(tag string) *page {
	p := &page{speech: speech{catalogue.In(tag), r}, rtl: lang.Dir(tag) == "rtl"}
	if p.Lang != tag {
		p.own = ` lang="` + p.Lang + `" dir="` + lang.Dir(p.Lang) + `"`
	}
	return p
}

func (p *page) all() {
	p.tag("p", "rl-summary", p.summary())
	if !p.silent() && p.Rewritten() {
		p.rewritten()
		return
	}
	all := p.changes()
	for i, c := range all {
		if c.kind != Same && p.headed == headedMost {
			p.rest(all[i:])
			return
		}
		p.change(c)
	}
}

// rest folds changes of which a page has no room even for the headings.
func (p *page) rest(of []change) {
	n := 0
	for _, c := range of {
		if c.kind != Same {
			n++
		}
	}
	p.piece(p.number(), "rl-rest", p.T("and_more", "n", n), func() {
		p.folding = nil
		for _, c := range of {
			p.change(c)
		}
	})
}

// page collects HTML.
type page struct {
	speech
	strings.Builder
	own     string // attributes of what we say ourselves, where the text has another language
	rtl     bool   // the text runs from right to left
	entries int

	folding *Folding // nil: everything is written
	pieces  int
	open    [2]int // where the words of the last open piece are
	extra   int    // bytes of pieces
	headed  int    // changes of which a page shows the heading only
}

// tag writes what we say ourselves.
func (p *page) tag(tag, class, text string) {
	p.WriteString("<" + tag + ` class="` + class + `"` + p.own + ">" + said(text) + "</" + tag + ">\n")
}

// said is the HTML of what we say ourselves, with an element for each isolate.
func said(text string) string {
	var b strings.Builder
	for n, part := range strings.Split(html.EscapeString(text), isolateBegin) {
		if n > 0 {
			inner, rest, _ := strings.Cut(part, isolateEnd)
			b.WriteString("<bdi>" + inner + "</bdi>")
			part = rest
		}
		b.WriteString(part)
	}
	return b.String()
}

func (p *page) change(c change) {
	if c.kind == Same {
		p.fold(c.entries)
		return
	}
	p.entries++
	p.WriteString(`<section class="rl-entry rl-` + string(c.shown) + `" id="` + sectionID(p.entries) + `">` + "\n")
	p.tag("h3", "rl-head", p.heading(c))
	n := p.number()
	switch {
	case c.kind == Renumbered:
		p.followed(n, c, pointers(c.entries))
	case c.shift != 0:
		p.followed(n, c, c.loud)
	case p.folding != nil && p.written() > p.folding.Most:
		p.headed++
		p.piece(n, "rl-rest", p.N("show", len(c.loud)), func() { p.whole(c) })
	default:
		p.body(c)
	}
	p.WriteString("</section>\n")
}

func sectionID(n int) string { return "change-" + strconv.Itoa(n) }

// whole is body without pieces in it: it is one itself.
func (p *page) whole(c change) {
	folding, pieces := p.folding, p.pieces
	p.folding = nil
	p.body(c)
	p.folding, p.pieces = folding, pieces
}

// followed folds passages in which only numbers or levels differ.
func (p *page) followed(n int, c change, entries []*Entry) {
	p.piece(n, "rl-follow", p.N("show", len(entries)), func() {
		for _, e := range entries {
			p.passage(c, e, false)
		}
	})
}

// fold shows a run that did not change behind a line that says how long it is.
func (p *page) fold(entries []Entry) {
	count := p.counted(entries)
	if count == "" {
		count = p.N("show", len(entries))
	}
	p.piece(p.number(), "rl-same", count, func() {
		for i := range entries {
			if e := &entries[i]; len(e.Spans) > 0 {
				p.both(e)
			}
		}
	})
}

// body shows the entries of one clause: what came and went side by side, each
// passage that changed as one pair, and what did not change folded between.
func (p *page) body(c change) {
	several := len(c.loud) > 1
	for i := 0; i < len(c.entries); {
		j := i
		for j < len(c.entries) && p.unseen(&c.entries[j]) {
			j++
		}
		if j > i {
			p.fold(c.entries[i:j])
			i = j
			continue
		}
		if n := followers(c.entries[i:]); n > 0 {
			p.tag("p", "rl-note", p.following(c.entries[i:i+n]))
			p.followed(p.number(), c, pointers(c.entries[i:i+n]))
			i += n
			continue
		}
		if n := p.movers(c, c.entries[i:], several); n > 0 {
			p.together(c, c.entries[i:i+n])
			i += n
			continue
		}
		for j < len(c.entries) && p.oneSided(&c.entries[j]) {
			j++
		}
		if j > i {
			p.apart(c, c.entries[i:j])
		} else {
			p.passage(c, &c.entries[j], several)
			j++
		}
		i = j
	}
}

// oneSided tells whether e stands in one text only.
func (p *page) oneSided(e *Entry) bool {
	return (e.Kind == Added || e.Kind == Removed) && !p.unseen(e)
}

// apart shows passages that came beside those that went.
func (p *page) apart(c change, entries []Entry) {
	if slices.ContainsFunc(entries, func(e Entry) bool { return len(e.Spans) > 0 }) {
		p.WriteString(`<div class="rl-pair rl-apart">` + "\n")
		p.column(c, entries, Removed, "rl-old")
		p.column(c, entries, Added, "rl-new")
		p.WriteString("</div>\n")
	}
	for i := range entries {
		for _, n := range p.notesIn(c, &entries[i], true) {
			p.tag("p", "rl-note", n)
		}
		p.remarks(&entries[i])
	}
}

// column shows the words of entries of one kind below each other.
func (p *page) column(c change, entries []Entry, kind Kind, class string) {
	first := true
	for i := range entries {
		e := &entries[i]
		if e.Kind != kind || len(e.Spans) == 0 {
			continue
		}
		if first {
			p.WriteString(`<div class="` + class + `">` + "\n")
			if c.kind == Changed {
				p.tag("p", "rl-label", capital(p.T(string(kind))))
			}
		}
		first = false
		p.cell(e, e.Spans)
	}
	if !first {
		p.WriteString("</div>\n")
	}
}

// passage shows one passage that stands in both texts.
func (p *page) passage(c change, e *Entry, several bool) {
	for _, n := range p.notesIn(c, e, several) {
		p.tag("p", "rl-note", n)
	}
	switch {
	case len(e.Spans) == 0:
	case len(e.Spans) == 1 && e.Spans[0].Op == opSame:
		p.both(e)
	default:
		p.pair(e)
	}
	p.remarks(e)
}

// pair shows a passage before and after. The old cell holds the edits of both
// kinds, so that it alone is the inline form; if nothing stayed, each cell holds
// its own.
func (p *page) pair(e *Entry) {
	spans := tidy(e.Spans)
	class, old := "rl-alike", spans
	if !mixed(e.Spans) {
		class, old = "rl-apart", without(spans, opAdded)
	}
	p.WriteString(`<div class="rl-pair ` + class + `">` + "\n" + `<div class="rl-old">` + "\n")
	p.tag("p", "rl-label", p.T("old"))
	p.cell(e, old)
	p.WriteString(`</div>` + "\n" + `<div class="rl-new">` + "\n")
	p.tag("p", "rl-label", p.T("new"))
	p.cell(e, without(spans, opRemoved))
	p.WriteString("</div>\n</div>\n")
}

// mixed tells whether something stayed between the edits.
func mixed(spans []Span) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return s.Op == opSame })
}

func without(spans []Span, op string) []Span {
	var out []Span
	for _, s := range spans {
		if s.Op != op {
			out = append(out, s)
		}
	}
	return out
}

func (p *page) both(e *Entry) {
	p.WriteString(`<div class="rl-both">` + "\n")
	p.cell(e, e.Spans)
	p.WriteString("</div>\n")
}

// remarks say what words do not show, and what may be worth a look.
func (p *page) remarks(e *Entry) {
	for _, d := range p.details(e) {
		p.tag("p", "rl-detail", d)
	}
	for _, h := range p.pointers(e) {
		p.tag("p", "rl-hint", h)
	}
}

// rewritten shows the contents of both texts, and each text behind a line.
func (p *page) rewritten() {
	p.entries++
	p.WriteString(`<section class="rl-entry rl-changed rl-rewritten" id="change-1">` + "\n")
	p.tag("p", "rl-note", p.T("rewritten_how"))
	p.WriteString(`<div class="rl-pair rl-apart">` + "\n")
	for n, o := range p.outline() {
		class := "rl-old"
		if n == 1 {
			class = "rl-new"
		}
		p.WriteString(`<div class="` + class + `">` + "\n")
		p.tag("h3", "rl-head", o.head)
		p.WriteString(`<ul class="rl-outline" dir="auto">`)
		for _, l := range o.lines {
			p.WriteString("<li>" + said(l) + "</li>")
		}
		p.WriteString("</ul>\n")
		p.full(n)
		p.WriteString("</div>\n")
	}
	p.WriteString("</div>\n</section>\n")
}

// full folds the whole old (0) or new (1) text, without marks.
func (p *page) full(side int) {
	t, key := p.old, "full_old"
	if side == 1 {
		t, key = p.new, "full_new"
	}
	p.piece(p.number(), "rl-same", p.T(key), func() {
		for i := range t.Blocks {
			if b := &t.Blocks[i]; b.Text != "" {
				p.block(b, flat(opSame, b.Text))
			}
		}
	})
}
