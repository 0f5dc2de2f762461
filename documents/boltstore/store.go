// Package boltstore keeps documents, drafts, versions and the log in a bbolt
// file. There is one writer at a time, so numbers and places in the log are read
// off the last key inside the writing transaction.
package boltstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
)

// The buckets. A key that begins with an identifier goes on with a zero byte, so
// that none is a prefix of another's; numbers are big-endian.
var (
	docs      = []byte("documents.documents") // id
	drafts    = []byte("documents.drafts")    // document, revision: Draft without sources
	states    = []byte("documents.states")    // document, revision: what moves after the save
	approvals = []byte("documents.approvals") // document, revision, running number
	versions  = []byte("documents.versions")  // document, number: Version without sources and clause maps
	sources   = []byte("documents.sources")   // document, number, language: the bytes
	clauses   = []byte("documents.clauses")   // document, number, language: the clause map
	traces    = []byte("documents.traces")    // document, number, language: what follows from both
	written   = []byte("documents.written")   // document, revision, language: the bytes of a draft
	events    = []byte("documents.events")    // seq
	byDoc     = []byte("documents.by-document")
	audits    = []byte("documents.audits") // first seq of the batch
	keys      = []byte("documents.keys")   // idempotency key
)

// logBuckets are what Restart empties.
var logBuckets = [][]byte{versions, sources, clauses, traces, events, byDoc, audits, keys}

// Store implements documents.Store.
type Store struct {
	db *bbolt.DB

	mu   sync.Mutex
	grew chan struct{} // closed and replaced when the log has grown
}

var _ documents.Store = (*Store)(nil)

// Has tells whether name is a bucket of this room.
func Has(name string) bool {
	return slices.ContainsFunc(buckets(), func(b []byte) bool { return string(b) == name })
}

func buckets() [][]byte {
	return append([][]byte{docs, drafts, states, approvals, written}, logBuckets...)
}

// New makes a Store in db, which stays the caller's to close. It writes only if
// buckets are missing.
func New(db *bbolt.DB) (*Store, error) {
	err := db.View(complete)
	if errors.Is(err, documents.ErrNotFound) {
		err = db.Update(create)
	}
	if err != nil {
		return nil, fmt.Errorf("documents store: %w", err)
	}
	return &Store{db: db, grew: make(chan struct{})}, nil
}

func complete(tx *bbolt.Tx) error {
	for _, name := range buckets() {
		if tx.Bucket(name) == nil {
			return documents.ErrNotFound
		}
	}
	return nil
}

func create(tx *bbolt.Tx) error {
	for _, name := range buckets() {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

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

// wake is called after a commit that made the log grow.
func (s *Store) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.grew)
	s.grew = make(chan struct{})
}

// Wait takes the channel before it looks, so that no commit falls between.
func (s *Store) Wait(ctx context.Context, after documents.Seq) error {
	for {
		s.mu.Lock()
		grew := s.grew
		s.mu.Unlock()
		last, err := s.Last(ctx, "")
		if err != nil || last > after {
			return err
		}
		select {
		case <-grew:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// get decodes the value under key into v; a missing one is ErrNotFound.
func get(tx *bbolt.Tx, bucket, key []byte, v any) error {
	b := tx.Bucket(bucket).Get(key)
	if b == nil {
		return documents.ErrNotFound
	}
	if err := value.Decode(key, b, v); err != nil {
		return fmt.Errorf("%s %q: %w", bucket, key, err)
	}
	return nil
}

func put(tx *bbolt.Tx, bucket, key []byte, v any) error {
	return tx.Bucket(bucket).Put(key, value.Encode(key, v))
}
