package server_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"vestnik/documents"
)

// headings are the headings of a page at a level, from above.
func headings(root *html.Node, level string) (out []string) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == level {
			var b strings.Builder
			for text := range n.Descendants() {
				if text.Type == html.TextNode {
					b.WriteString(text.Data)
				}
			}
			out = append(out, strings.TrimSpace(b.String()))
		}
	}
	return out
}

// publishes makes a document in these languages; later says how many days after now
// its second version takes effect, 0 that it has none.
func (h *house) publishes(id string, titles map[string]string, later int) {
	h.t.Helper()
	by := documents.Actor{Name: "local"}
	_, err := h.library.Create(h.t.Context(), documents.Document{ID: id, Prevailing: "ru", Titles: titles}, by)
	must(h.t, err)
	effective := []string{"now"}
	if later > 0 {
		effective = append(effective, time.Now().AddDate(0, 0, later).UTC().Format(time.RFC3339))
	}
	for i, at := range effective {
		d := &documents.Draft{Document: id, Effective: at, Change: documents.Change{Class: documents.Editorial, Reason: "Правка."}}
		for tag := range titles {
			d.Texts = append(d.Texts, documents.DraftText{Lang: tag, Source: fmt.Sprintf("1. %d.\n", i)})
		}
		_, err := h.library.Publish(h.t.Context(), documents.Publication{Document: id, Draft: d, Based: -1}, by)
		must(h.t, err)
	}
	h.server.Changed()
}

// The front page of no document, of one, of three, in order of their names.
func TestFrontPageOfFew(t *testing.T) {
	h := newHouse(t, withTree(t))
	for tag, empty := range map[string]string{"ru": "Здесь пока", "kk": "Мұнда әзірге", "en": "No document"} {
		a := h.get("/", "Accept-Language", tag).want(200).lacks("<form", `class="cards"`)
		checkHTML(t, "no document", a.body)
		if words := sentences(t, tag)["index-empty"][""]; !strings.Contains(a.body, words) {
			t.Errorf("%s does not say %q (%s)", tag, words, empty)
		}
	}
	h.publishes("c", map[string]string{"ru": "Ярмарка", "kk": "Әлем"}, 0)
	a := h.get("/?lang=en").want(200).has("There is no text in English.", `lang="ru" dir="ltr">Ярмарка</a>`).lacks("<form")
	checkHTML(t, "one document", a.body)
	h.get("/?lang=kk").want(200).lacks("Қазақ тіліндегі мәтіні жоқ")
	h.publishes("a", map[string]string{"ru": "Ёлки", "kk": "Құпиялылық"}, 0)
	h.publishes("b", map[string]string{"ru": "Елена"}, 3)
	for tag, want := range map[string]string{"ru": "Елена Ёлки Ярмарка", "kk": "Әлем Елена Құпиялылық"} {
		root := checkHTML(t, "three", h.get("/?lang="+tag).want(200).lacks("<form").body)
		if got := strings.Join(headings(root, "h2"), " "); got != want {
			t.Errorf("the documents in %s are %s, not %s", tag, got, want)
		}
	}
	h.get("/?lang=kk").want(200).has("Қазақ тіліндегі мәтіні жоқ.", "3 күннен кейін")
}

// Forty documents are grouped, what will change first, and can be searched in any of
// their languages, without a script.
func TestFrontPageOfMany(t *testing.T) {
	h := newHouse(t, withTree(t))
	for i := range 40 {
		later := 0
		if i%10 == 0 {
			later = 50 - i
		}
		h.publishes(fmt.Sprintf("doc-%d", i), map[string]string{"ru": fmt.Sprintf("Правила %d", 100+i), "kk": fmt.Sprintf("Қағидалар %d", 100+i)}, later)
	}
	a := h.get("/?lang=kk").want(200).lacks("noindex", `class="row"`)
	root := checkHTML(t, "forty", a.body)
	if got := strings.Join(headings(root, "h2"), ", "); got != "Жақында өзгереді, Қалған құжаттар" {
		t.Errorf("the groups are %s", got)
	}
	if got := headings(root, "h3"); len(got) != 40 || strings.Join(got[:5], ", ") != "Қағидалар 130, Қағидалар 120, Қағидалар 110, Қағидалар 100, Қағидалар 101" {
		t.Errorf("%d documents, first %q", len(got), got[:min(5, len(got))])
	}
	for q, n := range map[string]int{"ПРАВИЛА 11": 10, "кагидалар 139": 1, "doc-3": 11, "нет такого": 0, "<script>": 0, "правила": 40} {
		a := h.get("/?lang=kk&q="+url.QueryEscape(q)).want(200).has("noindex", fmt.Sprintf("%d құжат табылды.", n), `href="/?lang=kk"`).lacks("<script>")
		root := checkHTML(t, q, a.body)
		if got := len(headings(root, "h3")) + len(headings(root, "h2")); n <= 12 && got != n || n == 40 && got != 42 {
			t.Errorf("%q finds %d, not %d", q, got, n)
		}
	}
	h.get("/?lang=ru&q=112").want(200).has("Найден 1 документ.")
	h.get("/?q=113", "Accept-Language", "kk").want(200).has(`<html lang="kk"`)
}

// A search is answered as its page is: by language where the address has none, and
// with the scripts of that page alone.
func TestSearchIsAnsweredAsItsPage(t *testing.T) {
	h := staged(t)
	for path, scripted := range map[string]bool{"/": false, "/privacy/ru": true} {
		whole, search := h.get(path).want(200), h.get(path+"?q=a").want(200)
		if scripted != strings.Contains(search.body, "<script src=") {
			t.Errorf("%s: with a script: %t", path, !scripted)
		}
		for _, name := range []string{"Vary", "Content-Security-Policy"} {
			if a, b := whole.header.Values(name), search.header.Values(name); !slices.Equal(a, b) {
				t.Errorf("%s: %s is %q of the page and %q of a search", path, name, a, b)
			}
		}
	}
}
