package pgstore_test

import (
	"testing"

	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/notifier"
	"vestnik/notifier/pgstore"
	"vestnik/notifier/storetest"
)

// open opens a store in a schema, which is made if it is missing.
func open(t testing.TB, url string) *pgstore.Store {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(t.Context(), pgstore.Room()); err != nil {
		t.Fatal(err)
	}
	return pgstore.New(db)
}

func TestStore(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	storetest.Run(t, func(t *testing.T) notifier.Store { return open(t, c.Schema()) })
}
