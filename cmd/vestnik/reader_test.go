package main

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
)

// publicRoot is where the pages of these tests are, seen from outside.
const publicRoot = "https://policies.example.kz"

// reader asks a server for pages, and remembers where links lead.
type reader struct {
	h http.Handler

	mu       sync.Mutex
	links    map[string]string // an address to the page that it was found on
	nowhere  int               // links of authors within their texts that lead nowhere
	anywhere int               // all such links
}

func newReader(h http.Handler) *reader { return &reader{h: h, links: map[string]string{}} }

func (r *reader) ask(path string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	r.h.ServeHTTP(rec, httptest.NewRequest("GET", publicRoot+path, nil))
	return rec
}

func (r *reader) get(t *testing.T, path string) string {
	t.Helper()
	rec := r.ask(path)
	if rec.Code != http.StatusOK {
		t.Errorf("%s: %d", path, rec.Code)
		return ""
	}
	return rec.Body.String()
}

func (r *reader) json(t *testing.T, path string, out any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.get(t, path)), out); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}

// page asks for a page, which must be sound, and notes where it leads.
func (r *reader) page(t *testing.T, path string) *soundPage {
	t.Helper()
	body := r.get(t, path)
	if body == "" {
		return &soundPage{root: &html.Node{}}
	}
	p := readPage(body)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range p.links {
		if id, ok := strings.CutPrefix(l.to, "#"); ok {
			r.fragment(p, id)
			continue
		}
		to, inside := strings.CutPrefix(l.to, publicRoot)
		if inside = inside || strings.HasPrefix(to, "/"); inside && !l.author {
			r.links[to] = path
		}
	}
	p.report(t, path)
	return p
}

// fragment: what leads within a page arrives. One that begins with u- is the
// author's, who may have meant an anchor of another site's making.
func (r *reader) fragment(p *soundPage, id string) {
	id, err := url.PathUnescape(id)
	there := err == nil && (id == "" || p.ids[id])
	if strings.HasPrefix(id, "u-") {
		r.anywhere++
		if !there {
			r.nowhere++
		}
	} else if !there {
		p.fault("#%s leads to nothing on the page", id)
	}
}

// follow asks for every address that a page named, but for most of the thousands
// of clauses, whose pages no other test here reads.
func (r *reader) follow(t *testing.T) {
	t.Helper()
	clauses := 0
	for _, to := range slices.Sorted(maps.Keys(r.links)) {
		path, _, _ := strings.Cut(to, "#")
		clause := strings.Contains(path, "/clause/")
		if clause {
			if clauses++; clauses%20 != 1 {
				continue
			}
		}
		rec := r.ask(path)
		if rec.Code >= 400 {
			t.Errorf("%s: the link to %s answers %d", r.links[to], to, rec.Code)
		} else if clause {
			readPage(rec.Body.String()).report(t, path)
		}
	}
	t.Logf("%d addresses, %d of them of clauses; of %d links within texts %d lead nowhere", len(r.links), clauses, r.anywhere, r.nowhere)
}

// wellFormed fails unless body is XML from its first byte to its last.
func wellFormed(t *testing.T, name, body string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(body)); ; {
		if _, err := d.Token(); err == io.EOF && body != "" {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// shownText is all text below n, but for the links of clauses, which are shown
// once their number was pressed.
func shownText(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if attr(n, "class") == "share" && n.Parent != nil {
		return ""
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(shownText(c))
	}
	return b.String()
}
