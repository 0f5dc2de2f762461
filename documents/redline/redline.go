// Package redline compares two texts: clauses first, then words. What it
// returns is fixed by DESIGN section 10; comparing in the other direction gives
// the same set of entries mirrored, because one canonical order is computed and
// turned round. No result depends on a clock.
//
// # The classes of HTML
//
// HTML returns a fragment; the container around it, written by the page, chooses
// the view by its class: redline-inline or redline-side.
//
//	p.rl-summary             the counts in one sentence
//	details.rl-same          a run without changes; its summary is .rl-count
//	section.rl-entry         one difference, id change-1, change-2…, and one of
//	                         .rl-changed .rl-added .rl-removed .rl-moved .rl-renumbered
//	p.rl-head                where it stands and what happened to it, in words
//	p.rl-detail              a difference that words do not show
//	div.rl-cell              the words, and one of .rl-old .rl-new .rl-both
//	                         and one of .rl-text .rl-heading .rl-item .rl-row .rl-code .rl-footnote
//	del, ins                 an edit; span.visually-hidden in it says so to screen readers
//
// The cells .rl-old and .rl-new of one entry hold the same words, edits of both
// kinds included. Inline shows the first cell of an entry (.redline-inline
// .rl-old + .rl-new is hidden); side by side puts .rl-old left and .rl-new right
// and hides ins in the one and del in the other. .rl-both spans both columns.
// .rl-code wants white-space: pre-wrap.
package redline

import (
	"bytes"
	"encoding/hex"

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
}

// Span is a run of words.
type Span struct {
	Op   string `json:"op"` // same, removed, added
	Text string `json:"text"`
}

// Detail is a difference that words do not show.
type Detail struct {
	What string `json:"what"` // link, image, emphasis, level, list, table
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Pair says that clause Old of the old text continues as clause New of the new
// one. Doubtful pairs are a guess.
type Pair struct {
	Old, New int
	Doubtful bool
}

// Compare aligns old and new and compares their words, within a bounded amount
// of work.
func Compare(old, new *markdown.Text) *Redline {
	a, b, swapped := canonical(old, new)
	m := newMatching(a, b)
	m.blocks()
	r := &Redline{Old: describe(old), New: describe(new), Changes: m.entries(swapped), old: old, new: new}
	for i := range r.Changes {
		e := &r.Changes[i]
		if e.Kind != Same {
			e.Hints = r.hints(e)
		}
		r.Summary.count(e.Kind)
	}
	return r
}

// canonical puts two texts in an order that does not depend on which is older.
func canonical(old, new *markdown.Text) (a, b *markdown.Text, swapped bool) {
	x, y := old.SHA256(), new.SHA256()
	if bytes.Compare(x[:], y[:]) > 0 {
		return new, old, true
	}
	return old, new, false
}

func describe(t *markdown.Text) Side {
	sum := t.SHA256()
	return Side{hex.EncodeToString(sum[:]), t.Lines}
}

// Equal tells whether every entry is the same: exit code 0.
func (r *Redline) Equal() bool { return r.Summary.Same == len(r.Changes) }
