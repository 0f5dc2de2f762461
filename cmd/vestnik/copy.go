package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vestnik/documents/postgres"
)

var copyCommand = command{"copy", "FROM TO", "copies all data from one store to another: bolt:FOLDER, or a PostgreSQL URL: env:NAME, file:PATH", func(f *flag.FlagSet) action {
	return func(ctx context.Context, s streams, args []string) error {
		if len(args) != 2 {
			return usagef("name two stores, such as bolt:FOLDER and env:DATABASE_URL")
		}
		from, err := parsePlace(args[0])
		if err != nil {
			return err
		}
		to, err := parsePlace(args[1])
		if err != nil {
			return err
		}
		bar := progress(s.err, -1, "copying")
		err = copyStores(ctx, s.log(), from, to, bar)
		bar.Finish()
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, copied(from, to))
		return nil
	}
}}

// log is for what a command has to say beside its result.
func (s streams) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// place is one end of a copy: bbolt in a folder, or a database.
type place struct {
	folder   folder
	database database
}

func parsePlace(name string) (place, error) {
	value, err := secret("store", name)
	if err != nil {
		return place{}, err
	}
	if path, ok := strings.CutPrefix(value, "bolt:"); ok && path != "" {
		return place{folder: folder(path)}, nil
	}
	if isPostgres(value) {
		return place{database: database{value, name}}, nil
	}
	return place{}, usagef("%q is no store; write bolt:FOLDER, or env:NAME or file:PATH for the URL of a database", name)
}

func (p place) String() string {
	if p.database.shared() {
		return p.database.String()
	}
	return string(p.folder)
}

func copied(from, to place) string {
	if !from.database.shared() && !to.database.shared() {
		return fmt.Sprintf("%s is copied to %s. Keys and state stay where they are: copy %s and %s yourself if this is a move.",
			from, to, filepath.Join(string(from.folder), "keys"), filepath.Join(string(from.folder), "state"))
	}
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s is copied to %s. Keys and state stay where they are: ", from, to)
	if !to.database.shared() {
		fmt.Fprintf(b, "copy keys and state from the folder of a node into %s.", to)
		return b.String()
	}
	fmt.Fprintf(b, "every node needs a -data folder with the same keys, and the first also the state.\n")
	fmt.Fprintf(b, "Nodes that sign in as another role than the owner need `vestnik migrate %s -service ROLE` first.\n", to.database.arg())
	b.WriteString("Serve only one of the two from now on: both would write to the same people.")
	return b.String()
}

// copyStores moves what the stores dump. The target is made whole or not at all.
func copyStores(ctx context.Context, log *slog.Logger, from, to place, bar io.Writer) error {
	if !to.database.shared() {
		if there, err := to.folder.exists(); err != nil || there {
			return cmp.Or(err, fmt.Errorf("%s holds a store already; copy into a new folder", to.folder))
		}
	}
	source, whose, err := from.source(ctx, log)
	if err != nil {
		return err
	}
	defer source.close()
	if !to.database.shared() {
		return from.database.said(copyToFolder(ctx, source, to.folder, bar))
	}
	err = to.database.fill(ctx, log, func(target *stores) (postgres.Installation, error) {
		return whose, pour(ctx, source, target, bar)
	})
	if from.database.shared() {
		return err // it may be of either
	}
	return to.database.said(err)
}

func copyToFolder(ctx context.Context, source *stores, to folder, bar io.Writer) error {
	if err := os.MkdirAll(string(to), 0o700); err != nil {
		return err
	}
	build, err := os.MkdirTemp(string(to), ".copy-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(build)
	target, err := openStores(folder(build))
	if err != nil {
		return err
	}
	if err := errors.Join(pour(ctx, source, target, bar), target.close()); err != nil {
		return err
	}
	if err := os.Rename(folder(build).database(), to.database()); err != nil {
		return err
	}
	return syncFolder(string(to))
}

// source opens what is copied, which nobody serves, and tells whose it is, as far
// as that is known.
func (p place) source(ctx context.Context, log *slog.Logger) (*stores, postgres.Installation, error) {
	if p.database.shared() {
		return p.database.source(ctx, log)
	}
	d := p.folder
	if there, err := d.exists(); err != nil || !there {
		return nil, unclaimed, cmp.Or(err, fmt.Errorf("there is no store in %s", d))
	}
	s, err := openStores(d)
	if errors.Is(err, errLocked) {
		return nil, unclaimed, fmt.Errorf("%s is being served; stop that first", d)
	}
	if err != nil || !exists(d.logKey()) || !exists(d.tokenKey()) {
		return s, unclaimed, err
	}
	whose, err := d.owner(ctx, d.logKey())
	if err != nil {
		s.close()
	}
	return s, whose, err
}

// pour loads all that one store dumps into another, the log last, as a backup
// does.
func pour(ctx context.Context, source, target *stores, bar io.Writer) error {
	from, into := source.rooms(), target.rooms()
	for i, r := range slices.Backward(from) {
		read, write := io.Pipe()
		go func() { write.CloseWithError(r.dump(ctx, write)) }()
		if err := into[i].load(ctx, io.TeeReader(read, bar)); err != nil {
			read.CloseWithError(err)
			return fmt.Errorf("copy of %s: %w", r.name, err)
		}
	}
	return nil
}
