// Package pgstore keeps documents, drafts, versions and the log in PostgreSQL.
//
// Whoever appends holds the one row of log_head until the commit, so places in
// the log become visible in their order; whoever writes about a document's drafts
// holds its row of draft_heads. Everything else needs no lock. Isolation is READ
// COMMITTED: what is read after such a lock was waited for is what the one before
// committed. A single statement reads whatever must fit together.
package pgstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/value"
)

//go:embed migrations/*.sql
var migrations embed.FS

// grants lets a service role add to what is public, and never change it.
const grants = `
GRANT SELECT, INSERT ON events, versions, texts, publication_audits, publication_keys TO {service};
GRANT SELECT, INSERT ON draft_texts, approvals TO {service};
GRANT SELECT, INSERT, UPDATE ON documents, draft_heads TO {service};
GRANT SELECT, INSERT, UPDATE (standing) ON drafts TO {service};
GRANT SELECT, UPDATE ON log_head TO {service};
GRANT EXECUTE ON FUNCTION restart_log() TO {service};
`

// Room is what this room keeps in the database.
func Room() postgres.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return postgres.Room{Name: "documents", Migrations: sub, Grants: grants}
}

// Store is a documents.Store.
type Store struct{ db *postgres.DB }

var _ documents.Store = (*Store)(nil)

// New makes a Store in db, which is migrated, and stays the caller's to close.
func New(db *postgres.DB) *Store { return &Store{db: db} }

func (s *Store) tx(ctx context.Context, do func(pgx.Tx) error) error {
	return unheld(s.db.Tx(ctx, do))
}

func (s *Store) row(ctx context.Context, query string, args []any, to ...any) error {
	return unheld(s.db.Row(ctx, query, args, to...))
}

// rows gives each row that query answers with to scan. No row is no error.
func (s *Store) rows(ctx context.Context, query string, args []any, scan func(pgx.Rows) error) error {
	err := unheld(s.db.Query(ctx, query, args, scan))
	if errors.Is(err, errUnheld) {
		return nil
	}
	return err
}

// errUnheld: an identifier holds bytes that are not UTF-8, or NUL. PostgreSQL
// keeps no such text, so there can be nothing under it.
var errUnheld = fmt.Errorf("no identifier: %w", documents.ErrNotFound)

func unheld(err error) error {
	var pe *pgconn.PgError
	if errors.As(err, &pe) && pe.Code == "22021" {
		return errUnheld
	}
	return err
}

// key names a record, for its checksum.
func key(parts ...any) []byte {
	b := []byte{}
	for i, p := range parts {
		if i > 0 {
			b = append(b, '/')
		}
		b = fmt.Append(b, p)
	}
	return b
}

func decode(key, b []byte, v any) error {
	if err := value.Decode(key, b, v); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

// opened is the bytes that were sealed under key. nil are gone.
func opened(key, b []byte) ([]byte, error) {
	if b == nil {
		return nil, fmt.Errorf("%s is gone: %w", key, value.ErrDamaged)
	}
	out, err := value.Open(key, b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return out, nil
}
