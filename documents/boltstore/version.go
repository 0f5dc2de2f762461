package boltstore

import (
	"bytes"
	"context"
	"slices"

	"go.etcd.io/bbolt"

	"vestnik/documents"
)

func putVersion(tx *bbolt.Tx, v documents.Version) error {
	at := place(v.Document, v.Number)
	texts := slices.Clone(v.Texts)
	for i, t := range v.Texts {
		key := append(slices.Clone(at), t.Lang...)
		if err := putRaw(tx, sources, key, []byte(t.Source)); err != nil {
			return err
		}
		if err := put(tx, clauses, key, t.Clauses); err != nil {
			return err
		}
		texts[i].Source, texts[i].Clauses = "", nil
	}
	v.Texts = texts
	return put(tx, versions, at, v)
}

func (s *Store) Version(ctx context.Context, document string, n int) (v documents.Version, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		v, err = version(tx, document, n)
		return err
	})
	return v, err
}

func version(tx *bbolt.Tx, document string, n int) (v documents.Version, err error) {
	at := place(document, n)
	if err := get(tx, versions, at, &v); err != nil {
		return v, err
	}
	for i := range v.Texts {
		key := append(slices.Clone(at), v.Texts[i].Lang...)
		source, err := raw(tx, sources, key)
		if err != nil {
			return v, err
		}
		v.Texts[i].Source = string(source)
		if err := get(tx, clauses, key, &v.Texts[i].Clauses); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (s *Store) Versions(ctx context.Context, document string, after, limit int) (out []documents.Version, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		prefix := under(document)
		c := tx.Bucket(versions).Cursor()
		k, val := c.Seek(place(document, after+1))
		for ; bytes.HasPrefix(k, prefix) && len(out) < limit; k, val = c.Next() {
			var v documents.Version
			if err := decode(versions, k, val, &v); err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}
