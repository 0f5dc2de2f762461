package server

import (
	"encoding/xml"
	"fmt"
	"time"

	"vestnik/documents"
)

// sitemapMost is how many addresses one file may have (sitemaps.org).
const sitemapMost = 50_000

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

type sitemapIndex struct {
	XMLName xml.Name      `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Parts   []sitemapPart `xml:"sitemap"`
}

type sitemapPart struct {
	Loc string `xml:"loc"`
}

// sitemap lists what search engines should keep: the current text of each
// document in each language, what is to come, and its register.
func (p *site) sitemap(v *visit) ([]byte, time.Time, error) {
	docs, err := p.Library.Documents(v.ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	all := []sitemapPage{{Loc: v.absolute(v.base() + "/")}, {Loc: v.absolute(v.base() + "/register")}, {Loc: v.absolute(v.base() + "/verify")}, {Loc: v.absolute(v.base() + "/why")}}
	for _, d := range docs {
		t, err := v.timeline(d.ID)
		if err != nil {
			return nil, time.Time{}, err
		}
		if len(t.Versions) > 0 {
			all = append(all, v.sitemapOf(d, t)...)
		}
	}
	body, err := sitemapXML(all, v.r.URL.Query().Get("before"), v.absolute(v.base()+"/sitemap.xml"), sitemapMost)
	return body, time.Time{}, err
}

// sitemapXML is a file with all pages, or an index of files with no more than most
// each; before, the end of one of those, asks for it.
func sitemapXML(all []sitemapPage, before, self string, most int) ([]byte, error) {
	var out any = sitemap{XHTML: "http://www.w3.org/1999/xhtml", URLs: all}
	switch {
	case before != "":
		end, err := numberIn(before)
		if err != nil || end > len(all)+most || (end-1)%most != 0 || end <= most {
			return nil, errNoPage
		}
		out = sitemap{XHTML: "http://www.w3.org/1999/xhtml", URLs: all[end-1-most : min(end-1, len(all))]}
	case len(all) > most:
		index := sitemapIndex{}
		for end := most; end < len(all)+most; end += most {
			index.Parts = append(index.Parts, sitemapPart{fmt.Sprintf("%s?before=%d", self, end+1)})
		}
		out = index
	}
	body, err := xml.MarshalIndent(out, "", " ")
	if err != nil {
		return nil, fmt.Errorf("sitemap: %w", err)
	}
	return append([]byte(xml.Header), body...), nil
}

func (v *visit) sitemapOf(d documents.Document, t documents.Timeline) []sitemapPage {
	changed := stamp(t.Events[len(t.Events)-1].Time)
	tags := ordered(d.Titles, v.settings.Languages)
	_, now := t.InForce(v.now)
	var out []sitemapPage
	if now {
		out = v.sitemapPages(d.ID, tags, changed, nil)
	}
	for _, o := range t.Upcoming(v.now) {
		if !o.Withheld {
			out = append(out, v.sitemapPages(d.ID, tags, changed, []any{"v", o.Number})...)
		}
	}
	return append(out, sitemapPage{v.absolute(v.href(d.ID, "register")), changed, nil})
}

// sitemapPages are a page in each language, each with all of them.
func (v *visit) sitemapPages(id string, tags []string, changed string, tail []any) []sitemapPage {
	at := func(tag string) string { return v.absolute(v.href(id, append([]any{tag}, tail...)...)) }
	var links []sitemapLink
	for _, tag := range tags {
		links = append(links, sitemapLink{"alternate", tag, at(tag)})
	}
	if tail == nil {
		links = append(links, sitemapLink{"alternate", "x-default", v.absolute(v.href(id))})
	}
	var out []sitemapPage
	for _, tag := range tags {
		out = append(out, sitemapPage{at(tag), changed, links})
	}
	return out
}
