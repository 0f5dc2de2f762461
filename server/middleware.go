package server

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vestnik/documents"
)

type contextKey int

const (
	requestKey contextKey = iota
	actorKey
	clientKey
	routeKey
)

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey).(string)
	return id
}

// outer is what every request passes, outermost first: id, log, recovery,
// headers, base path, forgery protection.
func (s *Server) outer(next http.Handler) http.Handler {
	forgery := http.NewCrossOriginProtection()
	if s.root.Host != "" {
		// Behind a proxy that rewrites Host the Origin is still ours. The URL was
		// parsed, so this cannot fail.
		_ = forgery.AddTrustedOrigin(s.root.Scheme + "://" + s.root.Host)
	}
	forgery.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, errForbidden)
	}))
	h := unnamed(next, forgery.Handler(next))
	h = s.based(h)
	h = secured(h)
	h = s.recovered(h)
	h = s.logged(h)
	return s.identified(h)
}

// unnamed lets a form of the door through whose browser names no origin: from a page
// with no-referrer it sends "null" (Fetch, "append a request Origin header"), and one
// of before 2023, or one without TLS, has no Sec-Fetch-Site either. At the door nothing
// comes by itself with a request, no cookie and no sign-in: whoever knows the link
// needs nobody else's browser to use it.
func unnamed(door, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fromDoor(r) && r.Header.Get("Origin") == "null" && r.Header.Get("Sec-Fetch-Site") == "" {
			door.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// newRequestID names a request. It need not be hard to guess.
func newRequestID() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	var id [12]byte
	for i, bits := 0, rand.Uint64(); i < len(id); i, bits = i+1, bits>>5 {
		id[i] = letters[bits&31]
	}
	return string(id[:])
}

// identified gives the request an id, which the answer and the log carry, and
// finds who sent it. A client's own id is not believed.
func (s *Server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := newRequestID()
		w.Header().Set("Request-Id", id)
		ctx := context.WithValue(r.Context(), requestKey, id)
		ctx = context.WithValue(ctx, clientKey, household(s.client(r)))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// client is the address that a request came from. X-Forwarded-For counts only
// from a trusted proxy, and is read from the right: what stands left of the
// first address that is no proxy of ours, anyone may have written.
func (s *Server) client(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !s.isTrusted(host) {
			break
		}
		hop = strings.TrimSpace(hop)
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		host = hop
	}
	return host
}

// household is whom a limit is for: an IPv4 address, or the 64 bits that a line
// has of IPv6, where everybody can take addresses by the billion.
func household(host string) string {
	a, err := netip.ParseAddr(host)
	if err != nil || a.Unmap().Is4() {
		return host
	}
	p, _ := a.WithZone("").Prefix(64) // of 128 bits
	return p.String()
}

func (s *Server) isTrusted(host string) bool {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(s.trusted, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

func prefixes(given []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, g := range given {
		p, err := netip.ParsePrefix(g)
		if err != nil {
			a, err := netip.ParseAddr(g)
			if err != nil {
				return nil, documents.Invalid("trusted-proxy", "proxy-malformed", "The proxy %q is no IP address and no prefix such as 10.0.0.0/8.", g)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

// clientOf is the household that the request came from, for limits; never logged.
func clientOf(ctx context.Context) string {
	c, _ := ctx.Value(clientKey).(string)
	return c
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	left   bool // the client did
}

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 {
		rec.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(b []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	n, err := rec.ResponseWriter.Write(b)
	rec.bytes += int64(n)
	var network *net.OpError
	if errors.As(err, &network) {
		rec.left, err = true, errLeft
	}
	return n, err
}

// errLeft stands for an error of the connection, which has the client's address. It
// is nobody's failure, and there is nobody to answer.
var errLeft = errors.New("the client left")

func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// logged writes one line per request: the pattern of the route, never the path,
// which may hold a token or a person's name.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &recorder{ResponseWriter: w}
		route := "none"
		r = r.WithContext(context.WithValue(r.Context(), routeKey, &route))
		defer func() {
			s.account(s.metrics.of(route, rec.status), served{requestID(r.Context()), r.Method, strconv.Quote(route), rec.status, rec.bytes}, began)
		}()
		next.ServeHTTP(rec, r)
	})
}

// account puts a request into the log and the metrics.
func (s *Server) account(of prometheus.Observer, one served, began time.Time) {
	now := time.Now()
	took := now.Sub(began)
	of.Observe(took.Seconds())
	if s.Journal != nil {
		s.Journal.request(one, now, took)
	}
}

// setRoute tells the log which pattern matched.
func setRoute(ctx context.Context, pattern string) {
	if route, ok := ctx.Value(routeKey).(*string); ok {
		*route = pattern
	}
}

// method is m if it is a known one: anyone can send a word of their own.
func method(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	}
	return "other"
}

// recovered turns a panic into a logged 500. The body may have begun: then the
// connection is cut, so that nobody takes half an answer for a whole one.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			rec, ok := w.(*recorder)
			if r.Context().Err() != nil || ok && rec.left {
				panic(http.ErrAbortHandler)
			}
			s.Log.Error("panic", "request", requestID(r.Context()), "panic", p, "stack", string(debug.Stack()))
			if ok && rec.status != 0 {
				panic(http.ErrAbortHandler)
			}
			s.fail(w, r, errPanic)
		}()
		next.ServeHTTP(w, r)
	})
}

// secured sets the headers that every answer has. Pages replace the policy by
// one with the hashes of their own parts.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}

// based removes the path of -url. A proxy may have removed it already, so a
// request without it is served too.
func (s *Server) based(next http.Handler) http.Handler {
	base := s.base()
	if base == "" {
		return next
	}
	strip := http.StripPrefix(base, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == base:
			http.Redirect(w, r, base+"/", http.StatusMovedPermanently)
		case strings.HasPrefix(r.URL.Path, base+"/"):
			strip.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// base is the path of -url, "" or "/policies": links in pages begin with it.
func (s *Server) base() string { return strings.TrimSuffix(s.root.Path, "/") }
