package redline_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// corpusDir finds the histories that the tests read.
func corpusDir(t testing.TB) string {
	dir := os.Getenv("VESTNIK_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("there is no corpus: set VESTNIK_CORPUS to its folder")
	}
	return dir
}

func parse(t testing.TB, source string) *markdown.Text {
	t.Helper()
	text, err := markdown.Parse([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func parseFile(t testing.TB, name string) *markdown.Text {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(b))
}

// histories returns the files of each document of the corpus, in order.
func histories(t testing.TB) map[string][]string {
	files, err := filepath.Glob(filepath.Join(corpusDir(t), "*", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, f := range files {
		d := filepath.Base(filepath.Dir(f))
		out[d] = append(out[d], f)
	}
	for _, of := range out {
		slices.Sort(of)
	}
	return out
}

// TestCorpus checks every rule over every neighbouring pair, in both directions.
func TestCorpus(t *testing.T) {
	for document, files := range histories(t) {
		t.Run(document, func(t *testing.T) {
			step := 1
			if testing.Short() {
				step = 8
			}
			before := parseFile(t, files[0])
			for i := 1; i < len(files) && !t.Failed(); i += step {
				after := parseFile(t, files[i])
				check(t, before, after)
				if t.Failed() {
					t.Logf("%s to %s", files[i-1], files[i])
				}
				if step > 1 && i+step-1 < len(files) {
					before = parseFile(t, files[i+step-1])
				} else {
					before = after
				}
			}
			if r := check(t, before, before); !r.Equal() {
				t.Error("a text differs from itself")
			}
		})
	}
}

func corpusText(t testing.TB, name string) *markdown.Text {
	return parseFile(t, filepath.Join(corpusDir(t), filepath.FromSlash(name)))
}

// differing returns the entries that are not same.
func differing(r *redline.Redline) []redline.Entry {
	return slices.DeleteFunc(slices.Clone(r.Changes), func(e redline.Entry) bool { return e.Kind == redline.Same })
}

func spansOf(e redline.Entry, op string) string {
	var out []string
	for _, s := range e.Spans {
		if s.Op == op {
			out = append(out, strings.TrimSpace(s.Text))
		}
	}
	return strings.Join(out, "|")
}
