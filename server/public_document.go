package server

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/documents/markdown"
)

type documentPage struct {
	page
	Heading           string
	TextLang, TextDir string
	Register          string
	FeedHref          string
	Status            tag
	Edition           string // which version of how many
	Prevailing        string
	Notices           []callout
	Note              []fact
	NoNote            string
	Noted             bool // there is something to say of the change
	Long              bool // the note does not fit the first screen of a telephone
	Corrected         string
	Compare           string
	Withheld          bool
	HTML              template.HTML
	Titled            bool // the text begins with its title as a heading, which the page shows already
	Contents          []content
	Search            string // where the search in the text leads
	Query             string
	Found             *found
	Gone              []goneLine
	GoneMore          string       // how many are not named
	Table             versionGroup // of the latest versions
	AllVersions       link         // to all, if Table leaves some out
	Many              bool
	Chooser           chooser
	DayForm           string
	About             []fact
	Permanent         string
	Foot              string // on each sheet of paper
}

type goneLine struct{ ID, Text, More, Href string }

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
	if len(t.Versions) == 0 {
		return s, errNoPage
	}
	if s.tag != "" && !s.speaks(s.tag) {
		return s, s.no("language")
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

// current shows the version in force; before the first takes effect, the next one,
// marked, and where that was withdrawn, the last one that there was.
func (p *site) current(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	show := s.inForce
	if !s.hasForce {
		show = s.t.Versions[len(s.t.Versions)-1]
		if next := s.t.Upcoming(v.now); len(next) > 0 {
			show = next[0]
		}
	}
	return v.document(s, show, "")
}

func (p *site) version(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	n, err := numberIn(v.r.PathValue("n"))
	show, ok := s.t.Standing(n)
	if err != nil || !ok {
		return view{}, s.no("version")
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
		return s.unread("day")
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
		return view{}, s.unread("day")
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
	out, err := v.document(s, show, v.w.T(banner, "date", lang.Date(v.w.Lang, day), "zone", lang.Offset(end.In(v.zone))))
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
	if len(ver.Texts) > 1 || text.Lang != ver.Prevailing {
		p.Prevailing = v.w.T("prevails", "language", languageName(v.w, ver.Prevailing))
	}
	v.changes(p, s, show, text)
	v.switcher(p, s, show)
	p.About = v.about(s, show, ver, text)
	p.Permanent = v.absolute(v.href(s.ID, s.tag, "v", show.Number))
	p.Data = v.structured(s, show, ver, text)
	p.Foot = v.w.T("print-foot", "version", versionName(v.w, show.Number), "date", effectiveDate(v.w, show.Effective), "digest", text.SourceDigest().String()[:16])
	if p.Withheld = show.Withheld; !p.Withheld {
		if err := v.body(p, s, show, text); err != nil {
			return view{}, err
		}
	}
	return view{"document.html", p, turns(s.t, v.now)}, nil
}

// body fills the text, its contents, and what was found in it.
func (v *visit) body(p *documentPage, s subject, show documents.Standing, text documents.Text) error {
	out, err := render(text)
	if err != nil {
		return err
	}
	p.HTML, p.Contents = v.shared(out.HTML, s), out.Contents
	p.Titled = beginsWith(out.parsed, p.Heading)
	p.Search, p.Query = v.base()+v.r.URL.Path, v.query
	if v.query != "" {
		p.HTML, p.Found = v.find(p.HTML)
		p.NoIndex = true
	}
	return v.gone(p, s, show, text.Lang)
}

// goneMost is how many clauses a page names that are gone.
const goneMost = 100

// gone says what became of clauses that earlier versions had.
func (v *visit) gone(p *documentPage, s subject, show documents.Standing, tag string) error {
	lost, more, err := v.Library.Gone(v.ctx, s.ID, show.Number, tag, goneMost)
	if err != nil {
		return err
	}
	for _, g := range lost {
		p.Gone = append(p.Gone, goneLine{
			ID: g.ID, Text: v.w.T("gone-line", "clause", clauseName(g.Clause), "version", versionName(v.w, g.After)),
			More: clauseName(g.Clause), Href: v.href(s.ID, s.tag, "clause", g.ID),
		})
	}
	if more > 0 {
		p.GoneMore = v.w.N("gone-more", more)
	}
	return nil
}

// beginsWith tells whether the first thing that a reader sees of a text is a
// heading, or a paragraph, that says title and no more.
func beginsWith(t *markdown.Text, title string) bool {
	for _, b := range t.Blocks {
		if !b.Hidden() && b.Kind != markdown.Blank {
			return (b.Kind == markdown.Heading || b.Kind == markdown.Paragraph) && b.Text == title
		}
	}
	return false
}

// addresses sets the canonical address, the same page in other languages, and
// whether search engines should keep it.
func (v *visit) addresses(p *page, s subject, show documents.Standing, current bool) {
	tail := []any{s.tag}
	if !current {
		tail = append(tail, "v", show.Number)
	}
	p.Canonical = v.absolute(v.href(s.ID, tail...))
	p.NoIndex = !current && (show.Withdrawn || !show.Effective.Instant.After(v.now))
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
