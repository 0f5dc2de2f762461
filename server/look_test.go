package server_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// refusalOf is the code that a setting is refused with, or "".
func refusalOf(t *testing.T, h *house, name, value string) string {
	t.Helper()
	a := h.local("PUT", "/settings", toJSON(t, map[string]string{name: value}))
	if a.status == 200 {
		return ""
	}
	return a.refused(422, "invalid").Code
}

func TestColours(t *testing.T) {
	h := staged(t)
	h.get("/").want(200).lacks("/static/colours/")
	for _, c := range []struct{ name, value, code string }{
		{"colour", "#0b4f75", ""}, {"colour", "#0B4F75", "colour-malformed"}, {"colour", "red", "colour-malformed"}, {"colour", "#fff", "colour-malformed"},
		{"colour", "#ffcc00", "colour-contrast"}, {"colour", "#000000;}*{}", "colour-malformed"}, {"colour-dark", "#0b4f75", "colour-contrast"}, {"colour-dark", "#ffcc00", ""},
	} {
		if got := refusalOf(t, h, c.name, c.value); got != c.code {
			t.Errorf("%s %s: %q, want %q", c.name, c.value, got, c.code)
		}
	}
	page := h.get("/privacy/ru").want(200)
	checkHTML(t, "coloured", page.body)
	path := regexp.MustCompile(`href="(/static/colours/[^"]+)"`).FindStringSubmatch(page.body)
	if path == nil {
		t.Fatal("the page does not ask for its colours")
	}
	sheet := h.get(path[1]).want(200).has("--accent: #0b4f75", "--link: #ffcc00", "@media screen")
	if sheet.header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(sheet.header.Get("Cache-Control"), "immutable") {
		t.Errorf("header %v", sheet.header)
	}
	for _, other := range []string{"/static/colours/0b4f75-own.00000000.css", "/static/colours/own-own.00000000.css", "/static/colours/x.css", "/static/colours/0b4f75-ffcc00.css"} {
		h.get(other).want(404)
	}
	h.local("PUT", "/settings", `{"colour":"","colour-dark":""}`).want(200)
	h.get("/privacy/ru").want(200).lacks("/static/colours/")
}

// A refusal names a colour that is taken.
func TestNearestColourIsTaken(t *testing.T) {
	h := newHouse(t)
	nearest := regexp.MustCompile(`: (#[0-9a-f]{6}) is the nearest`)
	rapid.Check(t, func(r *rapid.T) {
		value := fmt.Sprintf("#%06x", rapid.IntRange(0, 0xffffff).Draw(r, "colour"))
		for _, name := range []string{"colour", "colour-dark"} {
			a := h.local("PUT", "/settings", toJSON(t, map[string]string{name: value}))
			if a.status == 200 {
				continue
			}
			p := a.refused(422, "invalid")
			m := nearest.FindStringSubmatch(p.Detail)
			if p.Code != "colour-contrast" || m == nil {
				r.Fatalf("%s %s: %+v", name, value, p)
			}
			h.local("PUT", "/settings", toJSON(t, map[string]string{name: m[1]})).want(200)
		}
	})
}

func picture(w, h int) image.Image {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.Set(x, y, color.NRGBA{uint8(x * 7), uint8(y * 13), uint8(x * y), 200})
		}
	}
	return out
}

func encoded(t *testing.T, kind string, i image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	switch kind {
	case "png":
		must(t, png.Encode(&b, i))
	case "jpeg":
		must(t, jpeg.Encode(&b, i, nil))
	case "gif":
		must(t, gif.Encode(&b, i, nil))
	}
	return b.Bytes()
}

// withHead is a PNG that says it is so large.
func withHead(w, h uint32) []byte {
	head := []byte{'I', 'H', 'D', 'R', byte(w >> 24), byte(w >> 16), byte(w >> 8), byte(w), byte(h >> 24), byte(h >> 16), byte(h >> 8), byte(h), 8, 6, 0, 0, 0}
	sum := crc32.ChecksumIEEE(head)
	return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), {0, 0, 0, 13}, head, {byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}}, nil)
}

