package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"vestnik/documents"
	"vestnik/documents/translog"
)

// folder is the folder of an installation: everything it has lies there.
type folder string

func (d folder) database() string   { return filepath.Join(string(d), "vestnik.db") }
func (d folder) socket() string     { return filepath.Join(string(d), "vestnik.sock") }
func (d folder) lockFile() string   { return filepath.Join(string(d), "vestnik.lock") }
func (d folder) logKey() string     { return filepath.Join(string(d), "keys", "log") }
func (d folder) nextLogKey() string { return filepath.Join(string(d), "keys", "log.next") }
func (d folder) tokenKey() string   { return filepath.Join(string(d), "keys", "tokens") }
func (d folder) checkpoint() string { return filepath.Join(string(d), "state", "checkpoint") }
func (d folder) erasures() string   { return filepath.Join(string(d), "state", "erasures") }
func (d folder) workdays() string   { return filepath.Join(string(d), "workdays.txt") }

// exists tells whether an installation lies here, with its data.
func (d folder) exists() (bool, error) {
	_, err := os.Stat(d.database())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// hold takes the lock that bbolt takes too, so that no other process writes until
// release. It returns errLocked if one may be writing.
func (d folder) hold() (release func() error, err error) {
	f, err := os.Open(d.database())
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, errLocked
	}
	return f.Close, nil
}

// lock keeps every other process from the folder until release, where the data
// lie in a shared database and bbolt locks nothing. It returns errLocked if another
// one is there. A store that lies here from before is held too: whoever moved must
// not go on with both.
func (d folder) lock() (release func() error, err error) {
	f, err := os.OpenFile(d.lockFile(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		f.Close()
		return nil, errLocked
	}
	old, err := d.hold()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.Close, nil
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("another process works on %s; stop it before the data are used in a database", d.database())
	}
	return func() error { return errors.Join(old(), f.Close()) }, nil
}

// node tells whether a process works in the folder whose data lie in a shared
// database.
func (d folder) node() bool {
	f, err := os.Open(d.lockFile())
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil
}

// mayCreate refuses to make a new store where the old one is missing: the log
// would begin again under the same key. missing says what is missing.
func (d folder) mayCreate(accept, missing string) error {
	_, err := os.Stat(d.checkpoint())
	if accept != "" || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s, and %s says that there was a log; restore the newest backup into a new folder with `vestnik restore`", missing, d.checkpoint())
}

// create makes the folders and keys that are missing. A new installation is a
// rehearsal, and its log says so in its origin; a demo is born open.
func (d folder) create(demo bool) error {
	origin := newOrigin("") + documents.RehearsalSuffix
	if demo {
		origin = newOrigin("") + "/demo"
	}
	for _, sub := range []string{"", "keys", "state"} {
		if err := os.MkdirAll(filepath.Join(string(d), sub), 0o700); err != nil {
			return err
		}
	}
	if err := errors.Join(syncFolder(filepath.Dir(string(d))), syncFolder(string(d))); err != nil {
		return err
	}
	if err := createKey(d.logKey(), func() (string, error) {
		private, _, err := translog.GenerateKey(origin)
		return private, err
	}); err != nil {
		return err
	}
	return createKey(d.tokenKey(), func() (string, error) { return newPersonalKey(), nil })
}

// writeDurably replaces a file so that after a power failure it is the old one
// or the new one: write beside it, sync, rename, sync the folder.
func writeDurably(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Sync()
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
