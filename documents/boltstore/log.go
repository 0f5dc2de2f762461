package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
)

// Append runs as one write transaction, of which bbolt has one at a time and
// syncs each before it returns.
func (s *Store) Append(ctx context.Context, b documents.Batch) (out []documents.Event, err error) {
	err = s.update(ctx, func(tx *bbolt.Tx) error {
		out, err = s.append(tx, b)
		return err
	})
	return out, err
}

func (s *Store) Restart(ctx context.Context, b documents.Batch) (out []documents.Event, err error) {
	err = s.update(ctx, func(tx *bbolt.Tx) error {
		if err := mayRestart(tx); err != nil {
			return err
		}
		for _, name := range logBuckets {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		out, err = s.append(tx, b)
		return err
	})
	return out, err
}

// mayRestart refuses to begin any log anew but a rehearsal's.
func mayRestart(tx *bbolt.Tx) error {
	k, v := tx.Bucket(events).Cursor().Last()
	if k == nil {
		return nil
	}
	var last documents.Event
	if err := decode(events, k, v, &last); err != nil {
		return err
	}
	if !strings.HasSuffix(last.Origin, documents.RehearsalSuffix) {
		return fmt.Errorf("the log %s is no rehearsal's: %w", last.Origin, documents.ErrConflict)
	}
	return nil
}

func (s *Store) append(tx *bbolt.Tx, b documents.Batch) ([]documents.Event, error) {
	if was, err := again(tx, b); err != nil || was != nil {
		return was, err
	}
	if b.Document != nil {
		if err := putDocument(tx, *b.Document); err != nil {
			return nil, err
		}
	}
	if len(b.Entries) == 0 {
		return nil, nil
	}
	if have := lastSeq(tx, b.Subject()); b.Expect >= 0 && have != b.Expect {
		return nil, fmt.Errorf("log of %q stands at %d, not at %d: %w", b.Subject(), have, b.Expect, documents.ErrConflict)
	}
	now := time.Now()
	out := make([]documents.Event, len(b.Entries))
	for i, entry := range b.Entries {
		e, err := appendOne(tx, entry, now)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	if err := seal(tx, b, out); err != nil {
		return nil, err
	}
	tx.OnCommit(s.wake)
	return out, nil
}

// again returns the events of an earlier batch with the same key and request.
func again(tx *bbolt.Tx, b documents.Batch) ([]documents.Event, error) {
	if b.Key == "" {
		return nil, nil
	}
	var used documents.UsedKey
	switch err := get(tx, keys, []byte(b.Key), &used); {
	case errors.Is(err, documents.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case used.Request != b.Request:
		return nil, documents.ErrKeyReused
	}
	var out []documents.Event
	for seq := used.First; seq <= used.Last; seq++ {
		var e documents.Event
		if err := get(tx, events, number(seq), &e); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func appendOne(tx *bbolt.Tx, entry documents.Entry, now time.Time) (documents.Event, error) {
	e, before := entry.Event, time.Time{}
	seq := lastSeq(tx, "")
	if seq > 0 {
		var previous documents.Event
		if err := get(tx, events, number(seq), &previous); err != nil {
			return e, err
		}
		if before = previous.Time; previous.Origin != e.Origin {
			return e, fmt.Errorf("the log is that of %s, not of %s: %w", previous.Origin, e.Origin, documents.ErrConflict)
		}
	}
	if entry.Version == nil {
		if e.Version > 0 && tx.Bucket(versions).Get(place(e.Document, e.Version)) == nil {
			return e, fmt.Errorf("%s version %d: %w", e.Document, e.Version, documents.ErrNotFound)
		}
		documents.Seal(&e, nil, seq+1, before, now)
		return e, putEvent(tx, e)
	}
	v := *entry.Version
	if v.Number != lastNumber(tx, v.Document)+1 {
		return e, fmt.Errorf("%s version %d: %w", v.Document, v.Number, documents.ErrConflict)
	}
	documents.Seal(&e, &v, seq+1, before, now)
	if err := putVersion(tx, v); err != nil {
		return e, err
	}
	return e, putEvent(tx, e)
}

// seal records what belongs to the batch as a whole.
func seal(tx *bbolt.Tx, b documents.Batch, out []documents.Event) error {
	first, end := out[0], out[len(out)-1]
	b.Audit.Seq, b.Audit.At = first.Seq, first.Time
	if err := put(tx, audits, number(first.Seq), b.Audit); err != nil {
		return err
	}
	if b.Key == "" {
		return nil
	}
	return put(tx, keys, []byte(b.Key), documents.UsedKey{Key: b.Key, Request: b.Request, First: first.Seq, Last: end.Seq})
}

func putEvent(tx *bbolt.Tx, e documents.Event) error {
	if err := put(tx, events, number(e.Seq), e); err != nil {
		return err
	}
	if e.Document == "" {
		return nil
	}
	return putRaw(tx, byDoc, place(e.Document, e.Seq), nil)
}

// lastSeq is the last Seq of a document, or of the log.
func lastSeq(tx *bbolt.Tx, document string) documents.Seq {
	var k []byte
	if document == "" {
		k, _ = tx.Bucket(events).Cursor().Last()
	} else {
		k, _ = last(tx.Bucket(byDoc).Cursor(), under(document))
	}
	if k == nil {
		return 0
	}
	return seqOf(k)
}

func lastNumber(tx *bbolt.Tx, document string) int {
	k, _ := last(tx.Bucket(versions).Cursor(), under(document))
	if k == nil {
		return 0
	}
	return int(seqOf(k))
}

func (s *Store) Event(ctx context.Context, seq documents.Seq) (e documents.Event, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error { return get(tx, events, number(seq), &e) })
	return e, err
}

func (s *Store) Events(ctx context.Context, document string, after documents.Seq, limit int) (out []documents.Event, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		bucket, prefix := events, []byte(nil)
		if document != "" {
			bucket, prefix = byDoc, under(document)
		}
		c := tx.Bucket(bucket).Cursor()
		k, v := c.Seek(append(slices.Clone(prefix), number(after+1)...))
		for ; k != nil && bytes.HasPrefix(k, prefix) && len(out) < limit; k, v = c.Next() {
			if err := value.Check(k, v); err != nil {
				return fmt.Errorf("%s %q: %w", bucket, k, err)
			}
			var e documents.Event
			if err := get(tx, events, number(seqOf(k)), &e); err != nil {
				return fmt.Errorf("event %d: %w", seqOf(k), err)
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

func (s *Store) Last(ctx context.Context, document string) (seq documents.Seq, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		seq = lastSeq(tx, document)
		return nil
	})
	return seq, err
}

// Audit finds the last batch that begins no later than seq.
func (s *Store) Audit(ctx context.Context, seq documents.Seq) (a documents.PublicationAudit, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		if seq < 1 || seq > lastSeq(tx, "") {
			return documents.ErrNotFound
		}
		c := tx.Bucket(audits).Cursor()
		k, v := c.Seek(number(seq))
		if k == nil {
			k, v = c.Last()
		} else if seqOf(k) != seq {
			k, v = c.Prev()
		}
		if k == nil {
			return documents.ErrNotFound
		}
		return decode(audits, k, v, &a)
	})
	return a, err
}

func (s *Store) Used(ctx context.Context, key string) (u documents.UsedKey, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error { return get(tx, keys, []byte(key), &u) })
	return u, err
}
