package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/server"
)

const (
	sessionKind = "server/sessions"
	linkKind    = "server/links"
)

func (s *Store) PutSession(ctx context.Context, one server.Session) error {
	one.Created, one.Expires = micro(one.Created), micro(one.Expires)
	return s.write(ctx, `INSERT INTO server_sessions (hash, expires, record) VALUES ($1, $2, $3)
		ON CONFLICT (hash) DO UPDATE SET expires = excluded.expires, record = excluded.record`, []byte(one.Hash), one.Expires, seal(sessionKind, one.Hash, one))
}

func (s *Store) Session(ctx context.Context, hash string) (server.Session, error) {
	return one[server.Session](ctx, s, sessionKind, hash, "SELECT record FROM server_sessions WHERE hash = $1")
}

func (s *Store) DeleteSession(ctx context.Context, hash string) error {
	return s.write(ctx, "DELETE FROM server_sessions WHERE hash = $1", []byte(hash))
}

func (s *Store) PutLink(ctx context.Context, l server.Link) error {
	l.Expires = micro(l.Expires)
	return s.write(ctx, `INSERT INTO server_links (hash, expires, record) VALUES ($1, $2, $3)
		ON CONFLICT (hash) DO UPDATE SET expires = excluded.expires, record = excluded.record`, []byte(l.Hash), l.Expires, seal(linkKind, l.Hash, l))
}

func (s *Store) Link(ctx context.Context, hash string) (server.Link, error) {
	return one[server.Link](ctx, s, linkKind, hash, "SELECT record FROM server_links WHERE hash = $1")
}

// SpendLink has one winner: of two that delete a row one finds it.
func (s *Store) SpendLink(ctx context.Context, hash string) (l server.Link, err error) {
	err = s.db.Tx(ctx, func(tx pgx.Tx) error {
		var record []byte
		err := tx.QueryRow(ctx, "DELETE FROM server_links WHERE hash = $1 RETURNING record", []byte(hash)).Scan(&record)
		if err == nil {
			l, err = unseal[server.Link](linkKind, hash, record)
		}
		return err
	})
	return l, err
}

// Allow changes nothing, and so finds no row, where key has used up what it may
// do: until is then beyond now by more than burst times every, less the one that
// is asked for. It is a statement by itself: if its answer is lost, it may have
// counted.
func (s *Store) Allow(ctx context.Context, key string, now time.Time, every time.Duration, burst int) (bool, error) {
	if burst < 1 {
		return false, nil
	}
	now = micro(now)
	var ok bool
	err := s.db.Row(ctx, `INSERT INTO server_limits AS l (key, until) VALUES ($1, $2::timestamptz + $3::interval)
		ON CONFLICT (key) DO UPDATE SET until = greatest(l.until, $2::timestamptz) + $3::interval WHERE l.until <= $4::timestamptz
		RETURNING true`, []any{[]byte(key), now, every, now.Add(time.Duration(burst-1) * every)}, &ok)
	if errors.Is(err, documents.ErrNotFound) {
		return false, nil
	}
	return ok, err
}

func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	return s.write(ctx, `WITH sessions AS (DELETE FROM server_sessions WHERE expires < $1),
		limits AS (DELETE FROM server_limits WHERE until < $1)
		DELETE FROM server_links WHERE expires < $1`, micro(now))
}
