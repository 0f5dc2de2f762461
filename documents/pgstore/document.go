package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/value"
)

const (
	selectDocument  = "SELECT record FROM documents WHERE id = $1"
	selectDocuments = "SELECT id, record FROM documents WHERE id > $1 ORDER BY id LIMIT $2"
)

func (s *Store) PutDocument(ctx context.Context, d documents.Document) error {
	return s.tx(ctx, func(tx pgx.Tx) error { return putDocument(ctx, tx, d) })
}

// putDocument waits for whoever writes the same document, and decides by what was
// committed.
func putDocument(ctx context.Context, tx pgx.Tx, d documents.Document) error {
	put, refusal := "UPDATE documents SET revision = $2, record = $3 WHERE id = $1 AND revision = $2 - 1", documents.ErrConflict
	if d.Revision == 1 {
		put, refusal = "INSERT INTO documents (id, revision, record) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", documents.ErrExists
	}
	return postgres.Must(ctx, tx, fmt.Errorf("document %s: %w", d.ID, refusal), put, d.ID, d.Revision, value.Encode(key("documents", d.ID), d))
}

func (s *Store) Document(ctx context.Context, id string) (d documents.Document, err error) {
	var b []byte
	if err := s.row(ctx, selectDocument, []any{id}, &b); err != nil {
		return d, err
	}
	return d, decode(key("documents", id), b, &d)
}

func (s *Store) Documents(ctx context.Context, after string, limit int) (out []documents.Document, err error) {
	err = s.rows(ctx, selectDocuments, []any{after, limit}, func(r pgx.Rows) error {
		var id string
		var b []byte
		var d documents.Document
		if err := r.Scan(&id, &b); err != nil {
			return err
		}
		err := decode(key("documents", id), b, &d)
		out = append(out, d)
		return err
	})
	return out, err
}
