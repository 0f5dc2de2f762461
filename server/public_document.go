package server

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

type documentPage struct {
	page
	Heading           string
	TextLang, TextDir string
	Register          string
	FeedHref          string
	Status            tag
	Notices           []callout
	Facts             []fact
	Note              []fact
	NoNote            string
	Corrected         string
	Compare           string
	Only              string
	Withheld          bool
	HTML              template.HTML
	Titled            bool // the text begins with its title as a heading, which the page shows already
	Contents          []content
	Gone              []goneLine
	Versions          []versionRow
	Many              bool
	Chooser           chooser
	DayForm           string
	Proof             []fact
	Permanent         string
}

type callout struct {
	Class, Text, More string
	Links             []link
}

type goneLine struct{ ID, Text, More, Href string }

type versionRow struct {
	Href, Name, Effective, Date, Reason, Compare string
	Number                                       int
	Status                                       tag
	Current                                      bool
}

type chooser struct {
	W        lang.Words
	Action   string
	View     string
	From, To []link
}

// subject is the document that a visit is about, with its history so far.
type subject struct {
	documents.Document
	t        documents.Timeline
	tag      string // the language in the address
	inForce  documents.Standing
	hasForce bool
}

// subject finds the document and language of the address.
func (v *visit) subject() (subject, error) {
	d, err := v.Library.Document(v.ctx, v.r.PathValue("document"))
	if err != nil {
		return subject{}, err
	}
	t, err := v.timeline(d.ID)
	if err != nil {
		return subject{}, err
	}
	s := subject{Document: d, t: t, tag: v.r.PathValue("lang")}
	s.inForce, s.hasForce = t.InForce(v.now)
	if s.tag != "" && !s.speaks(s.tag) {
		return s, errNoPage
	}
	if len(t.Versions) == 0 {
		return s, errNoPage
	}
	return s, nil
}

// timeline is all that the log knows of a document. The log's own idea of now
// counts where the clock went back: no event is hidden.
func (v *visit) timeline(document string) (documents.Timeline, error) {
	t, err := v.Library.Timeline(v.ctx, document, time.Time{})
	if err == nil && t.Known.After(v.now) {
		v.now = t.Known
	}
	return t, err
}

// speaks tells whether the document has, or ever had, texts in a language.
func (s subject) speaks(tag string) bool {
	if s.Titles[tag] != "" {
		return true
	}
	return slices.ContainsFunc(s.t.Versions, func(o documents.Standing) bool { return o.Titles[tag] != "" })
}

// current shows the version in force; before the first takes effect, the next
// one, marked.
func (p *site) current(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	show := s.inForce
	if !s.hasForce {
		next := s.t.Upcoming(v.now)
		if len(next) == 0 {
			return view{}, errNoPage
		}
		show = next[0]
	}
	return v.document(s, show, "")
}

func (p *site) version(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	n, err := numberIn(v.r.PathValue("n"))
	if err != nil {
		return view{}, err
	}
	show, ok := s.t.Standing(n)
	if !ok {
		return view{}, errNoPage
	}
	return v.document(s, show, "")
}

// chooseDay leads from the form to the day's own address.
func (p *site) chooseDay(v *visit, w http.ResponseWriter) error {
	s, err := v.subject()
	if err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, v.r.URL.Query().Get("date"))
	if err != nil {
		return errNoPage
	}
	http.Redirect(w, v.r, v.href(s.ID, s.tag, "on", day.Format(time.DateOnly)), http.StatusSeeOther)
	return nil
}

// onDay shows what was in force at the end of a day in the organisation's zone.
func (p *site) onDay(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	day, err := time.Parse(time.DateOnly, v.r.PathValue("date"))
	if err != nil {
		return view{}, errNoPage
	}
	end := documents.StartOfDay(day.AddDate(0, 0, 1), v.zone).Add(-time.Nanosecond)
	if beyond(s.t, end, v.now, v.zone) != nil {
		return view{}, &dayError{subject: s, unknown: true, now: v.now}
	}
	show, ok := s.t.InForce(end)
	if !ok {
		return view{}, &dayError{subject: s, now: v.now}
	}
	banner, today := "banner-on", end.After(v.now)
	if today {
		banner = "banner-on-today"
	}
	out, err := v.document(s, show, v.w.T(banner, "date", lang.Date(v.w.Lang, day), "zone", v.zone.String()))
	if today {
		out.until = sooner(out.until, end)
	}
	return out, err
}

