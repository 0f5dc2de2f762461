package postgres_test

import (
	"errors"
	"testing"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

func TestMigrateAndClaim(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db, err := postgres.Open(t.Context(), c.Schema(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ready(t.Context()); !errors.Is(err, postgres.ErrBehind) {
		t.Fatalf("an empty database is ready: %v", err)
	}
	for range 2 {
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Installation(t.Context()); !errors.Is(err, documents.ErrNotFound) {
		t.Fatal(err)
	}
	a, b := postgres.Installation{LogKey: "a"}, postgres.Installation{LogKey: "b"}
	if err := db.Claim(t.Context(), postgres.Installation{}, a); err != nil {
		t.Fatal(err)
	}
	if err := db.Claim(t.Context(), postgres.Installation{}, b); !errors.Is(err, documents.ErrConflict) {
		t.Fatal(err)
	}
	if err := db.Claim(t.Context(), a, b); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Installation(t.Context()); err != nil || got != b {
		t.Fatal(got, err)
	}
}
