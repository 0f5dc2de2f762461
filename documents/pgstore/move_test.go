package pgstore_test

import (
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/boltstore"
	"vestnik/documents/pgstore"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/documents/storetest"
)

// bolt is the other engine.
func bolt(t *testing.T) (documents.Store, documents.Store) {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "vestnik.db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s, err := boltstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return s, s
}

// TestBetweenEngines: the database sorts as Kazakh does, for an order must not
// depend on it.
func TestBetweenEngines(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	c.Exec(t, "CREATE DATABASE kazakh TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'kk'")
	postgres := func(t *testing.T) (documents.Store, documents.Store) {
		url := strings.Replace(c.Schema(), "/postgres?", "/kazakh?", 1)
		if err := open(t, url).Migrate(t.Context(), pgstore.Room()); err != nil {
			t.Fatal(err)
		}
		return store(t, url), store(t, url)
	}
	t.Run("FromBolt", func(t *testing.T) { storetest.Between(t, bolt, postgres) })
	t.Run("FromPostgres", func(t *testing.T) { storetest.Between(t, postgres, bolt) })
}
