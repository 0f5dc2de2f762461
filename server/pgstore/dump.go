package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/server"
)

// Dump streams, as fast as w takes it.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	parts := dumped(json.NewEncoder(w))
	err := s.db.Snapshot(ctx, func(tx pgx.Tx) error {
		for _, part := range parts {
			if err := postgres.Query(ctx, tx, part.query, nil, part.scan); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("dump of the server: %w", err)
	}
	return nil
}

// part is one sort of records on its way out.
type part struct {
	query string
	scan  func(pgx.Rows) error
}

// dumped are the parts in the order of a dump.
func dumped(out *json.Encoder) []part {
	return []part{
		{staffQuery, records(staffKind, func(one server.Staff) error { return out.Encode(server.Record{Staff: &one}) })},
		{tokenQuery, records(tokenKind, func(one server.Token) error { return out.Encode(server.Record{Token: &one}) })},
		{"SELECT '' AS key, record FROM server_settings", records(settingsKind, func(one server.StoredSettings) error {
			return out.Encode(server.Record{Settings: &one})
		})},
		{"SELECT id::text AS key, record FROM server_trail ORDER BY id", records(trailKind, func(one server.AuditEntry) error {
			return out.Encode(server.Record{Audit: &one})
		})},
		{"SELECT id, record, raw FROM server_mail ORDER BY id", func(r pgx.Rows) error {
			var id int64
			var record, raw []byte
			if err := r.Scan(&id, &record, &raw); err != nil {
				return err
			}
			full, err := fullMail(id, record, raw)
			if err != nil {
				return err
			}
			return out.Encode(server.Record{Mail: &full})
		}},
	}
}

// Load reads r once.
func (s *Store) Load(ctx context.Context, r io.Reader) error {
	in := json.NewDecoder(r)
	in.DisallowUnknownFields()
	return s.db.Tx(postgres.Patient(ctx), func(tx pgx.Tx) error {
		if err := lockEmpty(ctx, tx); err != nil {
			return err
		}
		l := loader{tx: tx}
		for n := 1; ; n++ {
			var rec server.Record
			err := in.Decode(&rec)
			if errors.Is(err, io.EOF) {
				return l.end(ctx)
			}
			if err == nil {
				err = l.load(ctx, rec)
			}
			if err != nil {
				return fmt.Errorf("record %d of the server: %w", n, err)
			}
		}
	})
}

// lockEmpty refuses a store that has any of what a dump holds, and keeps others
// from writing it. Settings that another one writes all the same are a key taken.
func lockEmpty(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SELECT FROM server_heads ORDER BY of FOR UPDATE"); err != nil {
		return err
	}
	if err := nextRoster(ctx, tx); err != nil {
		return err
	}
	var full bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM server_staff) OR EXISTS (SELECT FROM server_tokens) OR EXISTS (SELECT FROM server_settings)
		OR EXISTS (SELECT FROM server_trail) OR EXISTS (SELECT FROM server_mail)`).Scan(&full)
	if err == nil && full {
		return documents.ErrExists
	}
	return err
}

// A loader sends what it inserts in batches.
type loader struct {
	tx          pgx.Tx
	rows        postgres.Batch
	trail, mail int64 // last numbers
}

func (l *loader) load(ctx context.Context, rec server.Record) error {
	switch {
	case rec.Staff != nil:
		l.rows.Add("INSERT INTO server_staff (id, revision, record) VALUES ($1, $2, $3)", []byte(rec.Staff.ID), rec.Staff.Revision, seal(staffKind, rec.Staff.ID, *rec.Staff))
	case rec.Token != nil:
		l.rows.Add("INSERT INTO server_tokens (hash, record) VALUES ($1, $2)", []byte(rec.Token.Hash), seal(tokenKind, rec.Token.Hash, *rec.Token))
	case rec.Settings != nil:
		l.rows.Add("INSERT INTO server_settings (revision, record) VALUES ($1, $2)", rec.Settings.Revision, seal(settingsKind, "", *rec.Settings))
	case rec.Audit != nil:
		l.trail = max(l.trail, rec.Audit.ID)
		l.rows.Add(insertAudit, rec.Audit.ID, seal(trailKind, number(rec.Audit.ID), *rec.Audit))
	case rec.Mail != nil:
		l.mail = max(l.mail, rec.Mail.ID)
		record, raw := sealMail(*rec.Mail)
		l.rows.Add(insertMail, rec.Mail.ID, record, raw)
	default:
		return errors.New("it is of no known kind")
	}
	if !l.rows.Full() {
		return nil
	}
	return l.send(ctx)
}

func (l *loader) send(ctx context.Context) error {
	err := l.rows.Send(ctx, l.tx)
	if postgres.Taken(err) {
		return fmt.Errorf("it, or one before it, came twice: %w", err)
	}
	return err
}

// end makes the numbers go on after the last ones.
func (l *loader) end(ctx context.Context) error {
	l.rows.Add("UPDATE server_heads SET last = greatest(last, $1) WHERE of = 'trail'", l.trail)
	l.rows.Add("UPDATE server_heads SET last = greatest(last, $1) WHERE of = 'mail'", l.mail)
	return l.send(ctx)
}
