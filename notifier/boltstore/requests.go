package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

func requestOfKey(r notifier.Request) []byte { return key(r.Recipient, r.ID) }

func requestInKey(state notifier.RequestState, id int64) []byte {
	return append(statePrefix(state), key(id)...)
}

func statePrefix(state notifier.RequestState) []byte {
	return append(key(int64(len(state))), state...)
}

// putRequest stores r by compare-and-set, with its number if it is new.
func putRequest(tx *bbolt.Tx, r notifier.Request) (notifier.Request, error) {
	r.Received, r.Due, r.Settled = stamp(r.Received), stamp(r.Due), stamp(r.Settled)
	var old notifier.Request
	var err error
	if r.ID == 0 {
		r.ID, err = newRequest(tx, r)
	} else if err = get(tx, requests, key(r.ID), &old); errors.Is(err, documents.ErrNotFound) {
		err = documents.ErrConflict
	} else if err == nil && (old.Code != r.Code || old.Recipient != r.Recipient || old.Erases() != r.Erases()) {
		err = fmt.Errorf("it is another request: %w", documents.ErrConflict)
	}
	if err == nil {
		err = cas(old.Revision, r.Revision)
	}
	if err != nil {
		return r, fmt.Errorf("request %d: %w", r.ID, err)
	}
	return r, writeRequest(tx, old, r)
}

// newRequest takes a number and the code.
func newRequest(tx *bbolt.Tx, r notifier.Request) (id int64, err error) {
	if tx.Bucket(codes).Get([]byte(r.Code)) != nil {
		return 0, fmt.Errorf("the code is taken: %w", documents.ErrExists)
	}
	last, err := count(tx, lastRequest)
	if err != nil {
		return 0, err
	}
	return last + 1, setCount(tx, lastRequest, last+1)
}

// writeRequest puts r in the place of old, whose Revision is 0 if there is none.
func writeRequest(tx *bbolt.Tx, old, r notifier.Request) error {
	if old.Revision > 0 && old.State != r.State {
		if err := tx.Bucket(requestsIn).Delete(requestInKey(old.State, r.ID)); err != nil {
			return err
		}
	}
	if old.Revision == 0 {
		err := errors.Join(
			putRaw(tx, codes, []byte(r.Code), key(r.ID)),
			index(tx, requestsOf, requestOfKey(r)))
		if err != nil {
			return err
		}
	}
	if r.Erases() {
		if err := index(tx, erasures, key(r.ID)); err != nil {
			return err
		}
	}
	return errors.Join(
		index(tx, requestsIn, requestInKey(r.State, r.ID)),
		put(tx, requests, key(r.ID), r))
}

// Request: see notifier.Store.
func (s *Store) Request(ctx context.Context, id int64) (r notifier.Request, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error { return get(tx, requests, key(id), &r) })
	return r, err
}

// RequestCoded: see notifier.Store.
func (s *Store) RequestCoded(ctx context.Context, code string) (r notifier.Request, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(codes).Get([]byte(code))
		if b == nil {
			return documents.ErrNotFound
		}
		k, err := value.Open([]byte(code), b)
		if err != nil {
			return fmt.Errorf("%s: %w", codes, err)
		}
		return get(tx, requests, k, &r)
	})
	return r, err
}

// Requests: see notifier.Store.
func (s *Store) Requests(ctx context.Context, q notifier.RequestQuery) ([]notifier.Request, error) {
	bucket, prefix := requests, []byte{}
	switch {
	case q.Recipient != 0:
		bucket, prefix = requestsOf, key(q.Recipient)
	case q.State != "":
		bucket, prefix = requestsIn, statePrefix(q.State)
	}
	if q.Before == 0 {
		q.Before = math.MaxInt64
	}
	var out []notifier.Request
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucket).Cursor()
		k, _ := c.Seek(append(prefix, key(q.Before)...))
		if k == nil {
			k, _ = c.Last()
		} else {
			k, _ = c.Prev()
		}
		for ; len(k) == len(prefix)+8 && bytes.HasPrefix(k, prefix) && len(out) < q.Limit; k, _ = c.Prev() {
			r, err := requestAt(tx, k[len(prefix):])
			if err != nil {
				return err
			}
			if q.State == "" || r.State == q.State {
				out = append(out, r)
			}
		}
		return nil
	})
	return out, err
}

// requestAt reads what an index names: that it is not there is damage.
func requestAt(tx *bbolt.Tx, k []byte) (r notifier.Request, err error) {
	if err = get(tx, requests, k, &r); errors.Is(err, documents.ErrNotFound) {
		err = value.ErrDamaged
	}
	if err != nil {
		err = fmt.Errorf("request %d: %w", number(k), err)
	}
	return r, err
}

// Erasures: see notifier.Store.
func (s *Store) Erasures(ctx context.Context, after int64, limit int) ([]notifier.Request, error) {
	var out []notifier.Request
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(erasures).Cursor()
		for k, _ := c.Seek(key(after + 1)); k != nil && len(out) < limit; k, _ = c.Next() {
			r, err := requestAt(tx, k)
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}
