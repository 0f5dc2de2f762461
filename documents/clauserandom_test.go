package documents_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vestnik/documents"
	"vestnik/documents/redline"
)

// sayings are clauses that nobody takes for one another.
var sayings = []string{
	"Служба хранит имя и телефон пользователя.", "Записи поездок удаляются через один год.", "Жалобы рассматривает ответственное лицо.", "Plats och tid anges i bilagan.",
	"Деректер үшінші елдерге берілмейді.", "Қызмет өтінішке отыз күнде жауап береді.", "Children under sixteen need a parent's consent.", "Cookies can be refused in the browser.",
}

// edited is a text after random edits: clauses come, go, change places or words.
func edited(t *rapid.T, clauses []string) []string {
	out := slices.Clone(clauses)
	for range rapid.IntRange(0, 3).Draw(t, "edits") {
		at := rapid.IntRange(0, len(out)-1).Draw(t, "at")
		switch rapid.SampledFrom([]string{"go", "come", "swap", "change", "restore"}).Draw(t, "edit") {
		case "go":
			if len(out) > 2 {
				out = slices.Delete(out, at, at+1)
			}
		case "come":
			if one := rapid.SampledFrom(sayings).Draw(t, "saying"); !slices.ContainsFunc(out, func(s string) bool { return strings.HasPrefix(s, one[:12]) }) {
				out = slices.Insert(out, at, one)
			}
		case "swap":
			other := rapid.IntRange(0, len(out)-1).Draw(t, "other")
			out[at], out[other] = out[other], out[at]
		case "change":
			out[at] = strings.Replace(out[at], ".", " и ещё 7 дней.", 1)
		case "restore":
			out[at], _, _ = strings.Cut(out[at], " и ещё")
			out[at] = strings.TrimSuffix(out[at], ".") + "."
		}
	}
	return out
}

func numbered(clauses []string) string {
	var b strings.Builder
	for i, c := range clauses {
		fmt.Fprintf(&b, "%d. %s\n\n", i+1, c)
	}
	return b.String()
}

// What the history of each clause says is what lies in the texts, and what is said
// of all clauses since a version is what their histories say.
func TestHistoriesAgreeWithTheTexts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rules := alone()
		l := library(t, &rules)
		h := documents.History{Document: "privacy", Prevailing: "ru"}
		clauses := slices.Clone(sayings[:5])
		for n := range 5 {
			if n > 0 {
				clauses = edited(rt, clauses)
			}
			h.Versions = append(h.Versions, documents.ImportedVersion{Effective: fmt.Sprintf("202%d-01-01", n), Texts: []documents.DraftText{{Lang: "ru", Title: "Т", Source: numbered(clauses)}}})
		}
		if _, err := l.Import(t.Context(), h, staff); err != nil {
			rt.Fatal(err)
		}
		texts, ids := readAll(rt, t, l, len(h.Versions))
		for id := range ids {
			checkHistory(rt, t, l, id, texts)
		}
		for n := range texts {
			checkGone(rt, t, l, texts[:n+1], rapid.IntRange(0, 6).Draw(rt, "limit"))
		}
		a := rapid.IntRange(1, len(texts)-2).Draw(rt, "from")
		checkSince(rt, t, l, a, rapid.IntRange(a+2, len(texts)).Draw(rt, "to"), texts)
	})
}

// readAll returns for each version what its clauses say, by id.
func readAll(rt *rapid.T, t *testing.T, l *documents.Library, versions int) (texts []map[string]string, ids map[string]bool) {
	ids = map[string]bool{}
	for n := 1; n <= versions; n++ {
		v, err := l.Version(t.Context(), "privacy", n)
		if err != nil {
			rt.Fatal(err)
		}
		says := map[string]string{}
		lines := strings.Split(v.Texts[0].Source, "\n")
		for _, c := range v.Texts[0].Clauses {
			says[c.ID], ids[c.ID] = lines[c.First-1], true
		}
		texts = append(texts, says)
	}
	return texts, ids
}

