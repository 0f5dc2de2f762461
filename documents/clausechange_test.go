package documents

import (
	"testing"

	"vestnik/documents/redline"
)

// Where two clauses hold the same paragraph, the redline may pair the one with the
// other. A clause whose bytes are what they were has not changed for that.
func TestPairedCrosswise(t *testing.T) {
	text := Text{Lang: "en", Source: "# A\n\nReserved.\n\n# B\n\nReserved.\n", Clauses: []Clause{{ID: "a", First: 1, Last: 3}, {ID: "b", First: 5, Last: 7}}}
	entry := func(kind redline.Kind, old, new int) redline.Entry {
		return redline.Entry{Kind: kind, OldLines: &[2]int{old, old}, NewLines: &[2]int{new, new}, Spans: []redline.Span{{Op: "same", Text: "Reserved."}}}
	}
	line := &redline.Redline{Changes: []redline.Entry{entry(redline.Same, 1, 1), entry(redline.Moved, 7, 3), entry(redline.Same, 5, 5), entry(redline.Same, 3, 7)}}
	for _, c := range (pair{old: text, new: text}).changes(line) {
		if c.Kind != redline.Moved {
			t.Errorf("%s is said to be %s", c.Clause.ID, c.Kind)
		}
	}
	other := text
	other.Source = "# A\n\nReserved!\n\n# B\n\nReserved.\n"
	if got := (pair{old: other, new: text}).changes(line); len(got) == 0 || got[0].Clause.ID != "a" || got[0].Kind != redline.Changed {
		t.Errorf("got %+v", got)
	}
}
