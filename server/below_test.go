package server_test

import (
	"encoding/xml"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"vestnik/server"
)

// below is a house whose public address is http://HOST/policies, behind a proxy
// that takes that path away, or leaves it.
func below(t *testing.T, strips bool) (*house, string) {
	t.Helper()
	var to *url.URL
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		if strips {
			r.Out.URL.Path = strings.TrimPrefix(r.In.URL.Path, "/policies")
			r.Out.URL.RawPath = strings.TrimPrefix(r.In.URL.RawPath, "/policies")
		}
	}}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/policies" && !strings.HasPrefix(r.URL.Path, "/policies/") {
			http.Error(w, "somebody else's page", http.StatusTeapot)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	root := front.URL + "/policies"
	h := staged(t, func(c *server.Config) { c.URL, c.Settings.URL = root, root })
	var err error
	to, err = url.Parse(h.tcp.URL)
	must(t, err)
	return h, root
}

// walker follows every address that pages have.
type walker struct {
	t      *testing.T
	client *http.Client
	root   string
	seen   map[string]bool
	queue  []string
	forms  []string
}

func newWalker(t *testing.T, root string) *walker {
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &walker{t: t, root: root, seen: map[string]bool{}, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// add takes an address that stands on a page; our host's must lie below the path.
func (w *walker) add(on, address string, follow bool) {
	base, err := url.Parse(on)
	must(w.t, err)
	u, err := base.Parse(address)
	if err != nil || u.Scheme == "mailto" || u.Scheme == "data" {
		return
	}
	u.Fragment = ""
	at := u.String()
	if !strings.HasPrefix(at, w.root+"/") && at != w.root {
		w.t.Errorf("%s leads to %s", on, at)
		return
	}
	if !w.seen[at] && follow {
		w.queue = append(w.queue, at)
	}
	w.seen[at] = true
}

func (w *walker) walk(most int) {
	for len(w.queue) > 0 && most > 0 {
		at := w.queue[0]
		w.queue = w.queue[1:]
		most--
		a := call(w.t, w.client, "GET", at, "")
		switch {
		case a.status >= 300 && a.status < 400:
			w.add(at, a.header.Get("Location"), true)
		case a.status != 200:
			w.t.Errorf("%s is %d", at, a.status)
		case strings.HasPrefix(a.header.Get("Content-Type"), "text/html"):
			w.page(at, a.body)
		case strings.Contains(a.header.Get("Content-Type"), "xml"):
			w.xml(at, a.body)
		}
	}
}

func (w *walker) page(at, body string) {
	root, err := html.Parse(strings.NewReader(body))
	must(w.t, err)
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			switch a.Key {
			case "href", "src":
				w.add(at, a.Val, true)
			case "action", "formaction":
				w.add(at, a.Val, false)
				w.forms = append(w.forms, a.Val)
			}
		}
	}
	for _, m := range regexp.MustCompile(`"(?:@id|url)":"([^"]+)"`).FindAllStringSubmatch(body, -1) {
		w.add(at, m[1], false)
	}
}

// xml takes every address in a feed or a sitemap.
func (w *walker) xml(at, body string) {
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := d.Token()
		if err != nil {
			return
		}
		switch e := token.(type) {
		case xml.StartElement:
			for _, a := range e.Attr {
				if a.Name.Local == "href" {
					w.add(at, a.Value, true)
				}
			}
		case xml.CharData:
			if s := string(e); strings.HasPrefix(s, "http") {
				w.add(at, s, true)
			} else if strings.Contains(s, "<a href") {
				w.page(at, s)
			}
		}
	}
}

func TestBelowAPathBehindAProxy(t *testing.T) {
	for name, strips := range map[string]bool{"it keeps the path": false, "it takes the path away": true} {
		t.Run(name, func(t *testing.T) {
			h, root := below(t, strips)
			h.local("PUT", "/settings", toJSON(t, map[string]string{"colour": "#7a1f5c", "aliases": "/old.html privacy/ru"})).want(200)
			w := newWalker(t, root)
			for _, path := range []string{"", "/", "/privacy", "/sitemap.xml", "/why", "/privacy/register", "/old.html", "/policies/../privacy/ru", "//privacy//ru", "/privacy/ru/compare?from=1&to=2", "/privacy/ru/on?date=2021-01-01", "/embed/privacy", "/embed.js"} {
				w.queue = append(w.queue, root+path)
			}
			w.walk(400)
			if len(w.seen) < 60 {
				t.Errorf("only %d addresses were found", len(w.seen))
			}
			for _, path := range []string{"/privacy/ru", "/privacy/ru/feed.atom", "/privacy/register", "/why", "/static/colours/"} {
				if !slices.ContainsFunc(sorted(w.seen), func(s string) bool { return strings.HasPrefix(s, root+path) }) {
					t.Errorf("no page leads to %s", path)
				}
			}
			belowAtTheDesk(t, h, root)
			call(t, w.client, "GET", root+"/robots.txt", "").want(200).has("Disallow: /policies/desk", "Sitemap: "+root+"/sitemap.xml")
			call(t, w.client, "GET", root+"/nothing/here", "").want(404).has(`href="/policies/"`)
		})
	}
}

// belowAtTheDesk signs in and walks on: the cookie is for the path alone.
func belowAtTheDesk(t *testing.T, h *house, root string) {
	_, link := h.invite("admin@example.kz")
	if !strings.HasPrefix(link, root+"/desk/link/") {
		t.Fatalf("the invitation leads to %s", link)
	}
	w := newWalker(t, root)
	a := call(t, w.client, "POST", link, "").want(303)
	if c := a.header.Get("Set-Cookie"); !strings.Contains(c, "Path=/policies") {
		t.Errorf("the cookie is %q", c)
	}
	w.queue = []string{root + "/desk/", root + "/desk/settings"}
	w.walk(60)
	if !slices.Contains(w.forms, "/policies/desk/settings") || !slices.Contains(w.forms, "/policies/desk/settings/logo") {
		t.Errorf("the forms lead to %q", w.forms)
	}
	form := url.Values{"remove": {"1"}}.Encode()
	if to := call(t, w.client, "POST", root+"/desk/settings/logo", form, "Content-Type", "application/x-www-form-urlencoded", "Origin", strings.TrimSuffix(root, "/policies"), "Sec-Fetch-Site", "same-origin").want(303).header.Get("Location"); to != "/policies/desk/settings?saved=1" {
		t.Errorf("the form leads to %s", to)
	}
}

func sorted(m map[string]bool) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
