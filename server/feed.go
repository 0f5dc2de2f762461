package server

import (
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
)

// Atom, RFC 4287, in pages as RFC 5005, section 3, has them.
type atomFeed struct {
	XMLName   xml.Name      `xml:"http://www.w3.org/2005/Atom feed"`
	Lang      string        `xml:"xml:lang,attr"`
	ID        string        `xml:"id"`
	Title     string        `xml:"title"`
	Updated   string        `xml:"updated"`
	Author    atomAuthor    `xml:"author"`
	Generator atomGenerator `xml:"generator"`
	Links     []atomLink    `xml:"link"`
	Entries   []atomEntry   `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomGenerator struct {
	Version string `xml:"version,attr,omitempty"`
	Name    string `xml:",chardata"`
}

type atomLink struct {
	Rel      string `xml:"rel,attr"`
	Type     string `xml:"type,attr,omitempty"`
	Hreflang string `xml:"hreflang,attr,omitempty"`
	Href     string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Updated   string     `xml:"updated"`
	Published string     `xml:"published"`
	Links     []atomLink `xml:"link"`
	Summary   atomText   `xml:"summary"`
	Content   atomText   `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

func (p *site) feedOfDocument(v *visit) ([]byte, time.Time, error) {
	s, err := v.subject()
	if err != nil {
		return nil, time.Time{}, err
	}
	s.tag = s.Prevailing
	v.w = catalogue.In(s.tag)
	return v.feed(s, v.href(s.ID, "feed.atom"), ordered(s.Titles, v.settings.Languages))
}

func (p *site) feedOfLanguage(v *visit) ([]byte, time.Time, error) {
	s, err := v.subject()
	if err != nil {
		return nil, time.Time{}, err
	}
	return v.feed(s, v.href(s.ID, s.tag, "feed.atom"), []string{s.tag})
}

// file answers with what build makes, and until when that stays true.
func (p *site) file(contentType string, build func(*visit) ([]byte, time.Time, error)) handler {
	return p.public(func(v *visit, w http.ResponseWriter) error {
		return v.kept(w, contentType, noSpot, func() ([]byte, time.Time, error) { return build(v) })
	})
}

const (
	atomType    = "application/atom+xml; charset=utf-8"
	sitemapType = "application/xml; charset=utf-8"
)

// feed writes one entry per event and per version that took effect, the latest
// first. Ids come from the log's own name, which never changes, so an entry is the
// same for ever, whatever the address becomes. tags are the languages of the pages
// that it is about.
func (v *visit) feed(s subject, self string, tags []string) ([]byte, time.Time, error) {
	items := feedItems(s.t, v.now)
	page, older, err := v.feedPage(items)
	if err != nil {
		return nil, time.Time{}, err
	}
	f := v.feedHead(s, items[len(items)-1].at, self, older)
	for _, tag := range tags {
		f.Links = append(f.Links, atomLink{"alternate", "text/html", tag, v.absolute(v.href(s.ID, tag))})
	}
	w := &feedWriter{visit: v, s: s, origin: s.t.Events[0].Origin, stop: time.Now().Add(feedFor)}
	w.heading, _ = title(s.Titles, s.tag, s.Prevailing, s.ID)
	for _, item := range slices.Backward(page) {
		entry, err := w.entry(item)
		if err != nil {
			return nil, time.Time{}, err
		}
		f.Entries = append(f.Entries, entry)
	}
	body, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("feed of %s: %w", s.ID, err)
	}
	return append([]byte(xml.Header), body...), w.until, nil
}

const atomMIME = "application/atom+xml"

// feedHead is what stands before the entries of a page.
func (v *visit) feedHead(s subject, updated time.Time, self string, older int) atomFeed {
	heading, _ := title(s.Titles, s.tag, s.Prevailing, s.ID)
	at := v.absolute(self)
	f := atomFeed{
		Lang: s.tag, ID: urn(s.t.Events[0].Origin, "feed", s.ID, strings.TrimPrefix(self, v.base())), Title: v.w.T("feed-title", "document", heading),
		Updated: stamp(updated), Author: atomAuthor{or(v.settings.Organisation.In(v.w.Lang), v.w.T("name"))}, Generator: atomGenerator{v.Version, "Vestnik"},
		Links: []atomLink{{Rel: "self", Type: atomMIME, Href: at}},
	}
	if before := v.r.URL.Query().Get("before"); before != "" {
		f.Links[0].Href = at + "?before=" + before
		f.Links = append(f.Links, atomLink{Rel: "first", Type: atomMIME, Href: at})
	}
	if older > 0 {
		f.Links = append(f.Links, atomLink{Rel: "next", Type: atomMIME, Href: fmt.Sprintf("%s?before=%d", at, older)})
	}
	return f
}

// feedPage are the items that a page shows, and before which of them, counted from
// 1, the next page begins; 0 if there is none. What is new comes behind all others,
// so an item keeps its number.
func (v *visit) feedPage(items []feedItem) (page []feedItem, older int, err error) {
	end := len(items)
	if q := v.r.URL.Query().Get("before"); q != "" {
		before, err := numberIn(q)
		if err != nil || before < 2 || before > end {
			return nil, 0, errNoPage
		}
		end = before - 1
	}
	from := max(0, end-feedMost)
	if from > 0 {
		older = from + 1
	}
	return items[from:end], older, nil
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
