// Package pgstore keeps recipients, notices, deliveries, letters and requests in
// PostgreSQL. Its tables are described in migrations.
//
// Transactions are READ COMMITTED and take their locks in one order, whatever
// they do: the stop of a notice, the notice, its chunks, its deliveries, its
// tallies; or numbers, recipients, links, letters, requests. A transaction that
// PostgreSQL ends for a deadlock runs again.
package pgstore

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/value"
	"vestnik/notifier"
)

//go:embed migrations/*.sql
var migrations embed.FS

const grants = `GRANT SELECT, UPDATE ON counters TO {service};
GRANT SELECT, INSERT, UPDATE, DELETE ON recipients, imports, notices, deliveries, chunks, tallies, forms, tokens, links, letters, requests, marks, paces TO {service};
GRANT USAGE ON SEQUENCE epochs TO {service};
GRANT EXECUTE ON FUNCTION make_deliveries(bigint) TO {service};
`

// Room is what this room keeps in the database.
func Room() postgres.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return postgres.Room{Name: "notifier", Migrations: sub, Grants: grants}
}

// Store is a notifier.Store.
type Store struct{ db *postgres.DB }

var _ notifier.Store = (*Store)(nil)

// New makes a Store in db, which is migrated, and stays the caller's to close.
func New(db *postgres.DB) *Store { return &Store{db: db} }

// write is a transaction that writes. Whoever wants everything alone waits at its
// first lock, and is waited for there: a batch takes the locks of what is new to a
// connection before those of what is not, so that its own stand in no order.
func (s *Store) write(ctx context.Context, do func(pgx.Tx) error) error {
	return s.db.TxAfter(ctx, "LOCK TABLE counters IN ROW EXCLUSIVE MODE", do)
}

// Names in counters.
const (
	cursor      = "cursor"
	recipientNo = "recipients"
	letterNo    = "letters"
	importNo    = "imports"
	requestNo   = "requests"
)

const takeNumbers = "UPDATE counters SET n = n + $2 WHERE name = $1 RETURNING n"

// take gives k numbers of a counter, whose row is locked until commit, so that
// they become visible in order. It returns the last of them.
func take(ctx context.Context, tx pgx.Tx, name string, k int) (last int64, err error) {
	err = tx.QueryRow(ctx, takeNumbers, name, k).Scan(&last)
	return last, err
}

// key is what a record is sealed with.
func key(table string, k ...any) []byte {
	b := []byte(table)
	for _, part := range k {
		b = fmt.Appendf(append(b, '/'), "%v", part)
	}
	return b
}

func open[T any](k, sealed []byte) (v T, err error) {
	if err := value.Decode(k, sealed, &v); err != nil {
		return v, fmt.Errorf("%s: %w", k, err)
	}
	return v, nil
}

// query is postgres.DB.Query, or the same in a transaction.
type query func(ctx context.Context, sql string, args []any, scan func(pgx.Rows) error) error

func within(tx pgx.Tx) query {
	return func(ctx context.Context, sql string, args []any, scan func(pgx.Rows) error) error {
		return postgres.Query(ctx, tx, sql, args, scan)
	}
}

// list reads what stands in a table. sql gives each row's key, as it is written
// behind the name of the table, and its record. (ORDER BY goes by the name of a
// result before that of a column, so the key's must be no column's.)
func list[T any](ctx context.Context, q query, table, sql string, args ...any) ([]T, error) {
	var out []T
	var k, sealed []byte
	err := q(ctx, sql, args, func(rows pgx.Rows) error {
		if err := rows.Scan(&k, &sealed); err != nil {
			return err
		}
		v, err := open[T](fmt.Appendf(nil, "%s/%s", table, k), sealed)
		out = append(out, v)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// changed is documents.ErrConflict unless want rows were written.
func changed(got int64, want int, what string, args ...any) error {
	if got != int64(want) {
		return fmt.Errorf(what+": %w", append(args, documents.ErrConflict)...)
	}
	return nil
}

// stamp is t as it comes back: in UTC, with microseconds.
func stamp(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// missing gives no row the name that callers know.
func missing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return documents.ErrNotFound
	}
	return err
}
