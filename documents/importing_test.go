package documents_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
)

func history(dates ...string) documents.History {
	h := documents.History{Document: "terms"}
	for i, date := range dates {
		h.Versions = append(h.Versions, documents.ImportedVersion{
			Effective: date, Published: "2019-12-20", Class: documents.Notice, Reason: "Order 12.",
			Texts: []documents.DraftText{{Lang: "ru", Source: "# Условия\n\n1. Общее.\n\n" + strings.Repeat("2. Ещё один пункт.\n\n", i)}},
		})
	}
	return h
}

func TestImport(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	events, err := l.Import(t.Context(), history("2020-01-01", "2021-01-01T12:00:00+05:00", ""), staff)
	if err != nil || len(events) != 3 || events[0].Kind != documents.Imported {
		t.Fatalf("%v, %v", events, err)
	}
	d, err := l.Document(t.Context(), "terms")
	if err != nil || d.Titles["ru"] != "Условия" || d.Prevailing != "ru" {
		t.Errorf("%+v, %v", d, err)
	}
	line, err := l.Timeline(t.Context(), "terms", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   string
		want int
	}{{"2019-12-31T17:59:59Z", 0}, {"2019-12-31T18:00:00Z", 1}, {"2021-01-01T06:59:59Z", 1}, {"2021-01-01T07:00:00Z", 2}} {
		at, _ := time.Parse(time.RFC3339, c.at)
		if got, _ := line.InForce(at); got.Number != c.want {
			t.Errorf("at %s: version %d, want %d", c.at, got.Number, c.want)
		}
	}
	if got, _ := line.InForce(events[2].Time); got.Number != 3 || got.Effective.Date != "" || got.Stated != "2019-12-20" {
		t.Errorf("the undated one: %+v", got)
	}
	if first, err := l.Version(t.Context(), "terms", 1); err != nil || !first.Imported || first.Change.Class != documents.Notice || first.Stated != "2019-12-20" {
		t.Errorf("%+v, %v", first, err)
	}
	faults, err := l.Check(t.Context(), nil)
	if err != nil || len(faults) > 0 {
		t.Errorf("%q, %v", faults, err)
	}

	more, err := l.Import(t.Context(), history("2030-01-01"), staff)
	if err != nil || more[0].Version != 4 {
		t.Errorf("more of the history: %v, %v", more, err)
	}
}

func TestImportRefuses(t *testing.T) {
	now := time.Now()
	day := func(days int) string { return now.AddDate(0, 0, days).Format(time.DateOnly) }
	for _, c := range []struct {
		name, want string
		history    documents.History
		change     func(*documents.History)
	}{
		{"dates that go back, both passed", "<nil>", history("2021-01-01", "2020-01-01"), nil},
		{"nothing", documents.CodeImportEmpty, history(), nil},
		{"a gap", documents.CodeImportNumber, history("", ""), func(h *documents.History) { h.Versions[1].Number = 3 }},
		{"before an upcoming one", documents.CodeOrder, history(day(30), day(20)), nil},
		{"undated before dated", documents.CodeImportUndated, history("", "2021-01-01"), nil},
		{"a date that is none", documents.CodeDate, history("2021-13-01"), nil},
		{"a publication that is none", documents.CodeDate, history("2021-01-01"), func(h *documents.History) { h.Versions[0].Published = "May" }},
		{"a class that is none", documents.CodeClass, history("2021-01-01"), func(h *documents.History) { h.Versions[0].Class = "minor" }},
		{"consent, long ago", "<nil>", history("2021-01-01"), func(h *documents.History) { h.Versions[0].Class = documents.Consent }},
		{"no class", "<nil>", history("2021-01-01"), func(h *documents.History) { h.Versions[0].Class = "" }},
		{"a zone that is none", documents.CodeZone, history("2021-01-01"), func(h *documents.History) { h.Zone = "Local" }},
		{"without the prevailing language", documents.CodeImportPrevail, history("2021-01-01", "2022-01-01"), func(h *documents.History) { h.Versions[1].Texts[0].Lang = "kk" }},
		{"a reserved name", documents.CodeReserved, history("2021-01-01"), func(h *documents.History) { h.Document = "log" }},
		{"the last text empty", documents.CodeEmpty, history("2021-01-01", "2022-01-01"), func(h *documents.History) { h.Versions[1].Texts[0].Source = "" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rules := alone()
			l := library(t, &rules)
			if c.change != nil {
				c.change(&c.history)
			}
			_, err := l.Import(t.Context(), c.history, staff)
			if got := code(err); got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			if _, err := l.Document(t.Context(), c.history.Document); (c.want != "<nil>") != errors.Is(err, documents.ErrNotFound) {
				t.Errorf("all or nothing: %v", err)
			}
		})
	}
}

