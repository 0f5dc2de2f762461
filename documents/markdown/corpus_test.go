package markdown

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// corpus calls f with every version of every document, or skips.
func corpus(t testing.TB, f func(name string, source []byte)) {
	t.Helper()
	root := os.Getenv("VESTNIK_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	names, err := filepath.Glob(filepath.Join(root, "*", "*.md"))
	if err != nil || len(names) == 0 {
		t.Skip("no corpus: set VESTNIK_CORPUS to the folder that holds it")
	}
	for _, name := range names {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(root, name)
		f(rel, source)
	}
}

// checkText fails unless what is promised of every text holds.
func checkText(t testing.TB, source []byte) *Text {
	t.Helper()
	text, err := Parse(source)
	if err != nil {
		if invalid := (*InvalidSource)(nil); !errors.As(err, &invalid) || invalid.Reason == "" {
			t.Fatalf("Parse: %v is no *InvalidSource with a reason", err)
		}
		return nil
	}
	checkPartition(t, text)
	checkClauses(t, text)
	checkMarks(t, text)
	return text
}

// checkPartition fails unless each line with more than spaces and tabs lies in
// exactly one block.
func checkPartition(t testing.TB, text *Text) {
	t.Helper()
	lines := bytes.Split(bytes.TrimSuffix(text.Source, []byte("\n")), []byte("\n"))
	if len(lines) != text.Lines {
		t.Fatalf("%d lines, want %d", text.Lines, len(lines))
	}
	end := 0
	for i, b := range text.Blocks {
		if b.First <= end || b.Last < b.First || b.Last > len(lines) {
			t.Fatalf("block %d has lines %d to %d behind line %d of %d", i, b.First, b.Last, end, len(lines))
		}
		for line := end + 1; line < b.First; line++ {
			if !isBlankLine(lines[line-1]) {
				t.Fatalf("line %d lies in no block: %q", line, lines[line-1])
			}
		}
		end = b.Last
	}
	for line := end + 1; line <= len(lines); line++ {
		if !isBlankLine(lines[line-1]) {
			t.Fatalf("line %d lies in no block: %q", line, lines[line-1])
		}
	}
}

// A carriage return belongs to the end of a line, and a byte-order mark is none
// of the text.
func isBlankLine(b []byte) bool {
	return len(bytes.Trim(bytes.TrimPrefix(b, []byte("\ufeff")), " \t\r")) == 0
}

func checkClauses(t testing.TB, text *Text) {
	t.Helper()
	anchors := map[string]bool{}
	for i, c := range text.Clauses {
		if c.Parent >= i || c.First > c.Last || c.Last > text.Lines || i > 0 && c.First < text.Clauses[i-1].First {
			t.Fatalf("clause %d: %+v", i, c)
		}
		if want := 1; c.Parent >= 0 {
			if want = text.Clauses[c.Parent].Level + 1; c.Level != want {
				t.Fatalf("clause %d has level %d below level %d", i, c.Level, want-1)
			}
		} else if c.Level != want {
			t.Fatalf("clause %d has level %d without a parent", i, c.Level)
		}
		if c.Anchor != "" && anchors[c.Anchor] || strings.ContainsFunc(c.Anchor, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("clause %d has the anchor %q", i, c.Anchor)
		}
		anchors[c.Anchor] = true
	}
}

func checkMarks(t testing.TB, text *Text) {
	t.Helper()
	for i, b := range text.Blocks {
		if !strings.HasPrefix(b.Text, b.Number) {
			t.Fatalf("block %d: %q does not begin with %q", i, b.Text, b.Number)
		}
		for _, m := range b.Marks {
			if m.Start < 0 || m.End < m.Start || m.End > len(b.Text) {
				t.Fatalf("block %d: mark %+v in %d bytes", i, m, len(b.Text))
			}
		}
	}
}

// checkHTML fails unless the rendered text is well-formed and has no id twice.
func checkHTML(t testing.TB, text *Text) []byte {
	t.Helper()
	out, _ := text.HTML(Options{Lang: "ru"})
	if again := reserialise(out); !bytes.Equal(again, out) {
		t.Fatalf("not well-formed:\n%s\nbecomes\n%s", out, again)
	}
	return out
}

func TestCorpus(t *testing.T) {
	versions := 0
	corpus(t, func(name string, source []byte) {
		versions++
		defer func() {
			if t.Failed() {
				t.Log(name)
			}
		}()
		text := checkText(t, source)
		if text == nil {
			t.Fatalf("%s is refused", name)
		}
		out := checkHTML(t, text)
		if len(out) < len(source)/4 {
			t.Errorf("%s: %d bytes became %d", name, len(source), len(out))
		}
	})
	if versions != 439 {
		t.Errorf("%d versions, want 439", versions)
	}
}

func BenchmarkCorpus(b *testing.B) {
	var sources [][]byte
	size := 0
	corpus(b, func(_ string, source []byte) {
		sources = append(sources, source)
		size += len(source)
	})
	for _, bench := range []struct {
		name string
		run  func([]byte)
	}{
		{"parse", func(s []byte) { Parse(s) }},
		{"render", func(s []byte) { t, _ := Parse(s); t.HTML(Options{Lang: "ru"}) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var took []time.Duration
			for b.Loop() {
				for _, s := range sources {
					start := time.Now()
					bench.run(s)
					took = append(took, time.Since(start))
				}
			}
			slices.Sort(took)
			at := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))].Microseconds()) }
			b.ReportMetric(at(.5), "median-µs")
			b.ReportMetric(at(.99), "p99-µs")
			b.ReportMetric(at(1), "worst-µs")
		})
	}
}
