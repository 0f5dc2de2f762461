package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
)

const (
	sessionCookie = "vestnik_session"
	sessionLife   = 12 * time.Hour
	linkLife      = time.Hour
)

// newSecret is 256 random bits for a URL or a header, and the hash that is
// stored instead.
func newSecret() (secret, hash string) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	secret = base64.RawURLEncoding.EncodeToString(b[:])
	return secret, hashSecret(secret)
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// staff returns who is known to be signed in.
func (s *Server) staff(r *http.Request) (Staff, bool) {
	one, err := s.signedIn(r)
	return one, err == nil
}

// signedIn returns who is signed in; nobody is errUnauthorized, which a store that
// is away is not. Roles and standing are read anew each time, so a disabled person
// is out at once, on every node.
func (s *Server) signedIn(r *http.Request) (Staff, error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil || c.Value == "" {
		return Staff{}, errUnauthorized
	}
	session, err := s.Store.Session(r.Context(), hashSecret(c.Value))
	if errors.Is(err, documents.ErrNotFound) || err == nil && !s.now().Before(session.Expires) {
		return Staff{}, errUnauthorized
	}
	if err != nil {
		return Staff{}, err
	}
	one, err := s.Store.Staff(r.Context(), session.Staff)
	if errors.Is(err, documents.ErrNotFound) || err == nil && one.Disabled {
		return Staff{}, errUnauthorized
	}
	return one, err
}

// actor is who a member of staff is to the other rooms.
func (one Staff) actor() documents.Actor { return documents.Actor{Name: one.ID, Roles: one.Roles} }

// may tells whether one has any of the roles. An administrator may do all that
// the others may: they could give themselves the role anyway. What needs two
// people still needs two, which the Library sees to.
func may(a documents.Actor, roles ...string) bool {
	return slices.Contains(a.Roles, "administrator") || slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(a.Roles, r) })
}

// allowed returns who is signed in if they have one of the roles; none named:
// any member of staff.
func (s *Server) allowed(r *http.Request, roles ...string) (Staff, error) {
	one, err := s.signedIn(r)
	if err != nil {
		return Staff{}, err
	}
	if len(roles) > 0 && !may(one.actor(), roles...) {
		return one, errForbidden
	}
	return one, nil
}

// signIn gives the browser a session. The old one, if any, ends: a session is
// never carried over a change of who is signed in.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, staff string) error {
	if err := s.endSession(r); err != nil {
		return err
	}
	secret, hash := newSecret()
	now := s.now()
	err := s.Store.PutSession(r.Context(), Session{Hash: hash, Staff: staff, Created: now, Expires: now.Add(sessionLife)})
	if err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(secret, int(sessionLife.Seconds())))
	return nil
}

func (s *Server) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: sessionCookie, Value: value, Path: s.base() + "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(),
	}
}

// secure: cookies travel over TLS alone, except to loopback, where there is none.
func (s *Server) secure() bool { return !s.Loopback || s.root.Scheme == "https" }

func (s *Server) endSession(r *http.Request) error {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	err = s.Store.DeleteSession(r.Context(), hashSecret(c.Value))
	if errors.Is(err, documents.ErrNotFound) {
		return nil
	}
	return err
}

// newLink makes a one-time link for a member of staff and returns its URL.
func (s *Server) newLink(ctx context.Context, staff, purpose, next string) (string, time.Time, error) {
	s.sweepLater()
	secret, hash := newSecret()
	until := s.now().Add(linkLife)
	err := s.Store.PutLink(ctx, Link{Hash: hash, Staff: staff, Purpose: purpose, Next: localPath(next), Expires: until})
	if err != nil {
		return "", until, err
	}
	root, err := s.publicRoot(ctx)
	return root + "/desk/link/" + secret, until, err
}

// publicRoot is where links begin: this process's address, or the recorded one
// where a command works without serving. Never the Host of a request.
func (s *Server) publicRoot(ctx context.Context) (string, error) {
	if s.URL != "" {
		return strings.TrimSuffix(s.URL, "/"), nil
	}
	settings, err := s.book.Read(ctx)
	return settings.URL, err
}

// localPath is p if it is a path of ours; anything else, such as //evil.example,
// is the desk.
func localPath(p string) string {
	if !strings.HasPrefix(p, "/desk") || strings.ContainsAny(p, "\\\r\n") || strings.Contains(p, "//") {
		return "/desk/"
	}
	return p
}
