package server

import (
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/documents/redline"
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

const (
	feedMost    = 20              // events on a page of a feed
	feedLetters = 2500            // of the changed clauses of one event
	feedFor     = 2 * time.Second // how long versions are compared for a page of it
)

func (p *site) feedOfDocument(v *visit) ([]byte, error) {
	s, err := v.subject()
	if err != nil {
		return nil, err
	}
	s.tag = s.Prevailing
	v.w = catalogue.In(s.tag)
	return v.feed(s, v.href(s.ID, "feed.atom"), ordered(s.Titles, v.settings.Languages))
}

func (p *site) feedOfLanguage(v *visit) ([]byte, error) {
	s, err := v.subject()
	if err != nil {
		return nil, err
	}
	return v.feed(s, v.href(s.ID, s.tag, "feed.atom"), []string{s.tag})
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

// feed writes one entry per event, the latest first. Ids come from the log's own
// name, which never changes, so an entry is the same for ever, whatever the address
// becomes. tags are the languages of the pages that it is about.
func (v *visit) feed(s subject, self string, tags []string) ([]byte, error) {
	events := s.t.Events
	if len(events) == 0 {
		return nil, errNoPage
	}
	page, older, err := v.feedPage(events)
	if err != nil {
		return nil, err
	}
	heading, _ := title(s.Titles, s.tag, s.Prevailing, s.ID)
	origin, at := events[0].Origin, v.absolute(self)
	f := atomFeed{
		Lang: s.tag, ID: urn(origin, "feed", s.ID, strings.TrimPrefix(self, v.base())), Title: v.w.T("feed-title", "document", heading),
		Updated: stamp(events[len(events)-1].Time), Author: atomAuthor{or(v.settings.Organisation, v.w.T("name"))}, Generator: atomGenerator{v.Version, "Vestnik"},
		Links: []atomLink{{Rel: "self", Type: atomMIME, Href: at}},
	}
	if before := v.r.URL.Query().Get("before"); before != "" {
		f.Links[0].Href = at + "?before=" + before
		f.Links = append(f.Links, atomLink{Rel: "first", Type: atomMIME, Href: at})
	}
	if older > 0 {
		f.Links = append(f.Links, atomLink{Rel: "next", Type: atomMIME, Href: fmt.Sprintf("%s?before=%d", at, older)})
	}
	for _, tag := range tags {
		f.Links = append(f.Links, atomLink{"alternate", "text/html", tag, v.absolute(v.href(s.ID, tag))})
	}
	until := time.Now().Add(feedFor)
	for i := len(page) - 1; i >= 0; i-- {
		entry, err := v.feedEntry(s, page[i], heading, origin, time.Now().Before(until))
		if err != nil {
			return nil, err
		}
		f.Entries = append(f.Entries, entry)
	}
	body, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		return nil, fmt.Errorf("feed of %s: %w", s.ID, err)
	}
	return append([]byte(xml.Header), body...), nil
}

const atomMIME = "application/atom+xml"

// feedPage are the events that a page shows, and the Seq before which the next one
// begins, 0 if there is none.
func (v *visit) feedPage(events []documents.Event) (page []documents.Event, older documents.Seq, err error) {
	end := len(events)
	if q := v.r.URL.Query().Get("before"); q != "" {
		before, err := numberIn(q)
		if err != nil {
			return nil, 0, err
		}
		for end > 0 && events[end-1].Seq >= documents.Seq(before) {
			end--
		}
	}
	from := max(0, end-feedMost)
	if from > 0 {
		older = events[from].Seq
	}
	return events[from:end], older, nil
}

func (v *visit) feedEntry(s subject, e documents.Event, heading, origin string, compare bool) (atomEntry, error) {
	name := versionName(v.w, e.Version)
	out := atomEntry{
		ID: urn(origin, "event", fmt.Sprint(e.Seq)), Updated: stamp(changedAt(s.t, e)), Published: stamp(e.Time),
		Title: v.w.T("feed-entry", "document", heading, "version", name, "event", kindName(v.w, e.Kind)),
	}
	href := v.href(s.ID, s.tag, "v", e.Version)
	here, ok := s.t.Standing(e.Version)
	content := feedContent{W: v.w, Lang: v.w.Lang, TextLang: s.tag, TextDir: dirOf(s.tag), Lines: v.summary(s, e), Note: noteFacts(v.w, e.Notes[s.tag])}
	before, has := predecessor(s.t, here)
	if ok && has && (e.Kind == documents.Published || e.Kind == documents.Imported) {
		href = hrefCompare(v.base(), s.ID, s.tag, before.Number, here.Number)
		if compare && !here.Withheld && !before.Withheld {
			if err := v.feedExcerpt(&content, s, before.Number, here.Number); err != nil {
				return out, err
			}
		}
	}
	if !ok {
		href = v.href(s.ID, "register") + fmt.Sprintf("#e%d", e.Seq)
		out.Title = heading + ": " + kindName(v.w, e.Kind)
	}
	content.Href = v.absolute(href)
	out.Links = []atomLink{{"alternate", "text/html", s.tag, content.Href}}
	out.Summary = atomText{"text", strings.Join(content.Lines, " ")}
	body, err := execute("feed.html", content)
	out.Content = atomText{"html", strings.TrimSpace(string(body))}
	return out, err
}

// changedAt is when what an entry says was last changed: a version that was
// withheld since is shown no more.
func changedAt(t documents.Timeline, e documents.Event) time.Time {
	at := e.Time
	for _, later := range t.Events {
		if later.Kind == documents.Withheld && later.Version == e.Version && later.Time.After(at) {
			at = later.Time
		}
	}
	return at
}

// feedContent is what a reader of the feed learns without opening anything.
type feedContent struct {
	W                       lang.Words
	Lang, TextLang, TextDir string
	Lines                   []string
	Note                    []fact
	Changes                 []feedChange
	More, Href              string
}

type feedChange struct {
	Head          string
	Before, After []redline.Span
	Remarks       []string
}

// feedExcerpt shows the changed clauses, as many as a feed holds.
func (v *visit) feedExcerpt(c *feedContent, s subject, a, b int) error {
	r, err := v.Library.Compare(v.ctx, s.ID, a, b, s.tag)
	if errors.Is(err, documents.ErrNotFound) || r == nil {
		return nil // one of them has no text in this language
	}
	if err != nil {
		return err
	}
	x := r.Excerpt(feedLetters)
	for _, p := range x.Passages {
		c.Changes = append(c.Changes, feedChange{p.Headline(v.w.Lang), p.Before, p.After, p.Remarks(v.w.Lang)})
	}
	if x.Left > 0 {
		c.More = v.w.N("feed-more", x.Left)
	}
	return nil
}

// summary are the facts of an event, each a sentence.
func (v *visit) summary(s subject, e documents.Event) []string {
	var lines []string
	if e.Class != "" {
		lines = append(lines, className(v.w, e.Class)+".")
	}
	if e.Effective.Date != "" {
		lines = append(lines, v.w.T("feed-effective", "date", effectiveMoment(v.w, e.Effective))+".")
	}
	if e.ReasonText != "" {
		lines = append(lines, v.w.T("reason")+": "+e.ReasonText)
	}
	if e.Figures != "" {
		lines = append(lines, closedFigures(v.w, e.Figures))
	}
	if len(lines) == 0 {
		lines = append(lines, kindName(v.w, e.Kind)+".")
	}
	return lines
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