// document builds the page of one version.
func (v *visit) document(s subject, show documents.Standing, on string) (view, error) {
	ver, err := v.Library.Version(v.ctx, s.ID, show.Number)
	if err != nil {
		return view{}, err
	}
	text, exact, err := textOf(ver, s.tag)
	if err != nil {
		return view{}, err
	}
	p := &documentPage{page: v.page(""), Heading: or(text.Title, s.ID), TextLang: text.Lang, TextDir: dirOf(text.Lang)}
	p.Title = p.Heading
	isCurrent := s.hasForce && show.Number == s.inForce.Number
	if !isCurrent || on != "" || strings.Contains(v.r.URL.Path, "/v/") {
		p.Title += ", " + versionName(v.w, show.Number)
	}
	v.addresses(&p.page, s, show, isCurrent && on == "")
	p.Register, p.FeedHref = v.href(s.ID, "register"), v.href(s.ID, s.tag, "feed.atom")
	p.Status = statusOf(v.w, s.t, show, v.now)
	p.Notices = v.banners(s, show, isCurrent, on)
	if !exact {
		p.Notices = append(p.Notices, callout{Text: v.w.T("other-language-only")})
	}
	p.Facts = v.facts(s, show, ver, text)
	v.changes(p, s, show, text)
	v.versions(p, s, show)
	p.Permanent = v.absolute(v.href(s.ID, s.tag, "v", show.Number))
	p.Proof = v.proofs(s, show, text)
	if p.Withheld = show.Withheld; !p.Withheld {
		if err := v.body(p, s, show, text); err != nil {
			return view{}, err
		}
	}
	return view{"document.html", p, s.t.Next(v.now)}, nil
}

// addresses sets the canonical address, the same page in other languages, and
// whether search engines should keep it.
func (v *visit) addresses(p *page, s subject, show documents.Standing, current bool) {
	tail := []any{s.tag}
	if !current {
		tail = append(tail, "v", show.Number)
	}
	p.Canonical = v.absolute(v.href(s.ID, tail...))
	p.NoIndex = !current && !show.Effective.Instant.After(v.now)
	here := strings.TrimPrefix(v.r.URL.Path, "/"+s.ID+"/"+s.tag)
	query := viewQuery(viewAsked(v.r))
	for _, tag := range ordered(s.Titles, v.settings.Languages) {
		p.Languages = append(p.Languages, link{Href: v.href(s.ID, tag) + here + query, Text: lang.Name(tag), Lang: tag, Current: tag == s.tag})
		tail[0] = tag
		p.Alternates = append(p.Alternates, link{Href: v.absolute(v.href(s.ID, tail...)), Lang: tag})
	}
	if len(p.Languages) == 1 {
		p.Languages = nil
	}
	if current {
		p.Alternates = append(p.Alternates, link{Href: v.absolute(v.href(s.ID)), Lang: "x-default"})
	}
	p.Feeds = []link{{Href: v.href(s.ID, s.tag, "feed.atom"), Text: v.w.T("feed-link")}}
}

