package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"vestnik/documents"
	documentspg "vestnik/documents/pgstore"
	"vestnik/documents/postgres"
	notifierpg "vestnik/notifier/pgstore"
	serverpg "vestnik/server/pgstore"
)

// unclaimed: no installation has the database yet.
var unclaimed postgres.Installation

// openShared opens a database that other nodes may work on too. Keys and state lie
// in d, which no other process may use meanwhile.
func openShared(ctx context.Context, d folder, create bool, o options) (s *stores, err error) {
	if create {
		if err := os.MkdirAll(string(d), 0o700); err != nil {
			return nil, err
		}
	}
	release := func() error { return nil } // a folder that is missing is refused below
	if exists(string(d)) {
		if release, err = d.lock(); err != nil {
			return nil, err
		}
	}
	db, err := o.store.connect(ctx, o.log)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	s = sharedStores(db, o.store)
	s.close = func() error { return errors.Join(db.Close(), release()) }
	if err = o.store.ready(ctx, db, create); err == nil {
		// Before it is asked whose the database is: see takeClaim.
		if err = o.store.enter(ctx, db); err == nil {
			err = s.admit(ctx, d, create, o)
		}
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func sharedStores(db *postgres.DB, b database) *stores {
	return &stores{
		documents: documentspg.New(db), notifier: notifierpg.New(db), server: serverpg.New(db),
		name: b.String(), shared: db, close: db.Close,
	}
}

// claim is whose the database is, or unclaimed.
func (s *stores) claim(ctx context.Context) (postgres.Installation, error) {
	i, err := s.shared.Installation(ctx)
	if errors.Is(err, documents.ErrNotFound) {
		return unclaimed, nil
	}
	return i, err
}

// admit decides whether d may work with the database, as far as that can be told
// before the log is read, and makes an installation where there is none.
func (s *stores) admit(ctx context.Context, d folder, create bool, o options) error {
	have := exists(d.logKey()) || exists(d.tokenKey())
	if have {
		if err := d.leaveRehearsal(); err != nil {
			return err
		}
		if err := d.ours(ctx, o.accept != ""); err != nil {
			return err
		}
	}
	whose, err := s.claim(ctx)
	if err != nil {
		return err
	}
	if filling(whose) {
		return fmt.Errorf("%s is being filled by `vestnik copy` or `vestnik restore`, or that broke off; let it end, or begin it again", s.name)
	}
	last, err := s.documents.Last(ctx, "")
	switch {
	case err != nil:
		return err
	case have && (whose != unclaimed || last > 0):
		return nil // belonging compares the keys, once a half-done opening is mended
	case whose != unclaimed || last > 0:
		return fmt.Errorf("%s holds an installation, and %s has no keys; copy keys/ from another node or a backup into it", s.name, d)
	case !create:
		return fmt.Errorf("there is no installation in %s; `vestnik serve %s` makes one", s.name, o.store.arg())
	}
	if err := d.mayCreate(o.accept, s.name+" is empty"); err != nil {
		return err
	}
	return s.found(ctx, d, !have)
}

// found makes an installation. Of several nodes at once one does; fresh tells
// whether its keys are made here, and so are nobody's if another was faster.
func (s *stores) found(ctx context.Context, d folder, fresh bool) error {
	if err := d.create(false); err != nil {
		return err
	}
	mine, err := d.owner(ctx, d.logKey())
	if err != nil {
		return err
	}
	err = s.shared.Claim(ctx, unclaimed, mine)
	if !errors.Is(err, documents.ErrConflict) {
		return err
	}
	if fresh {
		os.Remove(d.logKey())
		os.Remove(d.tokenKey())
	}
	return fmt.Errorf("another node made the installation in %s a moment ago; copy keys/ from it into %s and start again", s.name, d)
}

// belonging demands that a shared database belongs to the keys in the folder.
func (in *installation) belonging(ctx context.Context) error {
	if in.stores.shared == nil {
		return nil
	}
	mine, err := in.folder.owner(ctx, in.folder.logKey())
	if err != nil {
		return unsound{err}
	}
	whose, err := in.stores.claim(ctx)
	if err != nil || whose == mine || whose == unclaimed {
		return err
	}
	return fmt.Errorf("%s belongs to the installation with the log key %s, and %s has other keys; copy keys/ from one of its nodes, or name another database with -store",
		in.stores.name, whose.LogKey, in.folder)
}

// settle claims a database that was filled from another, once its log is known to
// be that of the keys and the state in the folder.
func (in *installation) settle(ctx context.Context) error {
	if in.stores.shared == nil {
		return nil
	}
	whose, err := in.stores.claim(ctx)
	if err != nil || whose != unclaimed {
		return err
	}
	mine, err := in.folder.owner(ctx, in.folder.logKey())
	if err != nil {
		return err
	}
	err = in.stores.shared.Claim(ctx, unclaimed, mine)
	if errors.Is(err, documents.ErrConflict) {
		return in.belonging(ctx) // a node with the same keys was faster
	}
	return err
}

// others is how many processes work on the database beside this one.
func (s *stores) others(ctx context.Context) (int, error) { return s.shared.Others(ctx) }
