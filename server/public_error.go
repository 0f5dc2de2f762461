package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"vestnik/documents/lang"
)

type errorPage struct {
	page
	Heading string
	Tongues []tongue
	DayForm string
	Given   []field // what was typed, given back
	Request string
}

// tongue is a message in one of the interface's languages.
type tongue struct {
	Lang, Title, Sentence, Advice, Scheduled string
	Links                                    []link
}

// errorPage says what is wrong and what to do, in the reader's language, or in all
// of them where that is not known. It works without the store: where that is away,
// with the settings that were known last, and without any if there are none.
func (p *site) errorPage(w http.ResponseWriter, r *http.Request, status int, err error) {
	k, _ := p.present.get(r.Context(), freshFor)
	set := k.settings
	languages := interfaceLanguages(set)
	if tag := spoken(r, languages); tag != "" {
		languages = []string{tag}
	}
	words := catalogue.In(languages[0])
	out := errorPage{page: p.basePage(words, set, "")}
	if !needsStore(r.URL.Path) && !errors.Is(err, errRehearsal) {
		out.Nav = p.nav(words, r.URL.Path)
		if r.Method == http.MethodGet && len(languages) == 1 {
			out.Languages = p.switched(r.URL.EscapedPath(), words.Lang, set)
		}
	}
	for _, tag := range languages {
		out.Tongues = append(out.Tongues, p.tongue(catalogue.In(tag), r, status, err))
	}
	out.Heading, out.NoIndex = out.Tongues[0].Title, true
	out.Title = out.Heading
	if status >= 500 && !isAway(err) && !errors.Is(err, errBusy) {
		out.Request = requestID(r.Context())
	}
	p.dayAgain(&out, w, err)
	body, execErr := execute("error.html", out)
	if execErr != nil {
		plainError(w, r, status, err)
		return
	}
	_ = writePage(w, status, body) // the client may have gone
}

// spoken is the language of whoever asks, of those at hand: what ?lang= or the
// address says, also one that leads nowhere, else what the browser prefers; "" if
// nothing says it.
func spoken(r *http.Request, have []string) string {
	parts := strings.Split(r.URL.Path, "/")
	for _, asked := range []string{r.URL.Query().Get("lang"), r.PathValue("lang"), parts[min(2, len(parts)-1)]} {
		if slices.Contains(have, asked) {
			return asked
		}
	}
	return lang.Match(r.Header.Get("Accept-Language"), have)
}

// dayAgain lets a reader choose another day.
func (p *site) dayAgain(out *errorPage, w http.ResponseWriter, err error) {
	var day *dayError
	var no *noPage
	switch {
	case errors.As(err, &day):
		out.DayForm = p.hrefOf(day.subject, "on")
		if day.unknown {
			w.Header().Set("Vestnik-Problem", "not-yet-known")
		}
	case errors.As(err, &no) && no.what == "day":
		out.DayForm = p.hrefOf(no.subject, "on")
	}
}

func (p *site) tongue(w lang.Words, r *http.Request, status int, err error) tongue {
	var day *dayError
	var no *noPage
	switch {
	case errors.As(err, &day):
		return p.dayTongue(w, day)
	case errors.As(err, &no):
		return p.noPageTongue(w, no)
	case errors.Is(err, errRehearsal):
		return tongue{Lang: w.Lang, Title: w.T("error-rehearsal-title"), Sentence: w.T("error-rehearsal"), Links: []link{{Href: p.base() + "/desk/sign-in", Text: w.T("sign-in")}}}
	case errors.Is(err, errLinkEnded):
		return tongue{Lang: w.Lang, Title: w.T("error-link-title"), Sentence: w.T("error-link"), Links: []link{{Href: p.base() + "/desk/sign-in", Text: w.T("sign-in-send")}}}
	}
	key := errorKey(w, status, err)
	out := tongue{Lang: w.Lang, Title: w.T(key + "-title"), Links: []link{{Href: p.base() + "/", Text: w.T("error-home")}}}
	if sentence, _, ok := refusal(w, err); ok && status == http.StatusUnprocessableEntity {
		out.Sentence = sentence
	} else if w.Has(key) {
		out.Sentence = w.T(key)
	}
	if isAway(err) && !errors.Is(err, errUntouched) {
		out.Sentence = w.T("error-away-unknown")
	}
	switch {
	case status == http.StatusUnauthorized:
		out.Links = []link{{Href: p.base() + "/desk/sign-in?next=" + escapeQuery(r.URL.Path), Text: w.T("sign-in")}}
	case status == http.StatusServiceUnavailable && r.Method == http.MethodGet:
		out.Links = append([]link{{Href: p.base() + r.URL.RequestURI(), Text: w.T("error-again")}}, out.Links...)
	}
	return out
}

func errorKey(w lang.Words, status int, err error) string {
	key := fmt.Sprintf("error-%d", status)
	switch {
	case isAway(err):
		return "error-away"
	case errors.Is(err, errBusy):
		return "error-busy"
	case w.Has(key + "-title"):
		return key
	case status >= 500:
		return "error-500"
	}
	return "error-404"
}
