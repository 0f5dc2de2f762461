// Package translog derives a Merkle tree from the bytes of the public log: tiles
// (C2SP tlog-tiles), signed checkpoints (C2SP tlog-checkpoint), and proofs (C2SP
// tlog-proof) that anyone can check without us. It keeps nothing but the last
// checkpoint that it signed, outside the store, so that a store which went back
// in time is noticed.
package translog

import (
	"context"
	"errors"
)

// ErrRollback: the log does not extend the last checkpoint that was signed.
var ErrRollback = errors.New("the log does not extend its last signed checkpoint")

// Config of Open.
type Config struct {
	// Source returns the bytes of up to limit events with a Seq above after.
	Source func(ctx context.Context, after int64, limit int) ([][]byte, error)
	Key    string // the private key: a note signer, as GenerateKey made it
	State  string // the file that holds the last signed checkpoint
	// Accept: go on from the log as it is, whatever the state says.
	Accept bool
}

// RollbackError says what is missing. It wraps ErrRollback.
type RollbackError struct {
	Had, Have int64 // events that the checkpoint covers; events in the log
	Why       string
}

func (e *RollbackError) Error() string { return e.Why }
func (e *RollbackError) Unwrap() error { return ErrRollback }

// Log is the tree of a growing log. It may be used from any goroutine.
type Log struct{}

// Open builds the tree and compares it with the state.
func Open(ctx context.Context, c Config) (*Log, error) { panic("not yet") }

// Reset turns l into the tree of another log: another source, key and state.
func (l *Log) Reset(ctx context.Context, c Config) error { panic("not yet") }

// Origin is the first line of every checkpoint.
func (l *Log) Origin() string { panic("not yet") }

// VerifierKey is the public key in the form of a signed note.
func (l *Log) VerifierKey() string { panic("not yet") }

// Checkpoint takes in what the source has and returns the signed checkpoint. A
// larger one is in the state file, synced, before it is returned.
func (l *Log) Checkpoint(ctx context.Context) ([]byte, error) { panic("not yet") }

// Tile returns the tile for a path below /log/, such as tile/0/000 or
// tile/entries/x001/234.p/5, and whether it is full and so never changes.
func (l *Log) Tile(ctx context.Context, path string) (data []byte, full bool, err error) {
	panic("not yet")
}

// Prove returns the proof of event seq: what /log/proof/{seq} serves. blobs are
// the public texts that its digests cover.
func (l *Log) Prove(ctx context.Context, seq int64, blobs map[string][]byte) ([]byte, error) {
	panic("not yet")
}

// GenerateKey makes a signing key for origin and its verifier key.
func GenerateKey(origin string) (private, public string, err error) { panic("not yet") }
