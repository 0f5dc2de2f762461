package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"vestnik/documents"
)

// standing is what moves after a revision was saved.
type standing struct {
	State   documents.State
	Comment string
}

func (s *Store) PutDocument(ctx context.Context, d documents.Document) error {
	return s.update(ctx, func(tx *bbolt.Tx) error { return putDocument(tx, d) })
}

func putDocument(tx *bbolt.Tx, d documents.Document) error {
	var old documents.Document
	err := get(tx, docs, []byte(d.ID), &old)
	switch {
	case err != nil && !errors.Is(err, documents.ErrNotFound):
		return err
	case err == nil && d.Revision == 1:
		return fmt.Errorf("document %s: %w", d.ID, documents.ErrExists)
	case old.Revision != d.Revision-1:
		return fmt.Errorf("document %s: %w", d.ID, documents.ErrConflict)
	}
	return put(tx, docs, []byte(d.ID), d)
}

func (s *Store) Document(ctx context.Context, id string) (d documents.Document, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error { return get(tx, docs, []byte(id), &d) })
	return d, err
}

func (s *Store) Documents(ctx context.Context, after string, limit int) (out []documents.Document, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(docs).Cursor()
		k, v := c.Seek([]byte(after))
		if k != nil && string(k) == after {
			k, v = c.Next()
		}
		for ; k != nil && len(out) < limit; k, v = c.Next() {
			var d documents.Document
			if err := decode(docs, k, v, &d); err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

func (s *Store) SaveDraft(ctx context.Context, d documents.Draft) error {
	return s.update(ctx, func(tx *bbolt.Tx) error {
		if latest(tx, d.Document) != d.Revision-1 {
			return fmt.Errorf("draft of %s: %w", d.Document, documents.ErrConflict)
		}
		return putDraft(tx, d)
	})
}

func putDraft(tx *bbolt.Tx, d documents.Draft) error {
	at := place(d.Document, d.Revision)
	texts := slices.Clone(d.Texts)
	for i, t := range d.Texts {
		if err := putRaw(tx, written, append(slices.Clone(at), t.Lang...), []byte(t.Source)); err != nil {
			return err
		}
		texts[i].Source = ""
	}
	if err := put(tx, states, at, standing{d.State, d.Comment}); err != nil {
		return err
	}
	d.Texts = texts
	return put(tx, drafts, at, d)
}

// latest returns the number of the last revision, 0 if there is none.
func latest(tx *bbolt.Tx, document string) int {
	k, _ := last(tx.Bucket(drafts).Cursor(), under(document))
	if k == nil {
		return 0
	}
	return int(seqOf(k))
}

func (s *Store) SetState(ctx context.Context, document string, revision int, from, to documents.State, comment string) error {
	return s.update(ctx, func(tx *bbolt.Tx) error {
		var now standing
		if err := get(tx, states, place(document, revision), &now); err != nil {
			return err
		}
		if now.State != from || latest(tx, document) != revision {
			return fmt.Errorf("draft of %s: %w", document, documents.ErrConflict)
		}
		return put(tx, states, place(document, revision), standing{to, comment})
	})
}

func (s *Store) Draft(ctx context.Context, document string, revision int) (d documents.Draft, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		if revision == 0 {
			revision = latest(tx, document)
		}
		d, err = draft(tx, document, revision, true)
		return err
	})
	return d, err
}

func draft(tx *bbolt.Tx, document string, revision int, whole bool) (d documents.Draft, err error) {
	at := place(document, revision)
	if err := get(tx, drafts, at, &d); err != nil {
		return d, err
	}
	var now standing
	if err := get(tx, states, at, &now); err != nil {
		return d, err
	}
	d.State, d.Comment = now.State, now.Comment
	for i := range d.Texts {
		if !whole {
			break
		}
		b, err := raw(tx, written, append(slices.Clone(at), d.Texts[i].Lang...))
		if err != nil {
			return d, err
		}
		d.Texts[i].Source = string(b)
	}
	return d, nil
}

func (s *Store) Drafts(ctx context.Context, document string, before, limit int) (out []documents.Draft, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		if end := latest(tx, document) + 1; before == 0 || before > end {
			before = end
		}
		for n := before - 1; n > 0 && len(out) < limit; n-- {
			d, err := draft(tx, document, n, false)
			if errors.Is(err, documents.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

func (s *Store) Approve(ctx context.Context, a documents.Approval) error {
	return s.update(ctx, func(tx *bbolt.Tx) error {
		at := place(a.Document, a.Revision)
		var now standing
		if err := get(tx, states, at, &now); err != nil {
			return err
		}
		if latest(tx, a.Document) != a.Revision {
			return fmt.Errorf("draft of %s: %w", a.Document, documents.ErrConflict)
		}
		if err := put(tx, states, at, standing{documents.Approved, now.Comment}); err != nil {
			return err
		}
		return putApproval(tx, a)
	})
}

func putApproval(tx *bbolt.Tx, a documents.Approval) error {
	at, n := place(a.Document, a.Revision), uint64(1)
	if k, _ := last(tx.Bucket(approvals).Cursor(), at); k != nil {
		n = uint64(seqOf(k)) + 1
	}
	return put(tx, approvals, append(at, number(int64(n))...), a)
}

func (s *Store) Approvals(ctx context.Context, document string, revision int) (out []documents.Approval, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		at := place(document, revision)
		c := tx.Bucket(approvals).Cursor()
		for k, v := c.Seek(at); bytes.HasPrefix(k, at); k, v = c.Next() {
			var a documents.Approval
			if err := decode(approvals, k, v, &a); err != nil {
				return err
			}
			out = append(out, a)
		}
		return nil
	})
	return out, err
}
