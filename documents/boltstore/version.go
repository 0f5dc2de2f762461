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
		if err := putRaw(tx, traces, key, documents.TraceOf(v.Number, t).Encode()); err != nil {
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
		if err := fill(tx, append(slices.Clone(at), v.Texts[i].Lang...), &v.Texts[i]); err != nil {
			return v, err
		}
	}
	return v, nil
}

// fill reads the source and the clause map of a text.
func fill(tx *bbolt.Tx, key []byte, t *documents.Text) error {
	source, err := raw(tx, sources, key)
	if err != nil {
		return err
	}
	t.Source = string(source)
	return get(tx, clauses, key, &t.Clauses)
}

func (s *Store) Traces(ctx context.Context, document, lang string, after, limit int) (out []documents.Trace, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		prefix := under(document)
		c := tx.Bucket(sources).Cursor()
		k, _ := c.Seek(place(document, after+1))
		for ; bytes.HasPrefix(k, prefix) && len(out) < limit; k, _ = c.Next() {
			if string(k[len(prefix)+8:]) != lang {
				continue
			}
			t, err := trace(tx, k, int(seqOf(k[:len(prefix)+8])))
			if err != nil {
				return err
			}
			out = append(out, t)
		}
		return nil
	})
	return out, err
}

// trace reads that of a text, or makes it if an earlier Vestnik stored the text.
func trace(tx *bbolt.Tx, key []byte, number int) (documents.Trace, error) {
	if tx.Bucket(traces).Get(key) != nil {
		b, err := raw(tx, traces, key)
		if err != nil {
			return documents.Trace{}, err
		}
		if t, ok := documents.DecodeTrace(number, b); ok {
			return t, nil
		}
	}
	var t documents.Text
	err := fill(tx, key, &t)
	return documents.TraceOf(number, t), err
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
