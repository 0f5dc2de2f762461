package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"vestnik/documents"
)

// Room is what one room keeps in the database.
type Room struct {
	Name string
	// Migrations are files 00001_name.sql in the form of goose. Each must leave the
	// release before able to work on, so that nodes can be upgraded one after the
	// other.
	Migrations fs.FS
	// Grants gives a service role what it needs, and no more: SQL in which {service}
	// stands for the quoted role. It may run again at any time.
	Grants string
}

//go:embed migrations/*.sql
var migrations embed.FS

// base is what belongs to no room.
func base() Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return Room{Name: "base", Migrations: sub, Grants: "GRANT SELECT, INSERT, UPDATE ON installation TO {service};"}
}

// lockMigration is an advisory lock: one process migrates at a time.
const lockMigration = "SELECT pg_advisory_lock(hashtextextended('vestnik migrate ' || $1, 0))"

// Migrate brings the schema to what this program knows, room after room, and
// makes the schema where there is none.
func (db *DB) Migrate(ctx context.Context, rooms ...Room) error {
	conn, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return away(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, lockMigration, db.schema); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := conn.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{db.schema}.Sanitize()); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, r := range append([]Room{base()}, rooms...) {
		p, err := db.provider(r)
		if err != nil {
			return err
		}
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrate %s: %w", r.Name, err)
		}
	}
	return nil
}

func (db *DB) provider(r Room) (*goose.Provider, error) {
	store, err := database.NewStore(database.DialectPostgres, r.Name+"_migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider("", stdlib.OpenDBFromPool(db.pool), r.Migrations, goose.WithStore(store), goose.WithDisableGlobalRegistry(true))
}

var (
	// ErrBehind: the schema is older than this program, or not there.
	ErrBehind = errors.New("the database is not migrated")
	// ErrAhead: a newer release migrated it so that this program cannot work on it.
	ErrAhead = errors.New("the database belongs to a newer release")
)

// Ready tells whether this program can work with the schema, without changing
// anything: ErrBehind if it has to be migrated first, ErrAhead if it belongs to a
// release that is too new.
func (db *DB) Ready(ctx context.Context, rooms ...Room) error {
	for _, r := range append([]Room{base()}, rooms...) {
		p, err := db.provider(r)
		if err != nil {
			return err
		}
		sources := p.ListSources()
		known := sources[len(sources)-1].Version
		have, need, err := db.versions(ctx, r.Name)
		switch {
		case err != nil:
			return err
		case have < known:
			return fmt.Errorf("%s stands at %d, this program needs %d: %w", r.Name, have, known, ErrBehind)
		case need > known:
			return fmt.Errorf("%s stands at %d, this program knows %d: %w", r.Name, have, known, ErrAhead)
		}
	}
	return nil
}

// versions are the version of a room's schema, 0 where there is none, and the
// oldest that a program must know to work with it.
func (db *DB) versions(ctx context.Context, room string) (have, need int64, err error) {
	table, there := room+"_migrations", false
	err = db.Row(ctx, "SELECT to_regclass($1) IS NOT NULL", []any{table}, &there)
	if err != nil || !there {
		return 0, 0, err
	}
	err = db.Row(ctx, `SELECT coalesce(max(version_id), 0), (SELECT coalesce(max(version), 0) FROM needs WHERE room = $1)
		FROM `+pgx.Identifier{table}.Sanitize()+" WHERE is_applied", []any{room}, &have, &need)
	return have, need, err
}

// Owns tells whether the role of this connection owns the schema, or could make
// it.
func (db *DB) Owns(ctx context.Context) (owns bool, err error) {
	err = db.Row(ctx, `SELECT coalesce((SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = $1),
		has_database_privilege(current_database(), 'CREATE'))`, []any{db.schema}, &owns)
	return owns, err
}

// Installation says whose database this is: the verifier key of its log, and a
// fingerprint of the key that tokens are made with. Every node has the same keys.
type Installation struct{ LogKey, Tokens string }

// Installation returns what Claim stored, or documents.ErrNotFound.
func (db *DB) Installation(ctx context.Context) (i Installation, err error) {
	err = db.Row(ctx, "SELECT log_key, tokens FROM installation", nil, &i.LogKey, &i.Tokens)
	return i, err
}

// Claim makes i the installation if was (zero: none) is what is stored; otherwise
// it is documents.ErrConflict.
func (db *DB) Claim(ctx context.Context, was, i Installation) error {
	return db.Tx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO installation (log_key, tokens) VALUES ($1, $2)
			ON CONFLICT (one) DO UPDATE SET log_key = excluded.log_key, tokens = excluded.tokens
			WHERE (installation.log_key, installation.tokens) = ($3, $4)`, i.LogKey, i.Tokens, was.LogKey, was.Tokens)
		if err == nil && tag.RowsAffected() == 0 {
			return documents.ErrConflict
		}
		return err
	})
}
