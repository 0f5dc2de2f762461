package pgstore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
)

const (
	// claim keeps every other writer away from the store: the log is held by its
	// head, drafts by theirs.
	claim = "LOCK TABLE documents, draft_heads IN SHARE ROW EXCLUSIVE MODE"
	empty = `SELECT NOT (EXISTS (SELECT FROM documents) OR EXISTS (SELECT FROM drafts) OR EXISTS (SELECT FROM approvals)
		OR EXISTS (SELECT FROM versions) OR EXISTS (SELECT FROM events)
		OR EXISTS (SELECT FROM publication_audits) OR EXISTS (SELECT FROM publication_keys))`
	heads = "INSERT INTO draft_heads (document, latest) SELECT document, max(revision) FROM drafts GROUP BY document"
)

// Load is one transaction: a dump that breaks off leaves nothing behind.
func (s *Store) Load(ctx context.Context, r io.Reader) error {
	return s.tx(postgres.Patient(ctx), func(tx pgx.Tx) error {
		h, err := takeEmpty(ctx, tx)
		if err != nil {
			return err
		}
		l := loading{tx: tx, head: h}
		if err := l.all(ctx, r); err != nil {
			return err
		}
		return l.finish(ctx)
	})
}

// takeEmpty locks the store, and refuses one that holds anything.
func takeEmpty(ctx context.Context, tx pgx.Tx) (h head, err error) {
	if h, err = lockHead(ctx, tx); err != nil {
		return h, err
	}
	if _, err := tx.Exec(ctx, claim); err != nil {
		return h, err
	}
	var is bool
	if err := tx.QueryRow(ctx, empty).Scan(&is); err != nil {
		return h, err
	}
	if !is {
		return h, fmt.Errorf("the store is not empty: %w", documents.ErrExists)
	}
	return h, nil
}

// loading is a load that is under way.
type loading struct {
	tx   pgx.Tx
	head head
	rows rows
}

func (l *loading) all(ctx context.Context, r io.Reader) error {
	dec := json.NewDecoder(bufio.NewReader(r))
	dec.DisallowUnknownFields()
	for line := 1; ; line++ {
		var rec documents.Record
		err := dec.Decode(&rec)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = l.one(rec)
		}
		if err != nil {
			return fmt.Errorf("dump, record %d: %w", line, err)
		}
		if !l.rows.Full() {
			continue
		}
		if err := l.rows.Send(ctx, l.tx); err != nil {
			return fmt.Errorf("dump, up to record %d: %w", line, err)
		}
	}
}

func (l *loading) one(r documents.Record) error {
	switch {
	case r.Document != nil:
		l.rows.document(*r.Document)
	case r.Draft != nil:
		l.rows.draft(*r.Draft)
	case r.Approval != nil:
		l.rows.approval(*r.Approval)
	case r.Version != nil:
		l.rows.version(*r.Version)
	case r.Event != nil:
		if want := l.head.seq + 1; r.Event.Seq != want {
			return fmt.Errorf("event %d where %d should be", r.Event.Seq, want)
		}
		l.rows.event(*r.Event)
		l.head = l.head.after(*r.Event)
	case r.Audit != nil:
		l.rows.audit(*r.Audit)
	case r.Key != nil:
		l.rows.used(*r.Key)
	default:
		return errors.New("it holds nothing that is known here")
	}
	return nil
}

// finish writes what follows from the records.
func (l *loading) finish(ctx context.Context) error {
	l.head.store(&l.rows)
	l.rows.Add(heads)
	if err := l.rows.Send(ctx, l.tx); err != nil {
		return err
	}
	return postgres.Ring(ctx, l.tx)
}
