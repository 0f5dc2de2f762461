package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, nil)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// eventually asks until the answer is nil.
func eventually(t *testing.T, ask func() error) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(40 * time.Second); ; <-tick.C {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// within is a context that ends after d.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func wantAway(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, documents.ErrAway) {
		t.Fatalf("%v is not ErrAway", err)
	}
}

// counter is a table in which every transaction leaves a row.
type counter struct {
	*postgres.DB
	n int
}

func newCounter(t *testing.T, c *postgrestest.Cluster, url string) *counter {
	t.Helper()
	db := open(t, url)
	must(t, db.Migrate(t.Context()))
	_, err := db.Exec(t.Context(), "CREATE TABLE counted (n int PRIMARY KEY)")
	must(t, err)
	return &counter{DB: db}
}

// add leaves a row, of a number that no earlier attempt had.
func (c *counter) add(ctx context.Context) error {
	c.n++
	return c.Tx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO counted VALUES ($1)", c.n)
		return err
	})
}