// banners say first what a reader must not miss: that this is not the text in
// force, or that another one is coming.
func (v *visit) banners(s subject, show documents.Standing, current bool, on string) []callout {
	var out []callout
	toCurrent := []link{}
	if s.hasForce && !current {
		toCurrent = append(toCurrent, link{Href: v.href(s.ID, s.tag), Text: v.w.T("to-current")})
	}
	switch status := statusOf(v.w, s.t, show, v.now); {
	case on != "":
		out = append(out, callout{Class: "past", Text: on, Links: toCurrent})
	case show.Withdrawn:
		out = append(out, callout{Class: "past", Text: v.w.T("banner-withdrawn"), More: reasonOf(s.t, documents.Withdrawn, show.Number), Links: toCurrent})
	case status.Class == "upcoming":
		out = append(out, callout{Class: "upcoming", Text: v.w.T("banner-not-yet"), Links: toCurrent})
	case status.Class == "past":
		out = append(out, callout{Class: "past", Text: v.w.T("banner-past"), Links: toCurrent})
	}
	if !current {
		return out
	}
	for _, next := range s.t.Upcoming(v.now) {
		out = append(out, callout{Class: "upcoming", Text: v.w.T("banner-upcoming", "date", effectiveDate(v.w, next.Effective)), Links: []link{
			{Href: v.href(s.ID, s.tag, "v", next.Number), Text: v.w.T("read-upcoming")},
			{Href: hrefCompare(v.base(), s.ID, s.tag, show.Number, next.Number), Text: v.w.T("see-upcoming")},
		}})
	}
	return out
}

// reasonOf is what the last event of a kind about a version gave as its reason.
func reasonOf(t documents.Timeline, kind documents.Kind, number int) (reason string) {
	for _, e := range t.Events {
		if e.Kind == kind && e.Version == number {
			reason = e.ReasonText
		}
	}
	return reason
}

func (v *visit) facts(s subject, show documents.Standing, ver documents.Version, text documents.Text) []fact {
	out := []fact{
		{Text: v.w.T("version"), More: versionName(v.w, show.Number)},
		{Text: v.w.T("effective-date"), More: effectiveMoment(v.w, show.Effective), Date: machineDate(show.Effective)},
	}
	switch {
	case show.Imported && ver.Stated != "":
		out = append(out, fact{Text: v.w.T("published-stated"), More: dayOf(v.w, ver.Stated), Date: ver.Stated})
	case !show.Imported:
		out = append(out, fact{Text: v.w.T("published"), More: lang.Date(v.w.Lang, show.Published.In(v.zone)), Date: show.Published.In(v.zone).Format(time.DateOnly)})
	}
	if show.Imported {
		out = append(out, fact{Text: v.w.T("imported-fact"), More: v.w.T("imported-line")})
	}
	if b := basisLine(v.w, ver.Basis); b != "" {
		out = append(out, fact{Text: v.w.T("basis"), More: b})
	}
	if len(ver.Texts) > 1 || text.Lang != ver.Prevailing {
		out = append(out, fact{Text: v.w.T("prevailing"), More: languageName(v.w, ver.Prevailing)})
	}
	return out
}

func machineDate(e documents.Effective) string {
	if e.Date == "" {
		return ""
	}
	return e.Instant.In(zoneOf(e)).Format(time.RFC3339)
}

// changes fills what is said of the change: the note, or why there is none, and
// the way to the redline.
func (v *visit) changes(p *documentPage, s subject, show documents.Standing, text documents.Text) {
	p.Note = noteFacts(v.w, show.Notes[text.Lang])
	switch {
	case p.Note != nil:
	case show.Class == documents.Editorial:
		p.NoNote = strings.TrimSpace(v.w.T("note-editorial", "reason", show.ReasonText))
	default:
		p.NoNote = v.w.T("note-none")
	}
	for _, e := range s.t.Events {
		if e.Kind == documents.Corrected && e.Version == show.Number {
			p.Corrected = v.w.T("note-corrected", "date", lang.Date(v.w.Lang, e.Time.In(v.zone)))
		}
	}
	if before, ok := predecessor(s.t, show); ok {
		p.Compare = hrefCompare(v.base(), s.ID, s.tag, before.Number, show.Number)
	}
	if len(s.t.Versions) == 1 {
		p.Only = v.w.T("only-version")
	}
}

// predecessor is the version before s that was not withdrawn.
func predecessor(t documents.Timeline, s documents.Standing) (best documents.Standing, ok bool) {
	for _, o := range t.Versions {
		if o.Number < s.Number && !o.Withdrawn {
			best, ok = o, true
		}
	}
	return best, ok
}
