package boltstore_test

import (
	"errors"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"vestnik/documents/value"
	"vestnik/server"
	"vestnik/server/boltstore"
	"vestnik/server/storetest"
)

func openDB(t *testing.T) *bbolt.DB {
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "vestnik.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// fresh is a new file. bbolt lets one process open it, which may have many stores
// in it.
func fresh(t *testing.T) storetest.Open {
	db := openDB(t)
	return func() server.Store {
		s, err := boltstore.New(db)
		if err != nil {
			t.Error(err)
		}
		return s
	}
}

func TestStore(t *testing.T) { storetest.Run(t, fresh) }

// One flipped bit in any value is noticed by whoever reads it.
func TestDamageIsRecognised(t *testing.T) {
	db := openDB(t)
	s, err := boltstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutStaff(t.Context(), server.Staff{ID: "a", Revision: 1}); err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("server.staff"))
		v := append([]byte{}, b.Get([]byte("a"))...)
		v[3] ^= 1
		return b.Put([]byte("a"), v)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Staff(t.Context(), "a"); !errors.Is(err, value.ErrDamaged) {
		t.Fatalf("error is %v, want damaged", err)
	}
	if _, err := s.StaffList(t.Context()); !errors.Is(err, value.ErrDamaged) {
		t.Fatalf("error of the list is %v, want damaged", err)
	}
}
