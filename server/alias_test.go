package server_test

import (
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vestnik/server"
)

func TestAliases(t *testing.T) {
	h := staged(t)
	v, err := h.library.Version(t.Context(), "privacy", 2)
	must(t, err)
	text, _ := v.Text("ru")
	clause := text.Clauses[1].ID
	h.local("PUT", "/settings", toJSON(t, map[string]string{"aliases": strings.Join([]string{
		"/old/privacy.html privacy/ru", "/policy/ → /privacy", "/page.php?id=5 privacy/kk", "/политика privacy/ru/" + clause,
		"/privacy/old privacy/ru", "/privacy/ru/v/99 privacy/kk", "/terms terms/ru", "/a b", "/b a"}, "\r\n")})).want(200)
	for from, to := range map[string]string{
		"/old/privacy.html": "/privacy/ru", "/old/privacy.html/": "/privacy/ru", "/old/privacy.html?x=//evil.example": "/privacy/ru", "/policy": "/privacy", "/policy/": "/privacy",
		"/page.php?id=5": "/privacy/kk", "/%D0%BF%D0%BE%D0%BB%D0%B8%D1%82%D0%B8%D0%BA%D0%B0": "/privacy/ru/clause/" + clause,
	} {
		a := h.get(from).want(http.StatusMovedPermanently)
		if a.header.Get("Location") != to {
			t.Errorf("%s leads to %s, want %s", from, a.header.Get("Location"), to)
		}
		if target := h.get(to); target.status != 200 && target.status != 302 {
			t.Errorf("%s is %d", to, target.status)
		}
	}
	// What is ours, or a document's, no alias has; and none leads to nothing.
	for _, path := range []string{"/page.php?id=6", "/page.php", "/privacy/old", "/privacy/ru/v/99", "/terms", "/a", "/b", "/old"} {
		h.get(path).want(404)
	}
	h.get("/privacy/ru").want(200)
	if got := call(t, h.browser(), "POST", h.tcp.URL+"/old/privacy.html", "").status; got == http.StatusMovedPermanently {
		t.Error("a form was sent on")
	}
	trail := h.local("GET", "/audit", "").want(200)
	trail.has("settings.changed", "/old/privacy.html")
}

func TestHostileAliases(t *testing.T) {
	h := newHouse(t)
	for value, code := range map[string]string{
		"/a https://evil.example/": "alias-target", "/a //evil.example": "alias-target", "/a privacy/../desk": "alias-target", "/a privacy/ru/p6.1": "alias-target", "/a Privacy": "alias-target",
		"/desk/x privacy": "alias-reserved", "/api privacy": "alias-reserved", "/why privacy": "alias-reserved", "/ privacy": "alias-reserved", "/?q=1 privacy": "alias-reserved", "//x privacy": "",
		"a privacy": "alias-malformed", "/a": "alias-malformed", "/a b c": "alias-malformed", "/a#b privacy": "alias-malformed", "/a\\b privacy": "alias-malformed", "/a\u202e privacy": "control-character",
		"/a privacy\n/a/ privacy/ru": "alias-twice", strings.Repeat("/", 501) + " privacy": "alias-malformed",
	} {
		if got := refusalOf(t, h, "aliases", value); got != code {
			t.Errorf("%q: %q, want %q", value, got, code)
		}
	}
}

// Whatever anybody sets, an alias leads to a page of ours that exists, in one step.
func TestAliasesNeverLeaveOrLoop(t *testing.T) {
	h := staged(t, func(c *server.Config) { c.URL += "/policies" })
	words := []string{"/privacy", "privacy", "/x", "x", "/y", "y", "/x/ru", "x/ru", "privacy/ru", "/desk", "//evil.example", "https://evil.example", "/policies/x", "/privacy/zz"}
	rapid.Check(t, func(r *rapid.T) {
		var rows []string
		for range rapid.IntRange(1, 5).Draw(r, "rows") {
			rows = append(rows, rapid.SampledFrom(words).Draw(r, "from")+" "+rapid.SampledFrom(words).Draw(r, "to"))
		}
		if h.local("PUT", "/settings", toJSON(t, map[string]string{"aliases": strings.Join(rows, "\n")})).status != 200 {
			return
		}
		for _, from := range words {
			if !strings.HasPrefix(from, "/") || strings.HasPrefix(from, "//") || strings.HasPrefix(from, "/policies") {
				continue
			}
			a := h.get("/policies" + from)
			to := a.header.Get("Location")
			if a.status == 301 && !strings.HasPrefix(to, "/policies/privacy") {
				r.Fatalf("%q: %s leads to %q", rows, from, to)
			}
			if a.status == 301 && h.get(to).status == 301 {
				r.Fatalf("%q: %s leads on from %q", rows, from, to)
			}
		}
		h.get("/policies/privacy/ru").want(200)
	})
}
