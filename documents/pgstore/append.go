package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
)

func (s *Store) Append(ctx context.Context, b documents.Batch) (out []documents.Event, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		h, err := lockHead(ctx, tx)
		if err != nil {
			return err
		}
		out, err = add(ctx, tx, h, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Store) Restart(ctx context.Context, b documents.Batch) (out []documents.Event, err error) {
	err = s.tx(ctx, func(tx pgx.Tx) error {
		h, err := lockHead(ctx, tx)
		if err != nil {
			return err
		}
		var done bool
		if err := tx.QueryRow(ctx, "SELECT restart_log()").Scan(&done); err != nil {
			return err
		}
		if !done {
			return fmt.Errorf("the log %s is no rehearsal's: %w", h.origin, documents.ErrConflict)
		}
		out, err = add(ctx, tx, head{}, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// add appends b behind h, which is locked.
func add(ctx context.Context, tx pgx.Tx, h head, b documents.Batch) ([]documents.Event, error) {
	if was, err := again(ctx, tx, b); err != nil || was != nil {
		return was, err
	}
	if b.Document != nil {
		if err := putDocument(ctx, tx, *b.Document); err != nil {
			return nil, err
		}
	}
	if len(b.Entries) == 0 {
		return nil, nil
	}
	if err := expected(ctx, tx, b); err != nil {
		return nil, err
	}
	a := addition{tx: tx, head: h, numbers: map[string]int{}}
	// The database's clock: one for all nodes. It is asked only now that the one
	// before has committed.
	if err := tx.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&a.now); err != nil {
		return nil, err
	}
	for _, entry := range b.Entries {
		if err := a.one(ctx, entry); err != nil {
			return nil, err
		}
	}
	a.seal(b)
	if err := a.rows.Send(ctx, tx); err != nil {
		return nil, err
	}
	return a.events, postgres.Ring(ctx, tx)
}

// again returns the events of an earlier batch with the same key and request.
func again(ctx context.Context, tx pgx.Tx, b documents.Batch) ([]documents.Event, error) {
	if b.Key == "" {
		return nil, nil
	}
	var record []byte
	var used documents.UsedKey
	err := tx.QueryRow(ctx, selectKey, []byte(b.Key)).Scan(&record)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		err = decode(key("keys", b.Key), record, &used)
	}
	if err == nil && used.Request != b.Request {
		err = documents.ErrKeyReused
	}
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, selectEvents, used.First-1, used.Last-used.First+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (documents.Event, error) { return event(r) })
}

func expected(ctx context.Context, tx pgx.Tx, b documents.Batch) error {
	if b.Expect < 0 {
		return nil
	}
	var have documents.Seq
	query, args := lastOf(b.Subject())
	if err := tx.QueryRow(ctx, query, args...).Scan(&have); err != nil {
		return err
	}
	if have != b.Expect {
		return fmt.Errorf("log of %q stands at %d, not at %d: %w", b.Subject(), have, b.Expect, documents.ErrConflict)
	}
	return nil
}

// addition is what one batch adds to the log, while its head is locked.
type addition struct {
	tx      pgx.Tx
	head    head
	now     time.Time
	numbers map[string]int // the last version of a document, this batch's included
	rows    rows
	events  []documents.Event
}

func (a *addition) one(ctx context.Context, entry documents.Entry) error {
	e := entry.Event
	if a.head.seq > 0 && a.head.origin != e.Origin {
		return fmt.Errorf("the log is that of %s, not of %s: %w", a.head.origin, e.Origin, documents.ErrConflict)
	}
	if entry.Version == nil {
		if err := a.exists(ctx, e); err != nil {
			return err
		}
		documents.Seal(&e, nil, a.head.seq+1, a.head.before(), a.now)
	} else {
		v := *entry.Version
		last, err := a.last(ctx, v.Document)
		if err != nil {
			return err
		}
		if v.Number != last+1 {
			return fmt.Errorf("%s version %d: %w", v.Document, v.Number, documents.ErrConflict)
		}
		documents.Seal(&e, &v, a.head.seq+1, a.head.before(), a.now)
		a.numbers[v.Document] = v.Number
		a.rows.version(v)
	}
	a.rows.event(e)
	a.head, a.events = a.head.after(e), append(a.events, e)
	return nil
}

// exists refuses an event about a version that is not there. Versions are 1, 2,
// 3… without gaps.
func (a *addition) exists(ctx context.Context, e documents.Event) error {
	if e.Version <= 0 {
		return nil
	}
	last, err := a.last(ctx, e.Document)
	if err == nil && e.Version > last {
		err = fmt.Errorf("%s version %d: %w", e.Document, e.Version, documents.ErrNotFound)
	}
	return err
}

// last is the number of a document's last version.
func (a *addition) last(ctx context.Context, document string) (n int, err error) {
	n, ok := a.numbers[document]
	if ok {
		return n, nil
	}
	err = a.tx.QueryRow(ctx, selectLastNumber, document).Scan(&n)
	a.numbers[document] = n
	return n, err
}

// seal records what belongs to the batch as a whole.
func (a *addition) seal(b documents.Batch) {
	first, end := a.events[0], a.events[len(a.events)-1]
	b.Audit.Seq, b.Audit.At = first.Seq, first.Time
	a.rows.audit(b.Audit)
	if b.Key != "" {
		a.rows.used(documents.UsedKey{Key: b.Key, Request: b.Request, First: first.Seq, Last: end.Seq})
	}
	a.head.store(&a.rows)
}
