package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vestnik/documents"
)

// clauseWith is the id of the clause of a staged version that says words.
func (h *house) clauseWith(version int, tag, words string) string {
	h.t.Helper()
	v, err := h.library.Version(h.t.Context(), "privacy", version)
	must(h.t, err)
	text, _ := v.Text(tag)
	for _, c := range text.Clauses {
		if strings.Contains(c.Title, words) {
			return c.ID
		}
	}
	h.t.Fatalf("no clause of version %d says %q", version, words)
	return ""
}

type clauseHistory struct {
	Lang    string
	Missing []int
	Next    int
	States  []struct {
		Version, Before             int
		Kind, Number, Title         string
		Moved, Renumbered, Returned bool
		Text                        []string
		Redline                     *struct {
			Changes []struct{ Kind string }
		}
	}
}

func (c clauseHistory) short() (out []string) {
	for _, s := range c.States {
		line := fmt.Sprintf("%d/%d %s %s", s.Version, s.Before, s.Kind, s.Number)
		if s.Renumbered {
			line += " renumbered"
		}
		out = append(out, line)
	}
	return out
}

func TestClauseHistoryOverAPI(t *testing.T) {
	h := staged(t)
	id := h.clauseWith(1, "kk", "жоюды")
	var all, page clauseHistory
	h.remote("", "GET", "/documents/privacy/clauses/"+id+"?lang=kk", "").want(200, &all)
	if diff := cmp.Diff([]string{"3/2 changed 2.1. renumbered", "1/0 added 2.2."}, all.short()); diff != "" || all.Lang != "kk" || len(all.Missing) > 0 {
		t.Errorf("%s: %+v", diff, all)
	}
	if s := all.States[0]; s.Redline == nil || len(s.Redline.Changes) != 1 || !strings.Contains(strings.Join(s.Text, ""), "15 жұмыс күні") {
		t.Errorf("%+v", s)
	}
	h.remote("", "GET", "/documents/privacy/clauses/"+id+"?limit=1", "").want(200, &page)
	if page.Lang != "ru" || page.Next != 3 || len(page.States) != 1 {
		t.Errorf("%+v", page)
	}
	page = clauseHistory{}
	h.remote("", "GET", "/documents/privacy/clauses/"+id+"?limit=1&before=3", "").want(200, &page)
	if page.Next != 0 || len(page.States) != 1 || page.States[0].Version != 1 {
		t.Errorf("%+v", page)
	}
	gone := clauseHistory{}
	h.remote("", "GET", "/documents/privacy/clauses/"+h.clauseWith(1, "en", "copy"), "").want(200, &gone)
	if diff := cmp.Diff([]string{"3/2 removed 2.1.", "1/0 added 2.1."}, gone.short()); diff != "" || len(gone.States[0].Text) > 0 {
		t.Errorf("%s: %+v", diff, gone)
	}
	for _, path := range []string{"/documents/none/clauses/" + id, "/documents/privacy/clauses/c-aaaaaaaa", "/documents/privacy/clauses/" + id + "?lang=de"} {
		h.remote("", "GET", path, "").refused(404, "not-found")
	}
	h.remote("", "GET", "/documents/privacy/clauses/"+id+"?limit=101", "").refused(422, "malformed")
}

func TestHistoryBesideTheRedline(t *testing.T) {
	h := staged(t)
	type comparison struct {
		Summary struct{ Changed int }
		History *struct {
			Versions []int
			Clauses  []struct {
				Number  string
				Undone  bool
				Changes []struct {
					Version int
					Kind    string
				}
			}
		}
	}
	var near, far comparison
	h.remote("", "GET", "/documents/privacy/compare/1...2", "").want(200, &near)
	h.remote("", "GET", "/documents/privacy/compare/1...3?lang=en", "").want(200, &far)
	if near.History != nil || far.History == nil || far.Summary.Changed != 1 || len(far.History.Clauses) != 3 {
		t.Fatalf("%+v, %+v", near.History, far.History)
	}
	if c := far.History.Clauses[0]; c.Number != "1.2." || c.Undone || c.Changes[0].Version != 2 || c.Changes[0].Kind != "added" {
		t.Errorf("%+v", c)
	}
}

// A withheld text is in no history.
func TestWithheldIsInNoHistory(t *testing.T) {
	h := staged(t)
	id := h.clauseWith(1, "ru", "потребовать")
	_, err := h.library.Store.Append(t.Context(), documents.Batch{Expect: -1, Entries: []documents.Entry{{Event: documents.Event{Kind: documents.Withheld, Document: "privacy", Version: 1, Origin: h.library.LogOrigin()}}}})
	must(t, err)
	var got clauseHistory
	h.remote("", "GET", "/documents/privacy/clauses/"+id, "").want(200, &got)
	if diff := cmp.Diff([]string{"3/2 changed 2.1. renumbered", "2/0 added 2.2."}, got.short()); diff != "" || !cmp.Equal(got.Missing, []int{1}) {
		t.Errorf("%s: %+v", diff, got)
	}
}

// A clause's page tells its history, with links to what changed.
func TestClausePageTellsHistory(t *testing.T) {
	h := staged(t)
	_, err := h.library.Publish(t.Context(), documents.Publication{Document: "privacy", Draft: draftOf(2, documents.Notice, ""), Based: -1}, documents.Actor{Name: "local"})
	must(t, err)
	_, err = h.library.Withdraw(t.Context(), "privacy", 3, "Ошибка.", documents.Actor{Name: "local"})
	must(t, err)
	id := h.clauseWith(1, "ru", "потребовать")
	a := h.get("/privacy/ru/clause/"+id).want(200).has("под номером 2.2", "/privacy/ru/compare/2...3", "Изменено; Изменён номер", "Отозвана до вступления в силу", "Добавлено", "/privacy/ru/v/3#"+id).lacks("compare/1...2", "Без изменений", "?before=", "list}")
	checkHTML(t, "history", a.body)
	a = h.get("/privacy/kk/clause/"+h.clauseWith(1, "kk", "көшірмесін")).want(200).has("Алып тасталды", "/privacy/kk/compare/2...3", "Қосылды")
	checkHTML(t, "gone", a.body)
	h.get("/privacy/ru/clause/"+id+"?before=3").want(200).has("под номером 2.2", "/privacy/ru/v/1").lacks("compare/2...3")
	for _, path := range []string{"?before=x", "?before=0"} {
		h.get("/privacy/ru/clause/" + id + path).want(404)
	}
}

// Between versions that are far apart the page names what happened.
func TestComparePageTellsWhatHappened(t *testing.T) {
	h := staged(t)
	id := h.clauseWith(1, "en", "deleted")
	a := h.get("/privacy/en/compare/1...3").want(200).has("What happened between these versions", `<a href="/privacy/en/clause/`+id+`">Clause 2.1</a>`, `<a href="/privacy/en/compare/2...3">Version 3</a> (Changed; Renumbered)`)
	checkHTML(t, "since", a.body)
	h.get("/privacy/kk/compare/3...1").want(200).has("Осы редакциялар арасында не болды")
	h.get("/privacy/ru/compare/1...2").want(200).lacks("Что происходило")
}
