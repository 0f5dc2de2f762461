package redline

import (
	"unicode/utf8"
)

// Excerpt is what a notice shows of a redline: the clauses that differ, before
// and after.
type Excerpt struct {
	Passages []Passage
	// Left counts the passages that did not fit, also those of which only the first
	// changes are among Passages.
	Left int
	// Rewritten tells that there is one passage only, with the contents of both
	// texts, because hardly a word stayed.
	Rewritten bool
}

// Passage is what became of one clause, or of the text before the first.
type Passage struct {
	Number, Title       string // of the clause as it is now, or as it was if it is gone
	OldNumber, OldTitle string // as it was; "" if it is new
	Kind                Kind
	// Before has same and removed spans, After same and added ones; a line end
	// parts blocks, and " … " stands for words left out. Both are empty if only
	// numbers differ, Before if the words only moved.
	Before, After []Span
	Details       []Detail

	of     *Redline
	change change
}

// Headline says in words, in the language nearest to tag, which clause it is and
// what happened to it.
func (p Passage) Headline(tag string) string {
	s := speech{catalogue.In(tag), p.of}
	if p.change.loud == nil {
		return s.T("rewritten")
	}
	return s.heading(p.change)
}

// Remarks say, in the language nearest to tag, what the words do not show.
func (p Passage) Remarks(tag string) []string {
	return speech{catalogue.In(tag), p.of}.details(&Entry{Details: p.Details})
}

// Excerpt returns the changed clauses in the order of the new text, with at most
// letters characters of their words. A passage that is too long is shortened
// around its edits; passages that do not fit even so are counted in Left.
func (r *Redline) Excerpt(letters int) Excerpt {
	var all []Passage
	for _, c := range r.changes() {
		if c.kind != Same && !(speech{Redline: r}).linesOnly(c) {
			all = append(all, r.passage(c))
		}
	}
	if len(all) > 0 && r.Rewritten() {
		return Excerpt{Passages: []Passage{r.contents(letters)}, Rewritten: true}
	}
	var out Excerpt
	left := letters
	for _, p := range all {
		if p.shortest() > left {
			out.Left++
			if p = p.begin(left); len(p.Before)+len(p.After)+len(p.Details) == 0 {
				continue
			}
		}
		left -= p.shortest()
		out.Passages = append(out.Passages, p)
	}
	for i, p := range out.Passages {
		left += p.shortest()
		for level := range brevity {
			if short := p.shortened(level); short.size() <= left {
				left -= short.size()
				out.Passages[i] = short
				break
			}
		}
	}
	return out
}

// brevity is how many characters are kept beside an edit, and of each edit, from
// the fullest form of a passage to the shortest. 0 means all.
var brevity = [...]struct{ beside, edit int }{{0, 0}, {nearRunes, 0}, {60, 0}, {60, 600}, {30, 160}}

// shortened is p with the words that the level of brevity keeps.
func (p Passage) shortened(level int) Passage {
	p.Before, p.After = pruned(p.Before, level), pruned(p.After, level)
	return p
}

// shortest is the size of the shortest form of p.
func (p Passage) shortest() int { return p.shortened(len(brevity) - 1).size() }

// begin is p with as many of its changes as letters hold.
func (p Passage) begin(letters int) Passage {
	kept := p
	kept.Before, kept.After, kept.Details = nil, nil, nil
	if p.change.shift != 0 {
		return kept
	}
	for _, e := range p.change.loud {
		more := kept
		more.take(e)
		if more.shortest() > letters {
			break
		}
		kept = more
	}
	return kept
}

func pruned(spans []Span, level int) []Span {
	b := brevity[level]
	if b.beside == 0 {
		return spans
	}
	out := make([]Span, len(spans))
	parts := func(i int) bool { return i < 0 || i == len(spans) || spans[i].Text == "\n" }
	for i, s := range spans {
		switch {
		case s.Op == opSame:
			s.Text = elide(s.Text, !parts(i-1), !parts(i+1), b.beside)
		case b.edit > 0:
			s.Text = elide(s.Text, true, true, b.edit/2)
		}
		out[i] = s
	}
	return out
}

func (r *Redline) passage(c change) Passage {
	p := Passage{Kind: c.shown, of: r, change: c}
	if c.shift != 0 {
		return p
	}
	if c.kind != Renumbered {
		p.name(c.at)
	}
	for _, e := range c.loud {
		p.take(e)
	}
	return p
}

func (p *Passage) name(at [2]int) {
	if at[0] >= 0 {
		p.OldNumber, p.OldTitle = p.of.old.Clauses[at[0]].Number, p.of.old.Clauses[at[0]].Title
	}
	p.Number, p.Title = p.OldNumber, p.OldTitle
	if at[1] >= 0 {
		p.Number, p.Title = p.of.new.Clauses[at[1]].Number, p.of.new.Clauses[at[1]].Title
	}
}

// take adds e to the passage.
func (p *Passage) take(e *Entry) {
	p.Details = append(p.Details, e.Details...)
	if e.Kind == Renumbered {
		return
	}
	if e.Kind != Added && e.Kind != Moved {
		p.Before = extend(p.Before, e, opAdded)
	}
	if e.Kind != Removed {
		p.After = extend(p.After, e, opRemoved)
	}
}

// extend appends the words of e, without those of the other side, on a line of
// their own.
func extend(spans []Span, e *Entry, not string) []Span {
	if len(spans) > 0 {
		spans = append(spans, Span{opSame, "\n"})
	}
	return append(spans, without(e.Spans, not)...)
}

// leastSize is what a passage counts at least: its headline has to stand, too.
const leastSize = 40

func (p Passage) size() int {
	n := 0
	for _, d := range p.Details {
		n += utf8.RuneCountInString(d.Old) + utf8.RuneCountInString(d.New)
	}
	for _, spans := range [][]Span{p.Before, p.After} {
		for _, s := range spans {
			n += utf8.RuneCountInString(s.Text)
		}
	}
	return max(n, leastSize)
}

// contents is the one passage of a text that was rewritten: what it was about and
// what it is about.
func (r *Redline) contents(letters int) Passage {
	p := Passage{Kind: Changed, of: r}
	o := speech{Redline: r}.outline()
	p.Before, p.After = within(o[0].lines, letters/2), within(o[1].lines, letters/2)
	return p
}

// within is as many whole lines as letters hold.
func within(lines []string, letters int) []Span {
	var out []Span
	for i, l := range lines {
		if i > 0 {
			l = "\n" + l
		}
		if letters -= utf8.RuneCountInString(l) + 2; letters < 0 {
			return append(out, Span{opSame, "\n…"})
		}
		out = append(out, Span{opSame, l})
	}
	return out
}
