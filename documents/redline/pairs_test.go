package redline_test

import (
	"os"
	"testing"
)

func TestShow(t *testing.T) {
	a, b := os.Getenv("A"), os.Getenv("B")
	if a == "" {
		t.Skip()
	}
	r := check(t, corpusText(t, a), corpusText(t, b))
	t.Log(r.Summary)
	for _, e := range differing(r) {
		s := ""
		for _, c := range []*string{e.OldClause, e.NewClause} {
			if c != nil {
				s += " [" + *c + "]"
			} else {
				s += " -"
			}
		}
		t.Log(e.Kind, e.Moved, e.Renum, e.Reform, "split", e.Split, e.Joined, e.OldLines, e.NewLines, s, e.Details)
		for _, s := range e.Spans {
			x := []rune(s.Text)
			if s.Op == "same" && len(x) > 60 {
				x = append(append(x[:30:30], '…'), x[len(x)-30:]...)
			}
			t.Logf("        %s %q", map[string]string{"same": " ", "removed": "-", "added": "+"}[s.Op], string(x))
		}
	}
}