// checkGone looks at what the last of texts has no more.
func checkGone(rt *rapid.T, t *testing.T, l *documents.Library, texts []map[string]string, limit int) {
	want := map[string][2]int{} // last, after
	for n, says := range texts {
		for id := range says {
			want[id] = [2]int{n + 1, n + 2}
		}
	}
	for id := range texts[len(texts)-1] {
		delete(want, id)
	}
	gone, more, err := l.Gone(t.Context(), "privacy", len(texts), "ru", limit)
	if err != nil || len(gone) != min(limit, len(want)) || len(gone)+more != len(want) {
		rt.Fatalf("version %d lacks %v, and %d more, not %v: %v", len(texts), gone, more, want, err)
	}
	for i, g := range gone {
		if want[g.ID] != [2]int{g.Last, g.After} || !strings.HasPrefix(texts[g.Last-1][g.ID], g.Number) || g.Number == "" {
			rt.Fatalf("version %d lacks %v, want %v", len(texts), g, want[g.ID])
		}
		if i > 0 && g.After > gone[i-1].After {
			rt.Fatalf("%v before %v", gone[i-1], g)
		}
	}
}

func checkHistory(rt *rapid.T, t *testing.T, l *documents.Library, id string, texts []map[string]string) {
	h, err := l.ClauseHistory(t.Context(), documents.ClauseQuery{Document: "privacy", Lang: "ru", ID: id, Before: 0, Limit: 100, Texts: true})
	if err != nil {
		rt.Fatal(err)
	}
	kinds := map[int]redline.Kind{}
	for _, s := range h.States {
		kinds[s.Standing.Number] = s.Kind
	}
	for n, now := range texts {
		was, had := "", false
		if n > 0 {
			was, had = texts[n-1][id], texts[n-1][id] != ""
		}
		is, has := now[id], now[id] != ""
		got := kinds[n+1]
		want := map[[2]bool]redline.Kind{{false, true}: redline.Added, {true, false}: redline.Removed}[[2]bool{had, has}]
		switch {
		case had != has && got != want, !had && !has && got != "":
			rt.Fatalf("%s in version %d is %q, want %q", id, n+1, got, want)
		case had && has && was == is && got != "" && got != redline.Moved:
			rt.Fatalf("%s in version %d is %q, and says what it said: %q", id, n+1, got, is)
		case had && has && was != is && got == "":
			rt.Fatalf("%s in version %d says %q, not %q, and nothing tells", id, n+1, is, was)
		}
	}
}

func checkSince(rt *rapid.T, t *testing.T, l *documents.Library, a, b int, texts []map[string]string) {
	s, err := l.Since(t.Context(), "privacy", a, b, "ru")
	if err != nil {
		rt.Fatal(err)
	}
	for _, c := range s.Clauses {
		var want []string
		for _, id := range idsIn(c) {
			h, err := l.ClauseHistory(t.Context(), documents.ClauseQuery{Document: "privacy", Lang: "ru", ID: id, Before: b + 1, Limit: 100, Texts: true})
			if err != nil {
				rt.Fatal(err)
			}
			for _, state := range h.States {
				if state.Standing.Number > a {
					want = append(want, fmt.Sprintf("%d %s", state.Standing.Number, told(state.ClauseChange)))
				}
			}
		}
		var got []string
		for _, step := range c.Steps {
			got = append(got, fmt.Sprintf("%d %s", step.Version, told(step.ClauseChange)))
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("%s since %d in %d: %s", c.Clause.ID, a, b, diff)
		}
		if was, is := texts[a-1][c.Clause.ID], texts[b-1][c.Clause.ID]; was != "" && is != "" && c.Undone && was != is {
			rt.Fatalf("%s says %q, not %q, and is called undone", c.Clause.ID, is, was)
		}
	}
}

// idsIn are the ids that a clause had in the steps: another one if it went and
// came back.
func idsIn(c documents.ClauseSince) (out []string) {
	for _, s := range c.Steps {
		if !slices.Contains(out, s.Clause.ID) {
			out = append(out, s.Clause.ID)
		}
	}
	return out
}
