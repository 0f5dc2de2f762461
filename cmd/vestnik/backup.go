package main

import (
	"archive/tar"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"vestnik/notifier"
)

// A backup is a tar file: the dump of each room, one JSON record a line, and the
// keys. What lies in state/ is left out on purpose: it must know better than the
// backup how far the log had come.

// room is one store as far as dumps are concerned.
type room struct {
	name string
	dump func(context.Context, io.Writer) error
	load func(context.Context, io.Reader) error
}

func (s *stores) rooms() []room {
	return []room{
		{"documents", s.documents.Dump, s.documents.Load},
		{"notifier", s.notifier.Dump, s.notifier.Load},
		{"server", s.server.Dump, s.server.Load},
	}
}

func writeBackup(ctx context.Context, d folder, s *stores, w io.Writer) error {
	t := tar.NewWriter(w)
	// The log is dumped last, so no notice in the backup is about an event that
	// the backup does not have.
	all := s.rooms()
	slices.Reverse(all)
	for _, r := range all {
		if err := addDump(ctx, t, r); err != nil {
			return fmt.Errorf("backup of %s: %w", r.name, err)
		}
	}
	keys, err := filepath.Glob(filepath.Join(string(d), "keys", "*"))
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := addFile(t, k, "keys/"+filepath.Base(k)); err != nil {
			return err
		}
	}
	return t.Close()
}

// addDump spools the dump to a file first, because tar wants its size.
func addDump(ctx context.Context, t *tar.Writer, r room) error {
	spool, err := os.CreateTemp("", "vestnik-backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(spool.Name())
	defer spool.Close()
	if err := r.dump(ctx, spool); err != nil {
		return err
	}
	return addFile(t, spool.Name(), r.name+".ndjson")
}

func addFile(t *tar.Writer, from, name string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: time.Now()}); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}

// restoreBackup fills a new folder. It builds beside it and renames at the end,
// so a backup that turns out to be cut off leaves nothing behind.
func restoreBackup(ctx context.Context, d folder, r io.Reader) (err error) {
	if there, err := d.exists(); err != nil || there {
		return cmp.Or(err, fmt.Errorf("%s holds an installation already; restore into a new folder", d))
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	build, err := os.MkdirTemp(string(d), ".restore-*")
	if err != nil {
		return err
	}
	defer func() {
		os.RemoveAll(build)
		if err != nil {
			os.Remove(string(d)) // goes only if it is empty, and so was made here
		}
	}()
	if err := os.Mkdir(filepath.Join(build, "keys"), 0o700); err != nil {
		return err
	}
	if err := unpack(ctx, folder(build), r); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(d.checkpoint()), 0o700); err != nil {
		return err
	}
	fresh := !exists(d.logKey()) && !exists(d.tokenKey())
	if !fresh {
		if err := sameKeys(folder(build), d); err != nil {
			return err
		}
	}
	// The store first: keys without a store would begin another log, a store without
	// keys is refused.
	if err := os.Rename(folder(build).database(), d.database()); err != nil {
		return err
	}
	if fresh {
		if err := os.Rename(filepath.Dir(folder(build).logKey()), filepath.Dir(d.logKey())); err != nil {
			return err
		}
	}
	return syncFolder(string(d))
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

func unpack(ctx context.Context, build folder, r io.Reader) error {
	s, err := openStores(build)
	if err != nil {
		return err
	}
	missing := map[string]room{}
	for _, one := range s.rooms() {
		missing[one.name+".ndjson"] = one
	}
	err = eachFile(r, func(name string, content io.Reader) error {
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
		err = errors.New("it ends too early")
	}
	if err == nil {
		err = notifier.HoldRestored(ctx, s.notifier)
	}
	if closed := s.close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("this is no sound backup, and nothing was restored: %w", err)
	}
	return nil
}

func eachFile(r io.Reader, do func(name string, content io.Reader) error) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
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

// writeNewFile writes path by way of a file beside it, and refuses to replace
// one.
func writeNewFile(path string, fill func(io.Writer) error) (err error) {
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return cmp.Or(err, fmt.Errorf("%s exists already; name a new file", path))
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600: it holds keys
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	err = fill(tmp)
	if err == nil {
		err = tmp.Sync()
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
