package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"vestnik/cmd/vestnik/boltfile"
	"vestnik/documents"
	documentsbolt "vestnik/documents/boltstore"
	"vestnik/documents/translog"
	"vestnik/documents/value"
	"vestnik/notifier"
	notifierbolt "vestnik/notifier/boltstore"
	"vestnik/server"
	serverbolt "vestnik/server/boltstore"
)

// errLocked: another process has the store open, and so serves the folder.
var errLocked = errors.New("another process serves this folder")

// errDamagedStore: the file is not what was written.
var errDamagedStore = boltfile.ErrDamaged

// unsound: what the folder holds contradicts itself or the signed log. It is a
// fault that a check has found, and a trouble to everyone else.
type unsound struct{ error }

func (u unsound) Unwrap() error { return u.error }

// stores are the three rooms' engines over one file.
type stores struct {
	db        *bbolt.DB
	documents documents.Store
	notifier  notifier.Store
	server    server.Store
}

// openStores opens the file for this process alone, after reading all of it. It
// returns errLocked if another process has it.
func openStores(d folder) (*stores, error) {
	there, err := d.exists()
	if err == nil && !there {
		err = createStore(d)
	}
	if err == nil {
		err = checkFile(d, nil)
	}
	if err != nil {
		return nil, err
	}
	return openRooms(d)
}

