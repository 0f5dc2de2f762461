package documents

import (
	"bytes"
	"fmt"
	"strings"
)

// The functions below give the canonical bytes whose SHA-256 stand in an event.
// Whoever verifies a proof hashes these and nothing else, so they never change
// for vestnik/1.

// TitleBytes is the title in UTF-8, without a line end.
func TitleBytes(title string) []byte { return []byte(title) }

// ReasonBytes is the reason in UTF-8, without a line end.
func ReasonBytes(reason string) []byte { return []byte(reason) }

// NoteBytes is the note as a file: what, whom, means, do, each followed by one
// line end, and parted by lines that hold `---` alone. All four slots are there,
// empty ones too. No slot has such a line in it, so the form is unambiguous.
func NoteBytes(n Note) []byte {
	return []byte(strings.Join([]string{n.What, n.Whom, n.Means, n.Do}, "\n---\n") + "\n")
}

// ParseNote reads a note file: at most four slots, parted by lines `---`, missing
// ones empty. Space around a slot, a byte-order mark and carriage returns do not
// count.
func ParseNote(b []byte) (Note, error) {
	text := strings.TrimPrefix(string(b), "\ufeff")
	slots := [4]string{}
	at := 0
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		if strings.TrimRight(line, " \t\n") != "---" {
			slots[at] += line
			continue
		}
		if at++; at == len(slots) {
			return Note{}, Invalid("note", CodeNoteSlots, "A note has four parts at most: what changes, whom it concerns, what it means for them, and what they must do.")
		}
	}
	return tidyNote(Note{slots[0], slots[1], slots[2], slots[3]}), nil
}

// ClauseBytes is a clause map: for each clause, in order, one line of eight
// values with a tab between them: id, first line, last line, level, id of the
// parent, human anchor, number, title. Absent values are empty. A text without
// clauses has zero bytes.
func ClauseBytes(clauses []Clause) []byte {
	var b bytes.Buffer
	for _, c := range clauses {
		fmt.Fprintf(&b, "%s\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", c.ID, c.First, c.Last, c.Level, c.Parent, c.Anchor, c.Number, c.Title)
	}
	return b.Bytes()
}

// Blobs returns the public texts that the digests of e cover, by the key of the
// digest's line, such as title-ru-sha256. v is the version that e brought, nil
// for events that bring none.
func Blobs(e Event, v *Version) map[string][]byte {
	out := map[string][]byte{}
	if e.ReasonText != "" {
		out["reason-sha256"] = ReasonBytes(e.ReasonText)
	}
	for lang, title := range e.Titles {
		out["title-"+lang+"-sha256"] = TitleBytes(title)
	}
	for lang, note := range e.Notes {
		out["note-"+lang+"-sha256"] = NoteBytes(note)
	}
	if v == nil {
		return out
	}
	for _, t := range v.Texts {
		out["source-"+t.Lang+"-sha256"] = []byte(t.Source)
		out["clauses-"+t.Lang+"-sha256"] = ClauseBytes(t.Clauses)
	}
	return out
}
