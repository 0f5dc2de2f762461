package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/value"
	"vestnik/notifier"
)

// Mark: see notifier.Store.
func (s *Store) Mark(ctx context.Context, name string) (string, error) {
	var sealed []byte
	err := s.db.Row(ctx, "SELECT record FROM marks WHERE name = $1", []any{[]byte(name)}, &sealed)
	if errors.Is(err, documents.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("mark: %w", err)
	}
	v, err := value.Open(key("marks", name), sealed)
	return string(v), err
}

// SetMark: see notifier.Store.
func (s *Store) SetMark(ctx context.Context, name, v string) error {
	return s.write(ctx, func(tx pgx.Tx) error { return setMark(ctx, tx, name, v) })
}

func setMark(ctx context.Context, tx pgx.Tx, name, v string) error {
	_, err := tx.Exec(ctx, "INSERT INTO marks (name, record) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET record = excluded.record",
		[]byte(name), value.Seal(key("marks", name), []byte(v)))
	return err
}

// reserve ends what is taken at least where it began, for the clock of the caller
// may be behind another's.
const reserve = `INSERT INTO paces AS p (name, until) VALUES ($1, $2::timestamptz + $3::interval)
	ON CONFLICT (name) DO UPDATE SET until = greatest(p.until, $2::timestamptz) + $3::interval
	RETURNING until - $3::interval`

// Reserve: see notifier.Store. Everybody waits for one row, so its commit waits
// for no disk: what a crash of the database forgets is a moment of pace.
func (s *Store) Reserve(ctx context.Context, name string, now time.Time, cost time.Duration) (from time.Time, err error) {
	err = s.write(ctx, func(tx pgx.Tx) error {
		var b pgx.Batch
		b.Queue("SET LOCAL synchronous_commit = off")
		b.Queue(reserve, []byte(name), stamp(now), cost).QueryRow(func(row pgx.Row) error { return row.Scan(&from) })
		return tx.SendBatch(ctx, &b).Close()
	})
	return from.UTC(), err
}

const owed = `SELECT coalesce(sum(n), 0)::bigint, coalesce(sum(n) FILTER (WHERE state = 'in-doubt'), 0)::bigint,
	(SELECT count(*) FROM letters WHERE open)
	FROM tallies WHERE state IN ('waiting', 'deferred', 'in-doubt')`

// Owed: see notifier.Store.
func (s *Store) Owed(ctx context.Context) (o notifier.Owed, err error) {
	err = s.db.Row(ctx, owed, nil, &o.Open, &o.InDoubt, &o.Letters)
	return o, err
}

// alone waits for everybody who writes, or has locked rows in order to, and keeps
// them out until commit. Readers go on. Tables stand in the order in which others
// come to them.
const alone = `LOCK TABLE counters, notices, recipients, imports, chunks, deliveries, tallies, tokens, links, forms, letters, requests, marks, paces
	IN EXCLUSIVE MODE`

// Clear: see notifier.Store. Rows are deleted and no table is emptied at once, or
// a dump that runs would find less than there was when it began.
func (s *Store) Clear(ctx context.Context) error {
	return s.db.Tx(postgres.Patient(ctx), func(tx pgx.Tx) error {
		var b pgx.Batch
		b.Queue(alone)
		for _, table := range []string{"deliveries", "tallies", "chunks", "notices", "recipients", "imports", "tokens", "links", "forms", "letters", "requests", "paces"} {
			b.Queue("DELETE FROM " + table)
		}
		b.Queue("UPDATE counters SET n = 0 WHERE name = $1", cursor)
		return tx.SendBatch(ctx, &b).Close()
	})
}
