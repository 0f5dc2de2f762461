// Package boltstore keeps recipients, notices, deliveries, letters and requests in a
// bbolt file that it shares with other rooms: all its buckets begin with "notifier.".
// Numbers in keys are big-endian, so that the order of keys is that of numbers.
// Every value is sealed by documents/value.
//
// What is replaced or deleted, by an erasure too, stays legible in free pages of the
// file until bbolt uses them again. No dump and no backup has it: a folder that is
// made from one, by restore or copy, begins without.
package boltstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

var (
	recipients = []byte("notifier.recipients") // number -> Recipient
	externals  = []byte("notifier.externals")  // external id -> number
	imports    = []byte("notifier.imports")    // 1, 2, 3… -> ImportReport
	notices    = []byte("notifier.notices")    // seq -> Notice without tallies
	tallies    = []byte("notifier.tallies")    // seq -> tally
	deliveries = []byte("notifier.deliveries") // seq, recipient -> Delivery
	due        = []byte("notifier.due")        // seq, chunk, next, recipient
	leases     = []byte("notifier.leases")     // seq, chunk -> lease
	forms      = []byte("notifier.forms")      // SHA-256 -> bytes
	tokens     = []byte("notifier.tokens")     // hash -> Token
	letters    = []byte("notifier.letters")    // id -> Letter
	lettersDue = []byte("notifier.lettersdue") // next, id
	links      = []byte("notifier.links")      // hash -> Token of a link that acts
	linkEnds   = []byte("notifier.linkends")   // until, hash
	requests   = []byte("notifier.requests")   // id -> Request
	codes      = []byte("notifier.codes")      // code -> id of a request
	requestsOf = []byte("notifier.requestsof") // recipient, id
	requestsIn = []byte("notifier.requestsin") // length of the state, state, id
	erasures   = []byte("notifier.erasures")   // id of a request that erased
	marks      = []byte("notifier.marks")      // name -> value
	paces      = []byte("notifier.paces")      // name -> the end of what is reserved, microseconds
	meta       = []byte("notifier.meta")       // name -> number

	buckets = [][]byte{recipients, externals, imports, notices, tallies, deliveries, due, leases, forms, tokens, letters, lettersDue, marks, paces, meta,
		links, linkEnds, requests, codes, requestsOf, requestsIn, erasures}

	// Names in meta.
	cursor      = []byte("cursor")
	lastNumber  = []byte("last-number")
	lastLetter  = []byte("last-letter")
	lastRequest = []byte("last-request")
	openMail    = []byte("open-letters")
)

// Store is a notifier.Store. It does not own the file: whoever opened it closes
// it.
type Store struct {
	db *bbolt.DB

	mu    sync.Mutex // guards queue
	queue []*write
	turn  sync.Mutex // held by who commits a queue
}

var _ notifier.Store = (*Store)(nil)

// Has tells whether name is a bucket of this room.
func Has(name string) bool {
	return slices.ContainsFunc(buckets, func(b []byte) bool { return string(b) == name })
}

// New makes the buckets that are missing. It ends all leases: bbolt lets one
// process open the file, so whoever held them is gone. Otherwise it writes nothing.
func New(db *bbolt.DB) (*Store, error) {
	err := db.View(ready)
	if errors.Is(err, documents.ErrNotFound) {
		err = db.Update(prepare)
	}
	if err != nil {
		return nil, fmt.Errorf("notifier's buckets: %w", err)
	}
	return &Store{db: db}, nil
}

// ready is documents.ErrNotFound where there is something to prepare.
func ready(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if tx.Bucket(name) == nil {
			return documents.ErrNotFound
		}
	}
	held, err := heldLeases(tx)
	if len(held) > 0 {
		err = documents.ErrNotFound
	}
	return err
}

func prepare(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	held, err := heldLeases(tx)
	for k, l := range held {
		err = errors.Join(err, put(tx, leases, []byte(k), lease{Epoch: l.Epoch}))
	}
	return err
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

// write is a small change that may share a commit with others.
type write struct {
	apply func(*bbolt.Tx) error
	err   error
}

// refusal tells whether err was returned before anything was written.
func refusal(err error) bool {
	for _, e := range []error{documents.ErrConflict, documents.ErrNotFound, documents.ErrExists, notifier.ErrLease, notifier.ErrStopped} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// together commits apply, and with it whatever else arrived while the commit
// before was on its way to the disk: several senders then share one sync. apply
// must refuse before its first write.
func (s *Store) together(ctx context.Context, apply func(*bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &write{apply: apply}
	s.mu.Lock()
	s.queue = append(s.queue, w)
	s.mu.Unlock()
	s.turn.Lock()
	defer s.turn.Unlock()
	s.mu.Lock()
	all := s.queue
	s.queue = nil
	s.mu.Unlock()
	if len(all) > 0 {
		s.commit(all)
	}
	return w.err // set by whoever had the turn that took w
}

func (s *Store) commit(all []*write) {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		for _, w := range all {
			if w.err = w.apply(tx); w.err != nil && !refusal(w.err) {
				return w.err
			}
		}
		return nil
	})
	if err == nil {
		return
	}
	if len(all) == 1 {
		all[0].err = err
		return
	}
	for _, w := range all { // one of them is at fault: the others need not suffer
		s.commit([]*write{w})
	}
}

func key(numbers ...int64) []byte {
	b := make([]byte, 0, 8*len(numbers))
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return b
}

func number(k []byte) int64 { return int64(binary.BigEndian.Uint64(k)) }

// get decodes the value under k into v; a missing one is ErrNotFound.
func get(tx *bbolt.Tx, bucket, k []byte, v any) error {
	b := tx.Bucket(bucket).Get(k)
	if b == nil {
		return documents.ErrNotFound
	}
	if err := value.Decode(k, b, v); err != nil {
		return fmt.Errorf("%s: %w", bucket, err)
	}
	return nil
}

func put(tx *bbolt.Tx, bucket, k []byte, v any) error {
	return tx.Bucket(bucket).Put(k, value.Encode(k, v))
}

func putRaw(tx *bbolt.Tx, bucket, k, b []byte) error {
	return tx.Bucket(bucket).Put(k, value.Seal(k, b))
}

// index puts a key that says everything itself.
func index(tx *bbolt.Tx, bucket, k []byte) error { return putRaw(tx, bucket, k, nil) }

func count(tx *bbolt.Tx, name []byte) (int64, error) {
	b := tx.Bucket(meta).Get(name)
	if b == nil {
		return 0, nil
	}
	raw, err := value.Open(name, b)
	if err != nil || len(raw) != 8 {
		return 0, fmt.Errorf("%s %s: %w", meta, name, value.ErrDamaged)
	}
	return number(raw), nil
}

func setCount(tx *bbolt.Tx, name []byte, n int64) error {
	return putRaw(tx, meta, name, key(n))
}

// stamp is t as it comes back: in UTC, with microseconds.
func stamp(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// cas tells whether a thing with revision next may replace one with revision
// have, 0 for none.
func cas(have, next int) error {
	if next != have+1 {
		return fmt.Errorf("revision %d after %d: %w", next, have, documents.ErrConflict)
	}
	return nil
}
