package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vestnik/documents"
)

const (
	apiPrefix = "/api/v1"
	// What one request may have that is read as a whole. Read into memory, JSON may
	// take thirty times its length.
	maxBody    = 1 << 20
	maxTexts   = 26 << 20 // texts in three languages, each as long as markdown.MaxSource
	maxHistory = 64 << 20 // versions of them; administrators alone
)

func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

// caller is who speaks to the API.
type caller struct {
	documents.Actor
	Token string // its name; "" on the socket
}

func callerOf(ctx context.Context) (caller, bool) {
	c, ok := ctx.Value(actorKey).(caller)
	return c, ok
}

// actorOf is the actor of a request that passed the roles of its operation.
func actorOf(ctx context.Context) documents.Actor {
	c, _ := callerOf(ctx)
	return c.Actor
}

// api registers operations: each one once, for the server and for its
// description.
type api struct {
	s    *Server
	huma huma.API
}

func (s *Server) apiRoutes(m *mux, operations http.Handler) {
	inner := s.bearer(operations)
	m.Handle("/api", inner)
	m.Handle("/api/", inner)
}

// localHandler is the API for the socket: who can open it owns the machine.
func (s *Server) localHandler(operations http.Handler) http.Handler {
	inner := s.doors(operations)
	local := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		me := caller{Actor: documents.Actor{Name: "local", Roles: []string{"administrator"}}}
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), actorKey, me)))
	})
	return s.identified(s.logged(s.recovered(local)))
}

// apiMux holds every operation. What it does not know is a problem too, not a
// page.
func (s *Server) apiMux() http.Handler {
	inner := http.NewServeMux()
	a := &api{s: s, huma: humago.NewWithPrefix(inner, apiPrefix, description(s.Version, s.base()))}
	a.documentOperations()
	a.versionOperations()
	a.readingOperations()
	a.draftOperations()
	a.recipientOperations()
	a.requestOperations()
	a.noticeOperations()
	a.settingOperations()
	a.staffOperations()
	a.tokenOperations()
	a.installationOperations()
	prune(a.huma.OpenAPI())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := inner.Handler(r)
		if pattern == "" {
			s.unmatched(h, w, r)
			return
		}
		setRoute(r.Context(), pattern)
		// So says curl -d of any body; no operation takes a form.
		if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
			r.Header.Del("Content-Type")
		}
		inner.ServeHTTP(w, r)
	})
}

// bearer finds the actor of a token. Without one a request may still read what
// is public; each operation knows. Cookies mean nothing here: a browser sends
// them without being asked.
func (s *Server) bearer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.Header.Get("Authorization")
		if given == "" {
			next.ServeHTTP(w, r)
			return
		}
		me, err := s.tokenActor(r.Context(), given)
		if err != nil {
			s.fail(w, r, untouched(err))
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), actorKey, me)))
	})
}

// access says who may call an operation.
type access []string

var (
	// anyone: it tells only what the public pages do. In a rehearsal those are for
	// staff, and so is this.
	anyone = access{"*"}
	// anyRole: whoever has a token.
	anyRole = access{"author", "approver", "publisher", "administrator", "auditor"}
)

func (s *Server) admit(ctx context.Context, who access) error {
	me, known := callerOf(ctx)
	switch {
	case len(who) == 1 && who[0] == "*" && (known || !s.rehearsal()):
		return nil
	case !known:
		return errUnauthorized
	case len(who) == 1 && who[0] == "*":
		return nil
	case !may(me.Actor, who...):
		return errForbidden
	}
	return nil
}

// add registers an operation. Whatever its handler returns as an error becomes a
// Problem, so that nothing of ours is shown by accident.
func add[I, O any](a *api, who access, op huma.Operation, h func(context.Context, *I) (*O, error)) {
	a.describe(&op, who)
	s := a.s
	// Before the body is read: a stranger may not make us parse one.
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		if err := s.admit(ctx.Context(), who); err != nil {
			r, w := humago.Unwrap(ctx)
			s.fail(w, r, err)
			return
		}
		if slices.Equal(who, anyone) && !s.rehearsal() {
			// Any site may show what is public; without credentials, so nothing else.
			ctx.SetHeader("Access-Control-Allow-Origin", "*")
			ctx.SetHeader("Cache-Control", "no-cache")
		} else {
			ctx.SetHeader("Cache-Control", "no-store")
		}
		next(ctx)
	})
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if op.Method == http.MethodGet {
			err = untouched(err)
		}
		if err != nil {
			return nil, s.refuse(ctx, op.OperationID, err)
		}
		return out, nil
	})
}

// refuse turns an error into what the caller sees, and logs faults of ours.
func (s *Server) refuse(ctx context.Context, operation string, err error) error {
	s.noteFull(err)
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	p := problem(err, requestID(ctx))
	if p.Status >= 500 {
		s.Log.Error("request failed", "request", requestID(ctx), "operation", operation, "err", err)
	}
	return p
}

// audit writes down an act.
func (s *Server) audit(ctx context.Context, by documents.Actor, what, on string, more ...string) error {
	e := AuditEntry{At: s.now(), By: by.Name, What: what, On: on}
	if c, ok := callerOf(ctx); ok && c.Token != "" {
		more = append(more, "token", c.Token)
	}
	for i := 0; i+1 < len(more); i += 2 {
		if e.More == nil {
			e.More = map[string]string{}
		}
		e.More[more[i]] = more[i+1]
	}
	return s.Store.Audit(ctx, e)
}
