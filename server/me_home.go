package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

type mePage struct {
	page
	Tongues []meTongue
}

// meTongue is the page in one language. Somebody whose language is not known gets
// several.
type meTongue struct {
	W                lang.Words
	Lang, ID         string
	Choose           link // of one of several
	Stopped          string
	Facts            []fact
	Told             []toldNotice
	Span             string // which of the notices stand here, and how many there are, where one page has not all
	Newest, Older    string
	Groups           []actGroup
	Requests, Before []requestRow
	Contact          string
}

type toldNotice struct {
	ID, Href, Lang, Title, Version, State string
	Note                                  []fact
	Links                                 []link
}

// The most notices on a page, and requests before the others are folded.
const (
	meNotices  = 10
	meRequests = 5
)

// me shows a registered user what is held about them, what they were told and what
// they can do.
func (d door) me(g *guest) error {
	tongues := g.tongues()
	p := &mePage{page: tongues[0].page(tongues[0].w.T("me-title"))}
	requests, err := d.Notifier.RequestsOf(g.ctx, g.token)
	if err != nil {
		return err
	}
	for _, one := range tongues {
		t, err := one.tongue(requests)
		if err != nil {
			return err
		}
		p.Tongues = append(p.Tongues, t)
	}
	if len(p.Tongues) > 1 {
		p.Languages = nil
		for i, tag := range g.several() {
			p.Tongues[i].Choose = link{Href: "?lang=" + tag, Text: lang.Name(tag), Lang: tag}
		}
	}
	return g.show("me.html", p)
}

// tongues are the languages that the page is shown in: one, unless nobody knows
// which.
func (g *guest) tongues() []*guest {
	if g.asked != "" || g.who.Recipient.Language != "" || len(g.several()) < 2 {
		return []*guest{g}
	}
	var out []*guest
	for _, tag := range g.several() {
		out = append(out, g.in(tag))
	}
	return out
}

// several are the languages of a mail to somebody whose language is not known, as
// far as pages have them.
func (g *guest) several() (out []string) {
	for _, tag := range g.settings.Unknown {
		for _, have := range lang.Interface {
			if have == tag {
				out = append(out, tag)
			}
		}
	}
	return out
}

func (g *guest) tongue(requests []notifier.RequestView) (meTongue, error) {
	t := meTongue{W: g.w, Lang: g.w.Lang, ID: g.w.Lang, Facts: g.held(), Groups: g.groups(), Contact: g.contact(), Stopped: g.stopped()}
	if err := g.toldPage(&t); err != nil {
		return t, err
	}
	rows := g.requestRows(requests)
	first := min(len(rows), meRequests)
	t.Requests, t.Before = rows[:first], rows[first:]
	return t, nil
}

// stopped says that no mail goes to the address on file, or "".
func (g *guest) stopped() string {
	if !g.who.NotTheirs {
		return ""
	}
	return g.w.T("me-stopped", "address", g.who.MaskedAddress, "contact", g.contact())
}

func (g *guest) held() []fact {
	language := g.w.T("me-language-none")
	if g.who.Recipient.Language != "" {
		language = languageName(g.w, g.who.Recipient.Language)
	}
	out := []fact{
		{Text: g.w.T("me-account"), More: g.who.Account}, {Text: g.w.T("me-address"), More: g.who.MaskedAddress},
		{Text: g.w.T("me-language"), More: language},
	}
	if at := g.who.Recipient.RegisteredAt; !at.IsZero() {
		out = append(out, fact{Text: g.w.T("me-registered"), More: lang.Date(g.w.Lang, at.In(g.zone))})
	}
	if !g.who.Until.IsZero() {
		out = append(out, fact{Text: g.w.T("me-until"), More: lang.Date(g.w.Lang, g.who.Until.In(g.zone))})
	}
	return out
}

// toldPage lists notices, newest first: those below the one that the address names,
// or the newest.
func (g *guest) toldPage(t *meTongue) error {
	all := g.who.Told
	before, _ := strconv.ParseInt(g.r.URL.Query().Get("before"), 10, 64)
	first := max(0, slices.IndexFunc(all, func(one notifier.Told) bool { return int64(one.Notice.Seq) < before }))
	last := min(first+meNotices, len(all))
	known := map[string]subject{}
	for _, told := range all[first:last] {
		one, err := g.told(known, told)
		if err != nil {
			return err
		}
		t.Told = append(t.Told, one)
	}
	if len(all) > meNotices {
		t.Span = g.w.N("me-span", len(all), "from", lang.Number(g.w.Lang, first+1), "to", lang.Number(g.w.Lang, last))
	}
	if first > 0 {
		t.Newest = g.to("") + "#notices-" + t.ID
	}
	if last < len(all) {
		t.Older = g.withQuery(g.to(""), "before="+t.Told[len(t.Told)-1].ID) + "#notices-" + t.ID
	}
	return nil
}

// told is one notice as this person was owed it. Its text and comparison run from
// the version that they knew.
func (g *guest) told(known map[string]subject, told notifier.Told) (toldNotice, error) {
	s, err := g.subjectOf(known, told.Notice.Document)
	if err != nil {
		return toldNotice{}, err
	}
	heading, tagged := g.titleOf(s, told)
	n := told.Notice.Version
	out := toldNotice{ID: fmt.Sprint(told.Notice.Seq), Title: heading, Lang: tagged, Version: versionName(g.w, n), Href: g.href(told.Notice.Document, tagged, "v", n), State: g.toldState(told)}
	if here, ok := s.t.Standing(n); ok {
		out.Note = noteFacts(g.w, here.Notes[tagged])
		out.Links = []link{{Href: out.Href, Text: g.w.T("me-read")}}
		if since := told.Delivery.Since; since > 0 && since != n {
			out.Links = append(out.Links, link{Href: hrefCompare(g.base(), s.ID, tagged, since, n), Text: g.w.T("see-changes")})
		}
	}
	if !told.Delivery.Evidence.Form.IsZero() {
		out.Links = append(out.Links, link{Href: g.to("/mail/" + out.ID), Text: g.w.T("me-mail")})
	}
	return out, nil
}

// titleOf is the document's in the language of the page, else of the mail.
func (g *guest) titleOf(s subject, told notifier.Told) (text, tag string) {
	want := g.w.Lang
	if first, _, _ := strings.Cut(told.Delivery.Language, "+"); s.Titles[want] == "" && s.Titles[first] != "" {
		want = first
	}
	return title(s.Titles, want, s.Prevailing, told.Notice.Document)
}

func (g *guest) toldState(told notifier.Told) string {
	switch told.Delivery.State {
	case notifier.Accepted:
		return g.w.T("me-accepted", "date", lang.Date(g.w.Lang, told.Delivery.Evidence.At.In(g.zone)))
	case notifier.Failed:
		return g.w.T("me-failed")
	case notifier.Excluded:
		return g.w.T("me-excluded")
	case notifier.Covered:
		return g.w.T("me-covered")
	}
	return g.w.T("me-open")
}

// toldOf is the notice that the address names, if this person was owed it.
func (g *guest) toldOf() (notifier.Told, error) {
	for _, told := range g.who.Told {
		if fmt.Sprint(told.Notice.Seq) == g.r.PathValue("seq") {
			return told, nil
		}
	}
	return notifier.Told{}, documents.ErrNotFound
}
