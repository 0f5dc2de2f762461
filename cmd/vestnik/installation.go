package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vestnik/documents"
	"vestnik/documents/translog"
	"vestnik/notifier"
	"vestnik/server"
)

// options are what a process brings to the installation that it opens.
type options struct {
	store    database
	drain    time.Duration // between the signal to stop and the last request
	senders  int           // connections to the relay; 0: as many as the notifier wants
	url      string        // public root
	relay    string        // smtp URL with its password, "" for the built-in mailbox
	from     string
	mailbox  string // smtp URL of the built-in mailbox, "" where this process has none
	demo     bool
	loopback bool
	trusted  []string
	accept   string             // reason to go on after a rollback
	progress func(done, of int) // of reading everything before serving; may be nil
	log      *slog.Logger
	journal  *server.Journal // what log writes to; nil: requests are not logged
}

// installation is an opened folder with its rooms wired together.
type installation struct {
	folder   folder
	node     string // this process, like no other
	stores   *stores
	library  *documents.Library
	tree     *translog.Log
	found    atomic.Int64 // events at opening, then those signed
	opening  sync.RWMutex // held by open, and for reading to sign: between two keys nothing is signed
	notifier *notifier.Notifier
	book     *server.SettingsBook
	server   *server.Server
}

// openInstallation opens what lies in d, creating it if create is set.
func openInstallation(ctx context.Context, d folder, create bool, o options) (*installation, error) {
	s, err := openFor(ctx, d, create, o)
	if err != nil {
		return nil, o.store.said(err)
	}
	in, err := wire(ctx, d, s, o)
	if err != nil {
		s.close()
		return nil, o.store.said(err)
	}
	return in, nil
}

func wire(ctx context.Context, d folder, s *stores, o options) (*installation, error) {
	in := &installation{folder: d, stores: s}
	if o.log == nil {
		o.log = slog.New(slog.DiscardHandler)
	}
	in.book = &server.SettingsBook{Store: s.server, Relay: o.relay, Mailbox: o.mailbox, URL: o.url, From: o.from, Demo: o.demo, Rehearsal: in.rehearsal}
	if err := in.openLog(ctx, o); err != nil {
		return nil, err
	}
	if err := in.openNotifier(o); err != nil {
		return nil, err
	}
	if err := in.folder.eraseAgain(ctx, in.notifier); err != nil {
		return nil, err
	}
	if o.url == "" { // a command: links lead where serve was, or would be
		settings, err := in.book.Read(ctx)
		if err != nil {
			return nil, err
		}
		o.url = cmp.Or(settings.URL, "http://"+defaultAddr)
	}
	var err error
	in.server, err = server.New(server.Config{
		Store: s.server, Library: in.library, Notifier: in.notifier, Tree: in.tree, Settings: in.book,
		URL: o.url, Demo: o.demo, Loopback: o.loopback, Trusted: o.trusted, Mailbox: o.mailbox, Version: version(), Log: o.log, Journal: o.journal,
		Install: server.Installation{Open: in.open, Backup: in.backup, Check: in.check, Rehearsal: in.rehearsal},
	})
	return in, err
}

// openLog opens the log and the library over it, after it is known to be ours.
func (in *installation) openLog(ctx context.Context, o options) error {
	if err := in.finishOpening(ctx); err != nil {
		return err
	}
	if err := in.belonging(ctx); err != nil {
		return err
	}
	back, err := in.openTree(ctx, o.accept != "")
	if err != nil {
		return err
	}
	if err := in.settle(ctx); err != nil {
		return err
	}
	in.library = documents.NewLibrary(documents.Config{Store: in.guarded(), Origin: in.tree.Origin(), Rules: in.book.Rules, Log: o.log})
	if back != nil {
		if err := in.tellRollback(ctx, back, o.accept); err != nil {
			return err
		}
	}
	size, err := in.tree.Size(ctx)
	in.found.Store(size)
	return err
}

