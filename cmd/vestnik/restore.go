package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/notifier"
)

// restore makes an installation from a backup, whole or not at all. Keys are put
// into a folder that has none; one that has others is refused.
func (w *where) restore(ctx context.Context, log *slog.Logger, r io.Reader) (err error) {
	d := folder(w.data)
	if err := w.mayRestore(d); err != nil {
		return err
	}
	made := !exists(string(d))
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	build, err := os.MkdirTemp(string(d), ".restore-*")
	if err != nil {
		return err
	}
	defer func() {
		os.RemoveAll(build)
		if err != nil && made {
			os.Remove(d.lockFile())
			os.Remove(string(d)) // goes only if it is empty
		}
	}()
	if err := os.Mkdir(filepath.Join(build, "keys"), 0o700); err != nil {
		return err
	}
	if w.store.shared() {
		return restoreShared(ctx, log, w.store, d, folder(build), r)
	}
	return restoreOwn(ctx, d, folder(build), r)
}

func (w *where) mayRestore(d folder) error {
	if d.node() {
		return fmt.Errorf("another process serves %s; stop it first, or restore into a new folder", d)
	}
	there, err := d.exists()
	if err != nil || there && !w.store.shared() {
		return cmp.Or(err, fmt.Errorf("%s holds an installation already; restore into a new folder", d))
	}
	return nil
}

// restoreOwn builds the store beside the folder and renames it at the end.
func restoreOwn(ctx context.Context, d, build folder, r io.Reader) error {
	s, err := openStores(build)
	if err != nil {
		return err
	}
	if err := errors.Join(unpack(ctx, s, d, build, r), s.close()); err != nil {
		return err
	}
	fresh, err := freshKeys(build, d)
	if err != nil {
		return err
	}
	// The store first: keys without a store would begin another log, a store without
	// keys is refused.
	if err := os.Rename(build.database(), d.database()); err != nil {
		return err
	}
	return placeKeys(build, d, fresh)
}

// restoreShared places the keys before the database becomes theirs: what broke off
// in between is restored anew into the same folder.
func restoreShared(ctx context.Context, log *slog.Logger, b database, d, build folder, r io.Reader) error {
	release, err := d.lock()
	if err != nil {
		return err
	}
	defer release()
	return b.said(b.fill(ctx, log, func(s *stores) (whose postgres.Installation, err error) {
		if err := unpack(ctx, s, d, build, r); err != nil {
			return whose, err
		}
		fresh, err := freshKeys(build, d)
		if err != nil {
			return whose, err
		}
		if whose, err = build.owner(ctx, build.logKey()); err != nil {
			return whose, err
		}
		return whose, placeKeys(build, d, fresh)
	}))
}

// freshKeys tells whether the folder has no keys yet.
func freshKeys(build, d folder) (bool, error) {
	if !exists(d.logKey()) && !exists(d.tokenKey()) {
		return true, nil
	}
	return false, sameKeys(build, d)
}

func placeKeys(build, d folder, fresh bool) error {
	if err := os.MkdirAll(filepath.Dir(d.checkpoint()), 0o700); err != nil {
		return err
	}
	if !fresh {
		return syncFolder(string(d))
	}
	from, to := filepath.Dir(build.logKey()), filepath.Dir(d.logKey())
	if os.Rename(from, to) == nil {
		return syncFolder(string(d))
	}
	return copyKeys(from, to) // a volume of its own is mounted there
}

// copyKeys makes the keys durable one by one; that of the log comes last.
func copyKeys(from, to string) error {
	names, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, one := range slices.Backward(names) {
		key, err := os.ReadFile(filepath.Join(from, one.Name()))
		if err == nil {
			err = writeDurably(filepath.Join(to, one.Name()), key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sameKeys refuses a folder with other keys than the backup. One that lost only
// its store has the same, and its state, which then tells how much of the log the
// backup lacks.
func sameKeys(build, d folder) error {
	for _, pair := range [][2]string{{build.logKey(), d.logKey()}, {build.tokenKey(), d.tokenKey()}} {
		restored, err := readKey(pair[0])
		if err != nil {
			return err
		}
		if there, err := readKey(pair[1]); err != nil || there != restored {
			return fmt.Errorf("%s is not the key in the backup; restore into a new folder", pair[1])
		}
	}
	return nil
}

// unpack loads a backup into s, and its keys into build. Whoever had their data
// removed since, as the state in d knows, is erased again.
func unpack(ctx context.Context, s *stores, d, build folder, r io.Reader) error {
	missing := map[string]room{}
	for _, one := range s.rooms() {
		missing[one.name+".ndjson"] = one
	}
	err := eachFile(r, func(name string, content io.Reader) error {
		if one, ok := missing[name]; ok {
			delete(missing, name)
			return one.load(ctx, content)
		}
		if folder, file := path.Split(name); folder == "keys/" && file == path.Base(file) && file != "." && file != ".." {
			b, err := io.ReadAll(io.LimitReader(content, 1<<16))
			if err != nil {
				return err
			}
			return writeDurably(filepath.Join(string(build), "keys", file), b)
		}
		return fmt.Errorf("it holds a file that no backup has: %q", name)
	})
	if err == nil && len(missing) > 0 {
		err = errCut
	}
	if err == nil {
		err = notifier.HoldRestored(ctx, s.notifier)
	}
	if err == nil {
		err = eraseRestored(ctx, s, d, build)
	}
	if errors.Is(err, documents.ErrAway) {
		return fmt.Errorf("nothing was restored: %w", err)
	}
	if err != nil {
		return fmt.Errorf("this is no sound backup, and nothing was restored: %w", err)
	}
	return nil
}

var errCut = errors.New("it ends too early")

// tarEnd is how many zero bytes end a tar file.
const tarEnd = 1024

// tail keeps the last tarEnd bytes that were read.
type tail struct {
	io.Reader
	last []byte
}

func (t *tail) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	t.last = append(t.last, p[:n]...)
	t.last = t.last[max(0, len(t.last)-tarEnd):]
	return n, err
}

// eachFile refuses a tar file that was cut between two of its files, which package
// tar takes for whole.
func eachFile(r io.Reader, do func(name string, content io.Reader) error) error {
	end := &tail{Reader: r}
	t := tar.NewReader(end)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			if !bytes.Equal(end.last, make([]byte, tarEnd)) {
				return errCut
			}
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			return fmt.Errorf("%q is not a plain file", h.Name)
		}
		if err := do(h.Name, t); err != nil {
			return err
		}
	}
}
