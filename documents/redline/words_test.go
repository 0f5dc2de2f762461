package redline

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// spoken writes what became of a as b: [removed] {added}.
func spoken(a, b string) string {
	m := &matching{lexicon: newLexicon(), squares: wordWork}
	var out strings.Builder
	for _, s := range m.spans(a, b, 0, 0) {
		switch s.Op {
		case opRemoved:
			out.WriteString("[" + s.Text + "]")
		case opAdded:
			out.WriteString("{" + s.Text + "}")
		default:
			out.WriteString(s.Text)
		}
	}
	return out.String()
}

// applied takes the edits of s to one side: the text before them, or after.
func applied(s string, after bool) string {
	drop, keep := "[]", "{}"
	if !after {
		drop, keep = keep, drop
	}
	for {
		at := strings.IndexByte(s, drop[0])
		if at < 0 {
			return strings.NewReplacer(keep[:1], "", keep[1:], "").Replace(s)
		}
		s = s[:at] + s[at+strings.IndexByte(s[at:], drop[1])+1:]
	}
}

// TestSpans: each line is a text with the edits that a reader is to see.
func TestSpans(t *testing.T) {
	for _, want := range []string{
		"Общество хранит данные [три года]{пять лет} после удаления учётной записи.",
	} {
		if got := spoken(applied(want, false), applied(want, true)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

var _ = rapid.Check
