package server_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"vestnik/documents"
	"vestnik/server"
)

// crawled is what a page says of itself and of others.
type crawled struct {
	canonical  string
	alternates map[string]string // by language, addresses
	noindex    bool
	ids        map[string]bool
}

// shapeMost is how many addresses are read that differ only in the numbers of their
// queries, and in their paths: a register begins anywhere, a redline unfolds anything.
const shapeMost = 20

// crawl is a walker that keeps what it saw.
type crawl struct {
	*walker
	pages  map[string]crawled
	listed map[string]map[string]string // the sitemap: each address with its alternates
	parts  map[string]string            // address with a fragment, and a page that leads there
	shapes map[string]int               // of queries, how many addresses are read
	read   int
}

// all fetches whatever is queued and found from there, no more than most.
func (c *crawl) all(most int) {
	for ; len(c.queue) > 0; c.read++ {
		if c.read == most {
			c.t.Fatalf("there are more than %d addresses, next %s", most, c.queue[0])
		}
		at := c.queue[0]
		c.queue = c.queue[1:]
		c.one(at, call(c.t, c.client, "GET", at, "", "Accept-Encoding", "identity"))
	}
}

func (c *crawl) one(at string, a answer) {
	kind := a.header.Get("Content-Type")
	switch {
	case a.status >= 300 && a.status < 400:
		c.add(at, a.header.Get("Location"), true)
	case a.status != 200:
		c.t.Errorf("%s is %d", at, a.status)
	case strings.HasPrefix(kind, "text/html"):
		c.html(at, a.body)
	case strings.HasPrefix(kind, "application/atom+xml"):
		c.feed(at, a.body)
	case strings.HasPrefix(kind, "application/xml"):
		c.sitemap(at, a.body)
	}
}

func (c *crawl) html(at, body string) {
	p := crawled{alternates: map[string]string{}, ids: map[string]bool{}}
	for n := range checkHTML(c.t, at, body).Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		p.ids[attr(n, "id")] = true
		rel, href := attr(n, "rel"), attr(n, "href")
		switch {
		case n.Data == "link" && rel == "canonical":
			p.canonical = href
		case n.Data == "link" && attr(n, "hreflang") != "":
			c.once(at, p.alternates, attr(n, "hreflang"), href)
		case n.Data == "meta" && attr(n, "name") == "robots":
			p.noindex = true
		case n.Data == "script" && n.FirstChild != nil:
			var data any
			must(c.t, json.Unmarshal([]byte(n.FirstChild.Data), &data))
			c.structured(at, data)
		}
		for _, address := range []string{href, attr(n, "src")} {
			c.follow(at, address)
		}
	}
	c.pages[at] = p
}

// once keeps a page's alternate in a language, which has one only.
func (c *crawl) once(at string, of map[string]string, tag, href string) {
	if of[tag] != "" {
		c.t.Errorf("%s has two alternates in %s", at, tag)
	}
	of[tag] = href
}

// follow takes an address that stands on a page, and the part of a page that it names.
func (c *crawl) follow(at, address string) {
	if address == "" {
		return
	}
	base, err := url.Parse(at)
	must(c.t, err)
	u, err := base.Parse(address)
	if err != nil {
		return
	}
	if u.Fragment != "" {
		c.parts[u.String()] = at
	}
	page, _, _ := strings.Cut(u.String(), "#")
	shape := strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, u.RawQuery)
	if shape != "" && !c.seen[page] {
		c.shapes[shape]++
	}
	c.add(at, address, c.shapes[shape] <= shapeMost)
}

// structured follows the addresses in the words of schema.org.
func (c *crawl) structured(at string, data any) {
	switch data := data.(type) {
	case []any:
		for _, one := range data {
			c.structured(at, one)
		}
	case map[string]any:
		for key, value := range data {
			if address, ok := value.(string); ok && (key == "url" || key == "@id") {
				c.follow(at, address)
			}
			c.structured(at, value)
		}
	}
}

