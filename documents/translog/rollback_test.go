package translog_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vestnik/documents/translog"
)

func TestRollback(t *testing.T) {
	other, _, err := translog.GenerateKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, _, err := translog.GenerateKey("other.example.kz/log")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		harm    func(*store, *translog.Config)
		refused bool
		missing int64
	}{
		{"nothing happened", func(*store, *translog.Config) {}, false, 0},
		{"it grew", func(s *store, _ *translog.Config) { s.grow(40) }, false, 0},
		{"the end is missing", func(s *store, _ *translog.Config) { s.events = s.events[:7] }, true, 3},
		{"everything is missing", func(s *store, _ *translog.Config) { s.events = nil }, true, 10},
		{"an event was changed", func(s *store, _ *translog.Config) { s.events[4] = event(5, []byte("forged")) }, true, 0},
		{"rewritten and longer", func(s *store, _ *translog.Config) { s.events[9] = event(10, []byte("forged")); s.grow(5) }, true, 0},
		{"another key", func(_ *store, c *translog.Config) { c.Key = other }, true, 0},
		{"another origin", func(_ *store, c *translog.Config) { c.Key = elsewhere }, true, 0},
		{"a broken state", func(_ *store, c *translog.Config) { os.WriteFile(c.State, []byte("x"), 0o600) }, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &store{}
			s.grow(10)
			config := config(t, s)
			checkpoint(t, open(t, config))
			c.harm(s, &config)

			_, err := translog.Open(t.Context(), config)
			var rollback *translog.RollbackError
			if is := errors.As(err, &rollback) && errors.Is(err, translog.ErrRollback); is != c.refused || is == (err == nil) {
				t.Fatalf("got %v, refused wanted: %v", err, c.refused)
			}
			if c.refused && (rollback.Missing() != c.missing || rollback.Have != int64(len(s.events)) || rollback.Why == "") {
				t.Errorf("missing %d of %+v, want %d", rollback.Missing(), rollback, c.missing)
			}
			if c.refused {
				accepted(t, config, s)
			}
		})
	}
}

// accepted goes on where a rollback was refused: the state changes only with the
// next checkpoint, and what it said is kept.
func accepted(t *testing.T, c translog.Config, s *store) {
	t.Helper()
	before, err := os.ReadFile(c.State)
	if err != nil {
		t.Fatal(err)
	}
	c.Accept = true
	l := open(t, c)
	c.Accept = false
	if _, err := translog.Open(t.Context(), c); !errors.Is(err, translog.ErrRollback) {
		t.Errorf("accepting alone changed the state: %v", err)
	}
	s.grow(1)
	if _, got := checkpoint(t, l); got.Size != int64(len(s.events)) {
		t.Errorf("checkpoint of %d events, want %d", got.Size, len(s.events))
	}
	kept, err := os.ReadFile(c.State + ".before-rollback")
	if err != nil || !bytes.Equal(kept, before) {
		t.Errorf("the old checkpoint is not kept: %v", err)
	}
	open(t, c)
	s.grow(3)
	checkpoint(t, open(t, c))
}

func TestEachAcceptedRollbackIsKept(t *testing.T) {
	s := &store{}
	c := config(t, s)
	c.Accept = true
	for range 3 {
		s.grow(5)
		checkpoint(t, open(t, c))
		s.events = s.events[:2]
		checkpoint(t, open(t, c))
	}
	files, err := filepath.Glob(c.State + ".before-rollback*")
	if err != nil || len(files) != 3 {
		t.Errorf("%d of 3 old checkpoints are kept: %v %v", len(files), files, err)
	}
}

func TestStoreGoesBackWhileRunning(t *testing.T) {
	for name, harm := range map[string]func(*store){
		"shorter":              func(s *store) { s.events = s.events[:6] },
		"empty":                func(s *store) { s.events = nil },
		"other events instead": func(s *store) { s.events = append(slices.Clone(s.events[:9]), event(10, []byte("other"))); s.grow(2) },
	} {
		t.Run(name, func(t *testing.T) {
			s := &store{}
			s.grow(10)
			l := open(t, config(t, s))
			checkpoint(t, l)
			harm(s)
			if signed, err := l.Checkpoint(t.Context()); !errors.Is(err, translog.ErrRollback) || len(signed) != 0 {
				t.Errorf("got %q, %v", signed, err)
			}
		})
	}
}
