package documents_test

import (
	"context"
	"errors"
	"testing"

	"vestnik/documents"
)

var errDisk = errors.New("the disk is full")

// faulty is a real store whose next append fails: before anything is stored, or
// after all of it is.
type faulty struct {
	documents.Store
	fails, keeps bool
}

func (f *faulty) Append(ctx context.Context, b documents.Batch) ([]documents.Event, error) {
	if !f.fails {
		return f.Store.Append(ctx, b)
	}
	f.fails = false
	if f.keeps {
		if _, err := f.Store.Append(ctx, b); err != nil {
			return nil, err
		}
	}
	return nil, errDisk
}

// Whatever became of an append that failed, the same request with the same key
// leaves exactly one of it.
func TestTryingAgain(t *testing.T) {
	publication := documents.Publication{Document: "privacy", Draft: draft("Первый."), Based: 0, Key: "k"}
	moved := history("2021-01-01", "2022-01-01")
	moved.Key = "k"
	for name, act := range map[string]struct {
		do     func(*documents.Library) error
		events documents.Seq
	}{
		"publish": {func(l *documents.Library) error {
			_, err := l.Publish(t.Context(), publication, staff)
			return err
		}, 1},
		"import": {func(l *documents.Library) error {
			_, err := l.Import(t.Context(), moved, staff)
			return err
		}, 2},
		"close": {func(l *documents.Library) error {
			_, err := l.Close(t.Context(), 1, "due=0", documents.Digest{})
			return err
		}, 2},
	} {
		for _, keeps := range []bool{false, true} {
			rules := alone()
			l := library(t, &rules)
			privacy(t, l)
			if name == "close" {
				publish(t, l, draft("Первый."))
			}
			l.Store = &faulty{l.Store, true, keeps}
			if err := act.do(l); !errors.Is(err, errDisk) {
				t.Errorf("%s: got %v, want %v", name, err, errDisk)
			}
			for range 2 {
				if err := act.do(l); err != nil {
					t.Errorf("%s, again (kept: %t): %v", name, keeps, err)
				}
			}
			if last, err := l.Last(t.Context(), ""); err != nil || last != act.events {
				t.Errorf("%s (kept: %t): %d events, want %d; %v", name, keeps, last, act.events, err)
			}
		}
	}
}
