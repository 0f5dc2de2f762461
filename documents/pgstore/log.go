package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/value"
)

const (
	eventColumns     = "seq, document, record"
	selectEvent      = "SELECT " + eventColumns + " FROM events WHERE seq = $1"
	selectEvents     = "SELECT " + eventColumns + " FROM events WHERE seq > $1 ORDER BY seq LIMIT $2"
	selectEventsOf   = "SELECT " + eventColumns + " FROM events WHERE document = $1 AND seq > $2 ORDER BY seq LIMIT $3"
	selectLast       = "SELECT coalesce(max(seq), 0) FROM events"
	selectLastOf     = "SELECT coalesce(max(seq), 0) FROM events WHERE document = $1"
	selectLastNumber = "SELECT coalesce(max(number), 0) FROM versions WHERE document = $1"
	// selectAudit finds the last batch that begins no later than the event.
	selectAudit = `SELECT first, record FROM publication_audits
		WHERE first <= $1 AND EXISTS (SELECT FROM events WHERE seq = $1) ORDER BY first DESC LIMIT 1`
	selectKey = "SELECT record FROM publication_keys WHERE key = $1"
)

// event reads eventColumns.
func event(r pgx.CollectableRow) (e documents.Event, err error) {
	var seq documents.Seq
	var document string
	var b []byte
	if err := r.Scan(&seq, &document, &b); err != nil {
		return e, err
	}
	if err := decode(key("events", seq), b, &e); err != nil {
		return e, err
	}
	if e.Seq != seq || e.Document != document {
		return e, fmt.Errorf("event %d: its columns are not its own: %w", seq, value.ErrDamaged)
	}
	return e, nil
}

func (s *Store) Event(ctx context.Context, seq documents.Seq) (documents.Event, error) {
	all, err := s.collect(ctx, selectEvent, seq)
	if err == nil && len(all) == 0 {
		err = documents.ErrNotFound
	}
	if err != nil {
		return documents.Event{}, err
	}
	return all[0], nil
}

func (s *Store) Events(ctx context.Context, document string, after documents.Seq, limit int) ([]documents.Event, error) {
	if document == "" {
		return s.collect(ctx, selectEvents, after, limit)
	}
	return s.collect(ctx, selectEventsOf, document, after, limit)
}

func (s *Store) collect(ctx context.Context, query string, args ...any) (out []documents.Event, err error) {
	err = s.rows(ctx, query, args, func(r pgx.Rows) error {
		e, err := event(r)
		out = append(out, e)
		return err
	})
	return out, err
}

// lastOf asks for the last Seq of a document, or of the log.
func lastOf(document string) (query string, args []any) {
	if document == "" {
		return selectLast, nil
	}
	return selectLastOf, []any{document}
}

func (s *Store) Last(ctx context.Context, document string) (seq documents.Seq, err error) {
	query, args := lastOf(document)
	err = s.rows(ctx, query, args, func(r pgx.Rows) error { return r.Scan(&seq) })
	return seq, err
}

func (s *Store) Audit(ctx context.Context, seq documents.Seq) (a documents.PublicationAudit, err error) {
	var b []byte
	var first documents.Seq
	if err := s.row(ctx, selectAudit, []any{seq}, &first, &b); err != nil {
		return a, err
	}
	return a, decode(key("audits", first), b, &a)
}

func (s *Store) Used(ctx context.Context, used string) (u documents.UsedKey, err error) {
	var b []byte
	if err := s.row(ctx, selectKey, []any{[]byte(used)}, &b); err != nil {
		return u, err
	}
	return u, decode(key("keys", used), b, &u)
}

// Wait takes the bell before it looks, so that no commit falls between.
func (s *Store) Wait(ctx context.Context, after documents.Seq) error {
	for {
		bell := s.db.Bell()
		last, err := s.Last(ctx, "")
		if err != nil || last > after {
			return err
		}
		if err := s.db.Await(ctx, bell); err != nil {
			return err
		}
	}
}
