package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// errLinkEnded: a one-time link that was spent, has expired, or never was. Which
// of them is nobody's business.
var errLinkEnded = fmt.Errorf("link: %w", documents.ErrNotFound)

// evenly is how long asking for a link takes in any case.
const evenly = 200 * time.Millisecond

// signInRoutes are the acts of signing in and out. Their pages, GET /desk/sign-in
// with the form and GET /desk/link/{token} with the button, are the desk's: a
// mail scanner that follows the link changes nothing.
func (s *Server) signInRoutes(m *mux) {
	m.handle("POST /desk/sign-in", s.postSignIn)
	m.handle("POST /desk/link/{token}", s.postLinkSpent)
	m.handle("POST /desk/sign-out", s.postSignOut)
}

// postSignIn mails a link to "address", if somebody works here under it, and
// says the same in any case.
func (s *Server) postSignIn(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	// Making a link and queueing a mail takes a while; the answer to an address
	// that nobody here has must not come sooner.
	even := time.After(evenly)
	if err := s.mailLink(r.Context(), r.PostFormValue("address"), r.PostFormValue("next")); err != nil {
		return err
	}
	<-even
	sent := "/desk/sign-in?sent=1"
	if asked := r.URL.Query().Get("lang"); slices.Contains(lang.Interface, asked) {
		sent += "&lang=" + asked
	}
	return s.redirect(w, r, sent)
}

// postLinkSpent signs in whoever holds the link, once.
func (s *Server) postLinkSpent(w http.ResponseWriter, r *http.Request) error {
	l, err := s.liveLink(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	one, err := s.Store.Staff(r.Context(), l.Staff)
	if errors.Is(err, documents.ErrNotFound) || err == nil && one.Disabled {
		return errLinkEnded
	}
	if err != nil {
		return err
	}
	if _, err := s.Store.SpendLink(r.Context(), l.Hash); errors.Is(err, documents.ErrNotFound) {
		return errLinkEnded
	} else if err != nil {
		return err
	}
	if err := s.signIn(w, r, one.ID); err != nil {
		return err
	}
	if err := s.audit(r.Context(), one.actor(), "staff.signed-in", one.ID); err != nil {
		return err
	}
	return s.redirect(w, r, localPath(l.Next))
}

// liveLink returns the link of a token if it can still be spent, else
// errLinkEnded, and leaves it as it is. Nobody may ask often.
func (s *Server) liveLink(ctx context.Context, token string) (Link, error) {
	if err := s.allow(ctx, "link "+clientOf(ctx), time.Second, 20); err != nil {
		return Link{}, err
	}
	l, err := s.Store.Link(ctx, hashSecret(token))
	if errors.Is(err, documents.ErrNotFound) || err == nil && !s.now().Before(l.Expires) {
		return Link{}, errLinkEnded
	}
	return l, err
}

func (s *Server) postSignOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.endSession(r); err != nil {
		return err
	}
	http.SetCookie(w, s.cookie("", -1))
	return s.redirect(w, r, "/desk/sign-in")
}

// redirect goes to a path of ours after a POST.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, path string) error {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, s.base()+path, http.StatusSeeOther)
	return nil
}
