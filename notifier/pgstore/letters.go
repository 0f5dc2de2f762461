package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

const (
	newLetter     = "INSERT INTO letters (id, open, next, later, revision, record) VALUES ($1, $2, $3, $4, $5, $6)"
	replaceLetter = "UPDATE letters SET open = $2, next = $3, later = $4, revision = $5, record = $6 WHERE id = $1 AND revision = $5 - 1"
	lettersDue    = `SELECT due.id::text AS k, record FROM (
			(SELECT id, next AS at, record FROM letters WHERE next <= $1 ORDER BY next, id LIMIT $2)
			UNION ALL
			(SELECT id, later, record FROM letters WHERE later <= $1 ORDER BY later, id LIMIT $2)
		) due ORDER BY at, due.id LIMIT $2`
)

// PutLetter: see notifier.Store.
func (s *Store) PutLetter(ctx context.Context, l notifier.Letter) (notifier.Letter, error) {
	l = cleanLetter(l)
	put, id := replaceLetter, l.ID
	if id == 0 {
		put = newLetter
		if l.Revision != 1 {
			return l, fmt.Errorf("a new letter with revision %d: %w", l.Revision, documents.ErrConflict)
		}
	}
	err := s.write(ctx, func(tx pgx.Tx) (err error) {
		if l.ID = id; id == 0 {
			if l.ID, err = take(ctx, tx, letterNo, 1); err != nil {
				return err
			}
		}
		got, err := tx.Exec(ctx, put, letterRow(l)...)
		if err != nil {
			return err
		}
		return changed(got.RowsAffected(), 1, "revision %d of letter %d", l.Revision, l.ID)
	})
	return l, err
}

func cleanLetter(l notifier.Letter) notifier.Letter {
	l.Next, l.Date, l.Evidence.At = stamp(l.Next), stamp(l.Date), stamp(l.Evidence.At)
	return l
}

// letterRow is l as the columns of its table. What the release before cannot word
// is due in a column that it does not read.
func letterRow(l notifier.Letter) []any {
	var next, later *time.Time
	if l.State.Open() && !l.Next.IsZero() {
		switch l.Kind {
		case notifier.LetterSignIn, notifier.LetterTest, notifier.LetterAlarm:
			next = &l.Next
		default:
			later = &l.Next
		}
	}
	return []any{l.ID, l.State.Open(), next, later, int64(l.Revision), value.Encode(key("letters", l.ID), l)}
}

// Letters: see notifier.Store.
func (s *Store) Letters(ctx context.Context, now time.Time, limit int) ([]notifier.Letter, error) {
	return list[notifier.Letter](ctx, s.db.Query, "letters", lettersDue, stamp(now), limit)
}
