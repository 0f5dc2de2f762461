package pgstore

import (
	"context"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/server"
)

const (
	staffKind  = "server/staff"
	tokenKind  = "server/tokens"
	staffQuery = "SELECT id, record FROM server_staff ORDER BY id"
	tokenQuery = "SELECT hash, record FROM server_tokens ORDER BY hash"
)

// PutStaff changes the roster first: whoever does so waits for the others here.
func (s *Store) PutStaff(ctx context.Context, one server.Staff) error {
	return s.db.Tx(ctx, func(tx pgx.Tx) error {
		if err := nextRoster(ctx, tx); err != nil {
			return err
		}
		return putStaff(ctx, tx, one)
	})
}

func nextRoster(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "UPDATE server_roster SET revision = revision + 1")
	return err
}

func putStaff(ctx context.Context, tx pgx.Tx, one server.Staff) error {
	one.Created = micro(one.Created)
	args := []any{[]byte(one.ID), one.Revision, seal(staffKind, one.ID, one)}
	if one.Revision == 1 {
		return postgres.Must(ctx, tx, documents.ErrExists, "INSERT INTO server_staff (id, revision, record) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", args...)
	}
	return postgres.Must(ctx, tx, documents.ErrConflict, "UPDATE server_staff SET revision = $2, record = $3 WHERE id = $1 AND revision = $2 - 1", args...)
}

func (s *Store) Staff(ctx context.Context, id string) (server.Staff, error) {
	return one[server.Staff](ctx, s, staffKind, id, "SELECT record FROM server_staff WHERE id = $1")
}

func (s *Store) StaffList(ctx context.Context) ([]server.Staff, error) {
	return list[server.Staff](ctx, s, staffKind, staffQuery)
}

func (s *Store) PutToken(ctx context.Context, t server.Token) error {
	return s.db.Tx(ctx, func(tx pgx.Tx) error {
		if err := nextRoster(ctx, tx); err != nil {
			return err
		}
		return putToken(ctx, tx, t)
	})
}

func putToken(ctx context.Context, tx pgx.Tx, t server.Token) error {
	t.Created = micro(t.Created)
	_, err := tx.Exec(ctx, "INSERT INTO server_tokens (hash, record) VALUES ($1, $2) ON CONFLICT (hash) DO UPDATE SET record = excluded.record",
		[]byte(t.Hash), seal(tokenKind, t.Hash, t))
	return err
}

func (s *Store) Token(ctx context.Context, hash string) (server.Token, error) {
	return one[server.Token](ctx, s, tokenKind, hash, "SELECT record FROM server_tokens WHERE hash = $1")
}

func (s *Store) Tokens(ctx context.Context) ([]server.Token, error) {
	return list[server.Token](ctx, s, tokenKind, tokenQuery)
}

func (s *Store) ChangeRoster(ctx context.Context, roster int, staff []server.Staff, tokens []server.Token) error {
	return s.db.Tx(ctx, func(tx pgx.Tx) error {
		err := postgres.Must(ctx, tx, documents.ErrConflict, "UPDATE server_roster SET revision = revision + 1 WHERE revision = $1", roster)
		for i := 0; err == nil && i < len(staff); i++ {
			err = putStaff(ctx, tx, staff[i])
		}
		for i := 0; err == nil && i < len(tokens); i++ {
			err = putToken(ctx, tx, tokens[i])
		}
		return err
	})
}
