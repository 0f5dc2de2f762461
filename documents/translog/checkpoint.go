package translog

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is what a signed one says (C2SP tlog-checkpoint).
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)
}

// parseCheckpoint reads a note's text. Extension lines are allowed and mean
// nothing here.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return Checkpoint{}, errors.New("checkpoint: fewer than three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("checkpoint: %q is no size", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || root.String() != lines[2] {
		return Checkpoint{}, fmt.Errorf("checkpoint: %q is no root", lines[2])
	}
	return Checkpoint{lines[0], size, root}, nil
}

var errKeyForm = errors.New("the key is not of the form NAME+HASH+KEY")

// OpenCheckpoint checks the signature of a checkpoint with a verifier key, and
// that its origin is the key's name.
func OpenCheckpoint(signed []byte, vkey string) (Checkpoint, error) {
	v, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", errKeyForm, err)
	}
	return openCheckpoint(signed, v)
}

func openCheckpoint(signed []byte, v note.Verifier) (Checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	// note accepts stray bits at the end of a signature; one checkpoint has one form.
	if _, err := base64.StdEncoding.Strict().DecodeString(n.Sigs[0].Base64); err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: signature: %w", err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != v.Name() {
		return Checkpoint{}, fmt.Errorf("checkpoint: its origin is %q, the key is of %q", c.Origin, v.Name())
	}
	return c, nil
}

// GenerateKey makes a signing key for origin and its verifier key. The origin is
// also the key's name, and so has neither spaces nor plus signs.
func GenerateKey(origin string) (private, public string, err error) {
	private, public, err = note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", "", fmt.Errorf("key of the log: %w", err)
	}
	if _, err := note.NewSigner(private); err != nil {
		return "", "", fmt.Errorf("origin %q: it must not be empty nor hold spaces or plus signs", origin)
	}
	return private, public, nil
}

// openKey also derives the public key, which the form of a note signer hides:
// PRIVATE+KEY+NAME+HASH+base64(algorithm || seed).
func openKey(private string) (note.Signer, note.Verifier, string, error) {
	private = strings.TrimSpace(private)
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, nil, "", errors.New("the key of the log is not a note signer")
	}
	parts := strings.SplitN(private, "+", 5)
	data, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(data) != 1+ed25519.SeedSize {
		return nil, nil, "", errors.New("the key of the log is not an ed25519 key")
	}
	public := ed25519.NewKeyFromSeed(data[1:]).Public().(ed25519.PublicKey)
	vkey, err := note.NewEd25519VerifierKey(signer.Name(), public)
	if err != nil {
		return nil, nil, "", fmt.Errorf("key of the log: %w", err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, nil, "", fmt.Errorf("key of the log: %w", err)
	}
	return signer, verifier, vkey, nil
}
