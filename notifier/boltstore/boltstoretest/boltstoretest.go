// Package boltstoretest opens files for the tests of other rooms, which know
// nothing of bbolt.
package boltstoretest

import (
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"vestnik/notifier/boltstore"
)

// Open opens a fresh file that ends with the test. What is durable waits for the
// disk.
func Open(t testing.TB, durable bool) *boltstore.Store {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "vestnik.db"), 0o600, &bbolt.Options{NoSync: !durable})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := boltstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
