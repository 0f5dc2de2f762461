package redline_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"vestnik/documents/redline"
)

// golden is what a good redline of a pair of the corpus says: how many entries
// are of each kind, and of some entries the kind, the flags, the places and the
// lengths of what is removed and added in letters.
type golden struct {
	Pair    [2]string
	Why     string
	Summary redline.Summary
	Entries []goldenEntry
}

type goldenEntry struct {
	Kind           redline.Kind
	Old, New       *[2]int
	Moved, Renum   bool     `json:",omitempty"`
	Removed, Added int      `json:",omitempty"`
	Details        []string `json:",omitempty"`
}

func shapeOf(e redline.Entry) goldenEntry {
	g := goldenEntry{Kind: e.Kind, Old: e.OldLines, New: e.NewLines, Moved: e.Moved, Renum: e.Renum}
	for _, s := range e.Spans {
		switch s.Op {
		case "removed":
			g.Removed += len([]rune(s.Text))
		case "added":
			g.Added += len([]rune(s.Text))
		}
	}
	for _, d := range e.Details {
		g.Details = append(g.Details, d.What)
	}
	return g
}

// TestPairs compares pairs whose right answer was read by people.
func TestPairs(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "pairs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []golden
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, g := range all {
		t.Run(g.Pair[0], func(t *testing.T) {
			r := check(t, corpusText(t, g.Pair[0]), corpusText(t, g.Pair[1]))
			if r.Summary != g.Summary {
				t.Errorf("%s: got %+v, want %+v", g.Why, r.Summary, g.Summary)
			}
			byPlace := map[string]string{}
			for _, e := range r.Changes {
				byPlace[place(e.OldLines, e.NewLines)] = encoded(t, shapeOf(e))
			}
			for _, want := range g.Entries {
				if got := byPlace[place(want.Old, want.New)]; got != encoded(t, want) {
					t.Errorf("%s:\ngot  %s\nwant %s", g.Why, got, encoded(t, want))
				}
			}
		})
	}
}

func place(old, new *[2]int) string {
	b, _ := json.Marshal([]*[2]int{old, new})
	return string(b)
}

func encoded(t *testing.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