func TestImportAfterPublication(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	publish(t, l, draft("Первый."))
	h := history("2021-01-01")
	h.Document = "privacy"
	if _, err := l.Import(t.Context(), h, staff); code(err) != documents.CodeImportPublished {
		t.Errorf("got %v", err)
	}
}

func TestImportKey(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	h := history("2021-01-01", "2022-01-01")
	h.Key = "k"
	for range 2 {
		events, err := l.Import(t.Context(), h, staff)
		if err != nil || len(events) != 2 || events[1].Seq != 2 {
			t.Fatalf("%v, %v", events, err)
		}
	}
}

// A published version after imported ones is not the first: users are told.
func TestPublishAfterImport(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	if _, err := l.Import(t.Context(), history("2021-01-01"), staff); err != nil {
		t.Fatal(err)
	}
	d := &documents.Draft{Document: "terms", Texts: history("").Versions[0].Texts, Change: documents.Change{Class: documents.Notice, Notes: map[string]documents.Note{"ru": {What: "a"}}}}
	if e := publish(t, l, d); e.Version != 2 || e.Effective.Instant.Before(e.Time.AddDate(0, 0, 30)) {
		t.Errorf("got %+v", e)
	}
}

func TestReopen(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	if _, err := l.Import(t.Context(), history("2020-01-01", ""), staff); err != nil {
		t.Fatal(err)
	}
	before, err := l.Version(t.Context(), "terms", 1)
	if err != nil {
		t.Fatal(err)
	}
	d := &documents.Draft{Document: "terms", Texts: history("").Versions[0].Texts, Change: documents.Change{Class: documents.Editorial, Reason: "a"}}
	publish(t, l, d)
	privacy(t, l)
	publish(t, l, draft("Первый."))

	events, err := l.Reopen(t.Context(), "policies.example.kz/lasting", staff)
	if err != nil || len(events) != 2 || events[0].Seq != 1 || events[1].Effective.Instant != events[1].Time {
		t.Fatalf("%v, %v", events, err)
	}
	after, err := l.Version(t.Context(), "terms", 1)
	if err != nil {
		t.Fatal(err)
	}
	if after.Texts[0].Source != before.Texts[0].Source || after.Texts[0].Clauses[0].ID != before.Texts[0].Clauses[0].ID || after.Effective != before.Effective {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if e := publish(t, l, draft("Второй.")); e.Seq != 3 || e.Version != 1 || e.Origin != "policies.example.kz/lasting" {
		t.Errorf("got %+v", e)
	}
	if faults, err := l.Check(t.Context(), nil); err != nil || len(faults) > 0 {
		t.Errorf("%q, %v", faults, err)
	}
}

// corpus is the folder of real policy histories.
func corpus(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("VESTNIK_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err != nil {
		t.Skip("the corpus is not here: set VESTNIK_CORPUS to its folder")
	}
	return dir
}

// Real histories move in whole, their clauses keep ids, and two runs agree.
func TestImportCorpus(t *testing.T) {
	dir := corpus(t)
	var manifest struct {
		Documents []struct {
			ID, Language string
			Versions     []struct {
				File string
				Date string `json:"author_date"`
			}
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &manifest); err != nil {
		t.Fatal(err)
	}
	for _, d := range manifest.Documents {
		t.Run(d.ID, func(t *testing.T) {
			t.Parallel()
			h := documents.History{Document: d.ID}
			for _, v := range d.Versions {
				source, err := os.ReadFile(filepath.Join(dir, d.ID, v.File))
				if err != nil {
					t.Fatal(err)
				}
				h.Versions = append(h.Versions, documents.ImportedVersion{Effective: v.Date, Texts: []documents.DraftText{{Lang: d.Language, Source: string(source)}}})
			}
			var digests [2][]documents.Digest
			for run := range digests {
				rules := alone()
				l := library(t, &rules)
				events, err := l.Import(t.Context(), h, staff)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range events {
					digests[run] = append(digests[run], e.Texts[0].Clauses)
				}
				if faults, err := l.Check(t.Context(), nil); err != nil || len(faults) > 0 {
					t.Errorf("%q, %v", faults, err)
				}
				if run == 0 {
					kept, all := survival(t, l, d.ID, len(events))
					t.Logf("%d versions, %d of %d clauses keep their id", len(events), kept, all)
					if kept*10 < all*7 {
						t.Errorf("only %d of %d clauses keep their id to the next version", kept, all)
					}
				}
			}
			for i := range digests[0] {
				if digests[0][i] != digests[1][i] {
					t.Fatalf("version %d: two runs minted different ids", i+1)
				}
			}
		})
	}
}

// survival counts the clauses, of every version but the last, whose id the next
// one has too. It fails if a version has an id twice, or one that was gone
// returns.
func survival(t *testing.T, l *documents.Library, document string, versions int) (kept, all int) {
	t.Helper()
	last, gone := map[string]bool{}, map[string]bool{}
	for n := 1; n <= versions; n++ {
		v, err := l.Version(t.Context(), document, n)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, c := range v.Texts[0].Clauses {
			if ids[c.ID] || gone[c.ID] {
				t.Errorf("version %d: %s is there twice or returns", n, c.ID)
			}
			if ids[c.ID] = true; last[c.ID] {
				kept++
			}
		}
		all += len(last)
		for id := range last {
			gone[id] = gone[id] || !ids[id]
		}
		last = ids
	}
	return kept, all
}

// A document that is made from its first text is called what that text calls
// itself; a line that may be a sentence, or is a clause, is no name.
func TestImportNamesTheDocument(t *testing.T) {
	for source, want := range map[string]string{
		"---\ntitle: Из шапки\n---\n\nСтрока\n": "Из шапки",
		"Строка\n\n# Заголовок\n":               "Заголовок",
		"\n\nПолитика «Ромашки»\n\n1. Данные\n": "Политика «Ромашки»",
		"<!-- x -->\n\n## Условия\n\nТекст.\n":  "Условия",
		"Мы храним ваш адрес.\n\n1. Данные\n":   "terms",
		"Мы храним:\n\n- адрес\n":               "terms",
		"1. Данные\n\n1.1. Адрес\n":             "terms",
		"## 1. Данные\n\nАдрес\n":               "terms",
		"- адрес\n":                             "terms",
		"Политика\nв двух строках\n\n1. Раз\n":  "terms",
		strings.Repeat("слово ", 40) + "\n":     "terms",
	} {
		rules := alone()
		l := library(t, &rules)
		h := history("2020-01-01")
		h.Versions[0].Texts[0].Source = source
		if _, err := l.Import(t.Context(), h, staff); err != nil {
			t.Fatal(err)
		}
		d, err := l.Document(t.Context(), "terms")
		if err != nil || d.Titles["ru"] != want {
			t.Errorf("%q: the document is called %q, want %q (%v)", source, d.Titles["ru"], want, err)
		}
		if v, err := l.Version(t.Context(), "terms", 1); err != nil || v.Texts[0].Title != want {
			t.Errorf("%q: the version is called %q, want %q (%v)", source, v.Texts[0].Title, want, err)
		}
	}
}
