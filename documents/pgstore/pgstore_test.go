package pgstore_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

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
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func store(t *testing.T, url string) *pgstore.Store { return pgstore.New(open(t, url)) }

// connect is a connection without any Store.
func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

// migrated are the roles of a schema of its own.
func migrated(t *testing.T, c *postgrestest.Cluster) (owner, service postgrestest.Role) {
	t.Helper()
	url := c.Schema()
	owner, service = c.Role(url, true), c.Role(url, false)
	db := open(t, owner.URL)
	if err := errors.Join(db.Migrate(t.Context(), pgstore.Room()), db.Grant(t.Context(), service.Name, pgstore.Room())); err != nil {
		t.Fatal(err)
	}
	return owner, service
}

func TestStore(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	storetest.Run(t, func(t *testing.T) (documents.Store, documents.Store) {
		owner, _ := migrated(t, c)
		return store(t, owner.URL), store(t, owner.URL)
	})
}

// TestStoreOfService: what the service role may do is all that a node needs.
func TestStoreOfService(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	storetest.Run(t, func(t *testing.T) (documents.Store, documents.Store) {
		_, service := migrated(t, c)
		return store(t, service.URL), store(t, service.URL)
	})
}
