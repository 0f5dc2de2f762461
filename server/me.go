package server

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

type mePage struct {
	page
	Facts   []fact
	Told    []toldNotice
	ReplyTo string
}

type toldNotice struct {
	Seq                               int64
	Href, Lang, Title, Version, State string
	Note                              []fact
	Links                             []link
}

// me shows a registered user what is held about them and what they were told. A
// visit changes nothing.
func (p *site) me(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Referrer-Policy", "no-referrer")
	who, err := p.personal(r)
	if err != nil {
		return err
	}
	set, err := p.book.Read(r.Context())
	if err != nil {
		return err
	}
	tag := negotiated(r, set)
	if who.Recipient.Language != "" && r.URL.Query().Get("lang") == "" {
		tag = lang.Near(who.Recipient.Language)
	}
	v := &visit{site: p, ctx: r.Context(), r: r, now: p.now(), settings: set, zone: set.Location(), w: catalogue.In(tag)}
	out := &mePage{page: v.page(v.w.T("me-title")), ReplyTo: set.ReplyTo}
	out.Private, out.NoIndex = true, true
	for _, tag := range interfaceLanguages(set) {
		out.Languages = append(out.Languages, link{Href: "?lang=" + tag, Text: lang.Name(tag), Lang: tag, Current: tag == v.w.Lang})
	}
	out.Facts = v.held(who)
	known := map[string]subject{}
	for _, told := range who.Told {
		one, err := v.told(known, told, tag)
		if err != nil {
			return err
		}
		out.Told = append(out.Told, one)
	}
	body, err := execute("me.html", out)
	if err != nil {
		return err
	}
	return writePage(w, http.StatusOK, body)
}

// personal is whom the token belongs to. A guess is counted over all nodes; a visit
// writes nothing.
func (p *site) personal(r *http.Request) (notifier.Personal, error) {
	client := clientOf(r.Context())
	if !p.limits.allow("me "+client, time.Second, 30) {
		return notifier.Personal{}, errTooMany
	}
	who, err := p.Notifier.Personal(r.Context(), r.PathValue("token"))
	if errors.Is(err, documents.ErrNotFound) {
		if slower := p.allow(r.Context(), "guess "+client, time.Second, 30); slower != nil {
			return notifier.Personal{}, slower
		}
	}
	return who, err
}

func (v *visit) held(who notifier.Personal) []fact {
	language := v.w.T("me-language-none")
	if who.Recipient.Language != "" {
		language = languageName(v.w, who.Recipient.Language)
	}
	out := []fact{{Text: v.w.T("me-address"), More: who.MaskedAddress}, {Text: v.w.T("me-language"), More: language}}
	if who.Recipient.Name != "" {
		out = append(out, fact{Text: v.w.T("me-name"), More: who.Recipient.Name})
	}
	if !who.Recipient.RegisteredAt.IsZero() {
		out = append(out, fact{Text: v.w.T("me-registered"), More: lang.Date(v.w.Lang, who.Recipient.RegisteredAt.In(v.zone))})
	}
	if !who.Until.IsZero() {
		out = append(out, fact{Text: v.w.T("me-until"), More: lang.Date(v.w.Lang, who.Until.In(v.zone))})
	}
	return out
}

// told is one notice as this person was owed it. Its text and comparison run
// from the version that they knew.
func (v *visit) told(known map[string]subject, told notifier.Told, want string) (toldNotice, error) {
	s, err := v.subjectOf(known, told.Notice.Document)
	if err != nil {
		return toldNotice{}, err
	}
	if first, _, ok := strings.Cut(told.Delivery.Language, "+"); ok || first != "" && s.Titles[want] == "" {
		want = first
	}
	if s.Titles[want] == "" {
		want = s.Prevailing
	}
	heading, tagged := title(s.Titles, want, s.Prevailing, told.Notice.Document)
	n := told.Notice.Version
	out := toldNotice{Seq: int64(told.Notice.Seq), Title: heading, Lang: tagged, Version: versionName(v.w, n), Href: v.href(told.Notice.Document, tagged, "v", n), State: v.toldState(told)}
	here, ok := s.t.Standing(n)
	if !ok {
		return out, nil
	}
	out.Note = noteFacts(v.w, here.Notes[tagged])
	out.Links = []link{{Href: out.Href, Text: v.w.T("me-read")}}
	if since := told.Delivery.Since; since > 0 && since != n {
		out.Links = append(out.Links, link{Href: hrefCompare(v.base(), s.ID, tagged, since, n), Text: v.w.T("see-changes")})
	}
	return out, nil
}

func (v *visit) toldState(told notifier.Told) string {
	switch told.Delivery.State {
	case notifier.Accepted:
		return v.w.T("me-accepted", "date", lang.Date(v.w.Lang, told.Delivery.Evidence.At.In(v.zone)))
	case notifier.Failed:
		return v.w.T("me-failed")
	case notifier.Excluded:
		return v.w.T("me-excluded")
	case notifier.Covered:
		return v.w.T("me-covered")
	}
	return v.w.T("me-open")
}
