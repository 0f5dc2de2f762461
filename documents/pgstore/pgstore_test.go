package pgstore_test

import (
	"testing"

	"vestnik/documents"
	"vestnik/documents/pgstore"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/documents/storetest"
)

// open connects as one node does.
func open(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// migrated is a schema of its own.
func migrated(t *testing.T, c *postgrestest.Cluster) (url string) {
	t.Helper()
	url = c.Schema()
	db := open(t, url)
	if err := db.Migrate(t.Context(), pgstore.Room()); err != nil {
		t.Fatal(err)
	}
	return url
}

func TestStore(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	storetest.Run(t, func(t *testing.T) (documents.Store, documents.Store) {
		url := migrated(t, c)
		return pgstore.New(open(t, url)), pgstore.New(open(t, url))
	})
}
