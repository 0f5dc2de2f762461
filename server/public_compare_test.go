package server_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vestnik/documents"
)

func TestComparePage(t *testing.T) {
	h := staged(t)
	page := h.get("/privacy/ru/compare/2...3").want(200).has("<del>", "<ins>", `class="text redline redline-list"`, "Версия 2", "Версия 3", "исключ",
		`<strong aria-current="true">Список изменений</strong>`, "Каждый изменённый пункт", "Изменён 1 пункт", `<a href="#change-1">`, "tag ").lacks("Тексты совпадают")
	checkHTML(t, "list", page.body)
	for _, view := range []string{"list", "inline", "side"} {
		other := h.get("/privacy/ru/compare/2...3?view=" + view).want(200).has("redline-" + view + `"`)
		checkHTML(t, view, other.body)
		if cut(page.body) != cut(other.body) {
			t.Errorf("%s differs from the list in more than its class", view)
		}
	}
	if other := h.get("/privacy/ru/compare/2...3?view=none").want(200); other.body != page.body {
		t.Error("a view that there is not is another page")
	}
	a := h.get("/privacy/ru/compare?from=1&to=3&view=list").want(303)
	if a.header.Get("Location") != "/privacy/ru/compare/1...3" {
		t.Errorf("the form leads to %s", a.header.Get("Location"))
	}
	a = h.get("/privacy/ru/compare?from=1&to=3&view=side").want(303)
	if a.header.Get("Location") != "/privacy/ru/compare/1...3?view=side" {
		t.Errorf("the form leads to %s", a.header.Get("Location"))
	}
}

var viewed = regexp.MustCompile(`\?(view=\w+&amp;)?unfold`)

// cut is the redline, with addresses as from the list.
func cut(body string) string {
	_, after, _ := strings.Cut(body, `class="text redline redline-`)
	_, after, _ = strings.Cut(after, ">")
	after, _, _ = strings.Cut(after, "<section class=\"foot-facts")
	return viewed.ReplaceAllString(after, "?unfold")
}

// The choice of a view goes with the reader: to other languages, versions and pieces.
func TestViewTravels(t *testing.T) {
	h := staged(t)
	h.get("/privacy/ru/compare/1...3?view=side").want(200).has(
		`href="/privacy/kk/compare/1...3?view=side"`, `href="/privacy/ru/compare/3...1?view=side">Поменять местами`, `name="view" value="side"`, `?view=side&amp;unfold=`)
	h.get("/privacy/ru/compare/1...3").want(200).has(`href="/privacy/kk/compare/1...3"`, `href="/privacy/ru/compare/3...1">Поменять`).lacks(`name="view"`, "?view=list")
}

// What there is to say about a pair of versions is said in words.
func TestCompareSays(t *testing.T) {
	h := staged(t)
	by := documents.Actor{Name: "local"}
	h.get("/privacy/ru/compare/2...2").want(200).has("одна и та же редакция").lacks("Поменять местами", "Keys", "format=docx", `class="steps`)
	h.get("/privacy/en/compare/3...1").want(200).has("reverse order").lacks("last told of")
	h.get("/privacy/kk/compare/1...3").want(200).has(`id="told">Сізге хабарланған`, "Әлі күшіне енген жоқ")
	_, err := h.library.Withdraw(t.Context(), "privacy", 3, "Опубликовано по ошибке.", by)
	must(t, err)
	h.get("/privacy/ru/compare/1...3").want(200).has("Отозван")
	_, err = h.library.Import(t.Context(), documents.History{Document: "terms", Prevailing: "ru", Zone: "Asia/Almaty", Titles: map[string]string{"ru": "Условия"},
		Versions: []documents.ImportedVersion{{Number: 1, Texts: []documents.DraftText{{Lang: "ru", Source: "1. Раз.\n\n2. Два.\n"}}}}}, by)
	must(t, err)
	checkHTML(t, "one", h.get("/terms/ru/compare/1...1").want(200).has("единственная редакция").body)
	_, err = h.library.Store.Append(t.Context(), documents.Batch{Expect: -1, Entries: []documents.Entry{{Event: documents.Event{Kind: documents.Withheld, Document: "privacy", Version: 1, Origin: h.library.LogOrigin()}}}})
	must(t, err)
	for _, view := range []string{"", "?view=side"} {
		a := h.get("/privacy/en/compare/1...2"+view).want(200).has("cannot be compared here", "tag past").lacks(`class="text redline`)
		checkHTML(t, "withheld", a.body)
	}
	h.get("/privacy/en/compare/1...2?format=docx").want(404)
	h.get("/privacy/en/compare/1...2/piece/1").want(404)
}

