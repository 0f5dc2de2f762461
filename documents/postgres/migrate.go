package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// migrateKey is an advisory lock: one process migrates a schema at a time.
const migrateKey = "hashtextextended('vestnik migrate ' || $1, 0)"

// Migrate brings the schema to what this program knows, room after room, and
// makes the schema where there is none. Each migration is a transaction: what
// fails leaves those before it. Other processes that migrate wait. A schema that
// is too new is ErrAhead. What nodes of the release before cannot live with is
// refused while other nodes are present.
//
// Service roles that were granted something are granted what is new.
func (db *DB) Migrate(ctx context.Context, rooms ...Room) error {
	owner := db.owner()
	defer owner.Close()
	if err := db.create(ctx, owner); err != nil {
		return unmigrated("schema", err)
	}
	for _, r := range all(rooms) {
		if err := db.allowed(ctx, r); err != nil {
			return err
		}
		if err := db.climb(ctx, owner, r); err != nil {
			return unmigrated(r.Name, err)
		}
	}
	return db.renew(ctx, rooms)
}

// allowed refuses what this program, or the nodes that are present, cannot work
// with.
func (db *DB) allowed(ctx context.Context, r Room) error {
	have, _, err := db.compare(ctx, r)
	if err != nil || have == 0 {
		return err
	}
	steps, err := r.steps()
	if err != nil || !slices.ContainsFunc(steps, func(s step) bool { return s.version > have && s.breaks() }) {
		return err
	}
	n, err := db.Others(ctx)
	if err == nil && n > 0 {
		return invalid("nodes of the release before are running and could not work with the database afterwards; stop every node, then migrate")
	}
	return err
}

// owner is one session without time limits that holds the lock, so that nothing
// runs without it.
func (db *DB) owner() *sql.DB {
	c := db.pool.Config().ConnConfig
	c.RuntimeParams["statement_timeout"], c.RuntimeParams["idle_in_transaction_session_timeout"] = "0", "0"
	c.DialFunc = dial(0)
	owner := stdlib.OpenDB(*c, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		free := false
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock("+migrateKey+")", db.schema).Scan(&free); err != nil || free {
			return err
		}
		db.log.Info("another process migrates the database; waiting for it", "schema", db.schema)
		_, err := conn.Exec(ctx, "SELECT pg_advisory_lock("+migrateKey+")", db.schema)
		return err
	}))
	owner.SetMaxOpenConns(1)
	return owner
}

// create makes the schema; where it is there, its owner need not be one who may
// make schemas.
func (db *DB) create(ctx context.Context, owner *sql.DB) error {
	there := false
	err := owner.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", db.schema).Scan(&there)
	if err == nil && !there {
		_, err = owner.ExecContext(ctx, "CREATE SCHEMA "+pgx.Identifier{db.schema}.Sanitize())
	}
	return err
}

func (db *DB) climb(ctx context.Context, owner *sql.DB, r Room) error {
	if _, err := r.steps(); err != nil {
		return err
	}
	store, err := database.NewStore(database.DialectPostgres, r.versions())
	if err != nil {
		return err
	}
	p, err := goose.NewProvider("", owner, r.Migrations, goose.WithStore(store), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	for {
		done, err := p.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err != nil {
			return err
		}
		db.log.Info("database migrated", "schema", db.schema, "room", r.Name, "version", done.Source.Version, "took", done.Duration)
	}
}

// unmigrated says what a migration failed at.
func unmigrated(what string, err error) error {
	var ce *pgconn.ConnectError
	switch {
	case code(err) == "42501", code(err) == "3F000": // a schema that one may not use is none
		return invalid("this role may not change the schema of the database; migrate as the role that owns it (vestnik migrate), or let an administrator run what vestnik migrate -print writes")
	case errors.As(err, &ce), errors.Is(err, driver.ErrBadConn), pgconn.Timeout(err):
		err = away(err)
	default:
		err = name(err)
	}
	return fmt.Errorf("migrate %s: %w", what, err)
}

// Owns tells whether the role of this connection owns the schema, or could make
// it.
func (db *DB) Owns(ctx context.Context) (owns bool, err error) {
	err = db.Row(ctx, `SELECT coalesce((SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = $1),
		has_database_privilege(current_database(), 'CREATE'))`, []any{db.schema}, &owns)
	return owns, err
}