func (in *installation) openNotifier(o options) error {
	key, err := in.folder.personalKey()
	if err != nil {
		return err
	}
	machine, err := os.Hostname()
	if err != nil {
		return err
	}
	in.node = machine + "-" + strings.ToLower(rand.Text()[:8])
	if in.stores.shared != nil {
		machine = "" // any may serve it
	}
	days, err := in.folder.readWorkdays()
	if err != nil {
		return err
	}
	in.notifier, err = notifier.New(notifier.Config{
		Store: in.stores.notifier, Library: in.library, Tree: in.tree, Settings: in.book.Notifier, Key: key,
		Node: in.node, Machine: machine, Senders: o.senders, Workdays: days, Log: o.log,
	})
	return err
}

func (in *installation) treeConfig() (translog.Config, error) {
	key, err := readKey(in.folder.logKey())
	return translog.Config{Source: in.eventsOf(key), Key: key, State: in.folder.checkpoint()}, err
}

var errForeignLog = errors.New("the log is not that of the key in this folder")

// eventsOf reads the log for the tree, and refuses one that another key signs: a
// node that runs on while another ends the rehearsal must not sign the new log.
func (in *installation) eventsOf(key string) func(context.Context, int64, int) ([][]byte, error) {
	return func(ctx context.Context, after int64, limit int) ([][]byte, error) {
		events, err := in.stores.documents.Events(ctx, "", documents.Seq(after), limit)
		out := make([][]byte, len(events))
		for i, e := range events {
			if !signs(key, e.Origin) {
				return nil, fmt.Errorf("%w: event %d belongs to %s; copy keys/ from a node that has its key, and start again", errForeignLog, e.Seq, e.Origin)
			}
			out[i] = e.Bytes
		}
		return out, err
	}
}

// signs tells whether a key is of the log with this origin.
func signs(key, origin string) bool { return strings.HasPrefix(key, "PRIVATE+KEY+"+origin+"+") }

// openTree derives the tree. A log that went back is refused, or accepted and
// returned: then the log must say so publicly.
func (in *installation) openTree(ctx context.Context, accept bool) (*translog.RollbackError, error) {
	c, err := in.treeConfig()
	if err != nil {
		return nil, unsound{err}
	}
	in.tree, err = translog.Open(ctx, c)
	var back *translog.RollbackError
	switch {
	case err == nil || ctx.Err() != nil:
		return nil, err
	case !errors.As(err, &back):
		return nil, unsound{err}
	case !accept:
		return nil, rolledBack(err)
	}
	c.Accept = true
	in.tree, err = translog.Open(ctx, c)
	return back, err
}

// local is the actor of commands on the machine itself.
var local = documents.Actor{Name: "local", Roles: []string{"administrator"}}

// check reads everything again and returns what is wrong, in sentences.
func (in *installation) check(ctx context.Context, progress func(done, of int)) ([]string, error) {
	return in.reread(ctx, progress, in.library.Check, in.notifier.Check)
}

type checking func(ctx context.Context, progress func(done, of int)) ([]string, error)

func (in *installation) reread(ctx context.Context, progress func(done, of int), parts ...checking) (faults []string, err error) {
	for _, part := range parts {
		more, err := part(ctx, progress)
		if err != nil {
			return nil, err
		}
		faults = append(faults, more...)
	}
	if len(faults) > 0 {
		return faults, nil // nothing more is signed on top of them
	}
	if _, err := in.tree.Checkpoint(ctx); err != nil {
		faults = append(faults, err.Error())
	}
	return faults, nil
}

// sound refuses an installation in which anything is not what the log says. In a
// shared database the ledgers are not counted again: other nodes may be sending,
// there may be ten million rows, and the database guards its own pages.
// `vestnik check` counts them.
func (in *installation) sound(ctx context.Context, progress func(done, of int)) error {
	parts := []checking{in.library.Check, in.notifier.Check}
	if in.stores.shared != nil {
		parts = parts[:1]
	}
	faults, err := in.reread(ctx, progress, parts...)
	if err != nil || len(faults) == 0 {
		return err
	}
	return unsound{fmt.Errorf("%s is not what was written (%d in all; `vestnik check` names them): %s. Restore the newest backup into a new folder with `vestnik restore`",
		in.stores.name, len(faults), strings.TrimSuffix(faults[0], "."))}
}

// close releases the store and the folder.
func (in *installation) close() error { return in.stores.close() }

func (in *installation) backup(ctx context.Context, w io.Writer) error {
	return writeBackup(ctx, in.folder, in.stores, w)
}
