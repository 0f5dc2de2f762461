package boltstore_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"vestnik/documents/value"
	"vestnik/notifier"
	"vestnik/notifier/boltstore"
	"vestnik/notifier/storetest"
)

// open opens a file that is checked at the end of the test.
func open(t *testing.T, path string) (*bbolt.DB, *boltstore.Store) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := db.View(func(tx *bbolt.Tx) error {
			for err := range tx.Check() {
				t.Error(err)
			}
			return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
				return b.ForEach(func(k, v []byte) error {
					if err := value.Check(k, v); err != nil {
						t.Errorf("%s %x: %v", name, k, err)
					}
					return nil
				})
			})
		})
		if err != nil && !errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
			t.Error(err)
		}
		db.Close()
	})
	s, err := boltstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return db, s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (a, b notifier.Store) {
		_, s := open(t, filepath.Join(t.TempDir(), "vestnik.db"))
		return s, s
	})
}

func TestDamageIsRecognised(t *testing.T) {
	db, s := open(t, filepath.Join(t.TempDir(), "vestnik.db"))
	ctx := context.Background()
	if _, err := s.PutRecipients(ctx, []notifier.Recipient{{ExternalID: "p1", Revision: 1}}); err != nil {
		t.Fatal(err)
	}
	var k, intact []byte
	flip := func(put func([]byte) []byte) {
		err := db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("notifier.recipients"))
			key, v := b.Cursor().First()
			k = append([]byte(nil), key...)
			return b.Put(k, put(append([]byte(nil), v...)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	flip(func(v []byte) []byte { intact = append([]byte(nil), v...); v[3] ^= 1; return v })
	if _, err := s.Recipient(ctx, 1); !errors.Is(err, value.ErrDamaged) {
		t.Errorf("got %v, want damage", err)
	}
	if _, err := s.Recipients(ctx, 0, 10); !errors.Is(err, value.ErrDamaged) {
		t.Errorf("got %v, want damage", err)
	}
	flip(func([]byte) []byte { return intact })
	if _, err := s.Recipient(ctx, 1); err != nil {
		t.Error(err)
	}
}

func TestReopenKeepsAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vestnik.db")
	db, s := open(t, path)
	ctx := context.Background()
	if _, err := s.PutRecipients(ctx, []notifier.Recipient{{ExternalID: "p1", Revision: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, s = open(t, path)
	if r, err := s.Recipient(ctx, 1); err != nil || r.ExternalID != "p1" {
		t.Errorf("got %+v, %v", r, err)
	}
}
