// Package redline compares two texts: clauses first, then words. What it
// returns is fixed by DESIGN section 10; comparing in the other direction gives
// the same set of entries mirrored, because one canonical order is computed and
// turned round. No result depends on a clock.
//
// # The classes of HTML
//
// HTML returns a fragment of one markup; the container around it, written by the
// page, chooses the view by its class: redline-list, redline-inline or redline-side.
//
//	p.rl-summary             Sentence
//	details.rl-same          a run without changes; its summary is .rl-count. Folded
//	                         has div.rl-same.rl-piece instead, with id piece-1,
//	                         piece-2… and a link in p.rl-count; also for .rl-follow
//	div.rl-rest              a change for which a page has no more room; only of Folded
//	section.rl-entry         what differs in one clause, in a run of clauses of which
//	                         only numbers do, or in headings of which only the level does; id change-1, change-2… and one of
//	                         .rl-changed .rl-added .rl-removed .rl-moved .rl-renumbered
//	h3.rl-head               which clause it is and what happened to it, in words
//	p.rl-note                what happened to one passage of several
//	div.rl-pair              a passage before and after, and one of
//	                         .rl-alike: .rl-old alone is the inline form,
//	                         .rl-apart: either side has words of its own only
//	div.rl-old, div.rl-new   the sides of a pair; p.rl-label in it says which it is
//	div.rl-both              a passage whose words are the same
//	div.rl-cell              the words, and one of
//	                         .rl-text .rl-heading .rl-item .rl-row .rl-code .rl-footnote;
//	                         .rl-bullet is an item without a number,
//	                         span.rl-column a cell of the row
//	span.rl-far              what stayed, sentences away from an edit
//	del, ins                 an edit; span.visually-hidden in it says so to screen readers
//	span.rl-gap              a space that came with an ins beside it
//	p.rl-detail              a difference that words do not show
//	p.rl-hint                a pointer at what may be material
//	details.rl-follow        the passages of a line that tells of several: those of which
//	                         only numbers, or the levels of headings, differ
//	bdi                      words of the text within ours that run right to left
//	.rl-rewritten            the only section of a text that was rewritten: its pair
//	                         holds the contents (ul.rl-outline) and the full texts
//
// The old cell of .rl-alike holds the edits of both kinds, the new one no del.
// Inline hides .rl-alike > .rl-new; list and side by side hide ins and .rl-gap in
// .rl-alike > .rl-old. A list hides .rl-same outside .rl-rewritten, and .rl-far > span.
// .rl-code wants white-space: pre-wrap. Where the language of the words around the
// text is not the text's, they carry lang and dir.
package redline

import (
	"bytes"
	"encoding/hex"
	"slices"

	"vestnik/documents/markdown"
)

// Kind is the kind of an entry.
type Kind string

// One kind each, first of these that holds.
const (
	Changed     Kind = "changed"
	Added       Kind = "added"
	Removed     Kind = "removed"
	Moved       Kind = "moved"
	Renumbered  Kind = "renumbered"
	Reformatted Kind = "reformatted"
	Same        Kind = "same"
)

// Redline is the comparison of two texts.
type Redline struct {
	Old     Side    `json:"old"`
	New     Side    `json:"new"`
	Summary Summary `json:"summary"`
	Changes []Entry `json:"changes"`

	old, new *markdown.Text
	shifted  map[int][]int // by levels: the headings that sank so far, or rose, and did nothing else
}

// Side names one of the two texts.
type Side struct {
	SHA256 string `json:"sha256"`
	Lines  int    `json:"lines"`
}

// Summary counts entries by kind.
type Summary struct {
	Same        int `json:"same"`
	Changed     int `json:"changed"`
	Added       int `json:"added"`
	Removed     int `json:"removed"`
	Moved       int `json:"moved"`
	Renumbered  int `json:"renumbered"`
	Reformatted int `json:"reformatted"`
}

// Entry is one block of the old text, of the new one, or of both; or a block and
// the parts that it was split into or joined from. Moved, Renum and Reform hold
// beside the kind: the flag that Kind itself says is not set. Reform is not told
// of changed words, whose bytes differ anyway.
type Entry struct {
	Kind      Kind     `json:"kind"`
	OldClause *string  `json:"old_clause"`
	NewClause *string  `json:"new_clause"`
	OldLines  *[2]int  `json:"old_lines"`
	NewLines  *[2]int  `json:"new_lines"`
	Moved     bool     `json:"moved,omitempty"`
	Renum     bool     `json:"renumbered,omitempty"`
	Reform    bool     `json:"reformatted,omitempty"`
	Split     int      `json:"split,omitempty"`
	Joined    int      `json:"joined,omitempty"`
	Spans     []Span   `json:"spans"`
	Details   []Detail `json:"details,omitempty"`
	Hints     []Hint   `json:"hints,omitempty"`
	// OldBlocks and NewBlocks are indexes into the texts' blocks.
	OldBlocks []int `json:"-"`
	NewBlocks []int `json:"-"`
	folded    bool  // a heading that is told of with others
	counted   bool  // a list counts now itself what was numbered by hand, or the other way round
}

// Span is a run of words.
type Span struct {
	Op   string `json:"op"` // same, removed, added
	Text string `json:"text"`
}

// Pair says that clause Old of the old text continues as clause New of the new
// one. Doubtful pairs are a guess.
type Pair struct {
	Old, New int
	Doubtful bool
}

// Compare aligns old and new and compares their words, within a bounded amount
// of work. known are clauses that are known to continue, as permanent ids tell:
// the others are paired around them.
func Compare(old, new *markdown.Text, known ...Pair) *Redline {
	a, b, swapped := canonical(old, new)
	m := newMatching(a, b)
	m.known = known
	if swapped {
		m.known = mirrored(known)
	}
	m.blocks()
	r := &Redline{Old: describe(old), New: describe(new), Changes: m.entries(swapped), old: old, new: new}
	for i := range r.Changes {
		e := &r.Changes[i]
		if e.Kind != Same {
			e.Hints = r.hints(e)
		}
		r.Summary.count(e.Kind)
	}
	r.cancelCountries()
	r.foldLevels()
	return r
}

// Only is r with the entries that keep wants alone.
func (r *Redline) Only(keep func(Entry) bool) *Redline {
	out := &Redline{Old: r.Old, New: r.New, Changes: []Entry{}, old: r.old, new: r.new}
	for _, e := range r.Changes {
		if e.folded = false; keep(e) {
			out.Changes = append(out.Changes, e)
			out.Summary.count(e.Kind)
		}
	}
	out.foldLevels()
	return out
}

// canonical puts two texts in an order that does not depend on which is older.
func canonical(old, new *markdown.Text) (a, b *markdown.Text, swapped bool) {
	x, y := old.SHA256(), new.SHA256()
	if bytes.Compare(x[:], y[:]) > 0 {
		return new, old, true
	}
	return old, new, false
}

// mirrored are pairs from the other direction, in its order.
func mirrored(pairs []Pair) []Pair {
	out := make([]Pair, len(pairs))
	for i, p := range pairs {
		out[i] = Pair{p.New, p.Old, p.Doubtful}
	}
	slices.SortFunc(out, func(x, y Pair) int { return x.Old - y.Old })
	return out
}

func describe(t *markdown.Text) Side {
	sum := t.SHA256()
	return Side{hex.EncodeToString(sum[:]), t.Lines}
}

// Equal tells whether every entry is the same: exit code 0.
func (r *Redline) Equal() bool { return r.Summary.Same == len(r.Changes) }
