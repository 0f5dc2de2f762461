package pgstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/notifier"
)

// chunkSize is how many recipient numbers one lease covers. Programs on one
// database must agree on it, so only a migration may change it.
const chunkSize = 128

func chunkOf(recipient int64) int64 { return (recipient - 1) / chunkSize }

// span are the first and the last recipient of a chunk.
func span(chunk int64) (first, last int64) { return chunk*chunkSize + 1, (chunk + 1) * chunkSize }

// lower notes that something of a chunk is due at an instant.
func lower(first map[int64]time.Time, chunk int64, at time.Time) {
	if was, ok := first[chunk]; !ok || at.Before(was) {
		first[chunk] = at
	}
}

func sorted(first map[int64]time.Time) (chunks []int64, dues []time.Time) {
	for _, c := range slices.Sorted(maps.Keys(first)) {
		chunks, dues = append(chunks, c), append(dues, first[c])
	}
	return chunks, dues
}

// A chunk's due must never be later than what is due in it. Whoever makes
// something due locks the chunk and lowers due before; whoever raises due locks
// the chunk, and only then, in a statement that sees what was committed until
// then, looks what is due.
const (
	lowerDue = `INSERT INTO chunks AS c (notice, chunk, due)
		SELECT $1, u.chunk, u.due FROM unnest($2::bigint[], $3::timestamptz[]) AS u(chunk, due)
		ON CONFLICT (notice, chunk) DO UPDATE SET due = least(c.due, excluded.due)`
	freeChunk = `SELECT chunk FROM chunks WHERE notice = $1 AND due <= $2 AND until <= $2
		ORDER BY due, chunk LIMIT 1 FOR UPDATE SKIP LOCKED`
	dueIn = `SELECT notice || '/' || recipient, record FROM deliveries
		WHERE notice = $1 AND recipient BETWEEN $2 AND $3 AND next <= $4 ORDER BY next, recipient LIMIT $5`
	takeChunk  = "UPDATE chunks SET owner = $3, until = $4, epoch = nextval('epochs') WHERE notice = $1 AND chunk = $2 RETURNING epoch"
	correctDue = `UPDATE chunks SET due = (SELECT min(next) FROM deliveries WHERE notice = $1 AND recipient BETWEEN $3 AND $4)
		WHERE notice = $1 AND chunk = $2`
	lockChunk = "SELECT FROM chunks WHERE notice = $1 AND chunk = $2 FOR UPDATE"
	putBack   = `UPDATE chunks SET owner = '', until = '-infinity',
		due = (SELECT min(next) FROM deliveries WHERE notice = $1 AND recipient BETWEEN $4 AND $5)
		WHERE notice = $1 AND chunk = $2 AND epoch = $3`
	renew = "UPDATE chunks SET until = $5 WHERE notice = $1 AND chunk = $2 AND epoch = $3 AND until > $4 RETURNING true"
)

// Lease: see notifier.Store.
func (s *Store) Lease(ctx context.Context, seq documents.Seq, owner string, now, until time.Time, limit int) (notifier.Lease, []notifier.Delivery, error) {
	l := notifier.Lease{Notice: seq, Owner: owner, Until: stamp(until)}
	limit = max(limit, 1) // or nothing would ever be due
	for {
		var ds []notifier.Delivery
		err := s.write(ctx, func(tx pgx.Tx) (err error) {
			ds, err = claim(ctx, tx, &l, stamp(now), limit)
			return err
		})
		if err != nil {
			return notifier.Lease{}, nil, fmt.Errorf("lease of notice %d: %w", seq, err)
		}
		if len(ds) > 0 {
			return l, ds, nil
		}
	}
}

// claim takes the first chunk that may have something due. Where it has nothing,
// it takes no chunk, but corrects its due, so that it is not looked at again.
func claim(ctx context.Context, tx pgx.Tx, l *notifier.Lease, now time.Time, limit int) ([]notifier.Delivery, error) {
	if err := tx.QueryRow(ctx, freeChunk, l.Notice, now).Scan(&l.Chunk); err != nil {
		return nil, missing(err)
	}
	first, last := span(l.Chunk)
	ds, err := list[notifier.Delivery](ctx, within(tx), "deliveries", dueIn, l.Notice, first, last, now, limit)
	if err != nil {
		return nil, err
	}
	if len(ds) == 0 {
		_, err := tx.Exec(ctx, correctDue, l.Notice, l.Chunk, first, last)
		return nil, err
	}
	return ds, tx.QueryRow(ctx, takeChunk, l.Notice, l.Chunk, []byte(l.Owner), l.Until).Scan(&l.Epoch)
}

// Renew: see notifier.Store.
func (s *Store) Renew(ctx context.Context, l notifier.Lease, now, until time.Time) error {
	var holds bool
	err := s.db.Row(ctx, renew, []any{l.Notice, l.Chunk, l.Epoch, stamp(now), stamp(until)}, &holds)
	if errors.Is(err, documents.ErrNotFound) {
		return over(l)
	}
	return err
}

func over(l notifier.Lease) error {
	return fmt.Errorf("chunk %d of notice %d: %w", l.Chunk, l.Notice, notifier.ErrLease)
}

// Free: see notifier.Store.
func (s *Store) Free(ctx context.Context, l notifier.Lease) error {
	first, last := span(l.Chunk)
	return s.write(ctx, func(tx pgx.Tx) error {
		var b pgx.Batch
		b.Queue(lockChunk, l.Notice, l.Chunk)
		b.Queue(putBack, l.Notice, l.Chunk, l.Epoch, first, last)
		return tx.SendBatch(ctx, &b).Close()
	})
}
