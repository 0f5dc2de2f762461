package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
)

var backupCommand = command{"backup", "FILE|-", "writes all data and the keys into one file, while serving too", func(f *flag.FlagSet) action {
	w := target(f)
	return func(ctx context.Context, s streams, args []string) error {
		if len(args) != 1 {
			return usagef("name the file to write")
		}
		return w.with(ctx, s, false, func(c *client) error {
			fill := func(out io.Writer) error {
				answer, err := c.stream(ctx, "GET", "/backup", nil, nil)
				if err != nil {
					return err
				}
				defer answer.Close()
				bar := progress(s.err, -1, "backing up")
				_, err = io.Copy(io.MultiWriter(out, bar), answer)
				bar.Finish()
				return err
			}
			if args[0] == "-" {
				return fill(s.out)
			}
			if err := writeNewFile(args[0], fill); err != nil {
				return err
			}
			fmt.Fprintf(s.err, "%s holds personal data and the private keys; it is readable by you alone, keep it so.\n", args[0])
			return nil
		})
	}
}}

var restoreCommand = command{"restore", "FILE|-", "makes a new installation from a backup; its sending is held", func(f *flag.FlagSet) action {
	w := &where{}
	w.local(f)
	return func(ctx context.Context, s streams, args []string) error {
		if len(args) != 1 {
			return usagef("name the backup to read")
		}
		if err := w.check(); err != nil {
			return err
		}
		in, size, err := openInput(s, args[0])
		if err != nil {
			return err
		}
		defer in.Close()
		bar := progress(s.err, size, "restoring")
		err = w.restore(ctx, s.log(), io.TeeReader(in, bar))
		bar.Finish()
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s: restored. Mail is held until an administrator decides how to go on: `vestnik notices` says how.\n", from(folder(w.data), w.store))
		return nil
	}
}}

var checkCommand = command{"check", "", "reads everything again and compares it with the log; exit code 1 if a fault is found", func(f *flag.FlagSet) action {
	w := target(f)
	return func(ctx context.Context, s streams, args []string) error {
		if err := errors.Join(noArguments(args), w.check()); err != nil {
			return err
		}
		faults, err := w.faults(ctx, s)
		if err != nil {
			return err
		}
		for _, fault := range faults {
			fmt.Fprintln(s.out, fault)
		}
		if len(faults) > 0 {
			return errNegative
		}
		fmt.Fprintln(s.out, "No fault found.")
		return nil
	}
}}

// faults checks the file first, if it is here and nobody serves it: a damaged
// page or value is a fault and not a trouble.
func (w *where) faults(ctx context.Context, s streams) ([]string, error) {
	if w.server == "" && !w.store.shared() {
		err := w.checkFile(s)
		if errors.Is(err, errDamagedStore) {
			return []string{err.Error()}, nil
		}
		if err != nil && !errors.Is(err, errLocked) {
			return nil, err
		}
	}
	faults, err := w.served(ctx, s)
	if broken := (unsound{}); w.server == "" && errors.As(err, &broken) {
		return []string{err.Error()}, nil
	}
	return faults, err
}

func (w *where) checkFile(s streams) error {
	d := folder(w.data)
	if d.node() {
		return errLocked
	}
	if there, err := d.exists(); err != nil || !there {
		return cmp.Or(err, fmt.Errorf("there is no installation in %s; name its folder with -data, or its database with -store", d))
	}
	bar := progress(s.err, -1, "reading pages")
	defer bar.Finish()
	return checkFile(d, func(done, of int64) { bar.ChangeMax64(of); bar.Set64(done) })
}

// served asks the API, which compares every text with the log.
func (w *where) served(ctx context.Context, s streams) ([]string, error) {
	var answer struct {
		Faults []string `json:"faults"`
	}
	err := w.with(ctx, s, false, func(c *client) error { return c.call(ctx, "POST", "/check", struct{}{}, &answer) })
	return answer.Faults, err
}

var versionCommand = command{"version", "", "says which Vestnik this is", func(f *flag.FlagSet) action {
	return func(_ context.Context, s streams, args []string) error {
		if err := noArguments(args); err != nil {
			return err
		}
		fmt.Fprintln(s.out, "vestnik "+version())
		return nil
	}
}}

// version is the tag or revision that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, modified := "", ""
	for _, one := range info.Settings {
		switch {
		case one.Key == "vcs.revision":
			revision = one.Value[:min(12, len(one.Value))]
		case one.Key == "vcs.modified" && one.Value == "true":
			modified = "+changes"
		}
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return strings.TrimSpace("0.1 " + revision + modified)
}
