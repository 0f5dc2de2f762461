package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"vestnik/documents"
	"vestnik/documents/postgres"
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
	in.opening.Lock()
	defer in.opening.Unlock()
	if !in.rehearsal() {
		return documents.Invalid("", "open-already", "This installation is open already.")
	}
	if begun, _, err := in.begun(ctx); err != nil {
		return err
	} else if begun {
		return documents.Invalid("", "open-restart", "Opening broke off when the log had been begun anew: start Vestnik again, which finishes it.")
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
	if err := in.returnClaim(ctx); err != nil {
		return err
	}
	if err := writeDurably(in.folder.nextLogKey(), []byte(key+"\n")); err != nil {
		return err
	}
	if err := in.takeClaim(ctx); err != nil {
		return err
	}
	return in.beginAnew(ctx, origin, by)
}

func (in *installation) beginAnew(ctx context.Context, origin string, by documents.Actor) error {
	if err := in.folder.setAside(in.folder.erasures()); err != nil {
		return err
	}
	if err := in.notifier.Clear(ctx, by); err != nil {
		return err
	}
	// Synced, or a power failure could bring back the checkpoint of a log that is
	// gone.
	if err := in.folder.setAside(in.folder.checkpoint()); err != nil {
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

// finishOpening puts the new key in its place where a stop came before that.
func (in *installation) finishOpening(ctx context.Context) error {
	if !exists(in.folder.nextLogKey()) {
		return nil
	}
	begun, empty, err := in.begun(ctx)
	if err != nil {
		return unsound{err}
	}
	// In a shared database an empty log is begun anew when it is asked for: the key
	// in its place may be that of other nodes.
	if !begun && (!empty || in.stores.shared != nil) {
		return in.returnClaim(ctx)
	}
	if err := in.keepClaim(ctx); err != nil {
		return err
	}
	return in.folder.takeNextLogKey()
}

// begun tells whether the log bears the name of the key which waits for its place,
// and whether it is empty and may bear any.
func (in *installation) begun(ctx context.Context) (begun, empty bool, err error) {
	key, err := os.ReadFile(in.folder.nextLogKey())
	if errors.Is(err, os.ErrNotExist) {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	first, err := in.stores.documents.Events(ctx, "", 0, 1)
	if err != nil || len(first) == 0 {
		return false, true, err
	}
	return signs(string(key), first[0].Origin), false, nil
}

// takeClaim makes a shared database that of the new key, which keeps nodes with
// the old one from starting, and then looks whether one runs. A node is present
// before it looks whose the database is, so one of the two sees the other.
func (in *installation) takeClaim(ctx context.Context) error {
	if in.stores.shared == nil {
		return nil
	}
	before, after, err := in.claims(ctx)
	if err != nil {
		return err
	}
	if err := in.stores.shared.Claim(ctx, before, after); err != nil {
		return err
	}
	others, err := in.stores.others(ctx)
	if err == nil && others > 0 {
		err = documents.Invalid("", "open-others", "Other nodes work on this database: stop all but this one, open, and copy its keys to the others before they start.")
	}
	if err != nil {
		return errors.Join(err, in.returnClaim(ctx))
	}
	return nil
}

// returnClaim gives the database back to the old key.
func (in *installation) returnClaim(ctx context.Context) error {
	if in.stores.shared == nil || !exists(in.folder.nextLogKey()) {
		return nil
	}
	before, after, err := in.claims(ctx)
	if err != nil {
		return err
	}
	whose, err := in.stores.claim(ctx)
	if err != nil || whose != after {
		return err
	}
	return in.stores.shared.Claim(ctx, after, before)
}

// keepClaim is for a database that was copied or restored while it was opened.
func (in *installation) keepClaim(ctx context.Context) error {
	if in.stores.shared == nil {
		return nil
	}
	before, after, err := in.claims(ctx)
	if err != nil {
		return err
	}
	whose, err := in.stores.claim(ctx)
	if err != nil || whose != before {
		return err
	}
	return in.stores.shared.Claim(ctx, before, after)
}

// claims are whose the database is by the old key and by the new one.
func (in *installation) claims(ctx context.Context) (before, after postgres.Installation, err error) {
	if before, err = in.folder.owner(ctx, in.folder.logKey()); err == nil {
		after, err = in.folder.owner(ctx, in.folder.nextLogKey())
	}
	return before, after, err
}

// leaveRehearsal puts the checkpoint of a rehearsal aside that another node ended:
// the lasting keys are here, and nothing public was promised before.
func (d folder) leaveRehearsal() error {
	signed, err := os.ReadFile(d.checkpoint())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	origin, _, _ := strings.Cut(string(signed), "\n")
	key, err := readKey(d.logKey())
	if err != nil || !strings.HasSuffix(origin, documents.RehearsalSuffix) || strings.Contains(key, documents.RehearsalSuffix+"+") {
		return err
	}
	return errors.Join(d.setAside(d.erasures()), d.setAside(d.checkpoint()))
}

// setAside puts out of the way what is remembered of a rehearsal: the checkpoint of
// its log, or who tried an erasure.
func (d folder) setAside(path string) error {
	if err := os.Rename(path, path+".rehearsal"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
