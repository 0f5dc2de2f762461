package pgstore_test

import (
	"strings"
	"testing"

	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/notifier"
	"vestnik/notifier/boltstore/boltstoretest"
	"vestnik/notifier/pgstore"
	"vestnik/notifier/storetest"
)

// connect is one node's database.
func connect(t testing.TB, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// fresh makes the tables of a schema and returns two nodes on it.
func fresh(t testing.TB, url string) (a, b *pgstore.Store) {
	t.Helper()
	db := connect(t, url)
	if err := db.Migrate(t.Context(), pgstore.Room()); err != nil {
		t.Fatal(err)
	}
	return pgstore.New(db), pgstore.New(connect(t, url))
}

func TestStore(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	storetest.Run(t, func(t *testing.T) (notifier.Store, notifier.Store) { return fresh(t, c.Schema()) })
}

// TestStoreAsService runs the suite as a role that has what Room grants, and
// nothing else.
func TestStoreAsService(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	c.Exec(t, "CREATE ROLE service LOGIN")
	storetest.Run(t, func(t *testing.T) (notifier.Store, notifier.Store) {
		url := c.Schema()
		fresh(t, url)
		ok(t, connect(t, url).Grant(t.Context(), "service", pgstore.Room()))
		asService := strings.Replace(url, "postgres://postgres@", "postgres://service@", 1)
		return pgstore.New(connect(t, asService)), pgstore.New(connect(t, asService))
	})
}

func TestCopyThereAndBack(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	s, _ := fresh(t, c.Schema())
	storetest.Copy(t, boltstoretest.Open(t, false), s, boltstoretest.Open(t, false))
	from, _ := fresh(t, c.Schema())
	back, _ := fresh(t, c.Schema())
	storetest.Copy(t, from, boltstoretest.Open(t, false), back)
}
