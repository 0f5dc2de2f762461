package pgstore

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"vestnik/documents/value"
	"vestnik/notifier"
)

const (
	newRequest     = "INSERT INTO requests (id, code, recipient, state, erases, revision, record) VALUES ($1, $2, $3, $4, $5, $6, $7)"
	replaceRequest = `UPDATE requests SET state = $4, revision = $6, record = $7
		WHERE id = $1 AND code = $2 AND recipient = $3 AND erases = $5 AND revision = $6 - 1`

	requestAt     = "SELECT id::text AS k, record FROM requests WHERE id = $1"
	requestCoded  = "SELECT id::text AS k, record FROM requests WHERE code = $1"
	requestsBelow = "SELECT id::text AS k, record FROM requests WHERE id < $1 ORDER BY id DESC LIMIT $2"
	// Asked for an equal recipient or state, PostgreSQL might walk all ids instead.
	requestsOf      = "SELECT id::text AS k, record FROM requests WHERE recipient >= $3 AND (recipient, id) < ($3, $1) ORDER BY recipient DESC, id DESC LIMIT $2"
	requestsIn      = "SELECT id::text AS k, record FROM requests WHERE state >= $3 AND (state, id) < ($3, $1) ORDER BY state DESC, id DESC LIMIT $2"
	requestsOfAndIn = "SELECT id::text AS k, record FROM requests WHERE recipient >= $3 AND (recipient, id) < ($3, $1) AND state = $4 ORDER BY recipient DESC, id DESC LIMIT $2"
	erasuresAfter   = "SELECT id::text AS k, record FROM requests WHERE erases AND id > $1 ORDER BY id LIMIT $2"
)

func cleanRequest(r notifier.Request) notifier.Request {
	r.Received, r.Due, r.Settled = stamp(r.Received), stamp(r.Due), stamp(r.Settled)
	return r
}

var requestColumns = []string{"id", "code", "recipient", "state", "erases", "revision", "record"}

// requestRow is r as the columns of its table.
func requestRow(r notifier.Request) []any {
	return []any{r.ID, []byte(r.Code), r.Recipient, []byte(r.State), r.Erases(), int64(r.Revision), value.Encode(key("requests", r.ID), r)}
}

// putRequest sends r off, whose number is taken if it is new.
func putRequest(b *pgx.Batch, r notifier.Request, fresh bool, conflict *error) {
	put := replaceRequest
	if fresh {
		put = newRequest
	}
	b.Queue(put, requestRow(r)...).Exec(func(got tag) error {
		if err := changed(got.RowsAffected(), 1, "revision %d of request %d", r.Revision, r.ID); err != nil {
			*conflict = err
		}
		return nil
	})
}

// Request: see notifier.Store.
func (s *Store) Request(ctx context.Context, id int64) (notifier.Request, error) {
	return one[notifier.Request](ctx, s, "requests", requestAt, id)
}

// RequestCoded: see notifier.Store.
func (s *Store) RequestCoded(ctx context.Context, code string) (notifier.Request, error) {
	r, err := one[notifier.Request](ctx, s, "requests", requestCoded, []byte(code))
	if err != nil {
		return r, fmt.Errorf("by its code: %w", err)
	}
	return r, nil
}

// Requests: see notifier.Store.
func (s *Store) Requests(ctx context.Context, q notifier.RequestQuery) ([]notifier.Request, error) {
	if q.Before == 0 {
		q.Before = math.MaxInt64
	}
	sql, args := requestsBelow, []any{q.Before, q.Limit}
	switch {
	case q.Recipient != 0 && q.State != "":
		sql, args = requestsOfAndIn, append(args, q.Recipient, []byte(q.State))
	case q.Recipient != 0:
		sql, args = requestsOf, append(args, q.Recipient)
	case q.State != "":
		sql, args = requestsIn, append(args, []byte(q.State))
	}
	return list[notifier.Request](ctx, s.db.Query, "requests", sql, args...)
}

// Erasures: see notifier.Store.
func (s *Store) Erasures(ctx context.Context, after int64, limit int) ([]notifier.Request, error) {
	return list[notifier.Request](ctx, s.db.Query, "requests", erasuresAfter, after, limit)
}
