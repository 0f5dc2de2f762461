package sample_test

import (
	"encoding/csv"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vestnik/cmd/vestnik/sample"
	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

var languages = []string{"ru", "kk", "en"}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := sample.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var numbers = regexp.MustCompile(`(?m)^\d+\.(?:\d+\.)* `)

// TestLanguagesCorrespond holds the texts of a version against each other: the
// same clauses, list items and table rows in the same order.
func TestLanguagesCorrespond(t *testing.T) {
	shape := regexp.MustCompile(`(?m)^(\d[\d.]* |- |\| |# |> )`)
	for _, version := range []string{"0001", "0002"} {
		want := shape.FindAllString(read(t, version+".ru.md"), -1)
		for _, lang := range languages[1:] {
			if got := shape.FindAllString(read(t, version+"."+lang+".md"), -1); !slices.Equal(got, want) {
				t.Errorf("%s.%s: %q, in Russian %q", version, lang, got, want)
			}
		}
	}
}

// TestWhatChanges is the story that the note tells.
func TestWhatChanges(t *testing.T) {
	for _, lang := range languages {
		old, new := read(t, "0001."+lang+".md"), read(t, "0002."+lang+".md")
		if a, b := len(numbers.FindAllString(old, -1)), len(numbers.FindAllString(new, -1)); b != a+1 {
			t.Errorf("%s: %d clauses, then %d; want one more", lang, a, b)
		}
		if a, b := strings.Count(old, "\n| "), strings.Count(new, "\n| "); b != a+1 {
			t.Errorf("%s: %d table rows, then %d; want one more", lang, a, b)
		}
		note := strings.Split(read(t, "note."+lang+".txt"), "\n---\n")
		if len(note) != 4 {
			t.Fatalf("%s: a note of %d parts", lang, len(note))
		}
		for i, slot := range note {
			if n := utf8.RuneCountInString(slot); n == 0 || n > 2000 {
				t.Errorf("%s: part %d of the note has %d characters", lang, i+1, n)
			}
		}
		for _, clause := range []string{"3.4", "4.2", "4.3", "3.6"} {
			if !strings.Contains(note[0], clause) || !strings.Contains(new, clause) {
				t.Errorf("%s: the note does not name clause %s", lang, clause)
			}
		}
	}
	if reason := read(t, "reason.txt"); len(reason) < 20 || strings.Count(reason, "\n") != 1 {
		t.Errorf("reason: %q", reason)
	}
}

// TestRedline is what readers of the demo see, the same in each language: a longer
// period; a clause, a list item and a table row more; two clauses and a reference
// with new numbers.
func TestRedline(t *testing.T) {
	parse := func(name string) *markdown.Text {
		text, err := markdown.Parse([]byte(read(t, name)))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, lang := range languages {
		old, new := parse("0001."+lang+".md"), parse("0002."+lang+".md")
		got := redline.Compare(old, new).Summary
		if want := (redline.Summary{Same: len(old.Blocks) - 4, Changed: 1, Added: 3, Renumbered: 3}); got != want {
			t.Errorf("%s: %+v, want %+v", lang, got, want)
		}
	}
}

// TestNobodyIsReal allows only addresses that RFC 2606 sets aside, and
// example.kz, which is written on every page of the sample.
func TestNobodyIsReal(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(read(t, "recipients.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	ids, spoken, shared := map[string]bool{}, map[string]int{}, map[string]int{}
	for _, row := range rows[1:] {
		ids[row[0]] = true
		shared[row[1]]++
		spoken[row[2]]++
		_, err := mail.ParseAddress(row[1])
		_, domain, _ := strings.Cut(row[1], "@")
		if err != nil || !slices.Contains([]string{"example.kz", "example.com", "example.org"}, domain) {
			t.Errorf("address %q: %v", row[1], err)
		}
		if at, err := time.Parse(time.RFC3339, row[4]); err != nil || at.Year() > 2025 {
			t.Errorf("%s: registered %s, %v", row[0], row[4], err)
		}
	}
	if len(rows) != 13 || len(ids) != 12 || len(shared) != 11 {
		t.Errorf("%d rows, %d ids, %d addresses", len(rows), len(ids), len(shared))
	}
	for _, lang := range []string{"ru", "kk", "en", ""} {
		if spoken[lang] == 0 {
			t.Errorf("nobody with language %q", lang)
		}
	}
}
