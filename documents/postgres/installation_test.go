package postgres_test

import (
	"errors"
	"testing"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

func TestClaim(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := open(t, c.Schema())
	must(t, db.Migrate(t.Context()))
	if _, err := db.Installation(t.Context()); !errors.Is(err, documents.ErrNotFound) {
		t.Fatal(err)
	}
	none, a, b := postgres.Installation{}, postgres.Installation{LogKey: "a"}, postgres.Installation{LogKey: "b", Tokens: "x"}
	conflict := func(was, is postgres.Installation) {
		t.Helper()
		if err := db.Claim(t.Context(), was, is); !errors.Is(err, documents.ErrConflict) {
			t.Fatal(err)
		}
	}
	conflict(a, b)
	must(t, db.Claim(t.Context(), none, a))
	conflict(none, b)
	conflict(b, a)
	must(t, db.Claim(t.Context(), a, b))
	if got, err := db.Installation(t.Context()); err != nil || got != b {
		t.Fatal(got, err)
	}
}