// createStore makes an empty store, which is there whole or not at all: one that
// a crash left half made could not be told from a damaged one.
func createStore(d folder) error {
	build, err := os.MkdirTemp(string(d), ".create-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(build)
	s, err := openRooms(folder(build))
	if err != nil {
		return err
	}
	if err := s.db.Close(); err != nil {
		return err
	}
	// A link, unlike a renaming, never replaces the store of a process that was
	// quicker. Not every file system has links.
	err = os.Link(folder(build).database(), d.database())
	if err != nil && !errors.Is(err, os.ErrExist) {
		err = os.Rename(folder(build).database(), d.database())
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncFolder(string(d))
}

func openRooms(d folder) (*stores, error) {
	db, err := bbolt.Open(d.database(), 0o600, &bbolt.Options{Timeout: 100 * time.Millisecond})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, errLocked
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.database(), err)
	}
	s := &stores{db: db}
	if s.documents, err = documentsbolt.New(db); err == nil {
		if s.notifier, err = notifierbolt.New(db); err == nil {
			s.server, err = serverbolt.New(db)
		}
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

// checkFile reads every page and value of the store without changing anything.
// A store that does not exist is sound.
func checkFile(d folder, progress func(done, of int64)) error {
	release, err := d.hold()
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer release()
	err = boltfile.Check(d.database(), boltfile.Content{
		Bucket: func(path []string, sequence uint64) error {
			name := path[0]
			ours := documentsbolt.Has(name) || notifierbolt.Has(name) || serverbolt.Has(name)
			if !ours || len(path) > 1 || sequence != 0 {
				return fmt.Errorf("bucket %q is not as Vestnik makes it", path)
			}
			return nil
		},
		Value: func(_ []string, k, v []byte) error { return value.Check(k, v) },
	}, progress)
	if errors.Is(err, errDamagedStore) {
		return fmt.Errorf("%s: %w; nothing was changed. Restore the last backup into a new folder with `vestnik restore`", d.database(), err)
	}
	return err
}

// options are what a process brings to the installation that it opens.
type options struct {
	url      string // public root
	relay    string // smtp URL with its password, "" for the built-in mailbox
	from     string
	mailbox  string // smtp URL of the built-in mailbox, "" where this process has none
	demo     bool
	loopback bool
	trusted  []string
	accept   string             // reason to go on after a rollback
	progress func(done, of int) // of reading everything before serving; may be nil
	log      *slog.Logger
}

// installation is an opened folder with its rooms wired together.
type installation struct {
	folder   folder
	stores   *stores
	library  *documents.Library
	tree     *translog.Log
	found    atomic.Int64 // events at opening, then those signed
	notifier *notifier.Notifier
	book     *server.SettingsBook
	server   *server.Server
}

// openInstallation opens what lies in d, creating it if create is set.
func openInstallation(ctx context.Context, d folder, create bool, o options) (*installation, error) {
	there, err := d.exists()
	if err != nil {
		return nil, err
	}
	if !there && !create {
		return nil, fmt.Errorf("there is no installation in %s; `vestnik serve` makes one, or name another folder with -data", d)
	}
	if !there {
		if err := d.mayCreate(o.accept); err != nil {
			return nil, err
		}
		if err := d.create(o.demo); err != nil {
			return nil, err
		}
	}
	if err := d.intact(ctx, o.accept != ""); err != nil {
		return nil, err
	}
	s, err := openStores(d)
	if err != nil {
		return nil, err
	}
	in, err := wire(ctx, d, s, o)
	if err != nil {
		s.db.Close()
		return nil, err
	}
	return in, nil
}

func wire(ctx context.Context, d folder, s *stores, o options) (*installation, error) {
	in := &installation{folder: d, stores: s}
	if o.log == nil {
		o.log = slog.New(slog.DiscardHandler)
	}
	in.book = &server.SettingsBook{Store: s.server, Relay: o.relay, Mailbox: o.mailbox, URL: o.url, From: o.from, Demo: o.demo, Rehearsal: in.rehearsal}
	if err := in.finishOpening(ctx); err != nil {
		return nil, err
	}
	back, err := in.openTree(ctx, o.accept != "")
	if err != nil {
		return nil, err
	}
	in.library = documents.NewLibrary(documents.Config{Store: s.documents, Origin: in.tree.Origin(), Rules: in.book.Rules, Log: o.log})
	if back != nil {
		first := documents.Seq(back.Have + 1)
		if _, err := in.library.Restore(ctx, first, max(first, documents.Seq(back.Had)), o.accept, local); err != nil {
			return nil, err
		}
	}
	size, err := in.tree.Size(ctx)
	if err != nil {
		return nil, err
	}
	in.found.Store(size)
	key, err := in.folder.personalKey()
	if err != nil {
		return nil, err
	}
	node, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	in.notifier, err = notifier.New(notifier.Config{
		Store: s.notifier, Library: in.library, Tree: in.tree, Settings: in.book.Notifier, Key: key, Node: node, Log: o.log,
	})
	if err != nil {
		return nil, err
	}
	if o.url == "" { // a command: links lead where serve was, or would be
		settings, err := in.book.Read(ctx)
		if err != nil {
			return nil, err
		}
		o.url = cmp.Or(settings.URL, "http://"+defaultAddr)
	}
	in.server, err = server.New(server.Config{
		Store: s.server, Library: in.library, Notifier: in.notifier, Tree: in.tree, Settings: in.book,
		URL: o.url, Demo: o.demo, Loopback: o.loopback, Trusted: o.trusted, Mailbox: o.mailbox, Version: version(), Log: o.log,
		Install: server.Installation{Open: in.open, Backup: in.backup, Check: in.check, Rehearsal: in.rehearsal},
	})
	return in, err
}

func (in *installation) treeConfig() (translog.Config, error) {
	key, err := readKey(in.folder.logKey())
	return translog.Config{Source: in.eventBytes, Key: key, State: in.folder.checkpoint()}, err
}

func (in *installation) eventBytes(ctx context.Context, after int64, limit int) ([][]byte, error) {
	events, err := in.stores.documents.Events(ctx, "", documents.Seq(after), limit)
	out := make([][]byte, len(events))
	for i, e := range events {
		out[i] = e.Bytes
	}
	return out, err
}

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

func rolledBack(err error) error {
	return unsound{fmt.Errorf("%w. Restore the newest backup, or go on with `vestnik serve -accept-rollback REASON`, which the public log will show", err)}
}

// local is the actor of commands on the machine itself.
var local = documents.Actor{Name: "local", Roles: []string{"administrator"}}

// check reads everything again and returns what is wrong, in sentences.
func (in *installation) check(ctx context.Context, progress func(done, of int)) ([]string, error) {
	faults, err := in.library.Check(ctx, progress)
	if err != nil {
		return nil, err
	}
	more, err := in.notifier.Check(ctx, progress)
	if err != nil {
		return nil, err
	}
	faults = append(faults, more...)
	if len(faults) > 0 {
		return faults, nil // nothing more is signed on top of them
	}
	if _, err := in.tree.Checkpoint(ctx); err != nil {
		faults = append(faults, err.Error())
	}
	return faults, nil
}

// sound refuses an installation in which anything is not what the log says.
func (in *installation) sound(ctx context.Context, progress func(done, of int)) error {
	faults, err := in.check(ctx, progress)
	if err != nil || len(faults) == 0 {
		return err
	}
	return unsound{fmt.Errorf("%s is not what was written (%d in all; `vestnik check` names them): %s. Restore the newest backup into a new folder with `vestnik restore`",
		in.folder.database(), len(faults), strings.TrimSuffix(faults[0], "."))}
}

// signAppended signs what was appended since this was opened, or signed.
func (in *installation) signAppended() error {
	ctx := context.Background()
	size, err := in.tree.Size(ctx)
	if err == nil && size != in.found.Load() {
		if _, err = in.tree.Checkpoint(ctx); err == nil {
			in.found.Store(size)
		}
	}
	return err
}

// close releases the file.
func (in *installation) close() error { return in.stores.db.Close() }

func (in *installation) backup(ctx context.Context, w io.Writer) error {
	return writeBackup(ctx, in.folder, in.stores, w)
}
