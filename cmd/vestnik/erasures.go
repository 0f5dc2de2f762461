package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vestnik/notifier"
)

// state/erasures has one JSON record a line, and only grows. It lies outside of the
// store and of backups, so that an older backup brings nobody back who had their
// data removed. It names nobody: external ids stand there as keyed hashes.

// readErasures reads the list. A last line without its end was cut by a crash
// before anybody relied on it.
func (d folder) readErasures() (all []notifier.Erasure, whole int64, err error) {
	b, err := os.ReadFile(d.erasures())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	whole = int64(bytes.LastIndexByte(b, '\n') + 1)
	for line := range bytes.Lines(b[:whole]) {
		var e notifier.Erasure
		if err := json.Unmarshal(line, &e); err != nil || e.External == "" {
			return nil, 0, unsound{fmt.Errorf("line %d of %s is not what was written; put the file back from another node or a copy of it", len(all)+1, d.erasures())}
		}
		all = append(all, e)
	}
	return all, whole, nil
}

// keepErasures copies every erasure in the store to the list until ctx ends.
func (d folder) keepErasures(ctx context.Context, n *notifier.Notifier) error {
	all, _, err := d.readErasures()
	if err != nil {
		return err
	}
	if err = d.settleErasures(); err != nil {
		n.Log.Error("state/erasures cannot be written; it is tried again with the next erasure", "err", err)
	}
	known := map[string]bool{}
	var last notifier.Erasure
	for _, e := range all {
		known[e.External], last = true, e
	}
	n.FollowErasures(ctx, last, func(e notifier.Erasure) error {
		if err != nil { // of the last try, which may have left half a line
			if err = d.settleErasures(); err != nil {
				return err
			}
		}
		if !exists(d.erasures()) {
			clear(known) // a rehearsal has ended: see setAside
		}
		if known[e.External] {
			return nil
		}
		err = d.addErasure(e)
		known[e.External] = err == nil
		return err
	})
	return nil
}

// settleErasures cuts what was not written to its end, and makes the rest durable,
// which the process that wrote it may not have lived to do.
func (d folder) settleErasures() error {
	_, whole, err := d.readErasures()
	if err != nil || !exists(d.erasures()) {
		return err
	}
	f, err := os.OpenFile(d.erasures(), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return errors.Join(f.Truncate(whole), f.Sync(), syncFolder(filepath.Dir(d.erasures())))
}

// addErasure makes a line durable, or leaves none.
func (d folder) addErasure(e notifier.Erasure) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(d.erasures(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	end, err := f.Seek(0, 2)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err == nil { // an earlier try may have made the file and not come so far
		err = syncFolder(filepath.Dir(d.erasures()))
	}
	if err != nil {
		return errors.Join(err, f.Truncate(end))
	}
	return nil
}

// eraseAgain applies the list to a store that may be older than it.
func (d folder) eraseAgain(ctx context.Context, n *notifier.Notifier) error {
	all, _, err := d.readErasures()
	if err != nil || len(all) == 0 {
		return err
	}
	count, err := n.Reapply(ctx, all)
	if count > 0 {
		n.Log.Warn("the store is older than state/erasures: who had their data removed is erased again", "people", count)
	}
	return err
}

// eraseRestored is eraseAgain for a store that is just being restored, with the
// list in d and the keys in build.
func eraseRestored(ctx context.Context, s *stores, d, build folder) error {
	if !exists(d.erasures()) {
		return nil
	}
	key, err := build.personalKey()
	if err != nil {
		return err
	}
	n, err := notifier.New(notifier.Config{Store: s.notifier, Key: key})
	if err != nil {
		return err
	}
	return d.eraseAgain(ctx, n)
}

// readWorkdays reads workdays.txt of the folder, which stands for the table that
// comes with the program; nil if there is none.
func (d folder) readWorkdays() (*notifier.Workdays, error) {
	f, err := os.Open(d.workdays())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	days, err := notifier.ParseWorkdays(f)
	if err != nil {
		return nil, fmt.Errorf("%s, %w", d.workdays(), err)
	}
	return days, nil
}
