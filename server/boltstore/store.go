// Package boltstore keeps a server.Store in a bbolt file that it shares with the
// other rooms; its buckets begin with "server.".
package boltstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/server"
)

var (
	staffBucket    = []byte("server.staff")
	sessionBucket  = []byte("server.sessions")
	tokenBucket    = []byte("server.tokens")
	linkBucket     = []byte("server.links")
	settingsBucket = []byte("server.settings")
	auditBucket    = []byte("server.audit")
	mailBucket     = []byte("server.mail")
	rawBucket      = []byte("server.mail.raw") // apart, so that a list need not read it
	limitBucket    = []byte("server.limits")
	rosterBucket   = []byte("server.roster")

	buckets = [][]byte{staffBucket, sessionBucket, tokenBucket, linkBucket, settingsBucket, auditBucket, mailBucket, rawBucket, limitBucket, rosterBucket}

	settingsKey = []byte("settings")
	rosterKey   = []byte("roster")
)

// Store is a server.Store.
type Store struct{ db *bbolt.DB }

var _ server.Store = (*Store)(nil)

// Has tells whether name is a bucket of this room.
func Has(name string) bool {
	return slices.ContainsFunc(buckets, func(b []byte) bool { return string(b) == name })
}

// New makes the buckets that are missing in db, which stays the caller's to
// close, and otherwise writes nothing.
func New(db *bbolt.DB) (*Store, error) {
	err := db.View(complete)
	if errors.Is(err, documents.ErrNotFound) {
		err = db.Update(create)
	}
	if err != nil {
		return nil, fmt.Errorf("buckets of the server: %w", err)
	}
	return &Store{db}, nil
}

func complete(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if tx.Bucket(name) == nil {
			return documents.ErrNotFound
		}
	}
	return nil
}

func create(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

// get reads one value; a missing key is ErrNotFound.
func get[T any](tx *bbolt.Tx, bucket, key []byte) (out T, err error) {
	b := tx.Bucket(bucket).Get(key)
	if b == nil {
		return out, documents.ErrNotFound
	}
	if err := value.Decode(key, b, &out); err != nil {
		return out, fmt.Errorf("%s: %w", bucket, err)
	}
	return out, nil
}

func put(tx *bbolt.Tx, bucket, key []byte, v any) error {
	return tx.Bucket(bucket).Put(key, value.Encode(key, v))
}

func read[T any](ctx context.Context, s *Store, bucket, key []byte) (out T, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, err = get[T](tx, bucket, key)
		return err
	})
	return out, err
}

func all[T any](tx *bbolt.Tx, bucket []byte) (out []T, err error) {
	err = tx.Bucket(bucket).ForEach(func(k, b []byte) error {
		var one T
		if err := value.Decode(k, b, &one); err != nil {
			return fmt.Errorf("%s: %w", bucket, err)
		}
		out = append(out, one)
		return nil
	})
	return out, err
}

// newest lists up to limit values of a bucket with numbers for keys, below
// before.
func newest[T any](tx *bbolt.Tx, bucket []byte, before int64, limit int) (out []T, err error) {
	c := tx.Bucket(bucket).Cursor()
	k, b := c.Last()
	if before > 0 {
		if k, _ = c.Seek(number(before)); k == nil {
			k, b = c.Last()
		} else {
			k, b = c.Prev()
		}
	}
	for ; k != nil && len(out) < limit; k, b = c.Prev() {
		var one T
		if err := value.Decode(k, b, &one); err != nil {
			return nil, fmt.Errorf("%s: %w", bucket, err)
		}
		out = append(out, one)
	}
	return out, nil
}

// next is the number after the last one. bbolt's own sequence stands outside of
// every checksum, so it is not used.
func next(tx *bbolt.Tx, bucket []byte) int64 {
	k, _ := tx.Bucket(bucket).Cursor().Last()
	if k == nil {
		return 1
	}
	return int64(binary.BigEndian.Uint64(k)) + 1
}

func number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func (s *Store) view(ctx context.Context, f func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.db.View(f)
}

func (s *Store) update(ctx context.Context, f func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.db.Update(f)
}

func (s *Store) PutSession(ctx context.Context, one server.Session) error {
	one.Created, one.Expires = micro(one.Created), micro(one.Expires)
	return s.update(ctx, func(tx *bbolt.Tx) error { return put(tx, sessionBucket, []byte(one.Hash), one) })
}

func (s *Store) Session(ctx context.Context, hash string) (server.Session, error) {
	return read[server.Session](ctx, s, sessionBucket, []byte(hash))
}

