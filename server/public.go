package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// site answers the public pages.
type site struct {
	*Server
	cache *pageCache
	aged  *pageCache // pages of cache that say how old they are
}

// publicRoutes registers the public pages.
func (s *Server) publicRoutes(m *mux) {
	p := &site{Server: s, cache: newPageCache(32 << 20), aged: newPageCache(8 << 20)}
	s.warmth = &warmth{pages: secured(m)}
	s.renderError = p.aliased(p.errorPage)
	m.handle("GET /static/{file}", showAsset)
	m.handle("GET /static/colours/{pair}", showColours)
	m.handle("GET /static/mark/{file}", p.showMark)
	m.handle("GET /{$}", p.searched(p.index))
	m.handle("GET /register", p.html(p.registerOfAll))
	m.handle("GET /verify", p.html(p.verify))
	m.handle("GET /why", p.html(p.why))
	m.handle("GET /robots.txt", p.public(p.robots))
	m.handle("GET /sitemap.xml", p.file(sitemapType, p.sitemap))
	m.handle("GET /{document}", p.public(p.negotiate))
	m.handle("GET /{document}/register", p.html(p.register))
	m.handle("GET /{document}/feed.atom", p.file(atomType, p.feedOfDocument))
	m.handle("GET /{document}/{lang}/feed.atom", p.file(atomType, p.feedOfLanguage))
	m.handle("GET /{document}/{lang}", p.reading(p.current))
	m.handle("GET /{document}/{lang}/v/{n}", p.reading(p.version))
	m.handle("GET /{document}/{lang}/v/{n}/text.md", p.public(p.source))
	m.handle("GET /{document}/{lang}/versions", p.html(p.allVersions))
	m.handle("GET /{document}/{lang}/on", p.public(p.chooseDay))
	m.handle("GET /{document}/{lang}/on/{date}", p.reading(p.onDay))
	m.handle("GET /{document}/{lang}/compare", p.public(p.chooseComparison))
	m.handle("GET /{document}/{lang}/compare/{range}", p.comparison())
	m.handle("GET /{document}/{lang}/compare/{range}/piece/{n}", p.public(p.comparePiece))
	m.handle("GET /{document}/{lang}/clause/{id}", p.html(p.clause, "reading"))
	m.handle("GET /embed/{document}/{lang}", p.embed())
	m.handle("GET /embed/{document}", p.public(p.chooseEmbed))
	m.handle("GET /embed.js", showLoader)
	m.handle("GET /log/checkpoint", p.public(p.checkpoint))
	m.handle("GET /log/key", p.public(p.logKey))
	m.handle("GET /log/tile/{path...}", p.public(p.tile))
	m.handle("GET /log/proof/{seq}", p.public(p.proof))
	p.doorRoutes(m)
}

// visit is one request for a public page, with what all of them need.
type visit struct {
	*site
	ctx      context.Context
	r        *http.Request
	now      time.Time
	known    known
	away     error // why the store is away; nil: it is not
	settings Settings
	zone     *time.Location
	w        lang.Words // of the interface
	written  http.ResponseWriter
	scripts  []string // of the page, by name
	query    string   // what is searched for in the text
}

// view is what a page shows, and until when it stays true.
type view struct {
	template string
	data     any
	until    time.Time // zero: until the next event
}

// errRehearsal: the site is not open yet, and the visitor is not staff.
var errRehearsal = fmt.Errorf("rehearsal: %w", errUnauthorized)

// errNoPage: nothing has this address.
var errNoPage = fmt.Errorf("page: %w", documents.ErrNotFound)

// readsFor is how long what a page needs of the store may take.
const readsFor = 5 * time.Second

// public prepares a visit. In a rehearsal only staff get further. While the store
// is away a visit goes on with what was known last.
func (p *site) public(h func(*visit, http.ResponseWriter) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), readsFor)
		defer cancel()
		r = r.WithContext(ctx)
		k, err := p.present.get(ctx, freshFor)
		if err != nil && (!isAway(err) || p.rehearsal()) {
			return err
		}
		if err == nil && !p.rehearsal() {
			p.warm(k.state)
		}
		if p.rehearsal() {
			if _, err := p.signedIn(r); errors.Is(err, errUnauthorized) {
				return errRehearsal
			} else if err != nil {
				return err
			}
			w.Header().Set("Cache-Control", "no-store")
		}
		set := k.settings
		v := &visit{site: p, ctx: ctx, r: r, now: p.now(), known: k, away: err, settings: set, zone: set.Location(), written: w}
		tag := r.PathValue("lang")
		if tag == "" {
			tag = negotiated(r, set)
		}
		v.w = catalogue.In(tag)
		err = h(v, w)
		if err != nil && ctx.Err() == context.DeadlineExceeded {
			err = fmt.Errorf("%w: %w", documents.ErrAway, err)
		}
		return err
	}
}

// html answers with a page that has these scripts.
func (p *site) html(build func(*visit) (view, error), with ...string) handler {
	return p.public(func(v *visit, w http.ResponseWriter) error {
		v.begin(w, with)
		return v.kept(w, htmlType, inPage, func() ([]byte, time.Time, error) {
			page, err := build(v)
			if err != nil {
				return nil, page.until, err
			}
			body, err := laidOut(page.template, page.data)
			return body, page.until, err
		})
	})
}

// begin sets what pages with these scripts are sent with.
func (v *visit) begin(w http.ResponseWriter, scripts []string) {
	policy := pagePolicy
	if len(scripts) > 0 {
		policy += scriptPolicy
	}
	v.scripts = scripts
	if v.r.PathValue("lang") == "" {
		w.Header().Add("Vary", "Accept-Language")
	}
	w.Header().Set("Content-Security-Policy", policy)
}

