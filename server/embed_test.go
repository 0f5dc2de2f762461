package server_test

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"vestnik/server"
)

func TestEmbedIsPublic(t *testing.T) {
	h := staged(t)
	for path, status := range map[string]int{"/embed.js": 200, "/embed/privacy/ru": 200, "/embed/privacy": 302, "/embed/privacy/de": 404, "/embed/nothing": 404} {
		a := h.get(path, "Origin", "https://shop.example", "Accept-Language", "kk").want(status)
		if a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || a.header.Get("Access-Control-Allow-Credentials") != "" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: header %v", path, a.header)
		}
	}
	if to := h.get("/embed/privacy", "Accept-Language", "kk").header.Get("Location"); to != "/embed/privacy/kk" {
		t.Errorf("leads to %s", to)
	}
	for _, path := range []string{"/desk/sign-in", "/me/x", "/why", "/privacy/ru"} {
		if h.get(path).header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("other sites may read %s", path)
		}
	}
	script := h.get("/embed.js").want(200)
	if len(script.body) > 4000 || !strings.HasPrefix(script.header.Get("Content-Type"), "text/javascript") || !strings.Contains(script.header.Get("Cache-Control"), "max-age=3600") {
		t.Errorf("%d bytes, header %v", len(script.body), script.header)
	}
	call(t, h.browser(), "GET", h.tcp.URL+"/embed.js", "", "If-None-Match", script.header.Get("ETag")).want(http.StatusNotModified)
	h.get("/embed/privacy/ru").has("Версия 2", "compare/2...3").lacks("<script", "<html")
}

// In a rehearsal the text is for staff, on other sites too.
func TestEmbedInARehearsal(t *testing.T) {
	h := staged(t, func(c *server.Config) { c.Install = installation() })
	for _, path := range []string{"/embed/privacy/ru", "/embed/privacy"} {
		if a := h.get(path).want(401); a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("other sites may read %s", path)
		}
	}
}

// The desk shows the lines to copy, in which no title breaks out.
func TestLinesToCopy(t *testing.T) {
	h := staged(t)
	h.local("PUT", "/documents/privacy", `{"titles":{"ru":"</a><script>alert(1)</script>","kk":"b","en":"c"},"prevailing":"ru"}`).want(200)
	_, link := h.invite("admin@example.kz", "administrator")
	a := call(t, h.signedIn(link), "GET", h.tcp.URL+"/desk/settings", "").want(200).lacks("<script>alert")
	line := `<script src="` + h.tcp.URL + `/embed.js" data-document="privacy" async></script>`
	if all := html.UnescapeString(a.body); !strings.Contains(all, line) || !strings.Contains(all, "&lt;script&gt;alert") {
		t.Error("the line is missing, or holds the title as it is")
	}
}
