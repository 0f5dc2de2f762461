// Package server speaks HTTP: the public pages, the desk, the page of a
// registered user, and the API. It holds no rule of publishing or telling; those
// are the Library's and the Notifier's.
package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"vestnik/documents"
	"vestnik/documents/translog"
	"vestnik/notifier"
)

// Config of New.
type Config struct {
	Store    Store
	Library  *documents.Library
	Notifier *notifier.Notifier
	Tree     *translog.Log
	Settings *SettingsBook // nil: one over Store
	URL      string        // public root, with or without a path, no trailing slash
	Demo     bool
	Loopback bool     // listening on loopback only
	Trusted  []string // addresses or prefixes of proxies whose forwarded headers count
	Version  string
	Node     string // what this process is called among those on the same store
	Mailbox  string // smtp:// URL of the built-in mailbox, for the settings of the notifier
	Log      *slog.Logger
	Journal  *Journal // nil: requests are not logged
	Install  Installation
}

// Installation is what the API offers and only cmd can do, because it reaches
// files. A nil function is refused with a sentence.
type Installation struct {
	Open   func(ctx context.Context, by documents.Actor) error // ends the rehearsal
	Backup func(ctx context.Context, w io.Writer) error        // dumps and keys, as tar
	Check  func(ctx context.Context, progress func(done, of int)) (faults []string, err error)
	// Rehearsal tells whether the installation still is one, from memory.
	Rehearsal func() bool
	// Skew is how far this machine's clock is ahead of the store's.
	Skew func(ctx context.Context) (time.Duration, error)
	// Schema names the versions of the store's schema.
	Schema func(ctx context.Context) (string, error)
}

// Server is an http.Handler.
type Server struct {
	Config
	*serving
	book    *SettingsBook
	root    *url.URL
	trusted []netip.Prefix
	handler http.Handler // what a listener serves
	local   http.Handler // what the socket serves
	metrics *metrics
	limits  *limiter
	present *present
	warmth  *warmth
	full    atomic.Int64 // when a write last found the disk full, Unix seconds
	// renderError writes the page of an error; the pages replace the plain one.
	renderError func(w http.ResponseWriter, r *http.Request, status int, err error)
}

// New makes a Server.
func New(c Config) (*Server, error) {
	root, err := url.Parse(c.URL)
	if err != nil {
		return nil, documents.Invalid("url", "url-malformed", "The address %q is not a URL: give it as https://site.example.", c.URL)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Config: c, book: c.Settings, root: root, serving: newServing(), renderError: plainError, limits: newLimiter()}
	if s.book == nil {
		s.book = &SettingsBook{Store: c.Store, Mailbox: c.Mailbox, Demo: c.Demo, URL: c.URL, Rehearsal: c.Install.Rehearsal}
	}
	if s.trusted, err = prefixes(c.Trusted); err != nil {
		return nil, err
	}
	s.present = newPresent(s.survey, c.Log)
	s.metrics = newMetrics(s)
	api := s.apiMux()
	s.handler = s.outer(s.routes(api))
	s.local = s.localHandler(api)
	return s, nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Local is the handler behind the socket and in-process commands: the same API,
// without a token, with an administrator's rights, audited as "local".
func (s *Server) Local() http.Handler { return s.local }

// handler is what every route is: it returns an error, and one place turns it
// into a status and a page.
type handler func(w http.ResponseWriter, r *http.Request) error

// reserved are the first path segments that are ours and so can be no document's
// name.
var reserved = map[string]bool{
	"api": true, "desk": true, "embed": true, "embed.js": true, "feed": true, "healthz": true, "log": true, "me": true, "metrics": true,
	"readyz": true, "register": true, "robots.txt": true, "sitemap.xml": true, "static": true, "verify": true, "why": true,
}

func isReserved(p string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	return reserved[first]
}

// mux keeps the fixed prefixes apart from the public patterns, which begin with
// a wildcard: in one ServeMux they would conflict.
type mux struct {
	s             *Server
	fixed, public *http.ServeMux
}

// Handle registers h under a pattern of http.ServeMux, such as
// "GET /{document}/{lang}"; the first segment decides where.
func (m *mux) Handle(pattern string, h http.Handler) {
	_, p, ok := strings.Cut(pattern, " ")
	if !ok {
		p = pattern
	}
	if isReserved(p) {
		m.fixed.Handle(pattern, h)
		return
	}
	m.public.Handle(pattern, h)
}

// handle registers a handler whose error becomes a status and a page.
func (m *mux) handle(pattern string, h handler) {
	m.Handle(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			m.s.fail(w, r, err)
		}
	}))
}

func (m *mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.EscapedPath() // a name may hold slashes, escaped
	if clean := cleaned(asked); clean != asked {
		// http.ServeMux would do so too, but it knows nothing of the base.
		base := url.URL{Path: m.s.base()}
		to := url.URL{Opaque: base.EscapedPath() + clean, RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, to.String(), http.StatusTemporaryRedirect)
		return
	}
	inner := m.public
	if isReserved(r.URL.Path) {
		inner = m.fixed
	}
	h, pattern := inner.Handler(r)
	if pattern == "" {
		m.s.unmatched(h, w, r)
		return
	}
	setRoute(r.Context(), pattern)
	// Not h itself: only the mux fills in the path values.
	if needsStore(r.URL.Path) {
		m.s.doors(inner).ServeHTTP(w, r)
		return
	}
	inner.ServeHTTP(w, r)
}

// cleaned is p without empty and dotted segments.
func cleaned(p string) string {
	clean := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// unmatched lets the mux say 405 with its Allow header, and gives its 404 our
// page.
func (s *Server) unmatched(h http.Handler, w http.ResponseWriter, r *http.Request) {
	probe := &statusProbe{header: http.Header{}}
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusNotFound {
		s.fail(w, r, documents.ErrNotFound)
		return
	}
	if allow := probe.header.Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
	}
	s.fail(w, r, errMethod)
}

// errMethod: the address exists, but not for this method.
var errMethod = errors.New("method not allowed")

type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) WriteHeader(status int)      { p.status = status }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }

// routes is every route on one screen.
func (s *Server) routes(api http.Handler) *mux {
	m := &mux{s: s, fixed: http.NewServeMux(), public: http.NewServeMux()}
	s.opsRoutes(m)
	s.apiRoutes(m, api)
	s.signInRoutes(m)
	s.deskRoutes(m)
	s.publicRoutes(m)
	return m
}

// now is the time by which sessions and links end.
func (s *Server) now() time.Time { return time.Now().UTC() }

func (s *Server) rehearsal() bool {
	return s.Install.Rehearsal != nil && s.Install.Rehearsal()
}
