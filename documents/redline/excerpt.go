package redline

import "unicode/utf8"

// Excerpt is what a notice shows of a redline: the clauses that differ, before
// and after.
type Excerpt struct {
	Passages []Passage
	// Left counts the passages that did not fit.
	Left int
}

// Passage is what became of one clause, or of the text before the first.
type Passage struct {
	Number, Title       string // of the clause as it is now, or as it was if it is gone
	OldNumber, OldTitle string // as it was; "" if it is new
	Kind                Kind
	// Before has same and removed spans, After same and added ones; a line end
	// parts blocks. Both are empty if only the number differs, Before if the
	// words only moved.
	Before, After []Span
	Details       []Detail
}

// Excerpt returns the changed clauses in the order of the new text, with at most
// letters characters of their words. Clauses too long to fit are shortened where
// they did not change, and left out if that is not enough.
func (r *Redline) Excerpt(letters int) Excerpt {
	var out Excerpt
	for _, p := range r.passages() {
		size := p.size()
		if size > letters {
			p.Before, p.After = shortened(p.Before), shortened(p.After)
			size = p.size()
		}
		if size > letters {
			out.Left++
			continue
		}
		letters -= size
		out.Passages = append(out.Passages, p)
	}
	return out
}

// passages joins neighbouring entries of one clause.
func (r *Redline) passages() []Passage {
	was, is := r.partners()
	var out []Passage
	var last [2]int
	for i := range r.Changes {
		e := &r.Changes[i]
		if (speech{Redline: r}).unseen(e) {
			continue
		}
		at := r.clauseOf(e)
		if len(e.OldBlocks) == 0 {
			at[0] = partner(was, at[1])
		} else if len(e.NewBlocks) == 0 {
			at[1] = partner(is, at[0])
		}
		if len(out) == 0 || at != last {
			out = append(out, r.passage(at))
			last = at
		}
		out[len(out)-1].take(e)
	}
	return out
}

// gone is the clause of a block that has none of its own on that side.
const gone = -2

// partners tells which clause of the other text holds most of what a clause
// became: was from new to old, is from old to new.
func (r *Redline) partners() (was, is map[int]int) {
	was, is = map[int]int{-1: -1}, map[int]int{-1: -1}
	for i := range r.Changes {
		if e := &r.Changes[i]; len(e.OldBlocks) > 0 && len(e.NewBlocks) > 0 {
			at := r.clauseOf(e)
			if _, ok := was[at[1]]; !ok {
				was[at[1]] = at[0]
			}
			if _, ok := is[at[0]]; !ok {
				is[at[0]] = at[1]
			}
		}
	}
	return was, is
}

func partner(of map[int]int, clause int) int {
	if p, ok := of[clause]; ok {
		return p
	}
	return gone
}

// clauseOf returns the indexes of the clauses of e, -1 before the first and gone
// where it is not.
func (r *Redline) clauseOf(e *Entry) [2]int {
	at := [2]int{gone, gone}
	if len(e.OldBlocks) > 0 {
		at[0] = r.old.Blocks[e.OldBlocks[0]].Clause
	}
	if len(e.NewBlocks) > 0 {
		at[1] = r.new.Blocks[e.NewBlocks[0]].Clause
	}
	return at
}

func (r *Redline) passage(at [2]int) Passage {
	var p Passage
	switch {
	case at[0] == gone:
		p.Kind = Added
	case at[1] == gone:
		p.Kind = Removed
	}
	if at[0] >= 0 {
		p.OldNumber, p.OldTitle = r.old.Clauses[at[0]].Number, r.old.Clauses[at[0]].Title
	}
	p.Number, p.Title = p.OldNumber, p.OldTitle
	if at[1] >= 0 {
		p.Number, p.Title = r.new.Clauses[at[1]].Number, r.new.Clauses[at[1]].Title
	}
	return p
}

// take adds e to the passage. Several kinds in one clause make it changed, and so
// do words that come to a clause that stays.
func (p *Passage) take(e *Entry) {
	switch {
	case p.Kind == "" && e.Kind != Added && e.Kind != Removed:
		p.Kind = e.Kind
	case p.Kind != e.Kind:
		p.Kind = Changed
	}
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
func extend(spans []Span, e *Entry, without string) []Span {
	if len(spans) > 0 {
		spans = append(spans, Span{opSame, "\n"})
	}
	for _, s := range e.Spans {
		if s.Op != without {
			spans = append(spans, s)
		}
	}
	return spans
}

func (p *Passage) size() int {
	n := 0
	for _, spans := range [][]Span{p.Before, p.After} {
		for _, s := range spans {
			n += utf8.RuneCountInString(s.Text)
		}
	}
	return n
}

func shortened(spans []Span) []Span {
	out := make([]Span, len(spans))
	for i, s := range spans {
		if s.Op == opSame {
			s.Text = elide(s.Text, i > 0, i+1 < len(spans), contextRune)
		}
		out[i] = s
	}
	return out
}
