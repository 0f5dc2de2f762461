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

// errInterrupted: what was written cannot be taken back, so a dump is not begun
// again.
var errInterrupted = errors.New("the database interrupted the dump; begin it again")

// Dump streams, as fast as w takes it.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	out, begun := json.NewEncoder(w), false
	err := s.db.Snapshot(ctx, func(tx pgx.Tx) error {
		if begun {
			return errInterrupted
		}
		begun = true
		return dump(ctx, tx, out)
	})
	if err != nil {
		return fmt.Errorf("dump of the server: %w", err)
	}
	return nil
}

func dump(ctx context.Context, tx pgx.Tx, out *json.Encoder) error {
	from := within(tx)
	err := each(ctx, from, staffKind, staffQuery, nil, func(one server.Staff) error { return out.Encode(server.Record{Staff: &one}) })
	if err == nil {
		err = each(ctx, from, tokenKind, tokenQuery, nil, func(one server.Token) error { return out.Encode(server.Record{Token: &one}) })
	}
	if err == nil {
		err = each(ctx, from, settingsKind, "SELECT '' AS key, record FROM server_settings", nil, func(one server.StoredSettings) error {
			return out.Encode(server.Record{Settings: &one})
		})
	}
	if err == nil {
		err = each(ctx, from, trailKind, "SELECT id::text AS key, record FROM server_trail ORDER BY id", nil, func(one server.AuditEntry) error {
			return out.Encode(server.Record{Audit: &one})
		})
	}
	if err != nil {
		return err
	}
	return from(ctx, "SELECT id, record, raw FROM server_mail ORDER BY id", nil, func(r pgx.Rows) error {
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
	})
}

// Load reads r once. A transaction that PostgreSQL ended for another one's sake is
// not run again.
func (s *Store) Load(ctx context.Context, r io.Reader) error {
	in, begun := json.NewDecoder(r), false
	in.DisallowUnknownFields()
	return s.db.Tx(postgres.Patient(ctx), func(tx pgx.Tx) error {
		if begun {
			return documents.ErrConflict
		}
		begun = true
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
	batch       pgx.Batch
	size        int   // of what waits, roughly
	trail, mail int64 // last numbers
}

// batchSize is how many bytes wait at most, but for the last record.
const batchSize = 1 << 20

func (l *loader) load(ctx context.Context, rec server.Record) error {
	switch {
	case rec.Staff != nil:
		return l.insert(ctx, "server_staff (id, revision, record)", []byte(rec.Staff.ID), rec.Staff.Revision, seal(staffKind, rec.Staff.ID, *rec.Staff))
	case rec.Token != nil:
		return l.insert(ctx, "server_tokens (hash, record)", []byte(rec.Token.Hash), seal(tokenKind, rec.Token.Hash, *rec.Token))
	case rec.Settings != nil:
		return l.insert(ctx, "server_settings (revision, record)", rec.Settings.Revision, seal(settingsKind, "", *rec.Settings))
	case rec.Audit != nil:
		l.trail = max(l.trail, rec.Audit.ID)
		return l.insert(ctx, "server_trail (id, record)", rec.Audit.ID, seal(trailKind, number(rec.Audit.ID), *rec.Audit))
	case rec.Mail != nil:
		l.mail = max(l.mail, rec.Mail.ID)
		record, raw := sealMail(*rec.Mail)
		return l.insert(ctx, "server_mail (id, record, raw)", rec.Mail.ID, record, raw)
	}
	return errors.New("it is of no known kind")
}

// insert puts values into a table, which is named with its columns.
func (l *loader) insert(ctx context.Context, table string, values ...any) error {
	l.batch.Queue("INSERT INTO "+table+" VALUES "+map[int]string{2: "($1, $2)", 3: "($1, $2, $3)"}[len(values)], values...)
	for _, v := range values {
		if b, ok := v.([]byte); ok {
			l.size += len(b)
		}
	}
	if l.size < batchSize {
		return nil
	}
	return l.flush(ctx)
}

func (l *loader) flush(ctx context.Context) error {
	err := l.tx.SendBatch(ctx, &l.batch).Close()
	l.batch, l.size = pgx.Batch{}, 0
	if postgres.Taken(err) {
		return fmt.Errorf("it, or one before it, came twice: %w", err)
	}
	return err
}

// end makes the numbers go on after the last ones.
func (l *loader) end(ctx context.Context) error {
	l.batch.Queue("UPDATE server_heads SET last = greatest(last, $1) WHERE of = 'trail'", l.trail)
	l.batch.Queue("UPDATE server_heads SET last = greatest(last, $1) WHERE of = 'mail'", l.mail)
	return l.flush(ctx)
}
