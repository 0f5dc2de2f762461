package redline_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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

// brief: a test leaves out what is long. Under the race detector all are brief: a
// comparison runs in one goroutine, and make runs this package without it too.
func brief() bool { return testing.Short() || raced }

// stride is how far apart the pairs of a history are that a test takes.
func stride() int {
	if brief() {
		return 8
	}
	return 1
}

// TestCorpus checks every rule over every neighbouring pair, in both directions.
func TestCorpus(t *testing.T) {
	for document, files := range histories(t) {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			step := stride()
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

// BenchmarkCorpus compares all neighbouring pairs, and says what one pair took:
// comparing alone, and with the parsing of both texts.
func BenchmarkCorpus(b *testing.B) {
	var compare, whole []time.Duration
	size := 0
	for b.Loop() {
		for _, files := range histories(b) {
			for i := 1; i < len(files); i++ {
				start := time.Now()
				old, new := parseFile(b, files[i-1]), parseFile(b, files[i])
				parsed := time.Now()
				redline.Compare(old, new)
				compare, whole = append(compare, time.Since(parsed)), append(whole, time.Since(start))
				size += len(old.Source) + len(new.Source)
			}
		}
	}
	percentiles(b, "compare", compare, size)
	percentiles(b, "whole", whole, size)
}

func percentiles(b *testing.B, what string, took []time.Duration, size int) {
	slices.Sort(took)
	var total time.Duration
	for _, d := range took {
		total += d
	}
	for _, q := range []struct {
		name string
		at   int
	}{{"median", len(took) / 2}, {"p99", len(took) * 99 / 100}, {"worst", len(took) - 1}} {
		b.ReportMetric(took[q.at].Seconds()*1000, "ms-"+what+"-"+q.name)
	}
	b.ReportMetric(float64(size)/1e6/total.Seconds(), "MB/s-"+what)
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
