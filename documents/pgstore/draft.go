package pgstore

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/value"
)

const (
	// draftColumns are those of a whole revision, its texts by language.
	draftColumns = `revision, record, standing,
		ARRAY(SELECT lang FROM draft_texts t WHERE (t.document, t.revision) = (d.document, d.revision) ORDER BY lang),
		ARRAY(SELECT source FROM draft_texts t WHERE (t.document, t.revision) = (d.document, d.revision) ORDER BY lang)`
	selectDraft = "SELECT " + draftColumns + ` FROM drafts d WHERE document = $1 AND revision =
		CASE WHEN $2::bigint = 0 THEN (SELECT latest FROM draft_heads WHERE document = $1) ELSE $2 END`
	selectDrafts = `SELECT revision, record, standing FROM drafts
		WHERE document = $1 AND revision < $2 ORDER BY revision DESC LIMIT $3`
	selectApprovals = `SELECT record FROM approvals WHERE document = $1 AND revision = $2 ORDER BY n`
)

// standing is what moves after a revision was saved.
type standing struct {
	State   documents.State
	Comment string
}

// SaveDraft wins or loses with the one statement that moves the head: another
// writer's commit is waited for, and the condition asked again.
func (s *Store) SaveDraft(ctx context.Context, d documents.Draft) error {
	return s.tx(ctx, func(tx pgx.Tx) error {
		move := "UPDATE draft_heads SET latest = $2 WHERE document = $1 AND latest = $2 - 1"
		if d.Revision == 1 {
			move = "INSERT INTO draft_heads (document, latest) VALUES ($1, $2) ON CONFLICT DO NOTHING"
		}
		if err := postgres.Must(ctx, tx, conflict(d.Document), move, d.Document, d.Revision); err != nil {
			return err
		}
		var rows rows
		rows.draft(d)
		return rows.Send(ctx, tx)
	})
}

func conflict(document string) error {
	return fmt.Errorf("draft of %s: %w", document, documents.ErrConflict)
}

// hold locks the drafts of a document and returns its latest revision.
func hold(ctx context.Context, tx pgx.Tx, document string) (latest int, err error) {
	err = tx.QueryRow(ctx, "SELECT latest FROM draft_heads WHERE document = $1 FOR UPDATE", document).Scan(&latest)
	return latest, err
}

// stands returns where a revision stands, and whether it is the latest, which
// holds until the commit.
func stands(ctx context.Context, tx pgx.Tx, document string, revision int) (now standing, is bool, err error) {
	latest, err := hold(ctx, tx, document)
	if err != nil {
		return now, false, err
	}
	var b []byte
	err = tx.QueryRow(ctx, "SELECT standing FROM drafts WHERE document = $1 AND revision = $2", document, revision).Scan(&b)
	if err != nil {
		return now, false, err
	}
	return now, latest == revision, decode(key("standing", document, revision), b, &now)
}

func (s *Store) SetState(ctx context.Context, document string, revision int, from, to documents.State, comment string) error {
	return s.tx(ctx, func(tx pgx.Tx) error {
		now, is, err := stands(ctx, tx, document, revision)
		if err == nil && (!is || now.State != from) {
			err = conflict(document)
		}
		if err != nil {
			return err
		}
		return stand(ctx, tx, document, revision, standing{to, comment})
	})
}

func stand(ctx context.Context, tx pgx.Tx, document string, revision int, now standing) error {
	_, err := tx.Exec(ctx, "UPDATE drafts SET standing = $3 WHERE document = $1 AND revision = $2",
		document, revision, value.Encode(key("standing", document, revision), now))
	return err
}

func (s *Store) Approve(ctx context.Context, a documents.Approval) error {
	return s.tx(ctx, func(tx pgx.Tx) error {
		now, is, err := stands(ctx, tx, a.Document, a.Revision)
		if err == nil && !is {
			err = conflict(a.Document)
		}
		if err != nil {
			return err
		}
		if err := stand(ctx, tx, a.Document, a.Revision, standing{documents.Approved, now.Comment}); err != nil {
			return err
		}
		var rows rows
		rows.approval(a)
		return rows.Send(ctx, tx)
	})
}

func (s *Store) Approvals(ctx context.Context, document string, revision int) (out []documents.Approval, err error) {
	err = s.rows(ctx, selectApprovals, []any{document, revision}, func(r pgx.Rows) error {
		var b []byte
		var a documents.Approval
		if err := r.Scan(&b); err != nil {
			return err
		}
		if err := decode(key("approvals", document, revision), b, &a); err != nil {
			return err
		}
		out = append(out, a)
		return nil
	})
	return out, err
}

func (s *Store) Draft(ctx context.Context, document string, revision int) (d documents.Draft, err error) {
	var record, now []byte
	var langs []string
	var sources [][]byte
	err = s.row(ctx, selectDraft, []any{document, revision}, &revision, &record, &now, &langs, &sources)
	if err != nil {
		return d, err
	}
	if d, err = draft(document, revision, record, now); err != nil {
		return d, err
	}
	return d, withSources(&d, langs, sources)
}

// draft is a revision without its sources.
func draft(document string, revision int, record, state []byte) (d documents.Draft, err error) {
	if err := decode(key("drafts", document, revision), record, &d); err != nil {
		return d, err
	}
	var now standing
	err = decode(key("standing", document, revision), state, &now)
	d.State, d.Comment = now.State, now.Comment
	return d, err
}

func withSources(d *documents.Draft, langs []string, sources [][]byte) error {
	for i, t := range d.Texts {
		source, err := opened(key("draft_texts", d.Document, d.Revision, t.Lang), of(t.Lang, langs, sources))
		if err != nil {
			return err
		}
		d.Texts[i].Source = string(source)
	}
	return nil
}

// of is what belongs to lang, nil if there is nothing.
func of(lang string, langs []string, all [][]byte) []byte {
	if i := slices.Index(langs, lang); i >= 0 {
		return all[i]
	}
	return nil
}

func (s *Store) Drafts(ctx context.Context, document string, before, limit int) (out []documents.Draft, err error) {
	if before == 0 {
		before = math.MaxInt
	}
	err = s.rows(ctx, selectDrafts, []any{document, before, limit}, func(r pgx.Rows) error {
		var revision int
		var record, now []byte
		if err := r.Scan(&revision, &record, &now); err != nil {
			return err
		}
		d, err := draft(document, revision, record, now)
		out = append(out, d)
		return err
	})
	return out, err
}
