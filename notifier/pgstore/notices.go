package pgstore

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

type tag = pgconn.CommandTag

// stopKey names the lock that a stop takes alone, and what must not go on behind
// a stop's back takes with others. The row of the notice itself would do, but
// every share of it is a write to one hot row, and several at once a multixact:
// an advisory lock is nothing but memory. It ends with the transaction, after
// what was committed can be seen.
const stopKey = "hashtextextended('vestnik notice ' || current_schema() || '/' || $1::bigint, 0)"

// Cursor: see notifier.Store.
func (s *Store) Cursor(ctx context.Context) (at documents.Seq, err error) {
	err = s.db.Row(ctx, "SELECT n FROM counters WHERE name = $1", []any{cursor}, &at)
	return at, err
}

// Follow: see notifier.Store.
func (s *Store) Follow(ctx context.Context, f notifier.Followed) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		moved, err := tx.Exec(ctx, "UPDATE counters SET n = $3 WHERE name = $1 AND n = $2", cursor, f.From, f.To)
		if err == nil {
			err = changed(moved.RowsAffected(), 1, "follow from %d, the cursor is elsewhere", f.From)
		}
		if err != nil {
			return err
		}
		for _, n := range f.Notices {
			if err := putNotice(ctx, tx, n); err != nil {
				return err
			}
		}
		for _, name := range slices.Sorted(maps.Keys(f.Marks)) {
			if err := setMark(ctx, tx, name, f.Marks[name]); err != nil {
				return err
			}
		}
		return nil
	})
}

// PutNotice: see notifier.Store.
func (s *Store) PutNotice(ctx context.Context, n notifier.Notice, rows []notifier.Delivery) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		if err := putNotice(ctx, tx, n); err != nil {
			return err
		}
		return newDeliveries(ctx, tx, n.Seq, rows)
	})
}

const (
	newNotice     = "INSERT INTO notices (seq, sends, revision, record) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
	replaceNotice = "UPDATE notices SET sends = $2, revision = $3, record = $4 WHERE seq = $1 AND revision = $3 - 1"
)

func putNotice(ctx context.Context, tx pgx.Tx, n notifier.Notice) error {
	n = bare(n)
	var b pgx.Batch
	if !n.State.Sends() {
		b.Queue("SELECT pg_advisory_xact_lock("+stopKey+")", n.Seq)
	}
	put := replaceNotice
	if n.Revision == 1 {
		put = newNotice
	}
	var written int64
	b.Queue(put, n.Seq, n.State.Sends(), int64(n.Revision), value.Encode(key("notices", n.Seq), n)).Exec(func(t tag) error {
		written = t.RowsAffected()
		return nil
	})
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return fmt.Errorf("notice %d: %w", n.Seq, err)
	}
	if err := changed(written, 1, "revision %d of notice %d", n.Revision, n.Seq); err != nil || n.Revision > 1 {
		return err
	}
	_, err := tx.Exec(ctx, "SELECT make_deliveries($1)", n.Seq)
	return err
}

// bare is n as it is stored: without tallies.
func bare(n notifier.Notice) notifier.Notice {
	n.Figures, n.Languages, n.Reasons = notifier.Figures{}, nil, nil
	n.Published, n.SendAfter, n.Effective = stamp(n.Published), stamp(n.SendAfter), stamp(n.Effective)
	n.Audience.Before = stamp(n.Audience.Before)
	return n
}

// noticesBelow gives each notice once for each of its tallies, all of them as of
// one instant.
const noticesBelow = `SELECT n.seq, n.record, coalesce(t.state, ''), coalesce(t.detail, ''), coalesce(t.n, 0)
	FROM (SELECT seq, record FROM notices WHERE seq >= $1 AND seq < $2 ORDER BY seq DESC LIMIT $3) n
	LEFT JOIN LATERAL (
		SELECT state, detail, sum(n)::bigint AS n FROM tallies WHERE notice = n.seq GROUP BY state, detail HAVING sum(n) <> 0
	) t ON true
	ORDER BY n.seq DESC`

func notices(ctx context.Context, q query, from, before documents.Seq, limit int) ([]notifier.Notice, error) {
	var out []notifier.Notice
	err := q(ctx, noticesBelow, []any{from, before, limit}, func(rows pgx.Rows) error {
		var seq documents.Seq
		var sealed, detail []byte
		var state notifier.DeliveryState
		var count int64
		if err := rows.Scan(&seq, &sealed, &state, &detail, &count); err != nil {
			return err
		}
		if len(out) == 0 || out[len(out)-1].Seq != seq {
			n, err := open[notifier.Notice](key("notices", seq), sealed)
			if err != nil {
				return err
			}
			out = append(out, n)
		}
		addCount(&out[len(out)-1], state, string(detail), count)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Notice: see notifier.Store.
func (s *Store) Notice(ctx context.Context, seq documents.Seq) (n notifier.Notice, err error) {
	found, err := notices(ctx, s.db.Query, seq, seq+1, 1)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("notice %d: %w", seq, documents.ErrNotFound)
	}
	if err != nil {
		return n, err
	}
	return found[0], nil
}

// Notices: see notifier.Store.
func (s *Store) Notices(ctx context.Context, before documents.Seq, limit int) ([]notifier.Notice, error) {
	return notices(ctx, s.db.Query, math.MinInt64, below(before), limit)
}

// below is a bound that everything is below where there is none.
func below(before documents.Seq) documents.Seq {
	if before == 0 {
		return math.MaxInt64
	}
	return before
}