func (c *crawl) feed(at, body string) {
	f := readAtom(c.t, body)
	for _, l := range f.Links {
		c.follow(at, l.Href)
	}
	for _, e := range f.Entries {
		if len(e.Links) == 0 {
			c.t.Errorf("%s: an entry leads nowhere", at)
		}
		for _, l := range e.Links {
			c.follow(at, l.Href)
		}
		root, err := html.Parse(strings.NewReader(e.Contents[0].Text))
		must(c.t, err)
		for n := range root.Descendants() {
			c.follow(at, attr(n, "href"))
		}
	}
}

func (c *crawl) sitemap(at, body string) {
	var s struct {
		URLs []struct {
			Loc   string         `xml:"loc"`
			Links []atomLinkRead `xml:"http://www.w3.org/1999/xhtml link"`
		} `xml:"url"`
	}
	must(c.t, xml.Unmarshal([]byte(body), &s))
	for _, u := range s.URLs {
		c.follow(at, u.Loc)
		c.listed[u.Loc] = map[string]string{}
		for _, l := range u.Links {
			c.once(u.Loc, c.listed[u.Loc], l.Hreflang, l.Href)
			c.follow(at, l.Href)
		}
	}
}

// agree demands that pages say the same of each other.
func (c *crawl) agree() {
	for _, at := range slices.Sorted(maps.Keys(c.pages)) {
		p := c.pages[at]
		if p.canonical != "" && c.pages[p.canonical].canonical != p.canonical {
			c.t.Errorf("%s is properly %s, which is properly %q", at, p.canonical, c.pages[p.canonical].canonical)
		}
		if len(p.alternates) > 0 && !slices.Contains(slices.Collect(maps.Values(p.alternates)), p.canonical) {
			c.t.Errorf("%s, properly %s, is not among its alternates %v", at, p.canonical, p.alternates)
		}
		for tag, other := range p.alternates {
			if o := c.pages[other]; tag != "x-default" && (o.canonical != other || !maps.Equal(o.alternates, p.alternates)) {
				c.t.Errorf("%s has %v, its alternate %s, properly %q, %v", at, p.alternates, other, o.canonical, o.alternates)
			}
		}
	}
	for _, at := range slices.Sorted(maps.Keys(c.listed)) {
		if p := c.pages[at]; p.noindex || p.canonical != at || !maps.Equal(p.alternates, c.listed[at]) {
			c.t.Errorf("the sitemap has %s with %v, which is properly %q, noindex %t, with %v", at, c.listed[at], p.canonical, p.noindex, p.alternates)
		}
	}
	for part, from := range c.parts {
		if at, id, _ := strings.Cut(part, "#"); c.pages[at].ids != nil && !c.pages[at].ids[unescaped(id)] {
			c.t.Errorf("%s leads to %s, and there is no such part", from, part)
		}
	}
}

func unescaped(s string) string {
	out, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return out
}