func TestMarkIsDrawnAnew(t *testing.T) {
	h := staged(t)
	for kind, size := range map[string][2]int{"png": {1200, 300}, "jpeg": {90, 30}, "gif": {40, 700}} {
		raw := encoded(t, kind, picture(size[0], size[1]))
		h.local("PUT", "/settings", toJSON(t, map[string]string{"logo": base64.StdEncoding.EncodeToString(raw)})).want(200)
		page := h.get("/").want(200)
		checkHTML(t, "marked", page.body)
		m := regexp.MustCompile(`<img class="mark" src="([^"]+)" width="(\d+)" height="(\d+)" alt="">`).FindStringSubmatch(page.body)
		if m == nil {
			t.Fatalf("%s: the page has no mark", kind)
		}
		got := h.get(m[1]).want(200)
		drawn, err := png.Decode(strings.NewReader(got.body))
		must(t, err)
		if b := drawn.Bounds(); b.Dx() > 480 || b.Dy() > 120 || len(got.body) > 48<<10 || got.header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: %v in %d bytes as %s", kind, b, len(got.body), got.header.Get("Content-Type"))
		}
	}
	var set map[string]string
	h.local("GET", "/settings", "").want(200, &set)
	if !regexp.MustCompile(`^png \d+x\d+ [0-9a-f]{16}$`).MatchString(set["logo"]) {
		t.Errorf("the setting reads %q", set["logo"])
	}
	h.local("PUT", "/settings", toJSON(t, map[string]string{"logo": set["logo"]})).want(200)
	h.get("/").want(200).has(`class="mark"`)
	h.local("PUT", "/settings", `{"logo":""}`).want(200)
	h.get("/").want(200).lacks(`class="mark"`)
	h.get("/static/mark/0000000000000000.png").want(404)
	if trail := h.local("GET", "/audit", "").want(200); len(trail.body) > 4000 {
		t.Error("the audit trail holds the picture")
	}
}

func TestHostileMarks(t *testing.T) {
	h := newHouse(t)
	tail := append(encoded(t, "png", picture(20, 20)), "<script>alert(1)</script>"...)
	for name, c := range map[string]struct {
		raw  []byte
		code string
	}{
		"an SVG":             {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "logo-malformed"},
		"a page":             {[]byte("<html>"), "logo-malformed"},
		"a head alone":       {withHead(10, 10), "logo-malformed"},
		"a bomb":             {withHead(60000, 60000), "logo-large"},
		"a long line":        {withHead(4_000_001, 1), "logo-large"},
		"no pixels":          {withHead(0, 10), "logo-malformed"},
		"many bytes":         {append(encoded(t, "png", picture(9, 9)), make([]byte, 600<<10)...), "logo-large"},
		"half":               {encoded(t, "png", picture(200, 200))[:300], "logo-malformed"},
		"script at the tail": {tail, ""},
		"one pixel":          {encoded(t, "png", picture(1, 1)), ""},
		"a thread":           {encoded(t, "png", picture(1, 3000)), ""},
	} {
		if got := refusalOf(t, h, "logo", base64.StdEncoding.EncodeToString(c.raw)); got != c.code {
			t.Errorf("%s: %q, want %q", name, got, c.code)
		}
	}
	for _, value := range []string{"png", "png 1x1", "x", "data:image/svg+xml;base64,PHN2Zz4=", "png 99999x1 ../../etc/passwd x"} {
		if got := refusalOf(t, h, "logo", value); got != "logo-malformed" && !strings.HasPrefix(value, "png ") {
			t.Errorf("%s: %q", value, got)
		}
	}
	h.get("/").want(200).lacks("etc/passwd")
}

func TestFooter(t *testing.T) {
	h := staged(t)
	h.local("PUT", "/settings", toJSON(t, map[string]string{"footer": "ТОО «Пример» <b>\r\n\n[kk] Байланыс | https://example.kz/kk?a=1&b=2\n[ru] Контакты | https://example.kz/ru"})).want(200)
	h.get("/?lang=ru").want(200).has("ТОО «Пример» &lt;b&gt;", "Контакты", `href="https://example.kz/ru"`).lacks("Байланыс", "<b>")
	h.get("/?lang=kk").want(200).has("Байланыс", "https://example.kz/kk?a=1&amp;b=2").lacks("Контакты")
	for _, value := range []string{"a | http://example.kz", "a | javascript:alert(1)", "a | https://", "a | https://user:pw@example.kz", "| https://example.kz", "a |", "a | //example.kz",
		"a | https://example.kz/\" onclick=x", strings.Repeat("a", 201), strings.Repeat("x\n", 13)} {
		if got := refusalOf(t, h, "footer", value); got != "footer-malformed" {
			t.Errorf("%q: %q", value, got)
		}
	}
	if got := refusalOf(t, h, "footer", "a\u202eb"); got != "control-character" {
		t.Errorf("an override of direction: %q", got)
	}
}

