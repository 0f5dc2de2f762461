package redline

import (
	"slices"
	"strings"
	"unicode"

	"vestnik/documents/lang"
	"vestnik/documents/markdown"
)

var hintCatalogue = lang.MustLoad(hintFiles, "hints")

// Hint points at something of an entry that may be material, with what it was and
// what it is; "" where there is none on that side. Hints never decide.
type Hint struct {
	What string `json:"what"` // one of hintKinds
	Old  string `json:"old"`
	New  string `json:"new"`
}

// hintKinds are the values of Hint.What, the weightiest first.
var hintKinds = []string{
	"negation",  // not, never, without
	"modal",     // a duty, a permission, a ban: must, may, вправе, міндетті
	"limit",     // only, except, at least, no later than
	"consent",   // consent, legitimate interest, another legal basis
	"right",     // a right, withdrawal, objection, complaint, the way to court
	"sharing",   // disclosure, transfer, sale
	"purpose",   // what data are used for
	"retention", // whether and how long data are kept
	"duration",  // a period: 30 days, monthly, without delay
	"age",       // of a person
	"money",     // an amount
	"percent",   // a share
	"country",   // a country, a transfer abroad
	"party",     // a company by name, third parties, processors
	"contact",   // an e-mail or postal address, a telephone, a link
	"date",      // a day, a year
	"number",    // any other, numbers of clauses excepted
}

// Say is the hint as one sentence with its reason, without a full stop, in the
// language nearest to tag. It is plain text: escape it.
func (h Hint) Say(tag string) string {
	key := h.What
	switch {
	case h.Old == "":
		key += "_new"
	case h.New == "":
		key += "_gone"
	}
	return hintCatalogue.In(tag).T(key, "old", isolate(h.Old), "new", isolate(h.New))
}

// ruling are the kinds that a heading, which came or went, only announces.
var ruling = map[string]bool{"negation": true, "modal": true, "limit": true, "party": true}

// entitled tells whether what came or went alone is written as in a title: No Abuse.
func entitled(h Hint) bool {
	words := strings.Fields(h.Old + h.New)
	return (h.Old == "" || h.New == "") && len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !unicode.IsUpper([]rune(w)[0]) })
}

// byGroup are the kinds whose findings mean the same in one group of words.
var byGroup = map[string]bool{"consent": true, "right": true, "sharing": true, "purpose": true, "retention": true, "party": true}

const (
	hintsShown = 6  // of one entry
	hintRunes  = 80 // of Old and of New
)

// hints returns what of e may be material, the weightiest first. It reads the
// words that changed and the sentences around them, within a bounded length, and
// finds the same in both directions.
func (r *Redline) hints(e *Entry) []Hint {
	if e.Kind != Changed && e.Kind != Added && e.Kind != Removed {
		return nil
	}
	h := &hinting{}
	if h.split(e.Spans); len(h.sites) > 0 {
		h.old.take(r.old, e.OldBlocks)
		h.new.take(r.new, e.NewBlocks)
		h.compare()
		if b := (speech{Redline: r}).block(e); b.Kind == markdown.Heading || formOf(b).row == "header" {
			h.out = slices.DeleteFunc(h.out, func(p placed) bool { return ruling[p.What] && (e.Kind != Changed || entitled(p.Hint)) })
		}
	}
	for _, d := range e.Details {
		h.link(d)
	}
	return h.shown()
}

// hinting finds the hints of one entry.
type hinting struct {
	old, new half
	sites    []site
	seen     []swap
	out      []placed
}

// swap is what came for what went, however it is written.
type swap struct{ what, old, new string }

// half is one side of an entry.
type half struct {
	facts
	source  *markdown.Text
	clause  int      // that holds it
	numbers [][2]int // where the numbers of its clauses stand
	left    []finding
	at      []int           // the site of each of left
	named   map[string]bool // countries and parties
}

// site is a place where words changed: from and to on each side.
type site struct{ old, new [2]int }

// placed is a hint with what orders it.
type placed struct {
	Hint
	site int
}

// split finds the places where the texts differ.
func (h *hinting) split(spans []Span) {
	a, b, open := 0, 0, false
	for _, s := range spans {
		n := len(s.Text)
		if s.Op == opSame {
			a, b, open = a+n, b+n, false
			continue
		}
		if !open {
			h.sites, open = append(h.sites, site{[2]int{a, a}, [2]int{b, b}}), true
		}
		last := &h.sites[len(h.sites)-1]
		if s.Op == opRemoved {
			a += n
			last.old[1] = a
		} else {
			b += n
			last.new[1] = b
		}
	}
}

// shown orders the hints, drops repeats and keeps the first.
func (h *hinting) shown() []Hint {
	slices.SortStableFunc(h.out, func(x, y placed) int {
		if x.What != y.What {
			return slices.Index(hintKinds, x.What) - slices.Index(hintKinds, y.What)
		}
		return x.site - y.site
	})
	var out []Hint
	for _, p := range h.out {
		if len(out) < hintsShown && !slices.Contains(out, p.Hint) {
			out = append(out, p.Hint)
		}
	}
	return out
}

// clip is s as a hint shows it.
func clip(s string) string { return shorten(s, hintRunes) }
