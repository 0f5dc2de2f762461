package pgstore

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5"

	"vestnik/documents/value"
	"vestnik/server"
)

const (
	trailKind = "server/trail"
	mailKind  = "server/mail"
	rawKind   = "server/mail/raw"

	insertAudit = "INSERT INTO server_trail (id, record) VALUES ($1, $2)"
	insertMail  = "INSERT INTO server_mail (id, record, raw) VALUES ($1, $2, $3)"
)

// next gives out the number after the last one, and keeps others from the same
// until tx ends: a sequence would let a reader see a number before the one below
// it.
func next(ctx context.Context, tx pgx.Tx, of string) (n int64, err error) {
	err = tx.QueryRow(ctx, "UPDATE server_heads SET last = last + 1 WHERE of = $1 RETURNING last", of).Scan(&n)
	return n, err
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func (s *Store) Audit(ctx context.Context, a server.AuditEntry) error {
	a.At = micro(a.At)
	return s.db.Tx(ctx, func(tx pgx.Tx) (err error) {
		if a.ID, err = next(ctx, tx, "trail"); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, insertAudit, a.ID, seal(trailKind, number(a.ID), a))
		return err
	})
}

func (s *Store) Audits(ctx context.Context, before int64, limit int) ([]server.AuditEntry, error) {
	return newest[server.AuditEntry](ctx, s, trailKind, "server_trail", before, limit)
}

// newest lists up to limit records of a table with numbers for keys, below before.
func newest[T any](ctx context.Context, s *Store, kind, table string, before int64, limit int) ([]T, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	return list[T](ctx, s, kind, "SELECT id::text AS key, record FROM "+table+" WHERE id < $1 ORDER BY id DESC LIMIT $2", before, max(limit, 0))
}

func (s *Store) PutMail(ctx context.Context, m server.StoredMail, keep int) error {
	m.At = micro(m.At)
	return s.db.Tx(ctx, func(tx pgx.Tx) (err error) {
		if m.ID, err = next(ctx, tx, "mail"); err != nil {
			return err
		}
		record, raw := sealMail(m)
		if _, err := tx.Exec(ctx, insertMail, m.ID, record, raw); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM server_mail WHERE id <= $1", m.ID-int64(keep))
		return err
	})
}

func sealMail(m server.StoredMail) (record, raw []byte) {
	raw = value.Seal(recordKey(rawKind, number(m.ID)), m.Raw)
	m.Raw = nil
	return seal(mailKind, number(m.ID), m), raw
}

func (s *Store) Mails(ctx context.Context, before int64, limit int) ([]server.StoredMail, error) {
	return newest[server.StoredMail](ctx, s, mailKind, "server_mail", before, limit)
}

func (s *Store) Mail(ctx context.Context, id int64) (server.StoredMail, error) {
	var record, raw []byte
	if err := s.db.Row(ctx, "SELECT record, raw FROM server_mail WHERE id = $1", []any{id}, &record, &raw); err != nil {
		return server.StoredMail{}, err
	}
	return fullMail(id, record, raw)
}

func fullMail(id int64, record, raw []byte) (m server.StoredMail, err error) {
	if m, err = unseal[server.StoredMail](mailKind, number(id), record); err != nil {
		return m, err
	}
	if m.Raw, err = value.Open(recordKey(rawKind, number(id)), raw); err != nil {
		return m, fmt.Errorf("%s: %w", rawKind, err)
	}
	return m, nil
}
