package server

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// desk is where staff write, review, publish and watch.
type desk struct{ *Server }

// deskRoutes registers the desk.
func (s *Server) deskRoutes(m *mux) {
	d := desk{s}
	m.handle("GET /desk", d.toDesk)
	m.handle("GET /desk/sign-in", d.showSignIn)
	m.handle("GET /desk/link/{token}", d.showLink)
	m.handle("GET /desk/{$}", d.signedIn(d.home))
	m.handle("POST /desk/language", d.signedIn(d.speak))
	m.handle("POST /desk/release", d.signedIn(d.release, "administrator"))
	m.handle("GET /desk/new-document", d.signedIn(d.newDocument, "author"))
	m.handle("POST /desk/new-document", d.signedIn(d.createDocument, "author"))
	m.handle("GET /desk/documents/{document}", d.signedIn(d.showDocument))
	m.handle("POST /desk/documents/{document}/versions/{n}/{act}", d.signedIn(d.amend, "publisher"))
	m.handle("GET /desk/documents/{document}/draft", d.signedIn(d.showDraft))
	m.handle("POST /desk/documents/{document}/draft", d.signedIn(d.saveDraft, "author"))
	m.handle("GET /desk/documents/{document}/review", d.signedIn(d.showReview))
	m.handle("GET /desk/documents/{document}/review/mail/{lang}", d.signedIn(d.showMailToBe))
	m.handle("POST /desk/documents/{document}/submit", d.signedIn(d.submit, "author"))
	m.handle("POST /desk/documents/{document}/approve", d.signedIn(d.approve, "approver"))
	m.handle("POST /desk/documents/{document}/return", d.signedIn(d.giveBack, "approver"))
	m.handle("POST /desk/documents/{document}/publish", d.signedIn(d.publishDraft, "publisher"))
	m.handle("GET /desk/notices/{seq}", d.signedIn(d.showNotice))
	m.handle("GET /desk/notices/{seq}/mail/{recipient}", d.signedIn(d.showSent))
	m.handle("GET /desk/notices/{seq}/mail/{recipient}/html", d.signedIn(d.showSentHTML))
	m.handle("GET /desk/notices/{seq}/mail/{recipient}/file", d.signedIn(d.showSentFile))
	m.handle("POST /desk/notices/{seq}/{act}", d.signedIn(d.moveNotice, "publisher"))
	d.requestRoutes(m)
	m.handle("GET /desk/settings", d.signedIn(d.showSettings, "administrator"))
	m.handle("POST /desk/settings", d.signedIn(d.changeSettings, "administrator"))
	m.handle("POST /desk/settings/preview", d.signedIn(d.previewSettings, "administrator"))
	m.handle("POST /desk/settings/logo", d.signedIn(d.changeLogo, "administrator"))
	m.handle("GET /desk/staff", d.signedIn(d.showStaff, "administrator"))
	m.handle("POST /desk/staff", d.signedIn(d.inviteStaff, "administrator"))
	m.handle("POST /desk/staff/{id}/{act}", d.signedIn(d.changeStaff, "administrator"))
	m.handle("GET /desk/audit", d.signedIn(d.showAudit, "auditor"))
	m.handle("GET /desk/mailbox", d.mailbox(d.showMailbox))
	m.handle("GET /desk/mailbox/{id}", d.mailbox(d.showMail))
	m.handle("GET /desk/mailbox/{id}/html", d.mailbox(d.showMailHTML))
}

func (d desk) toDesk(w http.ResponseWriter, r *http.Request) error {
	return d.redirect(w, r, "/desk/")
}

// deskMost bounds what a form of the desk may send: three languages of a long
// text, percent-encoded.
const deskMost = 24 << 20

// shift is one request of a member of staff.
type shift struct {
	desk
	ctx      context.Context
	r        *http.Request
	out      http.ResponseWriter
	who      Staff
	by       documents.Actor
	settings Settings
	zone     *time.Location
	now      time.Time
	w        lang.Words
}

