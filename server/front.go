package server

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// asked is what a request for a page is known by before it was looked at: all that
// any kept answer depends on, as the client wrote it.
type asked struct{ path, query, language, coding string }

// longest is how long, in bytes, what a client wrote may be to be remembered.
const longest = 200

// front has answers with their whole headers, so that what is asked for often
// passes no route. Who is not answered here is answered behind it; what is there
// is put there by that.
type front struct{ ready *bounded[asked, *ready] }

func newFront() *front { return &front{newBounded[asked, *ready](mostReady)} }

// ready is an answer as it was given before.
type ready struct {
	page      cachedPage
	state     string      // of all that it depends on
	header    http.Header // but for the id of the request
	unchanged http.Header // of a 304
	route     string
}

// askedFor is false of a request that is not for everybody, or not for a page.
func askedFor(r *http.Request, path string) (a asked, ok bool) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return a, false
	}
	a = asked{path: path, query: r.URL.RawQuery, coding: coding(r)}
	return a, r.URL.RawPath == "" && len(path)+len(a.query) < longest
}

// answer is the page that was asked for, if it is known and still true.
func (f *front) answer(a asked, r *http.Request, state string, now time.Time) *ready {
	one, ok := f.ready.get(a)
	if !ok {
		a.language = negotiates + r.Header.Get("Accept-Language")
		one, ok = f.ready.get(a)
	}
	if !ok || one.state != state || !one.page.holds(now) {
		return nil
	}
	return one
}

// negotiates begins the language of what depends on one: also on none.
const negotiates = "Accept-Language: "

// remember is for kept, once all of the header stands.
func (v *visit) remember(page cachedPage, h http.Header) {
	a, ok := askedFor(v.r, v.r.URL.Path)
	if !ok || v.away != nil || v.rehearsal() {
		return
	}
	if slices.Contains(h["Vary"], "Accept-Language") {
		a.language = negotiates + v.r.Header.Get("Accept-Language")
	}
	if len(a.language) > longest {
		return
	}
	one := &ready{page: page, state: v.known.state, header: shared(h), route: v.r.Pattern, unchanged: http.Header{}}
	for _, name := range []string{"Access-Control-Allow-Origin", "Cache-Control", "Etag", "Vary"} {
		if values := one.header[name]; values != nil {
			one.unchanged[name] = values
		}
	}
	v.front.ready.put(a, one, len(page.body.bytes)+2048)
}

// shared is a copy of h whose values can stand in many headers at once: whoever
// appends to one gets one of their own.
func shared(h http.Header) http.Header {
	out := maps.Clone(h)
	delete(out, "Request-Id")
	for name, values := range out {
		out[name] = slices.Clip(slices.Clone(values))
	}
	return out
}

// quick answers what can be answered without looking further, and tells whether it
// did.
func (s *Server) quick(w http.ResponseWriter, r *http.Request) bool {
	began := time.Now()
	path := r.URL.Path
	if base := s.base(); base != "" {
		path, _ = strings.CutPrefix(path, base)
	}
	a, ok := askedFor(r, path)
	if !ok || s.rehearsal() {
		return false
	}
	state, ok := s.present.glance(began)
	if !ok {
		return false
	}
	one := s.front.answer(a, r, state, began)
	if one == nil {
		return false
	}
	id := newRequestID()
	status, sent := one.write(w, r, id)
	s.account(id, r.Method, one.route, status, int64(sent), time.Since(began))
	return true
}

// write answers with one, or with 304 if the client has these very bytes.
func (one *ready) write(w http.ResponseWriter, r *http.Request, id string) (status, sent int) {
	h := w.Header()
	h["Request-Id"] = []string{id}
	if matches(r.Header["If-None-Match"], one.page.body.tag[0]) {
		maps.Copy(h, one.unchanged)
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified, 0
	}
	maps.Copy(h, one.header)
	if r.Method == http.MethodHead {
		return http.StatusOK, 0
	}
	sent, _ = w.Write(one.page.body.bytes) // the client may have gone
	return http.StatusOK, sent
}
