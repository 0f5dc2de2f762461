package translog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

// compare holds the tree against the state file. A missing file is a first
// start; anything else that does not match is a *RollbackError, unless it is
// accepted.
func (t *tree) compare() error {
	signed, err := os.ReadFile(t.config.State)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("last signed checkpoint: %w", err)
	}
	covered, fault := t.extends(signed)
	if fault == nil {
		// Nothing need be signed, or written, before the log grows.
		t.signed, t.at = signed, covered
		return nil
	}
	if !t.config.Accept {
		return fault
	}
	t.aside = signed
	return nil
}

// extends tells whether the tree extends a checkpoint of ours, and how many events
// that covers.
func (t *tree) extends(signed []byte) (int64, error) {
	c, err := openCheckpoint(signed, t.verifier)
	if err != nil {
		return 0, &RollbackError{Have: t.size, Why: fmt.Sprintf(
			"%s was not signed with the key of this log (%v)", t.config.State, err)}
	}
	if c.Size > t.size {
		return 0, &RollbackError{Had: c.Size, Have: t.size, Why: fmt.Sprintf(
			"the last signed checkpoint covers %d events and the store has %d: events %d to %d are missing",
			c.Size, t.size, t.size+1, c.Size)}
	}
	root, err := tlog.TreeHash(c.Size, t.hashes)
	if err != nil {
		return 0, fmt.Errorf("compare with the last checkpoint: %w", err)
	}
	if root != c.Root {
		return 0, &RollbackError{Had: c.Size, Have: t.size, Why: fmt.Sprintf(
			"the first %d events are not those that the last checkpoint was signed for", c.Size)}
	}
	return c.Size, nil
}

// keep makes signed the state. What an accepted rollback leaves behind stays
// beside it, as evidence: an existing file is never overwritten.
func (t *tree) keep(signed []byte) error {
	if t.aside != nil {
		if err := replace(free(t.config.State+".before-rollback"), t.aside); err != nil {
			return fmt.Errorf("keep the old checkpoint: %w", err)
		}
		t.aside = nil
	}
	if err := replace(t.config.State, signed); err != nil {
		return fmt.Errorf("keep the checkpoint: %w", err)
	}
	return nil
}

// free returns name, or name with the first number, that no file has.
func free(name string) string {
	candidate := name
	for i := 2; ; i++ {
		if _, err := os.Lstat(candidate); err != nil {
			return candidate
		}
		candidate = fmt.Sprintf("%s-%d", name, i)
	}
}

// replace writes a file so that a crash leaves the old content or the new one,
// and the new one once it has returned: fsync, rename, fsync of the folder.
func replace(name string, data []byte) error {
	dir := filepath.Dir(name)
	if err := makeDir(dir); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(name)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is nothing left to remove
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	return syncDir(dir)
}

// makeDir also puts the name of a new folder on disk: a state that is lost with
// its folder would look like a first start.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