// many is a history of versions of a text of clauses, in each of which another
// clause changed.
func many(versions, clauses int) documents.History {
	h := documents.History{Document: "rules", Prevailing: "en", Zone: "Asia/Almaty", Titles: map[string]string{"en": "Rules"}}
	for n := range versions {
		var b strings.Builder
		for i := range clauses {
			word := "thirty"
			if n > 0 && i%versions <= n {
				word = "forty"
			}
			fmt.Fprintf(&b, "%d. The company keeps data of kind %d.\n\nThe term for kind %d is %s days after the contract has ended.\n\n", i+1, i, i, word)
		}
		h.Versions = append(h.Versions, documents.ImportedVersion{Number: n + 1, Effective: fmt.Sprintf("%d-01-02", 1900+n), Texts: []documents.DraftText{{Lang: "en", Source: b.String()}}})
	}
	return h
}

var pieceOf = regexp.MustCompile(`id="piece-(\d+)"><p class="rl-count"[^>]*><a href="([^"]+)" rel="nofollow" aria-expanded="(\w+)"`)

// Unchanged text is not in the page; it comes alone, and where it was without
// script, and folds again.
func TestPiecesOfPage(t *testing.T) {
	h := newHouse(t, withTree(t))
	_, err := h.library.Import(t.Context(), many(9, 90), documents.Actor{Name: "local"})
	must(t, err)
	at := "/rules/en/compare/1...2"
	page := h.get(at + "?view=inline").want(200).lacks("of kind 44.").has(`/rules/en/compare/1...2?view=inline&amp;unfold=all`)
	all := pieceOf.FindAllStringSubmatch(page.body, -1)
	i := slices.IndexFunc(all, func(m []string) bool {
		n := h.get(at + "/piece/" + m[1]).want(200)
		return strings.Contains(n.body, "of kind 44.")
	})
	if i < 0 {
		t.Fatal("no piece has what is missing")
	}
	piece := h.get(at+"/piece/"+all[i][1]).lacks("<html", "<script").has("rl-cell")
	if piece.header.Get("Cache-Control") != "no-cache" || piece.header.Get("ETag") == "" || piece.header.Get("X-Robots-Tag") != "noindex" || !strings.HasPrefix(piece.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("header %v", piece.header)
	}
	href := strings.ReplaceAll(all[i][2], "&amp;", "&")
	open := h.get(strings.Split(href, "#")[0]).want(200).has(piece.body).lacks("of kind 77.")
	checkHTML(t, "open", open.body)
	if again := pieceOf.FindAllStringSubmatch(open.body, -1); again[i][3] != "true" || strings.Contains(again[i][2], "unfold") || !strings.Contains(again[i-1][2], ","+all[i][1]+"#") {
		t.Errorf("an open piece leads to %s, its neighbour to %s", again[i][2], again[i-1][2])
	}
	h.get(at+"?view=inline&unfold=all").want(200).has("of kind 44.", "of kind 77.", "Fold unchanged text")
	for _, bad := range []string{"/piece/0", "/piece/9999", "/piece/x", "/piece/01"} {
		h.get(at + bad).want(404)
	}
	h.get(at + "?unfold=%22%3E%3Cscript,99999,-1,all").want(200).lacks(`"><script,`)
}

// What is too much is bounded, and says so.
func TestCompareTooMuch(t *testing.T) {
	h := newHouse(t, withTree(t))
	_, err := h.library.Import(t.Context(), many(2, 999), documents.Actor{Name: "local"})
	must(t, err)
	page := h.get("/rules/en/compare/1...2").want(200).has("999 changes, by clause", "And 959 more changes further down", ">and ").lacks("kind 998 is")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprint(z, page.body)
	z.Close()
	if packed.Len() > 60_000 {
		t.Errorf("it weighs %d bytes", packed.Len())
	}
	t.Logf("%d bytes, %d packed", len(page.body), packed.Len())
	last := pieceOf.FindAllStringSubmatch(page.body, -1)
	h.get("/rules/en/compare/1...2/piece/" + last[len(last)-1][1]).want(200).has("kind 998 is")
}

// However many versions there are, one chooses among them by number, or by date on
// a page of their own.
func TestCompareManyVersions(t *testing.T) {
	h := newHouse(t, withTree(t))
	_, err := h.library.Import(t.Context(), many(70, 5), documents.Actor{Name: "local"})
	must(t, err)
	h.get("/rules/en/compare/3...69").want(200).has(`type="number" id="from"`, `href="/rules/en/versions">All versions by date`).lacks("<select id=\"from\"")
	few := staged(t).get("/privacy/en/compare/1...2").want(200)
	few.has("Version 1 — 1 January 2020 — No longer in force</option>").lacks("All versions by date")
}
