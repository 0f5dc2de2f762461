package boltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/notifier"
)

func letterDue(l notifier.Letter) bool { return l.State.Open() && !l.Next.IsZero() }

func letterDueKey(l notifier.Letter) []byte { return key(l.Next.UnixMicro(), l.ID) }

// PutLetter: see notifier.Store.
func (s *Store) PutLetter(ctx context.Context, l notifier.Letter) (notifier.Letter, error) {
	var stored notifier.Letter
	err := s.together(ctx, func(tx *bbolt.Tx) (err error) {
		stored, err = putLetter(tx, l)
		return err
	})
	return stored, err
}

// putLetter stores l by compare-and-set. It refuses before it writes.
func putLetter(tx *bbolt.Tx, l notifier.Letter) (notifier.Letter, error) {
	l.Next, l.Date, l.Evidence.At = stamp(l.Next), stamp(l.Date), stamp(l.Evidence.At)
	var old notifier.Letter
	if l.ID == 0 {
		last, err := count(tx, lastLetter)
		if err == nil {
			err = cas(0, l.Revision)
		}
		if err != nil {
			return l, err
		}
		l.ID = last + 1
		if err := setCount(tx, lastLetter, l.ID); err != nil {
			return l, err
		}
	} else if err := get(tx, letters, key(l.ID), &old); err != nil {
		if errors.Is(err, documents.ErrNotFound) {
			err = documents.ErrConflict
		}
		return l, err
	}
	if err := cas(old.Revision, l.Revision); err != nil {
		return l, fmt.Errorf("letter %d: %w", l.ID, err)
	}
	return l, writeLetter(tx, old, l)
}

// writeLetter puts l in the place of old, whose Revision is 0 if there is none.
func writeLetter(tx *bbolt.Tx, old, l notifier.Letter) error {
	open, err := count(tx, openMail)
	if err != nil {
		return err
	}
	if old.Revision > 0 && old.State.Open() {
		open--
	}
	if l.State.Open() {
		open++
	}
	if err := setCount(tx, openMail, open); err != nil {
		return err
	}
	if old.Revision > 0 && letterDue(old) {
		if err := tx.Bucket(lettersDue).Delete(letterDueKey(old)); err != nil {
			return err
		}
	}
	if letterDue(l) {
		if err := index(tx, lettersDue, letterDueKey(l)); err != nil {
			return err
		}
	}
	return put(tx, letters, key(l.ID), l)
}

// Letters: see notifier.Store.
func (s *Store) Letters(ctx context.Context, now time.Time, limit int) ([]notifier.Letter, error) {
	var out []notifier.Letter
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(lettersDue).Cursor()
		for k, _ := c.First(); k != nil && number(k) <= now.UnixMicro() && len(out) < limit; k, _ = c.Next() {
			var l notifier.Letter
			if err := get(tx, letters, k[8:], &l); err != nil {
				return fmt.Errorf("letter %d: %w", number(k[8:]), err)
			}
			out = append(out, l)
		}
		return nil
	})
	return out, err
}