// reading answers with the page of a text.
func (p *site) reading(build func(*visit) (view, error)) handler { return p.searched(build, "reading") }

// searched answers with a page in which ?q= searches. As many searches as people
// think of are not kept.
func (p *site) searched(build func(*visit) (view, error), with ...string) handler {
	page := p.html(build, with...)
	search := p.alone(func(v *visit) (view, error) {
		v.query = queryOf(v.r.URL.Query().Get("q"))
		return build(v)
	}, with...)
	return func(w http.ResponseWriter, r *http.Request) error {
		if queryOf(r.URL.Query().Get("q")) != "" {
			return search(w, r)
		}
		return page(w, r)
	}
}

// page begins a page of the site with its navigation.
func (v *visit) page(title string) page {
	p := v.basePage(v.w, v.settings, title)
	for _, name := range v.scripts {
		p.Scripts = append(p.Scripts, p.Base+"/static/"+scripts[name].name)
	}
	p.Nav = v.nav(v.w, v.r.URL.Path)
	return p
}

// nav leads from a page to the parts of the site.
func (p *site) nav(w lang.Words, path string) (out []link) {
	for _, one := range [][2]string{{"/", "documents"}, {"/register", "register"}, {"/verify", "verify"}} {
		out = append(out, link{Href: p.base() + one[0], Text: w.T(one[1]), Current: path == one[0]})
	}
	return out
}

// switched lets the reader of a page without a language in its address choose
// one.
func (v *visit) switched(path string) []link { return v.site.switched(path, v.w.Lang, v.settings) }

func (p *site) switched(path, current string, set Settings) (out []link) {
	for _, tag := range interfaceLanguages(set) {
		out = append(out, link{Href: p.base() + path + "?lang=" + tag, Text: lang.Name(tag), Lang: tag, Current: tag == current})
	}
	return out
}

// href is an address below a document.
func (v *visit) href(document string, parts ...any) string {
	var b strings.Builder
	b.WriteString(v.base() + "/" + document)
	for _, p := range parts {
		fmt.Fprintf(&b, "/%v", p)
	}
	return b.String()
}

// negotiate leads from a document to its text in the reader's language.
func (p *site) negotiate(v *visit, w http.ResponseWriter) error {
	id := v.r.PathValue("document")
	kept, err := v.remembered("languages", func() ([]byte, time.Time, error) {
		d, err := v.subject()
		return []byte(strings.Join(append([]string{d.Prevailing}, ordered(d.Titles, v.settings.Languages)...), " ")), time.Time{}, err
	})
	if err != nil {
		return err
	}
	have := strings.Fields(string(kept.bytes))
	tag := lang.Match(v.r.Header.Get("Accept-Language"), have[1:])
	if tag == "" {
		tag = have[0]
	}
	w.Header().Add("Vary", "Accept-Language")
	if !p.rehearsal() {
		w.Header().Set("Cache-Control", "no-cache")
	}
	http.Redirect(w, v.r, v.href(id, tag), http.StatusFound)
	return nil
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// standing says in a line where a document stands.
func (v *visit) standing(t documents.Timeline) tag { return standing(v.w, t, v.now) }

func standing(w lang.Words, t documents.Timeline, now time.Time) tag {
	if s, ok := t.InForce(now); ok {
		return statusOf(w, t, s, now)
	}
	if len(t.Versions) == 0 {
		return tag{"past", w.T("never-published")}
	}
	if next := t.Upcoming(now); len(next) > 0 {
		return statusOf(w, t, next[0], now)
	}
	return tag{"past", w.T("none-in-force")}
}

// statusOf says where a version stands.
func statusOf(w lang.Words, t documents.Timeline, s documents.Standing, now time.Time) tag {
	in, ok := t.InForce(now)
	switch {
	case s.Withdrawn:
		return tag{"gone", w.T("withdrawn-state")}
	case ok && in.Number == s.Number && s.Effective.Date == "":
		return tag{"in-force", w.T("in-force-undated")}
	case ok && in.Number == s.Number:
		return tag{"in-force", w.T("in-force-since", "date", effectiveDate(w, s.Effective))}
	case s.Effective.Instant.After(now):
		return tag{"upcoming", w.T("status-upcoming", "date", effectiveDate(w, s.Effective))}
	}
	next, ok := successor(t, s)
	if !ok || next.Effective.Date == "" {
		return tag{"past", w.T("no-longer")}
	}
	return tag{"past", w.T("no-longer-since", "date", effectiveDate(w, next.Effective))}
}

// successor is the version that took over from s.
func successor(t documents.Timeline, s documents.Standing) (documents.Standing, bool) {
	var best documents.Standing
	found := false
	for _, o := range t.Versions {
		c := o.Effective.Instant.Compare(s.Effective.Instant)
		if o.Withdrawn || c < 0 || c == 0 && o.Number <= s.Number {
			continue
		}
		if !found || o.Effective.Instant.Before(best.Effective.Instant) {
			best, found = o, true
		}
	}
	return best, found
}

func shortStatus(w lang.Words, t documents.Timeline, s documents.Standing, now time.Time) tag {
	long := statusOf(w, t, s, now)
	switch {
	case s.Withheld:
		long.Text = w.T("withheld-state")
	case long.Class == "in-force":
		long.Text = w.T("in-force")
	case long.Class == "upcoming":
		long.Text = w.T("not-yet")
	case long.Class == "past":
		long.Text = w.T("no-longer")
	}
	return long
}

// numberIn reads a version's number from an address: digits alone, so that one
// page has one address.
func numberIn(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || strconv.Itoa(n) != s {
		return 0, errNoPage
	}
	return n, nil
}

func notFound(err error) bool { return errors.Is(err, documents.ErrNotFound) }
