package boltfile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"vestnik/cmd/vestnik/boltfile"
	"vestnik/documents/value"
)

var intact = boltfile.Content{
	Bucket: func(path []string, sequence uint64) error {
		if len(path) != 1 || (path[0] != "small" && path[0] != "large") || sequence != 0 {
			return fmt.Errorf("bucket %q is unknown", path)
		}
		return nil
	},
	Value: func(_ []string, k, v []byte) error { return value.Check(k, v) },
}

// fill makes a file with an inline bucket, a deep one, a value that overflows
// its page, and free pages.
func fill(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vestnik.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{PageSize: 1024})
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		err := db.Update(func(tx *bbolt.Tx) error {
			small, _ := tx.CreateBucketIfNotExists([]byte("small"))
			large, _ := tx.CreateBucketIfNotExists([]byte("large"))
			if err := small.Put([]byte{byte(round)}, value.Seal([]byte{byte(round)}, []byte("x"))); err != nil {
				return err
			}
			for i := range 60 {
				k := binary.BigEndian.AppendUint64(nil, uint64(i*7+round))
				if err := large.Put(k, value.Seal(k, bytes.Repeat([]byte{byte(i)}, 30))); err != nil {
					return err
				}
			}
			long := []byte(fmt.Sprintf("zz%d", round))
			return large.Put(long, value.Seal(long, make([]byte, 2500)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("large")).Delete([]byte("zz0")) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestIntact(t *testing.T) {
	path := fill(t)
	n, count := 0, intact
	count.Value = func(p []string, k, v []byte) error { n++; return intact.Value(p, k, v) }
	err := boltfile.Check(path, count, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := 3 + 3*60 + 2; n != want {
		t.Errorf("saw %d values, want %d", n, want)
	}
}

// Every flip either leaves what bbolt reads as it was, or is found.
func TestFlips(t *testing.T) {
	path := fill(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := content(t, path)
	other := filepath.Join(t.TempDir(), "flipped.db")
	missed := 0
	for at := 0; at < len(good); at += 5 {
		bad := bytes.Clone(good)
		bad[at] ^= 1 << (at % 8)
		if err := os.WriteFile(other, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		err := boltfile.Check(other, intact, nil)
		if err != nil && !errors.Is(err, boltfile.ErrDamaged) {
			t.Fatalf("byte %d: %v does not say that the store is damaged", at, err)
		}
		if err == nil && content(t, other) != want {
			t.Errorf("byte %d: a flip that changes what is read was not found", at)
			if missed++; missed > 5 {
				t.FailNow()
			}
		}
	}
}

// content is everything that bbolt reads from a file that Check let pass.
func content(t *testing.T, path string) string {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var b bytes.Buffer
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
			fmt.Fprintf(&b, "%s\n", name)
			return bucket.ForEach(func(k, v []byte) error { fmt.Fprintf(&b, "%x %x\n", k, v); return nil })
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTruncatedAndForeign(t *testing.T) {
	path := fill(t)
	good, _ := os.ReadFile(path)
	for _, n := range []int{0, 1, 64, 1024, 1100, 2048, len(good) / 2} {
		if err := os.WriteFile(path, good[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := boltfile.Check(path, intact, nil); !errors.Is(err, boltfile.ErrDamaged) {
			t.Errorf("cut to %d bytes: got %v", n, err)
		}
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("SQLite format 3\x00"), 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := boltfile.Check(path, intact, nil); !errors.Is(err, boltfile.ErrDamaged) {
		t.Errorf("a foreign file: got %v", err)
	}
}
