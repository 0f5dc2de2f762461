package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"vestnik/cmd/vestnik/boltfile"
	documentsbolt "vestnik/documents/boltstore"
	"vestnik/documents/value"
	notifierbolt "vestnik/notifier/boltstore"
	serverbolt "vestnik/server/boltstore"
)

// errDamagedStore: the file is not what was written.
var errDamagedStore = boltfile.ErrDamaged

// openOwn opens the store that lies in the folder.
func openOwn(ctx context.Context, d folder, create bool, o options) (*stores, error) {
	if d.node() {
		return nil, errLocked
	}
	there, err := d.exists()
	if err != nil {
		return nil, err
	}
	if !there && !create {
		return nil, fmt.Errorf("there is no installation in %s; `vestnik serve` makes one, or name another folder with -data, or its database with -store", d)
	}
	if !there {
		missing := d.database() + " is missing"
		if exists(d.lockFile()) {
			missing += " (the data of this folder were in a database, which -store names)"
		}
		if err := d.mayCreate(o.accept, missing); err != nil {
			return nil, err
		}
		if err := d.create(o.demo); err != nil {
			return nil, err
		}
	}
	if err := d.intact(ctx, o.accept != ""); err != nil {
		return nil, err
	}
	return openStores(d)
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
	if err := s.close(); err != nil {
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
	s := &stores{name: d.database(), close: db.Close}
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