// signedIn lets staff with one of the roles in; none named: any. Whoever is not
// signed in is shown where to.
func (d desk) signedIn(h func(*shift) error, roles ...string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		who, err := d.allowed(r, roles...)
		if err != nil && !d.mayLook(r, who, err) {
			if r.Method == http.MethodGet && status(err) == http.StatusUnauthorized {
				return d.redirect(w, r, "/desk/sign-in?next="+url.QueryEscape(r.URL.Path))
			}
			if status(err) == http.StatusUnauthorized {
				return d.resume(w, r)
			}
			return untouched(err)
		}
		v, err := d.shift(w, r, who)
		if err != nil {
			return untouched(err)
		}
		return h(v)
	}
}

// mayLook: an auditor sees everything and changes nothing. Other people's sign-in
// links, which lie in the mailbox, would be a way to.
func (d desk) mayLook(r *http.Request, who Staff, err error) bool {
	shut := r.URL.Path == "/desk/new-document" || strings.HasPrefix(r.URL.Path, "/desk/mailbox")
	return !shut && status(err) == http.StatusForbidden && r.Method == http.MethodGet && may(who.actor(), "auditor")
}

func (d desk) shift(w http.ResponseWriter, r *http.Request, who Staff) (*shift, error) {
	r.Body = http.MaxBytesReader(w, r.Body, deskMost)
	if err := parseForm(r); err != nil {
		return nil, err
	}
	set, err := d.book.Read(r.Context())
	if err != nil {
		return nil, err
	}
	tag := who.Language
	if tag == "" {
		tag = negotiated(r, set)
	}
	return &shift{desk: d, ctx: r.Context(), r: r, out: w, who: who, by: who.actor(), settings: set, zone: set.Location(), now: d.now(), w: catalogue.In(tag)}, nil
}

// parseForm reads the form of a POST. Queries are read where they are wanted, and
// what is malformed in them is ignored.
func parseForm(r *http.Request) error {
	if r.Method != http.MethodPost {
		return nil
	}
	err := r.ParseForm()
	var large *http.MaxBytesError
	if err != nil && !errors.As(err, &large) {
		return documents.Invalid("", "form-malformed", "The form did not arrive whole. Send it again.")
	}
	return err
}

// page begins a page of the desk with the rooms that this person may enter.
func (v *shift) page(title string) page {
	p := v.basePage(v.w, v.settings, title)
	p.Desk, p.NoIndex, p.Home = true, true, p.Base+"/desk/"
	if v.who.ID == "" {
		return p
	}
	add := func(path, key string, ok bool) {
		if ok {
			p.Nav = append(p.Nav, link{Href: p.Base + path, Text: v.w.T(key), Current: v.r.URL.Path == path})
		}
	}
	look := may(v.by, "auditor")
	add("/desk/", "nav-home", true)
	if mayAnswer(v.by) {
		p.Nav = append(p.Nav, link{Href: p.Base + "/desk/requests", Text: v.requestsName(), Current: v.r.URL.Path == "/desk/requests"})
	}
	add("/desk/settings", "nav-settings", look || may(v.by, "administrator"))
	add("/desk/staff", "nav-staff", look || may(v.by, "administrator"))
	add("/desk/audit", "nav-audit", look)
	add("/desk/mailbox", "nav-mailbox", v.Mailbox != "" && (may(v.by) || v.Demo && v.Loopback))
	add("/", "nav-public", true)
	p.SignOut, p.Person, p.Here = p.Base+"/desk/sign-out", or(v.who.Name, v.who.Address), "/desk/"
	if v.r.Method == http.MethodGet {
		p.Here = v.r.URL.Path
	}
	for _, tag := range interfaceLanguages(v.settings) {
		p.Speak = append(p.Speak, link{Value: tag, Text: lang.Name(tag), Lang: tag, Current: tag == v.w.Lang})
	}
	return p
}

