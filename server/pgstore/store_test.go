package pgstore_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

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

// migrated is a schema of its own, made by the owner.
func migrated(t *testing.T, c *postgrestest.Cluster) (address string) {
	t.Helper()
	address = c.Schema()
	if err := connect(t, address).Migrate(t.Context(), pgstore.Room()); err != nil {
		t.Fatal(err)
	}
	return address
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
	c.Exec(t, "CREATE ROLE service LOGIN")
	storetest.Run(t, func(t *testing.T) storetest.Open { return node(t, granted(t, c)) })
}

// granted is the address of a service role in a schema that another one owns.
func granted(t *testing.T, c *postgrestest.Cluster) string {
	t.Helper()
	owner, err := url.Parse(migrated(t, c))
	if err != nil {
		t.Fatal(err)
	}
	schema := pgx.Identifier{owner.Query().Get("search_path")}.Sanitize()
	c.Exec(t, "GRANT USAGE ON SCHEMA "+schema+" TO service",
		"SET search_path = "+schema+";"+strings.ReplaceAll(pgstore.Room().Grants, "{service}", "service"))
	owner.User = url.User("service")
	return owner.String()
}
