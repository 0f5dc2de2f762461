package pgstore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
)

// Dump reads one snapshot, so writers do not disturb it. Each row goes out before
// the next one is read.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	err := s.db.Snapshot(ctx, func(tx pgx.Tx) error {
		enc := json.NewEncoder(out)
		for _, part := range parts() {
			if err := part.dump(ctx, tx, enc); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, out.Flush())
}

// part is one sort of records.
type part struct {
	query string
	read  func(pgx.Rows) (documents.Record, error)
}

func (p part) dump(ctx context.Context, tx pgx.Tx, enc *json.Encoder) error {
	return postgres.Query(ctx, tx, p.query, nil, func(rows pgx.Rows) error {
		r, err := p.read(rows)
		if err != nil {
			return err
		}
		return enc.Encode(r)
	})
}

// parts are in the order of a dump.
func parts() []part {
	return []part{
		{"SELECT id, record FROM documents ORDER BY id", readDocument},
		{"SELECT document, " + draftColumns + " FROM drafts d ORDER BY document, revision", readDraft},
		{"SELECT document, revision, record FROM approvals ORDER BY document, revision, n", readApproval},
		{"SELECT document, number, " + versionColumns + " FROM versions v ORDER BY document, number", readVersion},
		{"SELECT " + eventColumns + " FROM events ORDER BY seq", readEvent},
		{"SELECT first, record FROM publication_audits ORDER BY first", readAudit},
		{"SELECT key, record FROM publication_keys ORDER BY key", readKey},
	}
}

func readDocument(r pgx.Rows) (out documents.Record, err error) {
	var id string
	var b []byte
	if err := r.Scan(&id, &b); err != nil {
		return out, err
	}
	return out, decode(key("documents", id), b, &out.Document)
}

func readDraft(r pgx.Rows) (out documents.Record, err error) {
	var document string
	var revision int
	var record, now []byte
	var langs []string
	var sources [][]byte
	if err := r.Scan(&document, &revision, &record, &now, &langs, &sources); err != nil {
		return out, err
	}
	d, err := draft(document, revision, record, now)
	if err == nil {
		err = withSources(&d, langs, sources)
	}
	out.Draft = &d
	return out, err
}

func readApproval(r pgx.Rows) (out documents.Record, err error) {
	var document string
	var revision int
	var b []byte
	if err := r.Scan(&document, &revision, &b); err != nil {
		return out, err
	}
	return out, decode(key("approvals", document, revision), b, &out.Approval)
}

func readVersion(r pgx.Rows) (out documents.Record, err error) {
	var document string
	var number int
	var record []byte
	var langs []string
	var sources, clauses [][]byte
	if err := r.Scan(&document, &number, &record, &langs, &sources, &clauses); err != nil {
		return out, err
	}
	v, err := version(document, number, record, langs, sources, clauses)
	out.Version = &v
	return out, err
}

func readEvent(r pgx.Rows) (documents.Record, error) {
	e, err := event(r)
	return documents.Record{Event: &e}, err
}

func readAudit(r pgx.Rows) (out documents.Record, err error) {
	var first documents.Seq
	var b []byte
	if err := r.Scan(&first, &b); err != nil {
		return out, err
	}
	return out, decode(key("audits", first), b, &out.Audit)
}

func readKey(r pgx.Rows) (out documents.Record, err error) {
	var used, b []byte
	if err := r.Scan(&used, &b); err != nil {
		return out, err
	}
	return out, decode(key("keys", string(used)), b, &out.Key)
}
