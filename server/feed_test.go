package server_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"vestnik/documents"
	"vestnik/server"
)

type atomLinkRead struct {
	Rel      string `xml:"rel,attr"`
	Type     string `xml:"type,attr"`
	Hreflang string `xml:"hreflang,attr"`
	Href     string `xml:"href,attr"`
}

type atomTextRead struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type atomRead struct {
	XMLName xml.Name
	Lang    string         `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	IDs     []string       `xml:"http://www.w3.org/2005/Atom id"`
	Titles  []atomTextRead `xml:"http://www.w3.org/2005/Atom title"`
	Updated []string       `xml:"http://www.w3.org/2005/Atom updated"`
	Authors []struct {
		Names []string `xml:"http://www.w3.org/2005/Atom name"`
	} `xml:"http://www.w3.org/2005/Atom author"`
	Links   []atomLinkRead `xml:"http://www.w3.org/2005/Atom link"`
	Entries []atomItemRead `xml:"http://www.w3.org/2005/Atom entry"`
}

type atomItemRead struct {
	IDs       []string       `xml:"http://www.w3.org/2005/Atom id"`
	Titles    []atomTextRead `xml:"http://www.w3.org/2005/Atom title"`
	Updated   []string       `xml:"http://www.w3.org/2005/Atom updated"`
	Published []string       `xml:"http://www.w3.org/2005/Atom published"`
	Links     []atomLinkRead `xml:"http://www.w3.org/2005/Atom link"`
	Summaries []atomTextRead `xml:"http://www.w3.org/2005/Atom summary"`
	Contents  []atomTextRead `xml:"http://www.w3.org/2005/Atom content"`
}

// readAtom reads a feed and fails on what RFC 4287 forbids.
func readAtom(t *testing.T, body string) atomRead {
	t.Helper()
	var f atomRead
	must(t, xml.Unmarshal([]byte(body), &f))
	if f.XMLName.Space != "http://www.w3.org/2005/Atom" || f.XMLName.Local != "feed" || f.Lang == "" {
		t.Fatalf("the root is %v in %q", f.XMLName, f.Lang)
	}
	one := func(what string, n int) {
		if n != 1 {
			t.Errorf("%d %s, want one", n, what)
		}
	}
	one("ids of the feed", len(f.IDs))
	one("titles of the feed", len(f.Titles))
	one("updated of the feed", len(f.Updated))
	if len(f.Authors) == 0 || len(f.Authors[0].Names) != 1 || f.Authors[0].Names[0] == "" {
		t.Error("4.1.1: no author") // of the feed, so the entries need none
	}
	checkAtomElements(t, body)
	checkAtomLinks(t, f.Links)
	if !slices.ContainsFunc(f.Links, func(l atomLinkRead) bool { return l.Rel == "self" }) {
		t.Error("4.1.1: no link to itself")
	}
	last := instant(t, f.Updated[0])
	seen := map[string]bool{}
	for _, e := range f.Entries {
		one("ids of an entry", len(e.IDs))
		one("titles of an entry", len(e.Titles))
		one("updated of an entry", len(e.Updated))
		one("summaries", len(e.Summaries))
		one("contents", len(e.Contents))
		if seen[e.IDs[0]] || !strings.HasPrefix(e.IDs[0], "urn:uuid:") || strings.TrimSpace(e.Titles[0].Text) == "" {
			t.Errorf("4.2.6: the id %q of %q", e.IDs[0], e.Titles[0].Text)
		}
		seen[e.IDs[0]] = true
		if instant(t, e.Updated[0]).After(last) || instant(t, e.Published[0]).After(instant(t, e.Updated[0])) {
			t.Errorf("an entry is of %s, published %s, the feed of %s", e.Updated[0], e.Published[0], f.Updated[0])
		}
		checkAtomLinks(t, e.Links)
		if e.Contents[0].Type != "html" || e.Summaries[0].Type != "text" || e.Summaries[0].Text == "" {
			t.Errorf("4.1.3: content of type %q, summary %q", e.Contents[0].Type, e.Summaries[0].Text)
		}
		checkFeedHTML(t, e.Contents[0].Text)
	}
	return f
}

// atomHas is what RFC 4287 lets stand in which element, as far as we write any of it,
// and which attributes each may have.
var atomHas = map[string][2]string{
	"": {"feed", ""}, "feed": {"id title updated author generator link entry", "xmlns xml:lang"}, "author": {"name", ""}, "name": {}, "id": {}, "updated": {}, "published": {},
	"generator": {"", "version"}, "link": {"", "rel type hreflang href"}, "entry": {"id title updated published link summary content", ""}, "title": {}, "summary": {"", "type"}, "content": {"", "type"},
}

// checkAtomElements fails on an element, an attribute or a text that has no place
// where it stands.
func checkAtomElements(t *testing.T, body string) {
	t.Helper()
	open := []string{""}
	for d := xml.NewDecoder(strings.NewReader(body)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		must(t, err)
		in := open[len(open)-1]
		switch x := token.(type) {
		case xml.StartElement:
			if !slices.Contains(strings.Fields(atomHas[in][0]), x.Name.Local) || x.Name.Space != "http://www.w3.org/2005/Atom" {
				t.Errorf("<%s> stands in <%s>", x.Name.Local, in)
			}
			for _, a := range x.Attr {
				name := strings.Replace(strings.TrimPrefix(a.Name.Space+":"+a.Name.Local, ":"), "http://www.w3.org/XML/1998/namespace", "xml", 1)
				if !slices.Contains(strings.Fields(atomHas[x.Name.Local][1]), name) || a.Value == "" {
					t.Errorf("<%s> has %s=%q", x.Name.Local, name, a.Value)
				}
			}
			open = append(open, x.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if atomHas[in][0] != "" && strings.TrimSpace(string(x)) != "" {
				t.Errorf("<%s> has the text %q", in, x)
			}
		}
	}
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	must(t, err)
	return at
}

func checkAtomLinks(t *testing.T, links []atomLinkRead) {
	t.Helper()
	alternates := map[string]bool{}
	for _, l := range links {
		u, err := url.Parse(l.Href)
		if err != nil || !u.IsAbs() {
			t.Errorf("the link %q leads nowhere by itself", l.Href)
		}
		if l.Rel == "alternate" && alternates[l.Type+l.Hreflang] {
			t.Errorf("4.1.1: two alternates of %s %s", l.Type, l.Hreflang)
		}
		alternates[l.Type+l.Hreflang] = true
	}
	if len(alternates) == 0 {
		t.Error("no links")
	}
}

// checkFeedHTML fails on a fragment that could do anything in a reader.
func checkFeedHTML(t *testing.T, fragment string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(fragment))
	must(t, err)
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains([]string{"script", "img", "iframe", "style", "form", "object"}, n.Data) {
			t.Errorf("a feed has <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "href" && !strings.HasPrefix(a.Val, "http") {
				t.Errorf("a feed has %s=%q", a.Key, a.Val)
			}
		}
	}
}

func TestFeeds(t *testing.T) {
	h := staged(t)
	ids := map[string]bool{}
	var entries [][]string
	for _, path := range []string{"/privacy/feed.atom", "/privacy/ru/feed.atom", "/privacy/kk/feed.atom", "/privacy/en/feed.atom"} {
		a := h.get(path).want(200)
		f := readAtom(t, a.body)
		if !strings.HasPrefix(a.header.Get("Content-Type"), "application/atom+xml") || len(f.Entries) != 3 || ids[f.IDs[0]] {
			t.Errorf("%s: %s with %d entries, id %s", path, a.header.Get("Content-Type"), len(f.Entries), f.IDs[0])
		}
		ids[f.IDs[0]] = true
		if f.Links[0].Href != h.tcp.URL+path {
			t.Errorf("%s calls itself %s", path, f.Links[0].Href)
		}
		var of []string
		for _, e := range f.Entries {
			of = append(of, e.IDs[0])
		}
		entries = append(entries, of)
		call(t, h.browser(), "GET", h.tcp.URL+path, "", "If-None-Match", a.header.Get("ETag")).want(http.StatusNotModified)
	}
	for _, of := range entries[1:] {
		if !slices.Equal(of, entries[0]) {
			t.Error("an event's id depends on the language")
		}
	}
	kk := readAtom(t, h.get("/privacy/kk/feed.atom").body)
	if c := kk.Entries[0].Contents[0].Text; !strings.Contains(c, "мерзімі қысқарды") || !strings.Contains(c, "<del>30</del>") || !strings.Contains(c, "<ins>15</ins>") || !strings.Contains(c, "/privacy/kk/compare/2...3") {
		t.Errorf("the entry lacks note, excerpt or link: %s", c)
	}
}

// Ids stay when the address of the site changes.
func TestFeedIDsStay(t *testing.T) {
	plain := readAtom(t, staged(t).get("/privacy/ru/feed.atom").body)
	moved := readAtom(t, staged(t, func(c *server.Config) { c.URL = "https://other.example/policies" }).get("/policies/privacy/ru/feed.atom").body)
	if plain.IDs[0] != moved.IDs[0] || plain.Entries[0].IDs[0] != moved.Entries[0].IDs[0] || !strings.HasPrefix(moved.Entries[0].Links[0].Href, "https://other.example/policies/") {
		t.Errorf("%s and %s, link %s", plain.IDs[0], moved.IDs[0], moved.Entries[0].Links[0].Href)
	}
}

func TestFeedIsPaged(t *testing.T) {
	h := staged(t)
	for i := range 22 {
		h.local("POST", "/documents/privacy/versions/2/correct", toJSON(t, map[string]any{"notes": map[string]documents.Note{
			"ru": {What: fmt.Sprint("раз ", i)}, "kk": {What: fmt.Sprint("бір ", i)}, "en": {What: fmt.Sprint("one ", i)}}})).want(200)
	}
	first := readAtom(t, h.get("/privacy/ru/feed.atom").want(200).body)
	next := slices.IndexFunc(first.Links, func(l atomLinkRead) bool { return l.Rel == "next" })
	if len(first.Entries) != 20 || next < 0 {
		t.Fatalf("%d entries, next %d", len(first.Entries), next)
	}
	second := readAtom(t, h.get(strings.TrimPrefix(first.Links[next].Href, h.tcp.URL)).want(200).body)
	if len(second.Entries) != 5 || second.IDs[0] != first.IDs[0] || slices.ContainsFunc(second.Links, func(l atomLinkRead) bool { return l.Rel == "next" }) {
		t.Errorf("the second page has %d entries, id %s: %v", len(second.Entries), second.IDs[0], second.Links)
	}
	for _, e := range second.Entries {
		if slices.ContainsFunc(first.Entries, func(f atomItemRead) bool { return f.IDs[0] == e.IDs[0] }) {
			t.Error("an entry is on both pages")
		}
	}
	for _, before := range []string{"x", "0", "1", "26", "007", "99999999999"} {
		h.get("/privacy/ru/feed.atom?before=" + before).want(404)
	}
}

// When a version takes effect the feeds say so by themselves, in their language, with
// an id that is the same in all of them, and a reader who had the feed before is sent
// it anew.
func TestFeedTellsWhatTookEffect(t *testing.T) {
	t.Parallel()
	h := staged(t)
	soon := time.Now().Add(700 * time.Millisecond)
	draft := draftOf(2, documents.Notice, soon.UTC().Format(time.RFC3339Nano))
	draft.Document, draft.Change.Urgent = "terms", true
	by := documents.Actor{Name: "local"}
	_, err := h.library.Create(t.Context(), documents.Document{ID: "terms", Prevailing: "ru", Titles: map[string]string{"ru": "Условия", "kk": "Шарттар", "en": "Terms"}}, by)
	must(t, err)
	for _, effective := range []string{"now", draft.Effective} {
		draft.Effective = effective
		_, err = h.library.Publish(t.Context(), documents.Publication{Document: "terms", Draft: draft, Based: -1}, by)
		must(t, err)
	}
	before := h.get("/terms/kk/feed.atom").want(200)
	if n := len(readAtom(t, before.body).Entries); n != 2 && time.Now().Before(soon) {
		t.Errorf("%d entries before it took effect", n)
	}
	until(t, "the feed changes", func() bool {
		return h.get("/terms/kk/feed.atom", "If-None-Match", before.header.Get("ETag")).status == 200
	})
	ids := map[string]bool{}
	for tag, want := range map[string][2]string{"ru": {"Условия: Версия 2. Вступила в силу", "Дата вступления в силу: "}, "kk": {"Шарттар: 2-нұсқа. Күшіне енді", "Күшіне ену күні: "}, "en": {"Terms: Version 2. Took effect", "Effective date: "}} {
		f := readAtom(t, h.get("/terms/"+tag+"/feed.atom").want(200).body)
		e := f.Entries[0]
		ids[e.IDs[0]] = true
		at := soon.UTC().Format(time.RFC3339)
		if len(f.Entries) != 3 || e.Titles[0].Text != want[0] || e.Updated[0] != at || f.Updated[0] != at || !strings.Contains(e.Summaries[0].Text, want[1]) || !strings.HasSuffix(e.Links[0].Href, "/terms/"+tag+"/v/2") {
			t.Errorf("%s: %d entries, %q of %s, feed of %s: %s, %s", tag, len(f.Entries), e.Titles[0].Text, e.Updated[0], f.Updated[0], e.Summaries[0].Text, e.Links[0].Href)
		}
	}
	if len(ids) != 1 {
		t.Errorf("%d ids of one entry", len(ids))
	}
}

func TestHostileFeed(t *testing.T) {
	h := newHouse(t, withTree(t))
	h.local("PUT", "/settings", toJSON(t, map[string]string{"organisation": `</name><script>alert(1)</script>`})).want(200)
	publish := func(n int) {
		d := &documents.Draft{Document: "bad", Effective: "now", Texts: []documents.DraftText{{Lang: "ru", Source: fmt.Sprintf("# ]]></title><script>alert(%d)</script>\n\n1. Раз %d <img src=x onerror=alert(1)> ]]>\n", n, n)}},
			Change: documents.Change{Class: documents.Notice, Urgent: true, Reason: "<img src=x onerror=alert(1)>", Notes: map[string]documents.Note{"ru": {What: "<script>alert(1)</script>"}}}}
		_, err := h.library.Publish(t.Context(), documents.Publication{Document: "bad", Draft: d, Based: -1}, documents.Actor{Name: "local"})
		must(t, err)
	}
	_, err := h.library.Create(t.Context(), documents.Document{ID: "bad", Titles: map[string]string{"ru": "<b>"}, Prevailing: "ru"}, documents.Actor{Name: "local"})
	must(t, err)
	publish(1)
	publish(2)
	readAtom(t, h.get("/bad/ru/feed.atom").want(200).lacks("<script").body)
	page := h.get("/bad/ru").want(200)
	checkData(t, page.body)
}

var dataElement = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)

// checkData reads the structured data of a page, of which it must have one.
func checkData(t *testing.T, body string) map[string]any {
	t.Helper()
	found := dataElement.FindAllStringSubmatch(body, -1)
	if len(found) != 1 || strings.ContainsAny(found[0][1], "<>") {
		t.Fatalf("%d pieces of structured data: %v", len(found), found)
	}
	var out map[string]any
	must(t, json.Unmarshal([]byte(found[0][1]), &out))
	return out
}

func TestStructuredData(t *testing.T) {
	h := staged(t)
	h.local("PUT", "/settings", toJSON(t, map[string]string{"organisation": "ТОО \"</script><!--\u2028 & \\", "bin": "123456789012"})).want(200)
	a := h.get("/privacy/kk").want(200)
	if p := a.header.Get("Content-Security-Policy"); strings.Contains(p, "unsafe") || strings.Contains(p, "'sha256") {
		t.Errorf("the policy is %s", p)
	}
	data := checkData(t, a.body)
	publisher, _ := data["publisher"].(map[string]any)
	if data["@type"] != "DigitalDocument" || data["version"] != 2.0 || data["inLanguage"] != "kk" || data["name"] != "Дербес деректерді өңдеу саясаты" || publisher["name"] != "ТОО \"</script><!--\u2028 & \\" || publisher["taxID"] != "123456789012" {
		t.Errorf("the data are %v", data)
	}
	if _, err := time.Parse(time.RFC3339, fmt.Sprint(data["datePublished"])); err != nil || !strings.Contains(fmt.Sprint(data["temporalCoverage"]), "/") {
		t.Errorf("published %v, in force %v", data["datePublished"], data["temporalCoverage"])
	}
	if checkData(t, h.get("/privacy/kk/v/1").want(200).body)["datePublished"] != "2019-12-20" {
		t.Error("an imported version was published when it says")
	}
}

func TestSitemap(t *testing.T) {
	h := staged(t)
	var sitemap struct {
		URLs []struct {
			Loc   string `xml:"loc"`
			Links []struct {
				Lang string `xml:"hreflang,attr"`
				Href string `xml:"href,attr"`
			} `xml:"http://www.w3.org/1999/xhtml link"`
		} `xml:"url"`
	}
	must(t, xml.Unmarshal([]byte(h.get("/sitemap.xml").want(200).body), &sitemap))
	if len(sitemap.URLs) != 4+3+3+1 {
		t.Errorf("the sitemap has %d addresses", len(sitemap.URLs))
	}
	for _, u := range sitemap.URLs {
		h.get(strings.TrimPrefix(u.Loc, h.tcp.URL)).want(200).lacks("noindex").has(`<link rel="canonical" href="` + u.Loc + `">`)
		for _, l := range u.Links {
			if target := h.get(strings.TrimPrefix(l.Href, h.tcp.URL)); target.status != 200 && l.Lang != "x-default" {
				t.Errorf("%s for %s is %d", l.Href, l.Lang, target.status)
			}
		}
	}
	h.get("/sitemap.xml?before=1").want(404)
	h.get("/sitemap.xml?before=50001").want(200)
	h.get("/robots.txt").want(200).has("Disallow: /desk", "Disallow: /me/", "Sitemap: "+h.tcp.URL+"/sitemap.xml")
}
