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

// records gives f every record of kind that a query answers with, beside its key.
func records[T any](kind string, f func(T) error) func(pgx.Rows) error {
	return func(r pgx.Rows) error {
		var key, record []byte
		if err := r.Scan(&key, &record); err != nil {
			return err
		}
		found, err := unseal[T](kind, string(key), record)
		if err != nil {
			return err
		}
		return f(found)
	}
}

func list[T any](ctx context.Context, s *Store, kind, query string, args ...any) (out []T, err error) {
	err = s.db.Query(ctx, query, args, records(kind, func(one T) error {
		out = append(out, one)
		return nil
	}))
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

func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
