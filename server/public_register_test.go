package server_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/html"

	"vestnik/documents"
	"vestnik/server"
)

// rowsOf are the ids of the rows of a register, from above, joined.
func rowsOf(root *html.Node) string {
	var out []string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "tr" && attr(n, "id") != "" {
			out = append(out, attr(n, "id"))
		}
	}
	return strings.Join(out, " ")
}

// linked is where the link that says text leads, below the house.
func (h *house) linked(root *html.Node, text string) string {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && n.FirstChild != nil && n.FirstChild.Data == text {
			return attr(n, "href")
		}
	}
	return ""
}

// A register of two documents, with kinds of which this program knows all but one.
func registered(t *testing.T) *house {
	h := staged(t)
	by := documents.Actor{Name: "local"}
	_, err := h.library.Import(t.Context(), documents.History{Document: "terms", Prevailing: "kk", Zone: "Asia/Almaty", Titles: map[string]string{"kk": "Пайдалану шарттары"},
		Versions: []documents.ImportedVersion{{Number: 1, Texts: []documents.DraftText{{Lang: "kk", Source: "1. Бір.\n"}}}}}, by) // 4
	must(t, err)
	_, err = h.library.Withdraw(t.Context(), "privacy", 3, "Опубликовано по ошибке.", by) // 5
	must(t, err)
	for _, e := range []documents.Event{
		{Kind: "notarised", Document: "terms", Version: 1}, // 6
		{Kind: documents.Rerendered, Document: "privacy", Version: 1},
		{Kind: documents.Closed, Document: "privacy", Version: 2, Notice: 2, Figures: "due=1 accepted=1 failed=0 excluded=0 covered=0"},
	} {
		e.Origin = h.library.LogOrigin()
		_, err = h.library.Store.Append(t.Context(), documents.Batch{Expect: -1, Entries: []documents.Entry{{Event: e}}})
		must(t, err)
	}
	return h
}

func TestRegisterIsChosenFrom(t *testing.T) {
	h := registered(t)
	for path, want := range map[string]string{
		"/register":                                 "e8 e7 e6 e5 e4 e3 e2 e1",
		"/register?kind=published":                  "e3 e2",
		"/register?kind=other":                      "e6",
		"/register?kind=restored":                   "",
		"/register?document=terms":                  "e6 e4",
		"/register?document=terms&kind=imported":    "e4",
		"/register?document=privacy&before=3":       "e2 e1",
		"/register?document=&kind=":                 "e8 e7 e6 e5 e4 e3 e2 e1",
		"/register?before=4":                        "e3 e2 e1",
		"/register?before=999":                      "e8 e7 e6 e5 e4 e3 e2 e1",
		"/register?before=1":                        "",
		"/privacy/register?kind=withdrawn":          "e5",
		"/privacy/register?kind=other":              "",
		"/terms/register":                           "e6 e4",
		"/terms/register?document=privacy":          "e6 e4",
		"/privacy/register?kind=published&before=3": "e2",
	} {
		for _, tag := range []string{"kk", "ru", "en"} {
			a := h.get(path, "Accept-Language", tag).want(200)
			root := checkHTML(t, path, a.body)
			if got := rowsOf(root); got != want {
				t.Errorf("%s shows %q, not %q", path, got, want)
			}
			if none := sentences(t, tag)["register-none"][""]; strings.Contains(a.body, none) != (want == "") {
				t.Errorf("%s in %s: whether there are any", path, tag)
			}
			if chosen := strings.ContainsAny(path, "?") && !strings.HasSuffix(path, "=") && !strings.Contains(path, "?document=terms"); chosen && path != "/terms/register?document=privacy" && !strings.Contains(a.body, "noindex") {
				t.Errorf("%s is found by search", path)
			}
		}
	}
	for _, path := range []string{"/register?kind=x", "/register?document=nothing", "/register?before=0", "/privacy/register?before=-1", "/privacy/register?kind=%00"} {
		h.get(path).want(404)
	}
	h.get("/register?lang=kk").want(200).has("Оқиға: «notarised»", "Пайдалану шарттары", `<option value="other">Басқа оқиғалар`)
	h.get("/privacy/register?lang=ru").want(200).has("6 событий", `<select id="kind"`).lacks(`<select id="document"`)
	h.get("/terms/register?lang=ru").want(200).has("2 события").lacks("<select")
}

// The number of an event leads to a page that it heads for ever; pages lead to the
// next, and keep what was chosen.
func TestRegisterIsPaged(t *testing.T) {
	h := registered(t)
	batch := documents.Batch{Expect: -1}
	for i := range 205 {
		batch.Entries = append(batch.Entries, documents.Entry{Event: documents.Event{Kind: documents.Corrected, Document: "privacy", Version: 2, Origin: h.library.LogOrigin(), Notes: map[string]documents.Note{"ru": {What: fmt.Sprint(i)}}}})
	}
	_, err := h.library.Store.Append(t.Context(), batch)
	must(t, err)
	seen := 0
	for path, pages := "/register?lang=en&kind=corrected", 0; path != ""; pages++ {
		root := checkHTML(t, path, h.get(path).want(200).body)
		rows := strings.Fields(rowsOf(root))
		seen += len(rows)
		older := h.linked(root, "Earlier ones")
		if pages > 2 || len(rows) > 100 || older != "" && !strings.Contains(older, "kind=corrected") {
			t.Fatalf("page %d has %d rows and leads to %q", pages, len(rows), older)
		}
		path = older
	}
	if seen != 205 {
		t.Errorf("%d of 205 events are shown", seen)
	}
	for _, path := range []string{"/register?lang=en", "/privacy/register?lang=en"} {
		to := h.linked(checkHTML(t, path, h.get(path).want(200).body), "150")
		address, _, _ := strings.Cut(to, "#")
		root := checkHTML(t, to, h.get(address).want(200).body)
		if !strings.HasSuffix(to, "#e150") || !strings.HasPrefix(rowsOf(root), "e150 e149") {
			t.Errorf("the number leads to %s, which begins with %.20q", to, rowsOf(root))
		}
	}
}

// lostAudits has no answer to who published, while lost.
type lostAudits struct {
	documents.Store
	lost atomic.Bool
}

func (a *lostAudits) Audit(ctx context.Context, seq documents.Seq) (documents.PublicationAudit, error) {
	if a.lost.Load() {
		return documents.PublicationAudit{}, errors.New("the audit cannot be read")
	}
	return a.Store.Audit(ctx, seq)
}

// That one person published alone is promised to readers: a register that cannot
// tell is refused, and not kept.
func TestRegisterTellsWhoWasAlone(t *testing.T) {
	audits := &lostAudits{}
	h := staged(t, func(c *server.Config) { audits.Store, c.Library.Store = c.Library.Store, audits })
	path := "/privacy/register?before=100&lang=ru" // which is not made in advance
	audits.lost.Store(true)
	h.get(path).want(500)
	audits.lost.Store(false)
	h.get(path).want(200).has("Опубликовано одним")
}
