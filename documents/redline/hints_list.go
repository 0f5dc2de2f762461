package redline

import (
	"slices"
	"strconv"

	"vestnik/documents/lang"
	"vestnik/documents/markdown"
)

// Pointer says of one change what may be material in it.
type Pointer struct {
	ID      string // of its section in HTML
	Heading string
	Hints   []string // sentences
}

// Pointers lists, in the language nearest to tag, the changes that have hints, in
// order. Of a text that was rewritten there are none: all of it is to be read.
func (r *Redline) Pointers(tag string) []Pointer {
	if r.Rewritten() {
		return nil
	}
	s := speech{Words: catalogue.In(tag), Redline: r}
	var out []Pointer
	shown := 0
	for _, c := range r.changes() {
		if c.kind == Same {
			continue
		}
		shown++
		if hints := hintsOf(s.Words, c.entries); len(hints) > 0 {
			out = append(out, Pointer{"change-" + strconv.Itoa(shown), s.heading(c), hints})
		}
	}
	return out
}

// cancelCountries drops hints at countries that went with one row of a table and came
// with another: the table names them as before.
func (r *Redline) cancelCountries() {
	went, came := map[string]bool{}, map[string]bool{}
	rows := func(of func(e *Entry)) {
		for i := range r.Changes {
			if e := &r.Changes[i]; len(e.Hints) > 0 && (e.Kind == Added || e.Kind == Removed) && (speech{Redline: r}).block(e).Kind == markdown.Row {
				of(e)
			}
		}
	}
	rows(func(e *Entry) {
		for _, h := range e.Hints {
			if h.What == "country" {
				went[h.Old], came[h.New] = true, true
			}
		}
	})
	rows(func(e *Entry) {
		e.Hints = slices.DeleteFunc(e.Hints, func(h Hint) bool {
			return h.What == "country" && went[h.Old+h.New] && came[h.Old+h.New]
		})
	})
}

// hintsOf says the hints of entries that are one change: each once, and none of
// what went from one entry and came in another.
func hintsOf(w lang.Words, entries []Entry) (out []string) {
	all := map[Hint]bool{}
	for _, e := range entries {
		for _, h := range e.Hints {
			all[h] = true
		}
	}
	said := map[Hint]bool{}
	for _, e := range entries {
		for _, h := range e.Hints {
			moved := (h.Old == "" || h.New == "") && all[Hint{h.What, h.New, h.Old}]
			if !moved && !said[h] && len(out) < hintsShown {
				out, said[h] = append(out, h.Say(w.Lang)), true
			}
		}
	}
	return out
}
