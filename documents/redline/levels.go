package redline

import (
	"strconv"
)

// leastShift is how many headings have to rise or sink alike to be told of in one
// line.
const leastShift = 2

// foldLevels marks the headings of which only the level changed, where others rose
// or sank as far: that is said once for all of them.
func (r *Redline) foldLevels() {
	for i := range r.Changes {
		if by := shift(&r.Changes[i]); by != 0 {
			if r.shifted == nil {
				r.shifted = map[int][]int{}
			}
			r.shifted[by] = append(r.shifted[by], i)
		}
	}
	for by, of := range r.shifted {
		if len(of) < leastShift {
			delete(r.shifted, by)
			continue
		}
		for _, i := range of {
			r.Changes[i].folded = true
		}
	}
}

// shift is by how many levels the heading e sank, if it did nothing else, or 0.
func shift(e *Entry) int {
	if e.Kind != Changed || e.Moved || e.Renum || len(e.Details) != 1 || len(e.Spans) != 1 || e.Spans[0].Op != opSame {
		return 0
	}
	d := e.Details[0]
	if d.What != "level" || d.Old == "" || d.New == "" {
		return 0
	}
	old, _ := strconv.Atoi(d.Old)
	new, _ := strconv.Atoi(d.New)
	return new - old
}

// shiftAt is by how many levels the headings rose or sank of which entry i is the
// first, or 0: there it is said of all of them.
func (r *Redline) shiftAt(i int) int {
	if !r.Changes[i].folded {
		return 0
	}
	by := shift(&r.Changes[i])
	if r.shifted[by][0] != i {
		return 0
	}
	return by
}

// levels says how many headings rose or sank, and how far: "7 headings are 2 levels
// higher".
func (s speech) levels(c change) string {
	if c.shift < 0 {
		return s.N("headings_higher", len(c.loud), "levels", s.N("levels", -c.shift))
	}
	return s.N("headings_deeper", len(c.loud), "levels", s.N("levels", c.shift))
}

// levelsOf says that with the names of some of the headings.
func (s speech) levelsOf(c change) string {
	var names []string
	for _, e := range c.loud {
		names = append(names, isolate(shorten(e.Spans[0].Text, briefLetters)))
	}
	return capital(s.levels(c)) + s.list(names)
}

// counted says how many of entries nobody needs to look at: "" if all of them are
// told of elsewhere.
func (s speech) counted(entries []Entry) string {
	n := 0
	for i := range entries {
		if !entries[i].folded {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return s.N("unchanged", n)
}
