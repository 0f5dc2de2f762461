package redline

import (
	"strconv"

	"vestnik/documents/lang"
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