func (s *Store) DeleteSession(ctx context.Context, hash string) error {
	return s.update(ctx, func(tx *bbolt.Tx) error { return tx.Bucket(sessionBucket).Delete([]byte(hash)) })
}

func (s *Store) PutLink(ctx context.Context, l server.Link) error {
	l.Expires = micro(l.Expires)
	return s.update(ctx, func(tx *bbolt.Tx) error { return put(tx, linkBucket, []byte(l.Hash), l) })
}

func (s *Store) Link(ctx context.Context, hash string) (server.Link, error) {
	return read[server.Link](ctx, s, linkBucket, []byte(hash))
}

func (s *Store) SpendLink(ctx context.Context, hash string) (out server.Link, err error) {
	err = s.update(ctx, func(tx *bbolt.Tx) error {
		if out, err = get[server.Link](tx, linkBucket, []byte(hash)); err != nil {
			return err
		}
		return tx.Bucket(linkBucket).Delete([]byte(hash))
	})
	return out, err
}

// Allow keeps under key the instant until which it has used up what it may do.
func (s *Store) Allow(ctx context.Context, key string, now time.Time, every time.Duration, burst int) (ok bool, err error) {
	now = micro(now)
	err = s.update(ctx, func(tx *bbolt.Tx) error {
		until, err := get[time.Time](tx, limitBucket, []byte(key))
		if err != nil && !errors.Is(err, documents.ErrNotFound) {
			return err
		}
		if until.Before(now) {
			until = now
		}
		until = until.Add(every)
		if ok = until.Sub(now) <= time.Duration(burst)*every; !ok {
			return errRefused
		}
		return put(tx, limitBucket, []byte(key), until)
	})
	if errors.Is(err, errRefused) {
		return false, nil
	}
	return ok, err
}

// errRefused ends a transaction in which nothing changes: its commit would be
// written and synced all the same.
var errRefused = errors.New("refused")

func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	return s.update(ctx, func(tx *bbolt.Tx) error {
		if err := sweep(tx, sessionBucket, now, func(one server.Session) time.Time { return one.Expires }); err != nil {
			return err
		}
		if err := sweep(tx, limitBucket, now, func(until time.Time) time.Time { return until }); err != nil {
			return err
		}
		return sweep(tx, linkBucket, now, func(l server.Link) time.Time { return l.Expires })
	})
}

func sweep[T any](tx *bbolt.Tx, bucket []byte, now time.Time, expires func(T) time.Time) error {
	var ended [][]byte
	err := tx.Bucket(bucket).ForEach(func(k, b []byte) error {
		var one T
		if err := value.Decode(k, b, &one); err != nil {
			return fmt.Errorf("%s: %w", bucket, err)
		}
		if expires(one).Before(now) {
			ended = append(ended, append([]byte{}, k...))
		}
		return nil
	})
	for _, k := range ended {
		err = errors.Join(err, tx.Bucket(bucket).Delete(k))
	}
	return err
}

func (s *Store) Settings(ctx context.Context) (values map[string]string, revision int, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		stored, err := storedSettings(tx)
		values, revision = stored.Values, stored.Revision
		return err
	})
	return values, revision, err
}

func storedSettings(tx *bbolt.Tx) (server.StoredSettings, error) {
	stored, err := get[server.StoredSettings](tx, settingsBucket, settingsKey)
	if errors.Is(err, documents.ErrNotFound) {
		return server.StoredSettings{Values: map[string]string{}}, nil
	}
	return stored, err
}

func (s *Store) PutSettings(ctx context.Context, values map[string]string, revision int) error {
	return s.update(ctx, func(tx *bbolt.Tx) error {
		had, err := storedSettings(tx)
		if err != nil {
			return err
		}
		if had.Revision != revision {
			return documents.ErrConflict
		}
		return put(tx, settingsBucket, settingsKey, server.StoredSettings{Values: values, Revision: revision + 1})
	})
}

func (s *Store) Audit(ctx context.Context, a server.AuditEntry) error {
	a.At = micro(a.At)
	return s.update(ctx, func(tx *bbolt.Tx) error {
		a.ID = next(tx, auditBucket)
		return put(tx, auditBucket, number(a.ID), a)
	})
}

func (s *Store) Audits(ctx context.Context, before int64, limit int) (out []server.AuditEntry, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, err = newest[server.AuditEntry](tx, auditBucket, before, limit)
		return err
	})
	return out, err
}
