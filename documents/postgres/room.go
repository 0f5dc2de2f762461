package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
)

// Room is what one room keeps in the database.
type Room struct {
	Name string
	// Migrations are files 00001_name.sql in the form of goose, each a transaction
	// of its own. Each must leave the release before able to work on, so that nodes
	// can be upgraded one after the other; one that cannot puts its own number into
	// needs, and does not run while nodes are present:
	//
	//	INSERT INTO needs VALUES ('documents', 7) ON CONFLICT (room) DO UPDATE SET version = excluded.version;
	Migrations fs.FS
	// Grants gives a service role what it needs, and no more: SQL in which {service}
	// stands for the quoted role. It may run again at any time.
	Grants string
}

//go:embed migrations/*.sql
var migrations embed.FS

// all are the rooms with what belongs to none of them, which comes first.
func all(rooms []Room) []Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	base := Room{Name: "base", Migrations: sub, Grants: `GRANT SELECT ON needs TO {service};
GRANT SELECT, INSERT, UPDATE ON installation TO {service};`}
	return append([]Room{base}, rooms...)
}

// versions is the table in which goose notes what has run.
func (r Room) versions() string { return r.Name + "_migrations" }

// step is one migration.
type step struct {
	version int64
	name    string
	up      string // its statements
}

// breaks tells whether the release before cannot work on after it.
func (s step) breaks() bool { return strings.Contains(s.up, "INSERT INTO needs") }

// steps are the migrations in order.
func (r Room) steps() (steps []step, err error) {
	names, err := fs.Glob(r.Migrations, "*.sql")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("room %s has no migrations: %w", r.Name, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(r.Migrations, name)
		if err != nil {
			return nil, err
		}
		s := step{name: name, up: up(string(text))}
		if s.version, err = goose.NumericComponent(name); err != nil {
			return nil, fmt.Errorf("room %s: %w", r.Name, err)
		}
		if strings.Contains(string(text), "+goose NO TRANSACTION") {
			return nil, fmt.Errorf("room %s: %s must run in a transaction", r.Name, name)
		}
		if len(steps) > 0 && steps[len(steps)-1].version >= s.version {
			return nil, fmt.Errorf("room %s: %s is out of order", r.Name, name)
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// up is the part of a file that goose runs, without its marks.
func up(text string) string {
	var b strings.Builder
	on := false
	for line := range strings.Lines(text) {
		mark, marked := strings.CutPrefix(strings.TrimSpace(line), "-- +goose ")
		switch {
		case marked && mark == "Up":
			on = true
		case marked && mark == "Down":
			on = false
		case on && !marked:
			b.WriteString(line)
		}
	}
	return strings.TrimSpace(b.String())
}

var (
	// ErrBehind: the schema is older than this program, or not there.
	ErrBehind = errors.New("the database is not migrated")
	// ErrAhead: a newer release migrated it so that this program cannot work on it.
	ErrAhead = errors.New("the database belongs to a newer release")
)

// Ready tells whether this program can work with the schema, without changing
// anything: ErrBehind if it has to be migrated first, ErrAhead if it belongs to a
// release that is too new. One that is newer and says in needs that this program
// will do is fine.
func (db *DB) Ready(ctx context.Context, rooms ...Room) error {
	for _, r := range all(rooms) {
		have, known, err := db.compare(ctx, r)
		if err != nil {
			return err
		}
		if have < known {
			return fmt.Errorf("%s stands at %d, this program needs %d: %w", r.Name, have, known, ErrBehind)
		}
	}
	return nil
}

// compare is the version of a room's schema, 0 where there is none, beside the
// one that this program makes. It is ErrAhead if this program is too old for it.
func (db *DB) compare(ctx context.Context, r Room) (have, known int64, err error) {
	steps, err := r.steps()
	if err != nil {
		return 0, 0, err
	}
	known = steps[len(steps)-1].version
	there, need := false, int64(0)
	err = db.Row(ctx, "SELECT to_regclass($1) IS NOT NULL AND to_regclass('needs') IS NOT NULL", []any{r.versions()}, &there)
	if err != nil || !there {
		return 0, known, err
	}
	err = db.Row(ctx, `SELECT coalesce(max(version_id), 0), (SELECT coalesce(max(version), 0) FROM needs WHERE room = $1)
		FROM `+pgx.Identifier{r.versions()}.Sanitize()+" WHERE is_applied", []any{r.Name}, &have, &need)
	if err == nil && need > known {
		err = fmt.Errorf("%s stands at %d and needs a program that knows %d, this one knows %d: %w", r.Name, have, need, known, ErrAhead)
	}
	return have, known, err
}
