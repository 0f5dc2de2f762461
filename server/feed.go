package server

import (
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vestnik/documents"
)

// Atom, RFC 4287.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Updated   string     `xml:"updated"`
	Published string     `xml:"published"`
	Links     []atomLink `xml:"link"`
	Content   atomText   `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// feedMost is how many events a feed holds, the latest ones.
const feedMost = 100

func (p *site) feedOfDocument(v *visit) ([]byte, error) {
	s, err := v.subject()
	if err != nil {
		return nil, err
	}
	s.tag = s.Prevailing
	v.w = catalogue.In(s.tag)
	return v.feed(s, v.href(s.ID, "feed.atom"))
}

func (p *site) feedOfLanguage(v *visit) ([]byte, error) {
	s, err := v.subject()
	if err != nil {
		return nil, err
	}
	return v.feed(s, v.href(s.ID, s.tag, "feed.atom"))
}

// file answers with what changes only with the log, the settings and the titles.
func (p *site) file(contentType string, build func(*visit) ([]byte, error)) handler {
	return p.public(func(v *visit, w http.ResponseWriter) error {
		return v.kept(w, contentType, noSpot, func() ([]byte, time.Time, error) {
			body, err := build(v)
			return body, time.Time{}, err
		})
	})
}

const (
	atomType    = "application/atom+xml; charset=utf-8"
	sitemapType = "application/xml; charset=utf-8"
)

// feed writes one entry per event. Ids come from the log's own name, which never
// changes, so an entry is the same for ever, whatever the address becomes.
func (v *visit) feed(s subject, self string) ([]byte, error) {
	heading, _ := title(s.Titles, s.tag, s.Prevailing, s.ID)
	events := s.t.Events
	if len(events) == 0 {
		return nil, errNoPage
	}
	origin := events[0].Origin
	f := atomFeed{
		Lang: v.w.Lang, ID: urn(origin, "feed", s.ID, strings.TrimPrefix(self, v.base())), Title: v.w.T("feed-title", "document", heading),
		Updated: stamp(events[len(events)-1].Time), Author: atomAuthor{or(v.settings.Organisation, v.w.T("name"))},
		Links: []atomLink{{"self", "application/atom+xml", v.absolute(self)}, {"alternate", "text/html", v.absolute(v.href(s.ID, s.tag))}},
	}
	for i := len(events) - 1; i >= 0 && len(f.Entries) < feedMost; i-- {
		f.Entries = append(f.Entries, v.feedEntry(s, events[i], heading, origin))
	}
	body, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		return nil, fmt.Errorf("feed of %s: %w", s.ID, err)
	}
	return append([]byte(xml.Header), body...), nil
}

func (v *visit) feedEntry(s subject, e documents.Event, heading, origin string) atomEntry {
	name := versionName(v.w, e.Version)
	out := atomEntry{
		ID: urn(origin, "event", fmt.Sprint(e.Seq)), Updated: stamp(e.Time), Published: stamp(e.Time),
		Title: v.w.T("feed-entry", "document", heading, "version", name, "event", kindName(v.w, e.Kind)),
	}
	href := v.href(s.ID, s.tag, "v", e.Version)
	here, ok := s.t.Standing(e.Version)
	before, has := predecessor(s.t, here)
	if ok && has && (e.Kind == documents.Published || e.Kind == documents.Imported) {
		href = hrefCompare(v.base(), s.ID, s.tag, before.Number, here.Number)
	}
	if !ok {
		href = v.href(s.ID, "register") + fmt.Sprintf("#e%d", e.Seq)
		out.Title = heading + ": " + kindName(v.w, e.Kind)
	}
	out.Links = []atomLink{{"alternate", "text/html", v.absolute(href)}}
	out.Content = atomText{"text", v.excerpt(s, e)}
	return out
}

// excerpt is what a reader of the feed learns without opening anything.
func (v *visit) excerpt(s subject, e documents.Event) string {
	var lines []string
	if e.Class != "" {
		lines = append(lines, className(v.w, e.Class)+".")
	}
	if e.Effective.Date != "" {
		lines = append(lines, v.w.T("feed-effective", "date", effectiveMoment(v.w, e.Effective)))
	}
	if e.ReasonText != "" {
		lines = append(lines, v.w.T("reason")+": "+e.ReasonText)
	}
	for _, f := range noteFacts(v.w, e.Notes[s.tag]) {
		lines = append(lines, f.Text+": "+f.More)
	}
	if e.Figures != "" {
		lines = append(lines, closedFigures(v.w, e.Figures))
	}
	return strings.Join(lines, "\n\n")
}

// urn is a UUID of version 8 (RFC 9562) made from names.
func urn(names ...string) string {
	d := documents.SHA256([]byte(strings.Join(names, "\n")))
	d[6], d[8] = d[6]&0x0f|0x80, d[8]&0x3f|0x80
	h := hex.EncodeToString(d[:16])
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func escapeQuery(s string) string { return url.QueryEscape(s) }

type sitemap struct {
	XMLName xml.Name      `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	XHTML   string        `xml:"xmlns:xhtml,attr"`
	URLs    []sitemapPage `xml:"url"`
}

type sitemapPage struct {
	Loc     string        `xml:"loc"`
	LastMod string        `xml:"lastmod,omitempty"`
	Links   []sitemapLink `xml:"xhtml:link"`
}

type sitemapLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

// sitemap lists what search engines should keep: the current text of each
// document in each language, and its register.
func (p *site) sitemap(v *visit) ([]byte, error) {
	docs, err := p.Library.Documents(v.ctx)
	if err != nil {
		return nil, err
	}
	out := sitemap{XHTML: "http://www.w3.org/1999/xhtml", URLs: []sitemapPage{{Loc: v.absolute(v.base() + "/")}}}
	for _, d := range docs {
		t, err := v.timeline(d.ID)
		if err != nil {
			return nil, err
		}
		if len(t.Events) == 0 {
			continue
		}
		changed := stamp(t.Events[len(t.Events)-1].Time)
		var links []sitemapLink
		tags := ordered(d.Titles, v.settings.Languages)
		for _, tag := range tags {
			links = append(links, sitemapLink{"alternate", tag, v.absolute(v.href(d.ID, tag))})
		}
		for _, tag := range tags {
			out.URLs = append(out.URLs, sitemapPage{v.absolute(v.href(d.ID, tag)), changed, links})
		}
		out.URLs = append(out.URLs, sitemapPage{v.absolute(v.href(d.ID, "register")), changed, nil})
	}
	body, err := xml.MarshalIndent(out, "", " ")
	if err != nil {
		return nil, fmt.Errorf("sitemap: %w", err)
	}
	return append([]byte(xml.Header), body...), nil
}