// storied makes a document with one of eight histories.
func (h *house) storied(id string, history int, tags []string) {
	h.t.Helper()
	ctx, by := h.t.Context(), documents.Actor{Name: "local", Roles: []string{"administrator"}}
	days := func(n int) string { return time.Now().AddDate(0, 0, n).UTC().Format(time.RFC3339) }
	titles := map[string]string{}
	texts := func(n int, tags []string) (out []documents.DraftText) {
		for _, tag := range tags {
			titles[tag] = id + " in " + tag
			out = append(out, documents.DraftText{Lang: tag, Source: fmt.Sprintf("# %s\n\n1. One\n\n2. Of %d, see 1.\n", titles[tag], n)})
		}
		return out
	}
	publish := func(n int, effective string) {
		d := &documents.Draft{Document: id, Effective: effective, Change: documents.Change{Class: documents.Editorial, Reason: "Правка."}, Texts: texts(n, tags)}
		_, err := h.library.Publish(ctx, documents.Publication{Document: id, Draft: d, Based: -1}, by)
		must(h.t, err)
	}
	texts(0, tags)
	var err error
	if history == 1 { // moved in, at first in one language
		_, err = h.library.Import(ctx, documents.History{Document: id, Prevailing: tags[0], Zone: "Asia/Almaty", Titles: titles, Versions: []documents.ImportedVersion{
			{Number: 1, Effective: "2020-03-01", Texts: texts(1, tags[:1])}, {Number: 2, Effective: "2021-03-01", Texts: texts(2, tags)}}}, by)
	} else {
		_, err = h.library.Create(ctx, documents.Document{ID: id, Prevailing: tags[0], Titles: titles}, by)
	}
	must(h.t, err)
	switch history {
	case 0: // nothing is published
		return
	case 2: // it is all to come
		publish(1, days(40))
		return
	case 3: // the only version never takes effect
		publish(1, days(40))
		_, err = h.library.Withdraw(ctx, id, 1, "Опубликовано по ошибке.", by)
		must(h.t, err)
		return
	}
	publish(3, "now")
	switch history {
	case 4:
		publish(4, days(20))
	case 5:
		publish(4, days(20))
		_, err = h.library.Postpone(ctx, id, 2, days(60), "Отложено.", by)
	case 6:
		publish(4, days(20))
		_, err = h.library.Withdraw(ctx, id, 2, "Опубликовано по ошибке.", by)
	case 7:
		publish(4, "now")
		_, err = h.library.Store.Append(ctx, documents.Batch{Expect: -1, Entries: []documents.Entry{{Event: documents.Event{Kind: documents.Withheld, Document: id, Version: 1, Origin: h.library.LogOrigin()}}}})
	}
	must(h.t, err)
}

// A site of forty documents holds together: whatever one of its pages, the sitemap, a
// feed or an address of before leads to is there, and says of itself what others say
// of it.
func TestWholeSiteHoldsTogether(t *testing.T) {
	var root string
	h := newHouse(t, withTree(t), func(c *server.Config) {
		c.URL += "/policies"
		c.Settings.URL, root = c.URL, c.URL
	})
	sets := [][]string{{"ru"}, {"ru", "kk"}, {"kk", "ru", "en"}, {"en", "ar"}, {"de"}, {"ar"}, {"ru", "kk", "en", "ar", "de"}}
	var aliases []string
	for i := range 40 {
		id, tags := fmt.Sprintf("doc-%d", i), sets[i%len(sets)]
		h.storied(id, i%8, tags)
		if i%8 > 3 {
			aliases = append(aliases, fmt.Sprintf("/old/%d.html %s", i, id), fmt.Sprintf("/old-%d?id=%d %s/%s", i, i, id, tags[len(tags)-1]))
		}
	}
	h.server.Changed()
	h.local("PUT", "/settings", toJSON(t, map[string]string{"aliases": strings.Join(append(aliases, "/old-nothing doc-0"), "\n")})).want(200)
	c := &crawl{walker: newWalker(t, root), pages: map[string]crawled{}, listed: map[string]map[string]string{}, parts: map[string]string{}, shapes: map[string]int{}}
	call(t, c.client, "GET", root+"/old-nothing", "").want(404)
	for _, row := range aliases {
		old := root + strings.Fields(row)[0]
		call(t, c.client, "GET", old, "").want(301)
		c.add(root+"/", old, true)
	}
	c.add(root+"/", root+"/", true)
	c.add(root+"/", root+"/sitemap.xml", true)
	c.all(1500)
	c.agree()
	for path, least := range map[string]int{"/doc-": 900, "/clause/": 100, "/compare/": 200, "format=docx": shapeMost, "/feed.atom": 100, "/log/proof/": 80, "/static/": 1} {
		if n := len(slices.DeleteFunc(sorted(c.seen), func(at string) bool { return !strings.Contains(at, path) })); n < least {
			t.Errorf("only %d addresses have %s", n, path)
		}
	}
	if len(c.listed) < 100 || len(c.parts) < 1000 {
		t.Errorf("the sitemap has %d addresses, and %d parts of pages are led to", len(c.listed), len(c.parts))
	}
}
