// Package pgstore keeps a server.Store in PostgreSQL. Any number of nodes work on
// it at once.
package pgstore

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents/postgres"
	"vestnik/documents/value"
	"vestnik/server"
)

//go:embed migrations/*.sql
var migrations embed.FS

// grants: nobody changes the audit trail, or takes from it.
const grants = `GRANT SELECT, INSERT, UPDATE, DELETE ON server_staff, server_tokens, server_sessions, server_links,
	server_limits, server_settings, server_mail TO {service};
GRANT SELECT, UPDATE ON server_roster, server_heads TO {service};
GRANT SELECT, INSERT ON server_trail TO {service};
`

// Room is what this room keeps in the database.
func Room() postgres.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return postgres.Room{Name: "server", Migrations: sub, Grants: grants}
}

// Store is a server.Store.
type Store struct{ db *postgres.DB }

var _ server.Store = (*Store)(nil)

// New makes a Store in db, which is migrated, and stays the caller's to close.
func New(db *postgres.DB) *Store { return &Store{db} }

// seal encodes v as the record of kind that stands under key.
func seal(kind, key string, v any) []byte { return value.Encode(recordKey(kind, key), v) }

// unseal is the reverse of seal.
func unseal[T any](kind, key string, record []byte) (out T, err error) {
	if err := value.Decode(recordKey(kind, key), record, &out); err != nil {
		return out, fmt.Errorf("%s: %w", kind, err)
	}
	return out, nil
}

func recordKey(kind, key string) []byte { return []byte(kind + "/" + key) }

// one reads the record that query answers with, which stands under key.
func one[T any](ctx context.Context, s *Store, kind, key, query string) (out T, err error) {
	var record []byte
	if err := s.db.Row(ctx, query, []any{[]byte(key)}, &record); err != nil {
		return out, err
	}
	return unseal[T](kind, key, record)
}

// rows is what answers a query: the database, or a transaction.
type rows func(ctx context.Context, query string, args []any, scan func(pgx.Rows) error) error

// within answers from a transaction.
func within(tx pgx.Tx) rows {
	return func(ctx context.Context, query string, args []any, scan func(pgx.Rows) error) error {
		found, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			if err := scan(found); err != nil {
				return err
			}
		}
		return found.Err()
	}
}

// each gives f every record that query answers with, beside its key.
func each[T any](ctx context.Context, from rows, kind, query string, args []any, f func(T) error) error {
	return from(ctx, query, args, func(r pgx.Rows) error {
		var key, record []byte
		if err := r.Scan(&key, &record); err != nil {
			return err
		}
		found, err := unseal[T](kind, string(key), record)
		if err != nil {
			return err
		}
		return f(found)
	})
}

func list[T any](ctx context.Context, s *Store, kind, query string, args ...any) (out []T, err error) {
	err = each(ctx, s.db.Query, kind, query, args, func(one T) error {
		out = append(out, one)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// write runs one statement; what it did is on disk when it returns.
func (s *Store) write(ctx context.Context, statement string, args ...any) error {
	_, err := s.db.Exec(ctx, statement, args...)
	return err
}

// must tells whether a statement of tx changed a row; refused says why not.
func must(ctx context.Context, tx pgx.Tx, refused error, statement string, args ...any) error {
	tag, err := tx.Exec(ctx, statement, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return refused
	}
	return err
}

func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
