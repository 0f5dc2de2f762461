// Package server speaks HTTP: the public pages, the desk, the page of a
// registered user, and the API. It holds no rule of publishing or telling; those
// are the Library's and the Notifier's.
package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"

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
	URL      string // public root, with or without a path, no trailing slash
	Demo     bool
	Loopback bool     // listening on loopback only
	Trusted  []string // addresses of proxies whose forwarded headers count
	Version  string
	Mailbox  string // smtp:// URL of the built-in mailbox, for the settings of the notifier
	Log      *slog.Logger
	Install  Installation
}

// Installation is what the API offers and only cmd can do, because it reaches
// files. A nil function is refused with a sentence.
type Installation struct {
	Open   func(ctx context.Context, by documents.Actor) error // ends the rehearsal
	Backup func(ctx context.Context, w io.Writer) error        // dumps and keys, as tar
	Check  func(ctx context.Context, progress func(done, of int)) (faults []string, err error)
	// Rehearsal tells whether the installation still is one.
	Rehearsal func() bool
}

// Server is an http.Handler.
type Server struct {
	Config
	mux http.Handler
}

// New makes a Server.
func New(c Config) (*Server, error) { panic("not yet") }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Local is the handler behind the socket and in-process commands: the same API,
// without a token, with an administrator's rights, audited as "local".
func (s *Server) Local() http.Handler { panic("not yet") }

// handler is what every route is: it returns an error, and one place turns it
// into a status and a page.
type handler func(w http.ResponseWriter, r *http.Request) error