// A name may differ between languages.
func TestOrganisationInLanguages(t *testing.T) {
	h := staged(t)
	h.local("PUT", "/settings", toJSON(t, map[string]string{"organisation": "[ru] ТОО «Пример»\r\n[kk] «Мысал» ЖШС", "postal": "1 Example Street\n[kk] Мысал көшесі, 1"})).want(200)
	h.get("/?lang=ru").want(200).has("ТОО «Пример»", "1 Example Street").lacks("ЖШС", "[ru]", "Мысал")
	h.get("/?lang=kk").want(200).has("«Мысал» ЖШС", "Мысал көшесі, 1").lacks("ТОО", "Example Street")
	h.get("/why?lang=kk").want(200).has("«Мысал» ЖШС").lacks("ТОО")
	for value, want := range map[string]string{"one\ntwo": "phrase-twice", "[kk] a\n[kk] b": "phrase-twice", "[x_y] a": "", "[no-such-] a": "language-malformed", "[kk] a\u202eb": "control-character",
		"[kk] " + strings.Repeat("a", 201): "too-long"} {
		if got := refusalOf(t, h, "organisation", value); got != want {
			t.Errorf("%q: %q, not %q", value, got, want)
		}
	}
}

// upload sends a file as the desk's form does.
func (h *house) upload(b *http.Client, path, name string, raw []byte) answer {
	h.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile(name, "mark.png")
	must(h.t, err)
	_, err = part.Write(raw)
	must(h.t, err)
	must(h.t, w.Close())
	req, err := http.NewRequestWithContext(h.t.Context(), "POST", h.tcp.URL+path, &body)
	must(h.t, err)
	req.Header.Set("Content-Type", w.FormDataContentType())
	return send(h.t, b, req)
}

func TestLookAtTheDesk(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz", "administrator")
	b := h.signedIn(link)
	post := func(path string, form url.Values) answer {
		return call(t, b, "POST", h.tcp.URL+path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	}
	page := func() answer {
		return call(t, b, "GET", h.tcp.URL+"/desk/settings", "", "Accept-Language", "ru").want(200)
	}
	all := url.Values{"zone": {"Asia/Almaty"}, "languages": {"ru,kk,en"}, "unknown-languages": {"kk,ru"}, "notice-days": {"30"}, "hold": {"15m0s"}, "one-person": {"on"}, "rate": {"0"}}
	all.Set("colour", "#7a1f5c")
	post("/desk/settings/preview", all).want(200).has("/static/colours/7a1f5c-own.", `value="#7a1f5c"`)
	page().lacks("/static/colours/", "#7a1f5c")
	all.Set("colour", "#ffff00")
	post("/desk/settings/preview", all).want(422).has("colour-error", `value="#ffff00"`)
	all.Set("colour", "#7a1f5c")
	all.Set("footer", "один\r\nдва")
	post("/desk/settings", all).want(303)
	page().has("/static/colours/7a1f5c-own.", "один\nдва")

	h.upload(b, "/desk/settings/logo", "logo", encoded(t, "png", picture(300, 90))).want(303)
	checkHTML(t, "settings", page().has("PNG, 300 × 90").body)
	h.upload(b, "/desk/settings/logo", "logo", []byte("<svg/>")).want(422).has("logo-error", "PNG, 300 × 90")
	h.upload(b, "/desk/settings/logo", "other", nil).want(422)
	h.upload(b, "/desk/settings/logo", "logo", make([]byte, 600<<10)).want(422)
	post("/desk/settings/logo", url.Values{}).want(422)
	post("/desk/settings/logo", url.Values{"remove": {"1"}}).want(303)
	page().lacks(`class="mark"`)
	req := func(b *http.Client) int {
		return call(t, b, "POST", h.tcp.URL+"/desk/settings/logo", "remove=1", "Content-Type", "application/x-www-form-urlencoded").status
	}
	if got := req(h.browser()); got != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", got)
	}
	_, author := h.invite("author@example.kz", "author")
	if got := req(h.signedIn(author)); got != http.StatusForbidden {
		t.Errorf("an author: %d", got)
	}
}
