package redline

import (
	"slices"

	"vestnik/documents/markdown"
)

// movers counts the entries at the beginning of entries that did nothing but move here
// together, in the order that they had; 0 if they are too few for a line of their
// own.
func (s speech) movers(c change, entries []Entry, several bool) (n int) {
	for n < len(entries) && entries[n].Kind == Moved && !s.unseen(&entries[n]) && len(entries[n].Spans) > 0 {
		e := &entries[n]
		if n > 0 && (e.OldBlocks[0] <= entries[n-1].OldBlocks[0] || !slices.Equal(s.notesIn(c, e, several), s.notesIn(c, &entries[0], several))) {
			break
		}
		n++
	}
	if n < leastRun || len(s.notesIn(c, &entries[0], several)) == 0 {
		return 0
	}
	return n
}

// together shows entries that moved here together behind one line that says so.
func (p *page) together(c change, entries []Entry) {
	key := "moved_rows"
	if slices.ContainsFunc(entries, func(e Entry) bool { return p.speech.block(&e).Kind != markdown.Row }) {
		key = "moved_passages"
	}
	p.tag("p", "rl-note", p.N(key, len(entries)))
	if from := p.old.Blocks[entries[0].OldBlocks[0]].Clause; c.kind == Changed && from != c.at[0] && from >= 0 {
		p.tag("p", "rl-note", p.T("moved_from", "clause", p.name(p.old, from)))
	}
	for i := range entries {
		p.both(&entries[i])
		p.remarks(&entries[i])
	}
}

// Heading is that of one change on the page: its id there, its kind, and words that
// say where it is and what happened.
type Heading struct {
	ID   string
	Kind Kind
	Text string
}

// Headings are those of all sections of HTML, in their order.
func (r *Redline) Headings(tag string) []Heading {
	s := speech{catalogue.In(tag), r}
	if !s.silent() && r.Rewritten() {
		return []Heading{{sectionID(1), Changed, s.T("rewritten")}}
	}
	var out []Heading
	for _, c := range r.changes() {
		if c.kind != Same {
			out = append(out, Heading{sectionID(len(out) + 1), c.shown, s.heading(c)})
		}
	}
	return out
}
