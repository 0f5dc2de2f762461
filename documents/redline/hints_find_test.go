package redline_test

import (
	"strings"
	"testing"

	"vestnik/documents/redline"
)

func hintsOf(r *redline.Redline) string {
	var out []string
	for _, e := range r.Changes {
		for _, h := range e.Hints {
			out = append(out, h.What+": "+h.Old+" > "+h.New)
		}
	}
	return strings.Join(out, "; ")
}

// TestHints edits sentences, both ways.
func TestHints(t *testing.T) {
	for _, c := range hintCases {
		if got := hintsOf(check(t, parse(t, c.old), parse(t, c.new))); got != c.want {
			t.Errorf("%s\n%s\ngot  %q\nwant %q", c.old, c.new, got, c.want)
		}
	}
}

func TestNoFalseHints(t *testing.T) {
	for _, c := range plainCases {
		if got := hintsOf(check(t, parse(t, c[0]), parse(t, c[1]))); got != "" {
			t.Errorf("%s\n%s\ngot %q", c[0], c[1], got)
		}
	}
}