// speak changes the language of this person's desk, and of their mail.
func (d desk) speak(v *shift) error {
	one := v.who
	one.Language = v.line("lang")
	if !slices.Contains(interfaceLanguages(v.settings), one.Language) {
		return documents.Invalid("language", "language-malformed", "%q is no language tag: give one such as kk, ru or en.", one.Language)
	}
	one.Revision++
	if err := d.Store.PutStaff(v.ctx, one); err != nil {
		return err
	}
	if err := d.audit(v.ctx, v.by, "staff.language", one.ID, "language", one.Language); err != nil {
		return err
	}
	return v.to(localPath(v.line("next")))
}

// show answers with a page of the desk.
func (v *shift) show(name string, data any) error { return v.showAs(http.StatusOK, name, data) }

func (v *shift) showAs(status int, name string, data any) error {
	body, err := execute(name, data)
	if err != nil {
		return err
	}
	return writePage(v.out, status, body)
}

// to is the redirect after a form.
func (v *shift) to(path string) error { return v.redirect(v.out, v.r, path) }

// refused puts a refusal on a page, beside the input that it is about if there
// is one. Anything else is not for a form to show.
func (v *shift) refused(p *page, err error, fields ...*field) bool {
	text, name, ok := refusal(v.w, err)
	if !ok {
		return false
	}
	p.Problem = text
	for _, f := range fields {
		if name != "" && (f.Name == name || f.ID == name) {
			f.Error, p.ProblemAt = text, f.ID
			return true
		}
	}
	return true
}

type signInPage struct {
	page
	Sent    bool
	Action  string
	Next    string
	Address field
}

func (d desk) showSignIn(w http.ResponseWriter, r *http.Request) error {
	v, err := d.shift(w, r, Staff{})
	if err != nil {
		return err
	}
	p := signInPage{page: v.page(v.w.T("sign-in-title")), Sent: r.URL.Query().Has("sent"), Action: d.base() + "/desk/sign-in" + v.langQuery("?"), Next: r.URL.Query().Get("next")}
	p.Address = field{ID: "address", Name: "address", Label: v.w.T("address"), Type: "email", Autocomplete: "email"}
	for _, tag := range interfaceLanguages(v.settings) {
		q := r.URL.Query()
		q.Set("lang", tag)
		p.Languages = append(p.Languages, link{Href: "?" + q.Encode(), Text: lang.Name(tag), Lang: tag, Current: tag == v.w.Lang})
	}
	return v.show("desk-signin.html", p)
}

type linkPage struct {
	page
	Action string
}

// showLink shows a button; only pressing it spends the link.
func (d desk) showLink(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Referrer-Policy", "no-referrer") // before the stylesheet is asked for
	token := r.PathValue("token")
	l, err := d.liveLink(r.Context(), token)
	if err != nil {
		return err
	}
	one, err := d.Store.Staff(r.Context(), l.Staff)
	if err != nil {
		return err
	}
	v, err := d.shift(w, r, Staff{Language: one.Language})
	if err != nil {
		return err
	}
	p := linkPage{v.page(v.w.T("sign-in-title")), d.base() + "/desk/link/" + token}
	p.Private = true
	return v.show("desk-link.html", p)
}

type resumePage struct {
	page
	Action string
	Hidden []link
}

// resume keeps what was typed when a session has ended: the page holds the form,
// to be sent again once its owner has signed in beside it.
func (d desk) resume(w http.ResponseWriter, r *http.Request) error {
	if !d.limits.allow("resume "+clientOf(r.Context()), 10*time.Second, 5) {
		return errTooMany
	}
	v, err := d.shift(w, r, Staff{})
	if err != nil {
		return err
	}
	p := resumePage{page: v.page(v.w.T("resume-title")), Action: d.base() + r.URL.Path}
	for _, name := range sortedKeys(r.PostForm) {
		for _, value := range r.PostForm[name] {
			p.Hidden = append(p.Hidden, link{Text: name, Value: value})
		}
	}
	return v.showAs(http.StatusUnauthorized, "desk-resume.html", p)
}

// text is an input of a form without the carriage returns that browsers add.
func (v *shift) text(name string) string {
	return strings.ReplaceAll(v.r.PostFormValue(name), "\r\n", "\n")
}

func (v *shift) line(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }
