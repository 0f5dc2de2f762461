package server

import (
	"html/template"
	"net/http"
	"time"

	"vestnik/documents/lang"
)

// loader is the one line of script's other end. Its address is written into other
// people's pages and never changes.
var loader = mustAsset("embed", "js", "static/embed/embed.js")

type embedPage struct {
	W                 lang.Words
	Heading           string
	TextLang, TextDir string
	Status            tag
	Version           string
	Upcoming          string
	UpcomingHref      string
	Permanent         string
	HTML              template.HTML
}

// showLoader serves the script. It is the same for all, and public.
func showLoader(w http.ResponseWriter, r *http.Request) error {
	elsewhere(w)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	return serveTagged(w, r, loader.kind, loader.body)
}

// elsewhere lets pages of other sites have an answer that is public: read it
// (Fetch, CORS), and show it where they ask for that to be said.
func elsewhere(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// embed is the text in force as a fragment with its anchors, for the operator's
// own site.
func (p *site) embed() handler {
	return p.public(func(v *visit, w http.ResponseWriter) error {
		elsewhere(w)
		return v.kept(w, htmlType, inEmbed, func() ([]byte, time.Time, error) { return p.fragment(v) })
	})
}

// chooseEmbed leads to the fragment in the language that the browser prefers.
func (p *site) chooseEmbed(v *visit, w http.ResponseWriter) error {
	elsewhere(w)
	s, err := v.subject()
	if err != nil {
		return err
	}
	tag := or(lang.Match(v.r.Header.Get("Accept-Language"), ordered(s.Titles, v.settings.Languages)), s.Prevailing)
	w.Header().Add("Vary", "Accept-Language")
	if !p.rehearsal() {
		w.Header().Set("Cache-Control", "no-cache")
	}
	http.Redirect(w, v.r, v.base()+"/embed/"+s.ID+"/"+tag, http.StatusFound)
	return nil
}

func (p *site) fragment(v *visit) ([]byte, time.Time, error) {
	s, err := v.subject()
	until := s.t.Next(v.now)
	if err != nil {
		return nil, until, err
	}
	if !s.hasForce || s.inForce.Withheld {
		return nil, until, errNoPage
	}
	ver, err := p.Library.Version(v.ctx, s.ID, s.inForce.Number)
	if err != nil {
		return nil, until, err
	}
	text, _, err := textOf(ver, s.tag)
	if err != nil {
		return nil, until, err
	}
	shown, err := render(text)
	if err != nil {
		return nil, until, err
	}
	out := embedPage{W: v.w, Heading: text.Title, TextLang: text.Lang, TextDir: dirOf(text.Lang), Status: statusOf(v.w, s.t, s.inForce, v.now),
		Version: versionName(v.w, s.inForce.Number), Permanent: v.absolute(v.href(s.ID, s.tag)), HTML: shown.HTML}
	if next := s.t.Upcoming(v.now); len(next) > 0 {
		out.Upcoming = v.w.T("banner-upcoming", "date", effectiveDate(v.w, next[0].Effective))
		out.UpcomingHref = v.absolute(hrefCompare(v.base(), s.ID, s.tag, s.inForce.Number, next[0].Number))
	}
	body, err := execute("embed.html", out)
	return body, until, err
}
