package pgstore

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/notifier"
)

const (
	// spendLink waits for whoever spends it too, and then finds it gone.
	spendLink = "DELETE FROM links WHERE hash = $1 AND until > $2"
	// endLinks leaves what somebody else has in hand: it goes with the next act.
	endLinks = `DELETE FROM links WHERE hash IN (
		SELECT hash FROM links WHERE until <= $1 ORDER BY until LIMIT 100 FOR UPDATE SKIP LOCKED)`
	changeRecipient = `UPDATE recipients SET external_id = $2, revision = $3, record = $4, personal = $5
		WHERE number = $1 AND revision = $3 - 1`
)

// acting is one act on its way. What refuses it is told by the results.
type acting struct {
	act      notifier.Act
	fresh    bool  // the request is new
	letterNo int64 // the last number taken for a letter
	spent    error // ErrNotFound
	conflict error // ErrConflict
}

// Act: see notifier.Store. It takes two round trips beside begin and commit: numbers,
// the person and the link; then what bears the numbers.
func (s *Store) Act(ctx context.Context, a notifier.Act) (notifier.Request, error) {
	var stored notifier.Request
	err := mayAct(a)
	if err == nil {
		err = s.write(ctx, func(tx pgx.Tx) (err error) {
			stored, err = (&acting{act: a}).run(ctx, tx)
			return err
		})
	}
	if postgres.Taken(err) {
		err = fmt.Errorf("an external id or a code is taken: %w", documents.ErrExists)
	}
	if err != nil {
		return notifier.Request{}, fmt.Errorf("act: %w", err)
	}
	return stored, nil
}

// mayAct refuses what cannot be new.
func mayAct(a notifier.Act) error {
	if r := a.Request; r != nil && r.ID == 0 && r.Revision != 1 {
		return fmt.Errorf("a new request with revision %d: %w", r.Revision, documents.ErrConflict)
	}
	for _, l := range a.Letters {
		if l.ID != 0 || l.Revision != 1 {
			return fmt.Errorf("revision %d of letter %d is not new: %w", l.Revision, l.ID, documents.ErrConflict)
		}
	}
	return nil
}

func (t *acting) run(ctx context.Context, tx pgx.Tx) (stored notifier.Request, err error) {
	if t.act.Request != nil {
		stored = cleanRequest(*t.act.Request)
		t.fresh = stored.ID == 0
	}
	var before, after pgx.Batch
	t.numbers(&before, &stored)
	t.person(&before)
	t.link(&before)
	if err := tx.SendBatch(ctx, &before).Close(); cmp.Or(t.spent, t.conflict, err) != nil {
		return stored, cmp.Or(t.spent, t.conflict, err)
	}
	queueTokens(&after, t.act.Tokens)
	t.letters(&after)
	if t.act.Request != nil {
		putRequest(&after, stored, t.fresh, &t.conflict)
	}
	err = tx.SendBatch(ctx, &after).Close()
	return stored, cmp.Or(t.conflict, err)
}

// numbers takes those of what is new.
func (t *acting) numbers(b *pgx.Batch, r *notifier.Request) {
	if t.fresh {
		b.Queue(takeNumbers, requestNo, 1).QueryRow(func(row pgx.Row) error { return row.Scan(&r.ID) })
	}
	if n := len(t.act.Letters); n > 0 {
		b.Queue(takeNumbers, letterNo, n).QueryRow(func(row pgx.Row) error { return row.Scan(&t.letterNo) })
	}
}

func (t *acting) link(b *pgx.Batch) {
	if t.act.Spend != "" {
		b.Queue(spendLink, []byte(t.act.Spend), stamp(t.act.Now)).Exec(func(got tag) error {
			if got.RowsAffected() == 0 {
				t.spent = fmt.Errorf("link: %w", documents.ErrNotFound)
			}
			return nil
		})
	}
	if !t.act.Now.IsZero() {
		b.Queue(endLinks, stamp(t.act.Now))
	}
}

func (t *acting) person(b *pgx.Batch) {
	if t.act.Recipient == nil {
		return
	}
	r := cleanRecipient(*t.act.Recipient)
	b.Queue(changeRecipient, r.Number, []byte(r.ExternalID), int64(r.Revision), sealRecipient(r), sealPersonal(r)).Exec(func(got tag) error {
		t.conflict = changed(got.RowsAffected(), 1, "revision %d of recipient %d", r.Revision, r.Number)
		return nil
	})
}

func (t *acting) letters(b *pgx.Batch) {
	first := t.letterNo - int64(len(t.act.Letters)) + 1
	for i, l := range t.act.Letters {
		l.ID = first + int64(i)
		b.Queue(newLetter, letterRow(cleanLetter(l))...)
	}
}
