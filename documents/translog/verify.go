package translog

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrFault is wrapped by every error that says that a log or a proof is not what
// it claims to be. Other errors are trouble: nothing is known.
var ErrFault = errors.New("this does not hold")

type faultError struct{ err error }

func (e *faultError) Error() string        { return e.err.Error() }
func (e *faultError) Unwrap() error        { return e.err }
func (e *faultError) Is(target error) bool { return target == ErrFault }

func fault(err error) error {
	if err == nil {
		return nil
	}
	return &faultError{err}
}

// Proof is a proof that holds: the signature of the checkpoint, the event's
// place under it, and the digest of each blob.
type Proof struct {
	Checkpoint Checkpoint
	Key        string // the verifier key that the signature was checked with
	Given      bool   // the caller gave it; otherwise it is the log's own word
	Seq        int64
	Event      []byte
	Blobs      map[string][]byte // by the key of the digest: title-ru-sha256, …
	Missing    []string          // digests that the file has no blob for
}

// VerifyProof checks a file that /log/proof/{seq} served, without asking anyone.
// Without a vkey it takes the one in the file, which proves only that the file
// agrees with itself: Given is then false.
func VerifyProof(data []byte, vkey string) (Proof, error) {
	p, err := parseProof(data)
	if err != nil {
		return Proof{}, fault(err)
	}
	out := Proof{Key: strings.TrimSpace(vkey), Given: vkey != "", Seq: p.index + 1, Event: p.event, Blobs: p.blobs}
	if !out.Given {
		out.Key = p.key
	}
	if out.Checkpoint, err = openFound(p.checkpoint, out.Key, out.Given); err != nil {
		return Proof{}, err
	}
	if p.key != out.Key {
		return Proof{}, fault(errors.New("the file names another key than the one given"))
	}
	if err := p.check(out.Checkpoint); err != nil {
		return Proof{}, fault(fmt.Errorf("event %d: %w", out.Seq, err))
	}
	out.Missing = missing(p.event, p.blobs)
	return out, nil
}

// openFound tells a key that the caller mistyped, which is trouble, from
// everything that is the log's doing.
func openFound(signed []byte, vkey string, given bool) (Checkpoint, error) {
	c, err := OpenCheckpoint(signed, vkey)
	if given && errors.Is(err, errKeyForm) {
		return c, err
	}
	return c, fault(err)
}

func (p *proof) check(c Checkpoint) error {
	if err := tlog.CheckRecord(p.hashes, c.Size, c.Root, p.index, tlog.RecordHash(p.event)); err != nil {
		return errors.New("it is not in the log that the checkpoint was signed for")
	}
	if err := checkSeq(p.event, p.index+1); err != nil {
		return err
	}
	if v, _ := field(p.event, "origin"); v != c.Origin {
		return fmt.Errorf("its origin is %q, the log's is %q", v, c.Origin)
	}
	return checkBlobs(p.event, p.blobs)
}

func missing(event []byte, blobs map[string][]byte) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(digests(event))) {
		if _, ok := blobs[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}
