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
	"path/filepath"
	"slices"
	"time"
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
