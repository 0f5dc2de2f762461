package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

// tally is what the engine counts of a notice.
type tally struct {
	Figures   notifier.Figures `json:"figures"`
	InDoubt   int64            `json:"in_doubt,omitempty"`
	Languages map[string]int64 `json:"languages,omitempty"`
	Reasons   map[string]int64 `json:"reasons,omitempty"`
}

// add counts d by times 1 or -1.
func (t *tally) add(d notifier.Delivery, by int64) {
	t.Figures.Due += by
	switch d.State {
	case notifier.Accepted:
		t.Figures.Accepted += by
		t.Languages = bump(t.Languages, d.Language, by)
	case notifier.Failed:
		t.Figures.Failed += by
		t.Reasons = bump(t.Reasons, d.Reason, by)
	case notifier.Excluded:
		t.Figures.Excluded += by
		t.Reasons = bump(t.Reasons, d.Reason, by)
	case notifier.Covered:
		t.Figures.Covered += by
	case notifier.InDoubt:
		t.InDoubt += by
		t.Figures.Open += by
	default:
		t.Figures.Open += by
	}
}

func bump(m map[string]int64, k string, by int64) map[string]int64 {
	if m == nil {
		m = map[string]int64{}
	}
	if m[k] += by; m[k] == 0 {
		delete(m, k)
	}
	return m
}

// tallying collects what one transaction changes of tallies and writes it once.
type tallying map[documents.Seq]*tally

func (ts tallying) of(tx *bbolt.Tx, seq documents.Seq) (*tally, error) {
	if t, ok := ts[seq]; ok {
		return t, nil
	}
	t := &tally{}
	if err := get(tx, tallies, key(int64(seq)), t); err != nil && !errors.Is(err, documents.ErrNotFound) {
		return nil, err
	}
	ts[seq] = t
	return t, nil
}

func (ts tallying) store(tx *bbolt.Tx) error {
	for _, seq := range slices.Sorted(maps.Keys(ts)) {
		if err := put(tx, tallies, key(int64(seq)), ts[seq]); err != nil {
			return err
		}
	}
	return nil
}

// Cursor: see notifier.Store.
func (s *Store) Cursor(ctx context.Context) (documents.Seq, error) {
	var at int64
	err := s.view(ctx, func(tx *bbolt.Tx) (err error) {
		at, err = count(tx, cursor)
		return err
	})
	return documents.Seq(at), err
}

// Follow: see notifier.Store.
func (s *Store) Follow(ctx context.Context, f notifier.Followed) error {
	return s.update(ctx, func(tx *bbolt.Tx) error {
		at, err := count(tx, cursor)
		if err != nil {
			return err
		}
		if at != int64(f.From) {
			return fmt.Errorf("follow from %d, the cursor is %d: %w", f.From, at, documents.ErrConflict)
		}
		for _, n := range f.Notices {
			if err := putNotice(tx, n); err != nil {
				return err
			}
		}
		for name, v := range f.Marks {
			if err := putRaw(tx, marks, []byte(name), []byte(v)); err != nil {
				return err
			}
		}
		return setCount(tx, cursor, int64(f.To))
	})
}

// PutNotice: see notifier.Store.
func (s *Store) PutNotice(ctx context.Context, n notifier.Notice, rows []notifier.Delivery) error {
	return s.update(ctx, func(tx *bbolt.Tx) error {
		if err := putNotice(tx, n); err != nil {
			return err
		}
		// Rows come in the order of their keys: pages may be filled.
		tx.Bucket(deliveries).FillPercent = 0.9
		tx.Bucket(due).FillPercent = 0.9
		ts := tallying{}
		for _, d := range rows {
			if err := newDelivery(tx, ts, d); err != nil {
				return err
			}
		}
		return ts.store(tx)
	})
}

func putNotice(tx *bbolt.Tx, n notifier.Notice) error {
	k := key(int64(n.Seq))
	var old notifier.Notice
	if err := get(tx, notices, k, &old); err != nil && !errors.Is(err, documents.ErrNotFound) {
		return err
	}
	if err := cas(old.Revision, n.Revision); err != nil {
		return fmt.Errorf("notice %d: %w", n.Seq, err)
	}
	return put(tx, notices, k, bare(n))
}

// bare is n as it is stored: without tallies.
func bare(n notifier.Notice) notifier.Notice {
	n.Figures, n.Languages, n.Reasons = notifier.Figures{}, nil, nil
	n.Published, n.SendAfter, n.Effective = stamp(n.Published), stamp(n.SendAfter), stamp(n.Effective)
	n.Audience.Before = stamp(n.Audience.Before)
	return n
}

func readNotice(tx *bbolt.Tx, k, v []byte) (n notifier.Notice, err error) {
	if err := value.Decode(k, v, &n); err != nil {
		return n, fmt.Errorf("notice %d: %w", number(k), err)
	}
	t, err := tallying{}.of(tx, n.Seq)
	if err != nil {
		return n, err
	}
	n.Figures, n.Languages, n.Reasons = t.Figures, t.Languages, t.Reasons
	return n, nil
}

// Notice: see notifier.Store.
func (s *Store) Notice(ctx context.Context, seq documents.Seq) (n notifier.Notice, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		k := key(int64(seq))
		v := tx.Bucket(notices).Get(k)
		if v == nil {
			return fmt.Errorf("notice %d: %w", seq, documents.ErrNotFound)
		}
		n, err = readNotice(tx, k, v)
		return err
	})
	return n, err
}

// Notices: see notifier.Store.
func (s *Store) Notices(ctx context.Context, before documents.Seq, limit int) ([]notifier.Notice, error) {
	var out []notifier.Notice
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(notices).Cursor()
		for k, v := lastBefore(c, before); k != nil && len(out) < limit; k, v = c.Prev() {
			n, err := readNotice(tx, k, v)
			if err != nil {
				return err
			}
			out = append(out, n)
		}
		return nil
	})
	return out, err
}

// lastBefore moves c to the last key below before, 0 meaning the end.
func lastBefore(c *bbolt.Cursor, before documents.Seq) (k, v []byte) {
	if before == 0 {
		before = math.MaxInt64
	}
	if k, _ := c.Seek(key(int64(before))); k == nil {
		return c.Last()
	}
	return c.Prev()
}

// Owed: see notifier.Store.
func (s *Store) Owed(ctx context.Context) (o notifier.Owed, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		err := tx.Bucket(tallies).ForEach(func(k, v []byte) error {
			var t tally
			err := value.Decode(k, v, &t)
			o.Open += t.Figures.Open
			o.InDoubt += t.InDoubt
			return err
		})
		if err != nil {
			return err
		}
		o.Letters, err = count(tx, openMail)
		return err
	})
	return o, err
}

// Mark: see notifier.Store.
func (s *Store) Mark(ctx context.Context, name string) (v string, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(marks).Get([]byte(name))
		if b == nil {
			return nil
		}
		raw, err := value.Open([]byte(name), b)
		v = string(raw)
		return err
	})
	return v, err
}

// SetMark: see notifier.Store.
func (s *Store) SetMark(ctx context.Context, name, v string) error {
	return s.update(ctx, func(tx *bbolt.Tx) error {
		return putRaw(tx, marks, []byte(name), []byte(v))
	})
}

// Clear: see notifier.Store.
func (s *Store) Clear(ctx context.Context) error {
	return s.update(ctx, func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if bytes.Equal(name, marks) || bytes.Equal(name, meta) {
				continue
			}
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return errors.Join(setCount(tx, cursor, 0), setCount(tx, openMail, 0))
	})
}
