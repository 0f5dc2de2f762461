package server_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"vestnik/documents"
)

// Each address that a reader may come by and that leads nowhere, by its status, what
// the page of it is called, and what leads on from there.
var refusals = []struct {
	method, path, body string
	status             int
	key                string
	on                 []string
}{
	{path: "/nothing", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/nothing/{lang}", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/privacy/{lang}/nothing", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/privacy/{lang}/v/1/nothing", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/privacy/{lang}/versions?before=0", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/privacy/{lang}/" + strings.Repeat("a", 100_000), status: 404, key: "error-404", on: []string{"/"}},
	{path: "/%FF%00", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/privacy/de", status: 404, key: "error-language", on: []string{"/privacy/kk", "/privacy/ru", "/privacy/en"}},
	{path: "/privacy/de/feed.atom", status: 404, key: "error-language", on: []string{"/privacy/kk"}},
	{path: "/nothing/feed.atom", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/privacy/{lang}/feed.atom?before=999", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/privacy/{lang}/v/5", status: 404, key: "error-version", on: []string{"/privacy/{lang}", "/privacy/{lang}/versions"}},
	{path: "/privacy/{lang}/v/01", status: 404, key: "error-version", on: []string{"/privacy/{lang}"}},
	{path: "/privacy/{lang}/v/-1", status: 404, key: "error-version", on: []string{"/privacy/{lang}"}},
	{path: "/privacy/{lang}/v/x", status: 404, key: "error-version", on: []string{"/privacy/{lang}"}},
	{path: "/privacy/{lang}/v/9/text.md", status: 404, key: "error-version", on: []string{"/privacy/{lang}"}},
	{path: "/privacy/{lang}/v/1/text.md", status: 404, key: "error-withheld", on: []string{"/privacy/{lang}"}},
	{path: "/privacy/{lang}/clause/c-aaaaaaaa", status: 404, key: "error-clause", on: []string{"/privacy/{lang}"}},
	{path: "/privacy/{lang}/clause/x", status: 404, key: "error-clause", on: []string{"/privacy/{lang}"}},
	{path: "/privacy/{lang}/compare/1...9", status: 404, key: "error-version", on: []string{"/privacy/{lang}/versions"}},
	{path: "/privacy/{lang}/compare/1..2", status: 400, key: "error-range", on: []string{"/privacy/{lang}/versions"}},
	{path: "/privacy/{lang}/compare/a...b", status: 400, key: "error-range", on: []string{"/privacy/{lang}/versions"}},
	{path: "/privacy/{lang}/compare?from=1&to=x", status: 400, key: "error-range", on: []string{"/privacy/{lang}/versions"}},
	{path: "/privacy/{lang}/compare/2...3/piece/99", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/privacy/{lang}/on/yesterday", status: 400, key: "error-day", on: []string{"/privacy/{lang}", "/privacy/{lang}/on"}},
	{path: "/privacy/{lang}/on/2026-13-01", status: 400, key: "error-day", on: []string{"/privacy/{lang}/on"}},
	{path: "/privacy/{lang}/on?date=", status: 400, key: "error-day", on: []string{"/privacy/{lang}/on"}},
	{path: "/privacy/{lang}/on/2019-12-31", status: 404, key: "error-before", on: []string{"/privacy/{lang}", "/privacy/{lang}/on"}},
	{path: "/privacy/{lang}/on/9999-12-31", status: 404, key: "error-unknown", on: []string{"/privacy/{lang}/v/3", "/privacy/{lang}/on"}},
	{path: "/register?before=x", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/log/proof/999", status: 404, key: "error-404", on: []string{"/"}},
	{path: "/embed/privacy/de", status: 404, key: "error-language", on: []string{"/privacy/kk"}},
	{method: "POST", path: "/privacy/{lang}", status: 405, key: "error-405", on: []string{"/"}},
	{method: "DELETE", path: "/", status: 405, key: "error-405", on: []string{"/"}},
	{method: "POST", path: "/desk/sign-in", body: "x=1", status: 403, key: "error-403", on: []string{"/"}},
}

func refusing(t *testing.T) *house {
	h := staged(t)
	h.local("PUT", "/settings", toJSON(t, map[string]string{"organisation": "Өзен", "languages": "ru,kk,en"})).want(200)
	_, err := h.library.Store.Append(t.Context(), documents.Batch{Expect: -1, Entries: []documents.Entry{{Event: documents.Event{Kind: documents.Withheld, Document: "privacy", Version: 1, Origin: h.library.LogOrigin()}}}})
	must(t, err)
	return h
}

// Every refusal is a page in the language of whoever asks, and in no other.
func TestRefusals(t *testing.T) {
	h := refusing(t)
	words := catalogues(t)
	for tag, own := range words {
		for _, c := range refusals {
			path := strings.ReplaceAll(c.path, "{lang}", tag)
			header := []string{"Accept-Language", tag}
			if strings.Contains(c.path, "{lang}") {
				header = []string{"Accept-Language", "de"} // the address says it
			}
			if c.body != "" {
				header = append(header, "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site")
			}
			a := call(t, h.browser(), cmp.Or(c.method, "GET"), h.tcp.URL+path, c.body, header...).want(c.status)
			name := fmt.Sprintf("%.60s in %s", cmp.Or(c.method, "GET")+" "+path, tag)
			root := checkHTML(t, name, a.body)
			checkSpoken(t, name, tag, root, words)
			if want := own[c.key+"-title"][""]; textOf(root, "h1") != want {
				t.Errorf("%s is called %q, not %q", name, textOf(root, "h1"), want)
			}
			for _, on := range c.on {
				if on = strings.ReplaceAll(on, "{lang}", tag); !leads(root, on) {
					t.Errorf("%s does not lead to %s", name, on)
				}
			}
			if a.header.Get("Cache-Control") != "no-store" || !strings.Contains(a.body, "noindex") || c.status == 405 && a.header.Get("Allow") == "" {
				t.Errorf("%s: %v", name, a.header)
			}
		}
	}
}

// Who names no language is told in all, and can choose one.
func TestRefusalsToWhoeverNamesNoLanguage(t *testing.T) {
	h := refusing(t)
	h.get("/nothing").want(404).has("Такой страницы нет", "There is no such page", "Мұндай бет жоқ")
	h.get("/nothing?lang=kk", "Accept-Language", "ru").want(404).has(`<html lang="kk"`, "Мұндай бет жоқ").lacks("Такой страницы нет")
	h.get("/privacy/kk/v/9?lang=ru").want(404).has(`<html lang="ru"`, "Такой редакции нет", `href="/privacy/kk/v/9?lang=en"`)
}

// What readers search for is never an error, whatever they type.
func TestSearchesAreNeverRefused(t *testing.T) {
	h := refusing(t)
	for _, q := range []string{"%FF%FE", "%00", strings.Repeat("%D2%9B", 2000), "%3Cscript%3E", "(((", "%E2%80%AE", "%zz"} {
		checkHTML(t, q[:min(len(q), 20)], h.get("/privacy/kk?q="+q).want(200).lacks("<script>").body)
	}
}

func find(root *html.Node, element string) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == element {
			return n
		}
	}
	return &html.Node{}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// langOf is the language that the nearest element names.
func langOf(n *html.Node) string {
	for _, p := range ancestors(n) {
		if tag := attr(p, "lang"); tag != "" {
			return tag
		}
	}
	return ""
}

func textOf(root *html.Node, element string) string {
	var b strings.Builder
	for n := range find(root, element).Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// leads tells whether the main part of a page has a link or a form to an address.
func leads(root *html.Node, to string) bool {
	for n := range find(root, "main").Descendants() {
		if n.Type == html.ElementNode && slices.Contains([]string{attr(n, "href"), attr(n, "action")}, to) {
			return true
		}
	}
	return false
}
