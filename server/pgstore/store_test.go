package pgstore_test

import (
	"testing"

	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/server"
	"vestnik/server/pgstore"
	"vestnik/server/storetest"
)

func connect(t *testing.T, address string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// migrated is the address of a schema of its own, as its owner, who is nobody
// special otherwise.
func migrated(t *testing.T, c *postgrestest.Cluster) string {
	t.Helper()
	owner := c.Role(c.Schema(), true)
	if err := connect(t, owner.URL).Migrate(t.Context(), pgstore.Room()); err != nil {
		t.Fatal(err)
	}
	return owner.URL
}

// node opens the database once more, as another node would.
func node(t *testing.T, address string) storetest.Open {
	return func() server.Store { return pgstore.New(connect(t, address)) }
}

func TestStoreOfTheOwner(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	storetest.Run(t, func(t *testing.T) storetest.Open { return node(t, migrated(t, c)) })
}

func TestStoreOfTheService(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	storetest.Run(t, func(t *testing.T) storetest.Open { return node(t, granted(t, c)) })
}
