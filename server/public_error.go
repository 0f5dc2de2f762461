package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// dayError: /on/ was asked for a day of which nothing can be said.
type dayError struct {
	subject subject
	unknown bool // the day has not ended; else it was before the first version
	now     time.Time
}

func (e *dayError) Error() string {
	if e.unknown {
		return "not yet known"
	}
	return "before the first version"
}

func (e *dayError) Unwrap() error { return documents.ErrNotFound }

type errorPage struct {
	page
	Heading string
	Tongues []tongue
	Request string
}

// tongue is a message in one of the interface's languages.
type tongue struct {
	Lang, Title, Sentence, Advice, Scheduled string
	Links                                    []link
}

// errorPage says in three languages what is wrong and what to do. It works
// without the store: where that is away, with the settings that were known last,
// and without any if there are none.
func (p *site) errorPage(w http.ResponseWriter, r *http.Request, status int, err error) {
	k, _ := p.present.get(r.Context(), freshFor)
	set := k.settings
	first := negotiated(r, set)
	if tag := r.PathValue("lang"); tag != "" {
		first = lang.Near(tag)
	}
	languages := append([]string{first}, slices.DeleteFunc(slices.Clone(interfaceLanguages(set)), func(t string) bool { return t == first })...)
	out := errorPage{page: p.basePage(catalogue.In(first), set, "")}
	for _, tag := range languages {
		out.Tongues = append(out.Tongues, p.tongue(catalogue.In(tag), r, status, err))
	}
	out.Heading, out.NoIndex = out.Tongues[0].Title, true
	out.Title = out.Heading
	if status >= 500 && !isAway(err) {
		out.Request = requestID(r.Context())
	}
	body, execErr := execute("error.html", out)
	if execErr != nil {
		plainError(w, r, status, err)
		return
	}
	var day *dayError
	if errors.As(err, &day) && day.unknown {
		w.Header().Set("Vestnik-Problem", "not-yet-known")
	}
	_ = writePage(w, status, body) // the client may have gone
}

func (p *site) tongue(w lang.Words, r *http.Request, status int, err error) tongue {
	out := tongue{Lang: w.Lang}
	home := link{Href: p.base() + "/", Text: w.T("error-home")}
	var day *dayError
	if errors.As(err, &day) {
		return p.dayTongue(out, w, day)
	}
	if errors.Is(err, errRehearsal) {
		out.Title, out.Sentence = w.T("error-rehearsal-title"), w.T("error-rehearsal")
		out.Links = []link{{Href: p.base() + "/desk/sign-in", Text: w.T("sign-in")}}
		return out
	}
	if errors.Is(err, errLinkEnded) {
		out.Title, out.Sentence = w.T("error-link-title"), w.T("error-link")
		out.Links = []link{{Href: p.base() + "/desk/sign-in", Text: w.T("sign-in-send")}}
		return out
	}
	key := errorKey(w, status)
	if isAway(err) {
		key = "error-away"
	}
	out.Title, out.Links = w.T(key+"-title"), []link{home}
	if sentence, _, ok := refusal(w, err); ok && status == http.StatusUnprocessableEntity {
		out.Sentence = sentence
	} else if w.Has(key) {
		out.Sentence = w.T(key)
	}
	if isAway(err) && !errors.Is(err, errUntouched) {
		out.Sentence = w.T("error-away-unknown")
	}
	if status == http.StatusUnauthorized {
		out.Links = []link{{Href: p.base() + "/desk/sign-in?next=" + escapeQuery(r.URL.Path), Text: w.T("sign-in")}}
	}
	return out
}

func (p *site) dayTongue(out tongue, w lang.Words, day *dayError) tongue {
	s := day.subject
	out.Links = []link{{Href: fmt.Sprintf("%s/%s/%s", p.base(), s.ID, s.tag), Text: w.T("to-current")}}
	if !day.unknown {
		out.Title = w.T("error-before-title")
		for _, o := range s.t.Versions {
			if !o.Withdrawn {
				out.Sentence = w.T("error-before", "date", effectiveDate(w, o.Effective))
				break
			}
		}
		return out
	}
	out.Title, out.Sentence, out.Scheduled = w.T("error-unknown-title"), w.T("error-unknown"), w.T("error-scheduled-none")
	var parts []string
	for _, o := range s.t.Upcoming(day.now) {
		parts = append(parts, w.T("error-scheduled-one", "version", versionName(w, o.Number), "date", effectiveDate(w, o.Effective)))
	}
	if len(parts) > 0 {
		out.Scheduled = w.T("error-scheduled", "list", strings.Join(parts, w.T("list-separator")))
	}
	return out
}

func errorKey(w lang.Words, status int) string {
	key := fmt.Sprintf("error-%d", status)
	switch {
	case w.Has(key + "-title"):
		return key
	case status >= 500:
		return "error-500"
	}
	return "error-404"
}
