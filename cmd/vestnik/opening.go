package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"vestnik/documents"
	"vestnik/documents/translog"
)

// rehearsal tells whether the installation was never opened to the public.
func (in *installation) rehearsal() bool {
	return in.tree != nil && strings.HasSuffix(in.tree.Origin(), documents.RehearsalSuffix)
}

// open ends the rehearsal: test notices and recipients go, the imported history
// is appended anew to a log with a lasting key and name. Each step may be
// repeated. The new key lies beside the old one until the log is the new one, and
// takes its place last; a stop in between is mended at the next start.
func (in *installation) open(ctx context.Context, by documents.Actor) error {
	if !in.rehearsal() {
		return documents.Invalid("", "open-already", "This installation is open already.")
	}
	settings, err := in.book.Read(ctx)
	if err != nil {
		return err
	}
	origin := newOrigin(settings.URL)
	key, _, err := translog.GenerateKey(origin)
	if err != nil {
		return err
	}
	if err := writeDurably(in.folder.nextLogKey(), []byte(key+"\n")); err != nil {
		return err
	}
	if err := in.notifier.Clear(ctx, by); err != nil {
		return err
	}
	// Synced, or a power failure could bring back the checkpoint of a log that is
	// gone.
	err = os.Rename(in.folder.checkpoint(), in.folder.checkpoint()+".rehearsal")
	if err == nil {
		err = syncFolder(filepath.Dir(in.folder.checkpoint()))
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if _, err := in.library.Reopen(ctx, origin, by); err != nil {
		return err
	}
	if err := in.folder.takeNextLogKey(); err != nil {
		return err
	}
	c, err := in.treeConfig()
	if err != nil {
		return err
	}
	if err := in.tree.Reset(ctx, c); err != nil {
		return err
	}
	_, err = in.tree.Checkpoint(ctx)
	return err
}

// finishOpening puts the new key in its place where a stop came before that: the
// log bears its name already, or is empty and may bear any.
func (in *installation) finishOpening(ctx context.Context) error {
	key, err := os.ReadFile(in.folder.nextLogKey())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, err := in.stores.documents.Events(ctx, "", 0, 1)
	if err != nil {
		return unsound{err}
	}
	if len(first) > 0 && !strings.HasPrefix(string(key), "PRIVATE+KEY+"+first[0].Origin+"+") {
		return nil // it had not come to that: opening begins again when it is asked for
	}
	return in.folder.takeNextLogKey()
}
