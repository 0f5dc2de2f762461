package boltstore

import (
	"context"
	"errors"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/server"
)

func (s *Store) PutStaff(ctx context.Context, one server.Staff) error {
	return s.changeRoster(ctx, func(tx *bbolt.Tx, _ int) error { return putStaff(tx, one) })
}

func (s *Store) PutToken(ctx context.Context, t server.Token) error {
	return s.changeRoster(ctx, func(tx *bbolt.Tx, _ int) error { return putToken(tx, t) })
}

func (s *Store) ChangeRoster(ctx context.Context, roster int, staff []server.Staff, tokens []server.Token) error {
	return s.changeRoster(ctx, func(tx *bbolt.Tx, stands int) (err error) {
		if stands != roster {
			return documents.ErrConflict
		}
		for i := 0; err == nil && i < len(staff); i++ {
			err = putStaff(tx, staff[i])
		}
		for i := 0; err == nil && i < len(tokens); i++ {
			err = putToken(tx, tokens[i])
		}
		return err
	})
}

// changeRoster counts the change that f makes.
func (s *Store) changeRoster(ctx context.Context, f func(tx *bbolt.Tx, stands int) error) error {
	return s.update(ctx, func(tx *bbolt.Tx) error {
		stands, err := roster(tx)
		if err != nil {
			return err
		}
		if err := f(tx, stands); err != nil {
			return err
		}
		return put(tx, rosterBucket, rosterKey, stands+1)
	})
}

func roster(tx *bbolt.Tx) (int, error) {
	n, err := get[int](tx, rosterBucket, rosterKey)
	if errors.Is(err, documents.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

func putStaff(tx *bbolt.Tx, one server.Staff) error {
	one.Created = micro(one.Created)
	had, err := get[server.Staff](tx, staffBucket, []byte(one.ID))
	switch {
	case errors.Is(err, documents.ErrNotFound) && one.Revision == 1:
	case errors.Is(err, documents.ErrNotFound):
		return documents.ErrConflict
	case err != nil:
		return err
	case one.Revision == 1:
		return documents.ErrExists
	case had.Revision != one.Revision-1:
		return documents.ErrConflict
	}
	return put(tx, staffBucket, []byte(one.ID), one)
}

func putToken(tx *bbolt.Tx, t server.Token) error {
	t.Created = micro(t.Created)
	return put(tx, tokenBucket, []byte(t.Hash), t)
}

func (s *Store) Staff(ctx context.Context, id string) (server.Staff, error) {
	return read[server.Staff](ctx, s, staffBucket, []byte(id))
}

func (s *Store) StaffList(ctx context.Context) (out []server.Staff, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, err = all[server.Staff](tx, staffBucket)
		return err
	})
	return out, err
}

func (s *Store) Token(ctx context.Context, hash string) (server.Token, error) {
	return read[server.Token](ctx, s, tokenBucket, []byte(hash))
}

func (s *Store) Tokens(ctx context.Context) (out []server.Token, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, err = all[server.Token](tx, tokenBucket)
		return err
	})
	return out, err
}

func (s *Store) Office(ctx context.Context) (out server.Office, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		if out.Settings, err = storedSettings(tx); err != nil {
			return err
		}
		if out.Roster, err = roster(tx); err != nil {
			return err
		}
		out.Staff, err = all[server.Staff](tx, staffBucket)
		return err
	})
	return out, err
}
