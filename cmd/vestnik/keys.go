package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vestnik/documents/postgres"
	"vestnik/documents/translog"
)

// intact reads the keys, and whether the checkpoint was signed with ours, before
// anything is opened for writing.
func (d folder) intact(ctx context.Context, accept bool) error {
	release, err := d.hold()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer release()
	return d.ours(ctx, accept)
}

func (d folder) ours(ctx context.Context, accept bool) error {
	if _, err := d.personalKey(); err != nil {
		return err
	}
	key, err := readKey(d.logKey())
	if err != nil {
		return unsound{err}
	}
	_, err = translog.Open(ctx, translog.Config{Source: nothing, Key: key, State: d.checkpoint()})
	var back *translog.RollbackError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &back):
		return unsound{fmt.Errorf("the key %s is not what was written; put it back from the backup: %w", d.logKey(), err)}
	case back.Had > 0 || accept:
		return nil // it is ours, and whether the log extends it is seen later
	}
	return rolledBack(err)
}

func nothing(context.Context, int64, int) ([][]byte, error) { return nil, nil }

// owner is whose a database is that belongs to these keys.
func (d folder) owner(ctx context.Context, logKey string) (postgres.Installation, error) {
	key, err := readKey(logKey)
	if err != nil {
		return postgres.Installation{}, err
	}
	log, err := translog.Open(ctx, translog.Config{Source: nothing, Key: key})
	if err != nil {
		return postgres.Installation{}, fmt.Errorf("the key %s: %w", logKey, err)
	}
	personal, err := d.personalKey()
	if err != nil {
		return postgres.Installation{}, err
	}
	sum := sha256.Sum256(append([]byte("vestnik tokens\n"), personal...))
	return postgres.Installation{LogKey: log.VerifierKey(), Tokens: hex.EncodeToString(sum[:16])}, nil
}

const personalKeySize = 32

// newPersonalKey is a key in hexadecimal, followed by the beginning of its
// SHA-256: a key of which one digit changed would quietly disown every link and
// every address that it was used for.
func newPersonalKey() string {
	b := make([]byte, personalKeySize)
	rand.Read(b) // never fails
	return hex.EncodeToString(append(b, keySum(b)...))
}

func keySum(key []byte) []byte {
	sum := sha256.Sum256(key)
	return sum[:4]
}

// parsePersonalKey reads what newPersonalKey made.
func parsePersonalKey(text string) ([]byte, bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != personalKeySize+4 {
		return nil, false
	}
	key := b[:personalKeySize:personalKeySize]
	return key, bytes.Equal(keySum(key), b[personalKeySize:])
}

func (d folder) personalKey() ([]byte, error) {
	text, err := readKey(d.tokenKey())
	if err != nil {
		return nil, unsound{err}
	}
	key, ok := parsePersonalKey(text)
	if !ok {
		return nil, unsound{fmt.Errorf("the key %s is not what was written; put it back from the backup", d.tokenKey())}
	}
	return key, nil
}

func (d folder) takeNextLogKey() error {
	if err := os.Rename(d.nextLogKey(), d.logKey()); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(d.logKey()))
}

// newOrigin names a log: by the address that the public knows, else at random,
// so that two installations never share a name.
func newOrigin(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok && rest != "" {
		return strings.TrimRight(rest, "/") + "/log"
	}
	return "vestnik-" + strings.ToLower(rand.Text()[:10])
}

func createKey(path string, make func() (string, error)) error {
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	key, err := make()
	if err != nil {
		return err
	}
	return writeDurably(path, []byte(key+"\n"))
}

func readKey(path string) (string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the key %s is missing; put it back from the backup, because a new one would start a different log", path)
	}
	return strings.TrimSpace(string(b)), err
}
