package postgres_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

// room is one whose migrations are the given ones, from 1.
func room(ups ...string) postgres.Room {
	files := fstest.MapFS{}
	for i, up := range ups {
		files[fmt.Sprintf("%05d_step.sql", i+1)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + up + "\n-- +goose Down\nDROP TABLE never;\n")}
	}
	return postgres.Room{Name: "shelf", Migrations: files, Grants: "GRANT SELECT, INSERT ON shelf TO {service};"}
}

const (
	first  = "CREATE TABLE shelf (id bigint GENERATED ALWAYS AS IDENTITY, title text NOT NULL);"
	second = "ALTER TABLE shelf ADD COLUMN place text NOT NULL DEFAULT '';"
	third  = "ALTER TABLE shelf DROP COLUMN title;\nINSERT INTO needs VALUES ('shelf', 3) ON CONFLICT (room) DO UPDATE SET version = excluded.version;"
)

func TestRollingUpgrade(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	older, newer := open(t, url), open(t, url)
	want := func(db *postgres.DB, r postgres.Room, want error) {
		t.Helper()
		if err := db.Ready(t.Context(), r); !errors.Is(err, want) {
			t.Fatalf("ready: %v, want %v", err, want)
		}
	}
	write := func() {
		t.Helper()
		must(t, older.Tx(t.Context(), func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO shelf (title) VALUES ('x')")
			return err
		}))
	}
	want(older, room(first), postgres.ErrBehind)
	for range 2 {
		must(t, older.Migrate(t.Context(), room(first)))
	}
	want(older, room(first), nil)
	want(newer, room(first, second), postgres.ErrBehind)
	write()
	must(t, newer.Migrate(t.Context(), room(first, second)))
	want(newer, room(first, second), nil)
	want(older, room(first), nil) // a node of the older release may go on, and may start
	write()
	must(t, older.Migrate(t.Context(), room(first)))
	node := open(t, url)
	must(t, node.Present(t.Context()))
	var refusal *documents.InvalidError
	if err := newer.Migrate(t.Context(), room(first, second, third)); !errors.As(err, &refusal) {
		t.Fatalf("migrated under a node that cannot live with it: %v", err)
	}
	want(older, room(first, second), nil)
	must(t, node.Close())
	others(t, newer, 0)
	must(t, newer.Migrate(t.Context(), room(first, second, third)))
	want(older, room(first, second), postgres.ErrAhead)
	if err := older.Migrate(t.Context(), room(first, second)); !errors.Is(err, postgres.ErrAhead) {
		t.Fatalf("an older program migrates: %v", err)
	}
	want(newer, room(first, second, third), nil)
}

func TestTwoMigrateAtOnce(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	slow := room(first, "SELECT pg_sleep(0.3);", "INSERT INTO shelf (title) VALUES ('once');")
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		db := open(t, url)
		all.Go(func() { errs[i] = db.Migrate(t.Context(), slow) })
	}
	all.Wait()
	must(t, errors.Join(errs...))
	db := open(t, url)
	var rows, notes int
	must(t, db.Row(t.Context(), "SELECT (SELECT count(*) FROM shelf), (SELECT count(*) FROM shelf_migrations)", nil, &rows, &notes))
	if rows != 1 || notes != 4 {
		t.Fatalf("%d rows, %d versions", rows, notes)
	}
}

func TestFailedMigrationLeavesNothing(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := open(t, c.Schema())
	half := room(first, "CREATE TABLE half (n int);\nINSERT INTO shelf (title) VALUES (NULL);")
	if err := db.Migrate(t.Context(), half); err == nil || !strings.Contains(err.Error(), "migrate shelf") {
		t.Fatal(err)
	}
	var half1, half2 bool
	must(t, db.Row(t.Context(), "SELECT to_regclass('half') IS NULL, (SELECT max(version_id) = 1 FROM shelf_migrations)", nil, &half1, &half2))
	if !half1 || !half2 {
		t.Fatal("half of a migration stayed")
	}
	if err := db.Ready(t.Context(), half); !errors.Is(err, postgres.ErrBehind) {
		t.Fatal(err)
	}
	must(t, db.Migrate(t.Context(), room(first, "CREATE TABLE half (n int);")))
}

func TestMigrationsThatAreNone(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := open(t, c.Schema())
	for _, r := range []postgres.Room{{Name: "empty", Migrations: fstest.MapFS{}}, room("-- +goose NO TRANSACTION\n" + first)} {
		if err := db.Migrate(t.Context(), r); err == nil {
			t.Fatalf("%v is migrated", r)
		}
	}
}

