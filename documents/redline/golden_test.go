package redline_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

var update = flag.Bool("update", false, "write the golden files anew; notes and reasons stay")

// golden is the redline of a pair of the corpus as people looked at it, without
// any of its text. A new one begins as a file with pair and why.
type golden struct {
	Pair    [2]string       `json:"pair"` // below the corpus
	Why     string          `json:"why"`  // what a good redline says
	Note    string          `json:"note,omitempty"`
	Summary redline.Summary `json:"summary"`
	Entries []goldenEntry   `json:"entries"` // other than same
}

// goldenEntry is an entry. Notes say where it is not yet what one would want.
type goldenEntry struct {
	Kind    redline.Kind `json:"kind"`
	Flags   []string     `json:"flags,omitempty"`
	Numbers [2]string    `json:"numbers"` // of the clauses, as written
	Old     *[2]int      `json:"old"`     // lines
	New     *[2]int      `json:"new"`
	Spans   string       `json:"spans,omitempty"` // = - + with letters and the first 8 bytes of SHA-256
	Details []string     `json:"details,omitempty"`
	Hints   []string     `json:"hints,omitempty"`
	Note    string       `json:"note,omitempty"`
}

func (e goldenEntry) place() string { return fmt.Sprint(lines(e.Old), lines(e.New)) }

func lines(of *[2]int) string {
	if of == nil {
		return "-"
	}
	return fmt.Sprint(*of)
}

// shapeOf is r as a golden file has it.
func shapeOf(r *redline.Redline, old, new *markdown.Text) (out []goldenEntry) {
	for _, e := range differing(r) {
		g := goldenEntry{Kind: e.Kind, Old: e.OldLines, New: e.NewLines, Flags: flagsOf(e), Numbers: [2]string{numberOf(old, e.OldBlocks), numberOf(new, e.NewBlocks)}}
		if e.Kind != redline.Reformatted {
			g.Spans = digests(e.Spans)
		}
		for _, d := range e.Details {
			g.Details = append(g.Details, d.What)
		}
		for _, h := range e.Hints {
			g.Hints = append(g.Hints, h.What)
		}
		out = append(out, g)
	}
	return out
}

func flagsOf(e redline.Entry) (out []string) {
	for name, set := range map[string]bool{"moved": e.Moved, "renumbered": e.Renum, "reformatted": e.Reform} {
		if set {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	if e.Split > 0 {
		out = append(out, fmt.Sprint("split ", e.Split))
	}
	if e.Joined > 0 {
		out = append(out, fmt.Sprint("joined ", e.Joined))
	}
	return out
}

func numberOf(t *markdown.Text, blocks []int) string {
	if len(blocks) == 0 || t.Blocks[blocks[0]].Clause < 0 {
		return ""
	}
	return t.Clauses[t.Blocks[blocks[0]].Clause].Number
}

func digests(spans []redline.Span) string {
	ops := map[string]string{"same": "=", "removed": "-", "added": "+"}
	var out []string
	for _, s := range spans {
		sum := sha256.Sum256([]byte(s.Text))
		out = append(out, fmt.Sprintf("%s%d:%x", ops[s.Op], utf8.RuneCountInString(s.Text), sum[:8]))
	}
	return strings.Join(out, " ")
}

// TestGolden compares each golden pair with its file.
func TestGolden(t *testing.T) {
	for _, file := range goldenFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			g := readGolden(t, file)
			old, new := corpusText(t, g.Pair[0]), corpusText(t, g.Pair[1])
			r := redline.Compare(old, new)
			got := golden{Pair: g.Pair, Why: g.Why, Note: g.Note, Summary: r.Summary, Entries: shapeOf(r, old, new)}
			lost := got.keepNotes(g)
			if *update {
				for _, note := range lost {
					t.Logf("a note has no entry any more: %s", note)
				}
				if err := os.WriteFile(file, got.json(t), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := differences(g.json(t), got.json(t)); d != "" {
				t.Errorf("%s\nlook at the page of the pair, then run with -update; in the file (-) and now (+):\n%s", g.Why, d)
			}
		})
	}
}

// keepNotes takes over what people wrote beside entries, and returns notes whose
// entry is gone.
func (g *golden) keepNotes(from golden) (lost []string) {
	at := map[string]*goldenEntry{}
	for i := range g.Entries {
		at[g.Entries[i].place()] = &g.Entries[i]
	}
	for _, e := range from.Entries {
		if e.Note == "" {
			continue
		}
		if here := at[e.place()]; here != nil {
			here.Note = e.Note
		} else {
			lost = append(lost, e.place()+": "+e.Note)
		}
	}
	return lost
}

// json writes one entry in a line.
func (g golden) json(t testing.TB) []byte {
	entries := g.Entries
	g.Entries = nil
	head := strings.TrimSuffix(string(encode(t, g)), `,"entries":null}`)
	var b bytes.Buffer
	for _, key := range []string{`"why"`, `"note"`, `"summary"`} {
		head = strings.Replace(head, ","+key, ",\n "+key, 1)
	}
	b.WriteString(head + ",\n \"entries\":[")
	for i, e := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n  ")
		b.Write(encode(t, e))
	}
	b.WriteString("\n ]}\n")
	return b.Bytes()
}

// differences lists the first lines that only one of two files has.
func differences(file, now []byte) string {
	a, b := strings.Split(string(file), "\n"), strings.Split(string(now), "\n")
	var out []string
	for _, side := range []struct {
		sign      string
		has, want []string
	}{{"-", b, a}, {"+", a, b}} {
		have := map[string]bool{}
		for _, line := range side.has {
			have[strings.TrimSuffix(line, ",")] = true
		}
		n := 0
		for _, line := range side.want {
			if line = strings.TrimSuffix(line, ","); !have[line] && n < 6 {
				n++
				out = append(out, side.sign+line)
			}
		}
	}
	if len(out) == 0 && !bytes.Equal(file, now) {
		return "the order of entries"
	}
	return strings.Join(out, "\n")
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

func goldenFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "golden", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readGolden(t testing.TB, file string) (g golden) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&g); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return g
}

// TestGoldenIsWide checks that the pairs are enough and of every document, that
// those which others described are among them, and that no file holds text.
func TestGoldenIsWide(t *testing.T) {
	seen, documents := map[[2]string]bool{}, map[string]bool{}
	for _, file := range goldenFiles(t) {
		g := readGolden(t, file)
		if seen[g.Pair] || g.Why == "" {
			t.Errorf("%s: twice, or without a reason", file)
		}
		seen[g.Pair], documents[filepath.Dir(g.Pair[0])] = true, true
		for _, e := range g.Entries {
			if max(len(e.Numbers[0]), len(e.Numbers[1])) > 40 {
				t.Errorf("%s: %v are no numbers", file, e.Numbers)
			}
		}
	}
	all := histories(t)
	if len(seen) < 60 || len(documents) < len(all) {
		t.Errorf("%d pairs of %d documents; want 60 of %d", len(seen), len(documents), len(all))
	}
	var open struct{ Pairs []struct{ Files [2]string } }
	b, err := os.ReadFile(filepath.Join(corpusDir(t), "pairs-open.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &open); err != nil {
		t.Fatal(err)
	}
	for _, p := range open.Pairs {
		if !seen[p.Files] {
			t.Errorf("%v is not golden", p.Files)
		}
	}
}
