package redline

import (
	"embed"
	"strings"
	"unicode"

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
	return s.place(e) + " — " + strings.Join(s.happened(e), ", ")
}

// place names the clause of an entry, and the earlier one if it had another name.
func (s speech) place(e *Entry) string {
	was, is := s.clause(s.old, e.OldBlocks), s.clause(s.new, e.NewBlocks)
	switch {
	case len(e.NewBlocks) == 0:
		return was
	case len(e.OldBlocks) == 0 || was == is:
		return is
	}
	return s.T("was", "new", is, "old", was)
}

// clause names the clause of the first block.
func (s speech) clause(t *markdown.Text, blocks []int) string {
	if len(blocks) == 0 {
		return ""
	}
	i := t.Blocks[blocks[0]].Clause
	if i < 0 {
		return s.T("start")
	}
	return s.name(t.Clauses[i])
}

func (s speech) name(c markdown.Clause) string {
	switch {
	case c.Number == "":
		return s.T("titled", "title", shorten(c.Title, 60))
	case strings.IndexFunc(strings.Trim(c.Number, "()."), unicode.IsLetter) < 0:
		return s.T("clause", "number", c.Number)
	}
	return c.Number // "Статья 7" says itself what it is
}

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}

// happened lists the kind of an entry and its flags in words.
func (s speech) happened(e *Entry) []string {
	kind := string(e.Kind)
	if e.Kind == Renumbered && s.clause(s.old, e.OldBlocks) == s.clause(s.new, e.NewBlocks) {
		kind = "references" // its own number stayed
	}
	out := []string{s.T(kind)}
	if e.Split > 0 {
		out = append(out, s.T("split", "n", e.Split))
	}
	if e.Joined > 0 {
		out = append(out, s.T("joined", "n", e.Joined))
	}
	if e.Moved {
		out = append(out, s.T("moved"))
	}
	if e.Renum {
		out = append(out, s.T("renumbered"))
	}
	return out
}

// details says each difference that the words do not show.
func (s speech) details(e *Entry) []string {
	var out []string
	for _, d := range e.Details {
		old, new := d.Old, d.New
		if old == "" {
			old = s.T("none")
		}
		if new == "" {
			new = s.T("none")
		}
		if line := s.T("detail_"+d.What, "old", old, "new", new); len(out) == 0 || out[len(out)-1] != line {
			out = append(out, line)
		}
	}
	return out
}

// summary counts the differences in one sentence.
func (s speech) summary() string {
	c := s.Summary
	switch {
	case s.Equal():
		return s.T("equal")
	case c.Same+c.Reformatted == len(s.Changes):
		return s.T("equal_readers")
	}
	return s.T("summary", "changed", c.Changed, "added", c.Added, "removed", c.Removed, "moved", c.Moved, "renumbered", c.Renumbered)
}

// quiet tells whether readers see no difference in e.
func (e *Entry) quiet() bool { return e.Kind == Same || e.Kind == Reformatted }

// unseen tells whether e adds or removes what readers are not shown.
func (s speech) unseen(e *Entry) bool {
	return e.quiet() || len(e.Spans) == 0 && (e.Kind == Added || e.Kind == Removed) && s.hidden(e)
}

func (s speech) hidden(e *Entry) bool {
	if len(e.OldBlocks) > 0 {
		return s.old.Blocks[e.OldBlocks[0]].Hidden()
	}
	return s.new.Blocks[e.NewBlocks[0]].Hidden()
}
