package server

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

// door is where registered users come in by the links in their mail. Whoever holds
// a link is all that is known of a visitor: there is no session.
type door struct{ *site }

// doorRoutes registers the door.
func (p *site) doorRoutes(m *mux) {
	d := door{p}
	m.handle("GET /me/{token}", d.holder(d.me))
	m.handle("GET /me/{token}/{act}", d.holder(d.showAct))
	m.handle("POST /me/{token}/{act}", d.holder(d.postAct))
	m.handle("GET /me/{token}/receipt/{code}", d.holder(d.showReceipt))
	m.handle("GET /me/{token}/mail/{seq}", d.holder(d.showSent))
	m.handle("GET /me/{token}/mail/{seq}/html", d.holder(d.showSentHTML))
	m.handle("GET /me/{token}/mail/{seq}/file", d.holder(d.showSentFile))
	m.handle("GET /me/act/{fresh}", d.guarded(d.showFresh))
	m.handle("POST /me/act/{fresh}", d.guarded(d.postFresh))
}

// guest is one visit by a link.
type guest struct {
	*visit
	out   http.ResponseWriter
	who   notifier.Personal // of the link in a notice
	token string
	asked string // the language that the address asks for, or ""
}

// doorMost bounds what a form of the door may send.
const doorMost = 64 << 10

// guarded prepares a visit whose link is still to be looked up. Nothing of it is
// kept, told to others or found by search.
func (d door) guarded(h func(*guest) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("X-Robots-Tag", "noindex")
		if !d.limits.allow("me "+clientOf(r.Context()), time.Second, 120) {
			return errTooMany
		}
		r.Body = http.MaxBytesReader(w, r.Body, doorMost)
		if err := parseForm(r); err != nil {
			return err
		}
		set, err := d.book.Read(r.Context())
		if err != nil {
			return err
		}
		g := &guest{out: w}
		if asked := r.URL.Query().Get("lang"); slices.Contains(lang.Interface, asked) {
			g.asked = asked
		}
		g.visit = &visit{site: d.site, ctx: r.Context(), r: r, now: d.now(), settings: set, zone: set.Location(), w: catalogue.In(negotiated(r, set))}
		return h(g)
	}
}

// holder lets in whoever has the link of a notice. A visit writes nothing.
func (d door) holder(h func(*guest) error) handler {
	return d.guarded(func(g *guest) error {
		g.token = g.r.PathValue("token")
		who, err := d.Notifier.Personal(g.ctx, g.token)
		if errors.Is(err, documents.ErrNotFound) {
			return g.guessed("me-past")
		}
		if err != nil {
			return err
		}
		g.who = who
		if g.asked == "" && who.Recipient.Language != "" {
			g.visit.w = catalogue.In(lang.Near(who.Recipient.Language))
		}
		return h(g)
	})
}

// guessed answers to a link that opens nothing, and gives back what was typed while
// it still did. Guesses are counted over all nodes.
func (g *guest) guessed(key string) error {
	if slower := g.allow(g.ctx, "guess "+clientOf(g.ctx), time.Second, 30); slower != nil {
		return slower
	}
	p := &endedPage{page: g.page("")}
	contact := or(bare(g.settings.ReplyTo), g.settings.Abuse)
	languages := interfaceLanguages(g.settings)
	if g.asked != "" {
		languages = nil // they chose one
	}
	for _, tag := range append([]string{g.w.Lang}, slices.DeleteFunc(slices.Clone(languages), func(t string) bool { return t == g.w.Lang })...) {
		w := catalogue.In(tag)
		t := tongue{Lang: tag, Title: w.T(key + "-title"), Sentence: w.T(key), Advice: w.T(key + "-again"), Links: []link{{Href: g.base() + "/?lang=" + tag, Text: w.T("error-home")}}}
		if contact != "" {
			t.Scheduled = w.T("me-ended-write", "address", contact)
		}
		p.Tongues = append(p.Tongues, t)
	}
	p.Heading = p.Tongues[0].Title
	p.Title = p.Heading
	if words := g.r.PostFormValue("value"); words != "" {
		p.Given = append(p.Given, typedInput(g.w, "kept-typed", words, 0))
	}
	return g.showAs(http.StatusNotFound, "error.html", p)
}

type endedPage = errorPage

// to is an address of the door that keeps the choice of a language.
func (g *guest) to(path string) string {
	href := g.base() + "/me/" + g.token + path
	if g.asked != "" {
		href += "?lang=" + g.asked
	}
	return href
}

// page begins a page of the door.
func (g *guest) page(title string) page {
	p := g.visit.page(title)
	p.Private, p.NoIndex = true, true
	for _, tag := range interfaceLanguages(g.settings) {
		q := g.r.URL.Query()
		q.Set("lang", tag)
		p.Languages = append(p.Languages, link{Href: "?" + q.Encode(), Text: lang.Name(tag), Lang: tag, Current: tag == g.w.Lang})
	}
	return p
}

func (g *guest) show(name string, data any) error { return g.showAs(http.StatusOK, name, data) }

func (g *guest) showAs(status int, name string, data any) error {
	body, err := execute(name, data)
	if err != nil {
		return err
	}
	return writePage(g.out, status, body)
}

// goTo is the redirect after a form.
func (g *guest) goTo(href string) error {
	http.Redirect(g.out, g.r, href, http.StatusSeeOther)
	return nil
}

// in is g in another language.
func (g *guest) in(tag string) *guest {
	v, out := *g.visit, *g
	v.w = catalogue.In(tag)
	out.visit, out.asked = &v, tag
	return &out
}

// kindName is what a kind of request is called.
func (g *guest) kindName(kind notifier.RequestKind) string {
	return g.Notifier.Words(g.w.Lang).T("request-" + string(kind))
}

// contact is where a registered user can write.
func (g *guest) contact() string { return or(bare(g.settings.ReplyTo), g.settings.Postal.In(g.w.Lang)) }
