package server

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vestnik/documents/lang"
)

// errUntouched joins an error that came before anything could have been changed.
var errUntouched = errors.New("nothing was changed")

// untouched marks err so where the store was away: it can be tried again without
// a second look.
func untouched(err error) error {
	if isAway(err) {
		return fmt.Errorf("%w: %w", errUntouched, err)
	}
	return err
}

// retryAfter is what whoever finds the store away is told to wait: a database
// that fails over needs less.
const retryAfter = time.Minute

// saysWhen sets Retry-After on an answer that the store is away, that somebody asks
// too often, or that a comparison is still being made.
func saysWhen(h http.Header, err error) {
	switch {
	case isAway(err), errors.Is(err, errTooMany):
		h.Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	case errors.Is(err, errBusy):
		h.Set("Retry-After", strconv.Itoa(int(busyAfter.Seconds())))
	}
}

// doors are what cannot work without the store: the desk, the API and the pages of
// registered users. While it is known to be away they refuse at once. After each
// act the state of this node is read anew.
func (s *Server) doors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == apiPrefix+"/status" {
			next.ServeHTTP(w, r) // it tells how the store is
			return
		}
		if _, err := s.present.get(r.Context(), freshFor); isAway(err) {
			s.fail(w, r, untouched(err))
			return
		}
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		// Before the answer begins, for the client may act on it at once; and after,
		// for there may have been none.
		defer s.present.expire()
		next.ServeHTTP(&actWriter{ResponseWriter: w, first: s.present.expire}, r)
	})
}

// actWriter calls first before an answer begins.
type actWriter struct {
	http.ResponseWriter
	first func()
	begun bool
}

func (w *actWriter) begin() {
	if !w.begun {
		w.begun = true
		w.first()
	}
}

func (w *actWriter) WriteHeader(status int) {
	w.begin()
	w.ResponseWriter.WriteHeader(status)
}

func (w *actWriter) Write(b []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(b)
}

func (w *actWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// needsStore tells whether an address is behind the doors.
func needsStore(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first == "api" || first == "desk" || first == "me"
}

type keptPage struct {
	page
	Lead, Press, Look string
	Action            string
	Back              string
	Hidden            []link
	Typed             []field
}

// keeps tells whether err is that a form of the desk or the door met a store that is
// away, so that what was typed has to be given back: to few at a time, for nobody can
// be asked who sent it.
func (s *Server) keeps(r *http.Request, err error) bool {
	return isAway(err) && r.Method == http.MethodPost && (fromDesk(r) || fromDoor(r)) && s.limits.allow("keep "+clientOf(r.Context()), 10*time.Second, 5)
}

func fromDesk(r *http.Request) bool {
	_, err := r.Cookie(sessionCookie)
	return err == nil && strings.HasPrefix(r.URL.Path, "/desk/") && !strings.HasPrefix(r.URL.Path, "/desk/sign-") && !strings.HasPrefix(r.URL.Path, "/desk/link/")
}

func fromDoor(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/me/") }

// keep gives a form back with all that was typed, without asking the store for
// anything: it can be sent again from there, and the longer texts can be seen and
// copied.
func (s *Server) keep(w http.ResponseWriter, r *http.Request, err error) error {
	r.Body = http.MaxBytesReader(w, r.Body, deskMost)
	if err := parseForm(r); err != nil {
		return err
	}
	k, _ := s.present.last()
	words := catalogue.In(negotiated(r, k.settings))
	p := keptPage{page: s.basePage(words, k.settings, words.T("kept-unknown-title")), Lead: words.T("kept-unknown"), Press: words.T("kept-press-unknown"), Action: s.base() + r.URL.RequestURI(), Back: s.base() + "/desk/", Look: words.T("kept-look")}
	if errors.Is(err, errUntouched) {
		p.Title, p.Lead, p.Press, p.Look = words.T("kept-title"), words.T("kept-untouched"), words.T("kept-press"), ""
	}
	if p.NoIndex = true; fromDoor(r) { // the same press is recorded once
		p.Lead, p.Press, p.Look = words.T("press-again"), words.T("kept-press"), ""
		p.Private, p.Back = true, ""
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("X-Robots-Tag", "noindex")
	} else {
		p.Desk, p.Home = true, p.Back
	}
	for _, name := range sortedKeys(r.PostForm) {
		for _, value := range r.PostForm[name] {
			p.Hidden = append(p.Hidden, link{Text: name, Value: value})
			if strings.ContainsAny(value, " \n") || fromDoor(r) && name == "value" && value != "" {
				p.Typed = append(p.Typed, typedInput(words, name, value, len(p.Typed)))
			}
		}
	}
	body, err := execute("desk-kept.html", p)
	if err != nil {
		return err
	}
	return writePage(w, http.StatusServiceUnavailable, body)
}

// typedInput shows what stood in an input, under what the form calls that as far as
// the catalogue knows.
func typedInput(w lang.Words, name, value string, n int) field {
	if name == "value" {
		name = "kept-typed"
	}
	f := field{ID: fmt.Sprintf("typed-%d", n), Label: name, Value: strings.ReplaceAll(value, "\r\n", "\n")}
	stem, tag, _ := strings.Cut(name, "-")
	of := map[string]string{"source": "text-source", "title": "text-title", "what": "slot-what", "whom": "slot-whom", "means": "slot-means", "do": "slot-do"}[stem]
	if of != "" && tag != "" {
		f.Label, f.Lang, f.Dir = w.T(of)+" — "+lang.Name(tag), tag, lang.Dir(tag)
		return f
	}
	for _, key := range []string{"public-" + name, name, "setting-" + name} {
		if w.Has(key) {
			f.Label = w.T(key)
			break
		}
	}
	return f
}
