// Package translog derives a Merkle tree from the bytes of the public log: tiles
// (C2SP tlog-tiles), signed checkpoints (C2SP tlog-checkpoint), and proofs (C2SP
// tlog-proof) that anyone can check without us. It keeps nothing but the last
// checkpoint that it signed, outside the store, so that a store which went back
// in time is noticed.
//
// A log is served below one address: /log/checkpoint, /log/key (the verifier key
// of a signed note and a line end, because no checkpoint holds it), /log/tile/…
// and /log/proof/{seq}. [VerifyURL] reads it from there, [VerifyProof] checks one
// saved proof without asking anyone.
//
// Of an event it knows only that its bytes are lines "key value", among them
// seq, origin and time, and that a key which ends in -sha256 names a public blob.
package translog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrRollback: the log does not extend the last checkpoint that was signed.
var ErrRollback = errors.New("the log does not extend its last signed checkpoint")

// ErrNotFound: the log has no such event, or no tile under this path.
var ErrNotFound = errors.New("not in the log")

// batch is how many events are asked of the source at once.
const batch = 1024

// Config of Open.
type Config struct {
	// Source returns the bytes of up to limit events with a Seq above after, in
	// their order.
	Source func(ctx context.Context, after int64, limit int) ([][]byte, error)
	Key    string // the private key: a note signer, as GenerateKey made it
	State  string // the file that holds the last signed checkpoint
	// Accept: go on from the log as it is, whatever the state says. The state is
	// replaced with the next checkpoint, and what it held is kept beside it.
	Accept bool
}

// RollbackError says what is missing; what to do about it is the caller's to say.
// It wraps ErrRollback.
type RollbackError struct {
	Had, Have int64 // events that the checkpoint covers; events in the log
	Why       string
}

func (e *RollbackError) Error() string { return e.Why }
func (e *RollbackError) Unwrap() error { return ErrRollback }

// Missing is how many events are known to be gone from the end of the log.
func (e *RollbackError) Missing() int64 { return max(0, e.Had-e.Have) }

// Log is the tree of a growing log. It may be used from any goroutine. What is
// taken in is read without waiting; only growing and signing wait for each other,
// no longer than their context allows.
type Log struct {
	turn chan struct{} // held by the one that replaces now and writes the state file
	now  atomic.Pointer[tree]
}

// tree is the log at one moment. It is never changed once it is in Log.now, but
// for its hashes, which only grow behind its own length.
type tree struct {
	config   Config
	signer   note.Signer
	verifier note.Verifier
	vkey     string
	size     int64     // events taken in
	last     tlog.Hash // of event size
	hashes   hashes    // the stored hashes of size events
	signed   []byte    // the last checkpoint; nil before the first
	at       int64     // its size
	aside    []byte    // an accepted state, to be kept when it is replaced
}

// hashes is a tlog.HashReader over memory: the log has thousands of events, not
// millions.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(h)) {
			return nil, fmt.Errorf("hash %d: %w", x, ErrNotFound)
		}
		out[i] = h[x]
	}
	return out, nil
}

// Open builds the tree and compares it with the state.
func Open(ctx context.Context, c Config) (*Log, error) {
	t, err := load(ctx, c)
	if err != nil {
		return nil, err
	}
	l := &Log{turn: make(chan struct{}, 1)}
	l.now.Store(t)
	return l, nil
}

// Reset turns l into the tree of another log: another source, key and state. On
// an error l stays what it was.
func (l *Log) Reset(ctx context.Context, c Config) error {
	t, err := load(ctx, c)
	if err != nil {
		return err
	}
	return l.change(ctx, func(now *tree) error {
		*now = *t
		return nil
	})
}

func load(ctx context.Context, c Config) (*tree, error) {
	t := &tree{config: c}
	var err error
	if t.signer, t.verifier, t.vkey, err = openKey(c.Key); err != nil {
		return nil, err
	}
	if err := t.grow(ctx); err != nil {
		return nil, err
	}
	return t, t.compare()
}

// change applies do to a copy of the tree, which becomes the tree unless do fails.
func (l *Log) change(ctx context.Context, do func(*tree) error) error {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	next := *l.now.Load()
	if err := do(&next); err != nil {
		return err
	}
	l.now.Store(&next)
	return nil
}

// grown is the tree after it took in what the source has.
func (l *Log) grown(ctx context.Context) (*tree, error) {
	err := l.change(ctx, func(t *tree) error { return t.grow(ctx) })
	return l.now.Load(), err
}

// signed is the tree after it took in what the source has and signed it. With an
// error it is the tree as it was, which may have been signed before.
func (l *Log) signed(ctx context.Context) (*tree, error) {
	err := l.change(ctx, func(t *tree) error { return t.sign(ctx) })
	return l.now.Load(), err
}

// Origin is the first line of every checkpoint.
func (l *Log) Origin() string { return l.now.Load().signer.Name() }

// VerifierKey is the public key in the form of a signed note: what /log/key
// serves.
func (l *Log) VerifierKey() string { return l.now.Load().vkey }

// Size takes in what the source has and returns the number of events.
func (l *Log) Size(ctx context.Context) (int64, error) {
	t, err := l.grown(ctx)
	return t.size, err
}

// Checkpoint takes in what the source has and returns the signed checkpoint. A
// larger one is in the state file, synced, before it is returned. If that cannot be
// written, the last one is returned with the error: it is older, and still true.
func (l *Log) Checkpoint(ctx context.Context) ([]byte, error) {
	t, err := l.signed(ctx)
	if errors.Is(err, ErrRollback) {
		return nil, err
	}
	return bytes.Clone(t.signed), err
}

func (t *tree) sign(ctx context.Context) error {
	if err := t.grow(ctx); err != nil {
		return err
	}
	if t.signed != nil && t.at == t.size {
		return nil
	}
	root, err := tlog.TreeHash(t.size, t.hashes)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: Checkpoint{t.signer.Name(), t.size, root}.text()}, t.signer)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := t.keep(signed); err != nil {
		return err
	}
	t.signed, t.at = signed, t.size
	return nil
}

// grow takes in what the source has beyond t.size. The last event that was taken
// in is read again, so that a store which lost events while we run is noticed
// before anything is signed on top of them.
func (t *tree) grow(ctx context.Context) error {
	for {
		after := max(0, t.size-1)
		events, err := t.config.Source(ctx, after, batch)
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		if t.size > 0 {
			if len(events) == 0 || tlog.RecordHash(events[0]) != t.last {
				return &RollbackError{Had: t.size, Have: after + int64(len(events)), Why: fmt.Sprintf(
					"event %d is no longer what it was: the store went back in time while Vestnik was running", t.size)}
			}
			events = events[1:]
		}
		if len(events) == 0 {
			return nil
		}
		for _, e := range events {
			if err := t.take(e); err != nil {
				return err
			}
		}
	}
}

func (t *tree) take(event []byte) error {
	seq := t.size + 1
	if len(event) > maxEvent {
		return fmt.Errorf("event %d: %d bytes, more than the %d of an entry bundle", seq, len(event), maxEvent)
	}
	if err := checkSeq(event, seq); err != nil {
		return err
	}
	more, err := tlog.StoredHashes(t.size, event, t.hashes)
	if err != nil {
		return fmt.Errorf("event %d: %w", seq, err)
	}
	t.hashes = append(t.hashes, more...)
	t.size, t.last = seq, more[0]
	return nil
}
