package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"

	"vestnik/documents"
	"vestnik/documents/value"
)

// errForbidden: signed in, but the act is not for this role.
var errForbidden = errors.New("not allowed")

// errUnauthorized: nobody is signed in, or the token is not valid.
var errUnauthorized = errors.New("not signed in")

// errTooMany: slow down.
var errTooMany = errors.New("too many requests")

// errPanic: a fault of the program, logged where it was caught.
var errPanic = errors.New("panic")

// errUnavailable: something outside that this needs is not there now.
var errUnavailable = errors.New("unavailable")

// status is the HTTP status that an error means.
func status(err error) int {
	var invalid *documents.InvalidError
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, value.ErrDamaged):
		return http.StatusInternalServerError
	case isAway(err):
		return http.StatusServiceUnavailable
	case errors.Is(err, documents.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, documents.ErrConflict), errors.Is(err, documents.ErrExists):
		return http.StatusConflict
	case errors.As(err, &invalid), errors.Is(err, documents.ErrKeyReused):
		return http.StatusUnprocessableEntity
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errUnauthorized):
		return http.StatusUnauthorized
	case errors.Is(err, errForbidden):
		return http.StatusForbidden
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, errMalformed):
		return http.StatusBadRequest
	case errors.Is(err, errTooMany):
		return http.StatusTooManyRequests
	case errors.Is(err, errUnavailable), isFull(err), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.Canceled):
		return 499 // the client went away; nobody reads this
	}
	return http.StatusInternalServerError
}

// isFull: the disk, or the quota, has no room, or a limit lets no file grow. bbolt
// keeps only the words of what happened when it made its file longer.
func isFull(err error) bool {
	return err != nil && slices.ContainsFunc([]syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}, func(full syscall.Errno) bool {
		return errors.Is(err, full) || strings.Contains(err.Error(), "file resize error") && strings.HasSuffix(err.Error(), full.Error())
	})
}

// noteFull remembers when a write last found no room, for the health.
func (s *Server) noteFull(err error) {
	if isFull(err) {
		s.full.Store(s.now().Unix())
	}
}

// fail is the one place where a handler's error becomes an answer. Faults of
// ours are logged with the request's id and shown without detail.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errLeft) {
		return
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		err = untouched(err)
	}
	code := status(err)
	s.noteFull(err)
	_, away := s.present.last()
	if code >= 500 && !(isAway(err) && away != nil) { // of that the log has one line in all
		s.Log.Error("request failed", "request", requestID(r.Context()), "route", r.Pattern, "err", err)
	}
	w.Header().Del("Content-Encoding")
	w.Header().Del("ETag")
	w.Header().Set("Cache-Control", "no-store")
	saysWhen(w.Header(), err)
	if isAPI(r.URL.Path) {
		writeProblem(w, problem(err, requestID(r.Context())))
		return
	}
	if s.keeps(r, err) && s.keep(w, r, err) == nil {
		return
	}
	s.renderError(w, r, code, err)
}

// plainError is the page of an error before there are pages.
func plainError(w http.ResponseWriter, r *http.Request, status int, err error) {
	text := http.StatusText(status)
	var invalid *documents.InvalidError
	if errors.As(err, &invalid) {
		text = invalid.Reason
	}
	if status >= 500 {
		text = fmt.Sprintf("%s (%s)", text, requestID(r.Context()))
	}
	http.Error(w, text, status)
}