// TestMigrationTakesItsTime: no time limit holds for it.
func TestMigrationTakesItsTime(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	var log bytes.Buffer
	db, err := postgres.Open(t.Context(), c.Schema()+"&statement_timeout=100", slog.New(slog.NewTextHandler(&log, nil)))
	must(t, err)
	err = db.Migrate(t.Context(), room(first+"\nSELECT pg_sleep(0.5);"))
	must(t, db.Close())
	must(t, err)
	if !strings.Contains(log.String(), "room=shelf version=1") {
		t.Fatalf("progress: %s", log.String())
	}
}

func TestRoles(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	owner, service, stranger := c.Role(url, true), c.Role(url, false), c.Role(c.Schema(), false)
	mine, theirs, alien := open(t, owner.URL), open(t, service.URL), open(t, stranger.URL)
	for db, want := range map[*postgres.DB]bool{mine: true, theirs: false, alien: false} {
		if owns, err := db.Owns(t.Context()); err != nil || owns != want {
			t.Fatalf("owns: %v %v, want %v", owns, err, want)
		}
	}
	var refusal *documents.InvalidError
	for _, db := range []*postgres.DB{theirs, alien} {
		if err := db.Migrate(t.Context(), room(first)); !errors.As(err, &refusal) {
			t.Fatalf("somebody else migrates: %v", err)
		}
	}
	must(t, mine.Migrate(t.Context(), room(first)))
	for range 2 {
		must(t, mine.Grant(t.Context(), service.Name, room(first)))
	}
	must(t, theirs.Ready(t.Context(), room(first)))
	must(t, theirs.Claim(t.Context(), postgres.Installation{}, postgres.Installation{LogKey: "a"}))
	add := "INSERT INTO shelf (title) VALUES ('x')"
	if _, err := theirs.Exec(t.Context(), add); err != nil {
		t.Fatal(err)
	}
	for _, no := range []string{"UPDATE shelf SET title = 'y'", "DELETE FROM shelf", "TRUNCATE shelf", "DROP TABLE shelf", "CREATE TABLE mine (n int)", "INSERT INTO services VALUES ('postgres')", "DELETE FROM shelf_migrations", "INSERT INTO needs VALUES ('shelf', 9)"} {
		if _, err := theirs.Exec(t.Context(), no); err == nil {
			t.Fatalf("the service may %s", no)
		}
	}
	// What a migration brings is granted with it.
	more := room(first, "CREATE TABLE more (n int);")
	more.Grants += "\nGRANT INSERT ON more TO {service}"
	must(t, mine.Migrate(t.Context(), more))
	if _, err := theirs.Exec(t.Context(), "INSERT INTO more VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"nobody", owner.Name, "postgres", "", `x"; DROP TABLE shelf`, "pg_monitor"} {
		if err := mine.Grant(t.Context(), role); !errors.As(err, &refusal) {
			t.Fatalf("grant to %q: %v", role, err)
		}
	}
}

// TestServiceRoleMakesNothing: where everybody may make functions in the schema, as
// in public up to PostgreSQL 14, nobody may afterwards: one of a service role's
// would be run by those that run as the owner.
func TestServiceRoleMakesNothing(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	owner, service, member := c.Role(url, true), c.Role(url, false), c.Role(url, false)
	mine, theirs := open(t, owner.URL), open(t, service.URL)
	must(t, mine.Migrate(t.Context(), room(first)))
	group := c.Role(url, false)
	schema := c.Query(t, "SELECT nspname FROM pg_namespace WHERE nspowner = '"+owner.Name+"'::regrole")[0]
	c.Exec(t, "GRANT CREATE ON SCHEMA "+schema+" TO PUBLIC", "GRANT CREATE ON SCHEMA "+schema+" TO "+service.Name+", "+group.Name, "GRANT "+group.Name+" TO "+member.Name)
	must(t, mine.Grant(t.Context(), service.Name, room(first)))
	if _, err := theirs.Exec(t.Context(), "CREATE FUNCTION format(text, text) RETURNS text LANGUAGE sql AS 'SELECT $1'"); err == nil {
		t.Error("the service may make functions in the schema")
	}
	var refusal *documents.InvalidError
	if err := mine.Grant(t.Context(), member.Name, room(first)); !errors.As(err, &refusal) {
		t.Errorf("a role that may make things by way of another: %v", err)
	}
}
