// Package translog derives a Merkle tree from the bytes of the public log: tiles
// (C2SP tlog-tiles), signed checkpoints (C2SP tlog-checkpoint), and proofs (C2SP
// tlog-proof) that anyone can check without us. It keeps nothing but the last
// checkpoint that it signed, outside the store, so that a store which went back
// in time is noticed.
//
// Of an event it knows only that its bytes are lines "key value", among them
// seq, origin and time, and that a key which ends in -sha256 names a public blob.
package translog

import (
	"context"
	"errors"
	"fmt"
	"sync"

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

// RollbackError says what is missing. It wraps ErrRollback.
type RollbackError struct {
	Had, Have int64 // events that the checkpoint covers; events in the log
	Why       string
}

func (e *RollbackError) Error() string { return e.Why }
func (e *RollbackError) Unwrap() error { return ErrRollback }

// Missing is how many events are known to be gone from the end of the log.
func (e *RollbackError) Missing() int64 { return max(0, e.Had-e.Have) }

// Log is the tree of a growing log. It may be used from any goroutine.
type Log struct {
	mu       sync.Mutex // over all that follows: growth, signing, and the state file
	config   Config
	signer   note.Signer
	verifier note.Verifier
	vkey     string
	size     int64     // events taken in
	hashes   hashes    // the stored hashes of size events
	signed   []byte    // the last checkpoint; nil before the first
	at       int64     // its size
	aside    []byte    // an accepted state, to be kept when it is replaced
	last     tlog.Hash // of event size
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
	l := &Log{}
	if err := l.load(ctx, c); err != nil {
		return nil, err
	}
	return l, nil
}

// Reset turns l into the tree of another log: another source, key and state. On
// an error l stays what it was.
func (l *Log) Reset(ctx context.Context, c Config) error {
	other, err := Open(ctx, c)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.config, l.signer, l.verifier, l.vkey = other.config, other.signer, other.verifier, other.vkey
	l.size, l.hashes, l.last = other.size, other.hashes, other.last
	l.signed, l.at, l.aside = other.signed, other.at, other.aside
	return nil
}

func (l *Log) load(ctx context.Context, c Config) error {
	var err error
	l.config = c
	if l.signer, l.verifier, l.vkey, err = openKey(c.Key); err != nil {
		return err
	}
	if err := l.grow(ctx); err != nil {
		return err
	}
	return l.compare()
}

// Origin is the first line of every checkpoint.
func (l *Log) Origin() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.signer.Name()
}

// VerifierKey is the public key in the form of a signed note: what /log/key
// serves.
func (l *Log) VerifierKey() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.vkey
}

// Size takes in what the source has and returns the number of events.
func (l *Log) Size(ctx context.Context) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.grow(ctx)
	return l.size, err
}

// Checkpoint takes in what the source has and returns the signed checkpoint. A
// larger one is in the state file, synced, before it is returned.
func (l *Log) Checkpoint(ctx context.Context) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	signed, err := l.checkpoint(ctx)
	return append([]byte(nil), signed...), err
}

func (l *Log) checkpoint(ctx context.Context) ([]byte, error) {
	if err := l.grow(ctx); err != nil {
		return nil, err
	}
	if l.signed != nil && l.at == l.size {
		return l.signed, nil
	}
	root, err := tlog.TreeHash(l.size, l.hashes)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: Checkpoint{l.signer.Name(), l.size, root}.text()}, l.signer)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if err := l.keep(signed); err != nil {
		return nil, err
	}
	l.signed, l.at = signed, l.size
	return signed, nil
}

// grow takes in what the source has beyond l.size. The last event that was taken
// in is read again, so that a store which lost events while we run is noticed
// before anything is signed on top of them.
func (l *Log) grow(ctx context.Context) error {
	for {
		after := max(0, l.size-1)
		events, err := l.config.Source(ctx, after, batch)
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		if l.size > 0 {
			if len(events) == 0 || tlog.RecordHash(events[0]) != l.last {
				return &RollbackError{Had: l.size, Have: after + int64(len(events)), Why: fmt.Sprintf(
					"event %d is no longer what it was: the store went back in time while Vestnik was running; stop it and restore the newest state of the store", l.size)}
			}
			events = events[1:]
		}
		if len(events) == 0 {
			return nil
		}
		for _, e := range events {
			if err := l.take(e); err != nil {
				return err
			}
		}
	}
}

func (l *Log) take(event []byte) error {
	seq := l.size + 1
	if len(event) > maxEvent {
		return fmt.Errorf("event %d: %d bytes, more than the %d of an entry bundle", seq, len(event), maxEvent)
	}
	if err := checkSeq(event, seq); err != nil {
		return err
	}
	more, err := tlog.StoredHashes(l.size, event, l.hashes)
	if err != nil {
		return fmt.Errorf("event %d: %w", seq, err)
	}
	l.hashes = append(l.hashes, more...)
	l.size, l.last = seq, more[0]
	return nil
}
