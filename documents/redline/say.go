package redline

import (
	"embed"
	"slices"
	"strings"

	"vestnik/documents/lang"
	"vestnik/documents/markdown"
)

//go:embed words/*.json
var wordFiles embed.FS

var catalogue = lang.MustLoad(wordFiles, "words")

// speech says what a redline shows in one language.
type speech struct {
	lang.Words
	*Redline
}

// headline says of an entry where it stands and what happened to it.
func (s speech) headline(e *Entry) string {
	at := [2]int{gone, gone}
	if len(e.OldBlocks) > 0 {
		at[0] = s.old.Blocks[e.OldBlocks[0]].Clause
	}
	if len(e.NewBlocks) > 0 {
		at[1] = s.new.Blocks[e.NewBlocks[0]].Clause
	}
	return s.place(at) + " — " + strings.Join(s.happened(e), ", ")
}

// placeOf names the clause of a change.
func (s speech) placeOf(u unit) string {
	if u.part {
		if was, is := s.name(s.old, u.at[0]), s.name(s.new, u.at[1]); was != is {
			return s.T("was_in", "new", is, "old", was)
		}
	}
	return s.place(u.at)
}

// place names a clause, and the earlier one if it had another name.
func (s speech) place(at [2]int) string {
	switch {
	case at[1] == gone:
		return s.name(s.old, at[0])
	case at[0] < 0 || at[1] < 0:
		return s.name(s.new, at[1])
	}
	was, is := s.name(s.old, at[0]), s.name(s.new, at[1])
	o, n := s.title(s.old, at[0]), s.title(s.new, at[1])
	sameNumber := dotless(s.old.Clauses[at[0]].Number) == dotless(s.new.Clauses[at[1]].Number)
	switch {
	case was == is || o == n && sameNumber: // that clauses above it have other numbers is said there
		return is
	case s.old.Clauses[at[0]].Number != "" && (o == n || o == ""):
		was = s.path(s.old, at[0])
	case o != "" && sameNumber && !opens(s.old, at[0]):
		was = s.titled(o)
	}
	return s.T("was", "new", is, "old", was)
}

// happened lists the kind of an entry and its flags in words.
func (s speech) happened(e *Entry) []string {
	what := s.T(string(e.Kind))
	if e.Kind == Renumbered && !s.ownNumber(e) {
		what = s.N("references", 1)
	}
	return append([]string{what}, s.notes(e)...)
}

// notes say what happened to an entry beside its kind.
func (s speech) notes(e *Entry) []string {
	var out []string
	if e.Split > 0 {
		out = append(out, s.N("split", e.Split))
	}
	if e.Joined > 0 {
		out = append(out, s.N("joined", e.Joined))
	}
	if e.Moved {
		out = append(out, s.T("moved"))
	}
	if e.Renum {
		out = append(out, s.T("renumbered"))
	}
	return out
}

// notesIn say what happened to an entry of c, as far as the heading does not.
func (s speech) notesIn(c change, e *Entry, several bool) []string {
	var out []string
	if len(e.Spans) == 0 && len(e.Details) == 0 {
		what := "wordless_"
		if s.block(e).Kind == markdown.Break {
			what = "line_"
		}
		out = append(out, s.T(what+string(e.Kind)))
	}
	if e.Moved || e.Kind == Moved {
		switch from := s.old.Blocks[e.OldBlocks[0]].Clause; {
		case c.kind == Changed && from != c.at[0] && from >= 0:
			out = append(out, s.T("moved_from", "clause", s.name(s.old, from)))
		case several && c.shown != Moved:
			out = append(out, capital(s.T("moved")))
		}
	}
	if several && e.Split > 0 {
		out = append(out, capital(s.N("split", e.Split)))
	}
	if several && e.Joined > 0 {
		out = append(out, capital(s.N("joined", e.Joined)))
	}
	return out
}

// ownNumber tells whether the number of the block itself differs, not only one in
// a reference.
func (s speech) ownNumber(e *Entry) bool {
	return s.old.Blocks[e.OldBlocks[0]].Number != s.new.Blocks[e.NewBlocks[0]].Number
}

// heading says of a change where it stands and what happened to it.
func (s speech) heading(c change) string {
	switch {
	case c.kind == Renumbered:
		return s.renumbering(c)
	case c.shift != 0:
		return s.levelsOf(c)
	}
	out := s.placeOf(c.unit) + " — " + s.T(string(c.shown))
	if len(c.loud) == 1 && c.shown == c.loud[0].Kind {
		e := *c.loud[0]
		e.Renum = false // the place says it
		out = strings.Join(append([]string{out}, s.notes(&e)...), ", ")
	}
	return out
}

// details says each difference that the words do not show.
func (s speech) details(e *Entry) []string {
	var out []string
	for _, d := range e.Details {
		if line := d.Say(s.Lang); !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// pointers say what of an entry may be material, unless a detail has said it.
func (s speech) pointers(e *Entry) []string {
	var out []string
	for _, h := range e.Hints {
		if !slices.ContainsFunc(e.Details, func(d Detail) bool { return begun(d.Old, h.Old) && begun(d.New, h.New) }) {
			out = append(out, s.T("hint", "hint", h.Say(s.Lang)))
		}
	}
	return out
}

// begun tells whether short is s or its begin.
func begun(s, short string) bool {
	return s == short || short != "" && strings.HasPrefix(s, strings.TrimSuffix(short, "…"))
}

// quiet tells whether readers see no difference in e.
func (e *Entry) quiet() bool { return e.Kind == Same || e.Kind == Reformatted || e.counted }

// unseen tells whether e adds or removes what readers are not shown, or is told of
// with others.
func (s speech) unseen(e *Entry) bool {
	return e.folded || e.quiet() || len(e.Spans) == 0 && (e.Kind == Added || e.Kind == Removed) && s.hidden(e)
}

func (s speech) hidden(e *Entry) bool {
	b := s.block(e)
	return b.Hidden() || b.Kind == markdown.Blank
}

// block is the first block of e, of the new text if it has one there.
func (s speech) block(e *Entry) *markdown.Block {
	if len(e.NewBlocks) > 0 {
		return &s.new.Blocks[e.NewBlocks[0]]
	}
	return &s.old.Blocks[e.OldBlocks[0]]
}
