package boltstore

import (
	"context"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/server"
)

func (s *Store) PutMail(ctx context.Context, m server.StoredMail, keep int) error {
	m.At = micro(m.At)
	return s.update(ctx, func(tx *bbolt.Tx) error {
		m.ID = next(tx, mailBucket)
		if err := putMail(tx, m); err != nil {
			return err
		}
		return dropMails(tx, m.ID-int64(keep))
	})
}

func putMail(tx *bbolt.Tx, m server.StoredMail) error {
	if err := tx.Bucket(rawBucket).Put(number(m.ID), value.Seal(number(m.ID), m.Raw)); err != nil {
		return err
	}
	m.Raw = nil
	return put(tx, mailBucket, number(m.ID), m)
}

// dropMails removes those with an ID up to last.
func dropMails(tx *bbolt.Tx, last int64) error {
	if last < 1 {
		return nil
	}
	var old [][]byte
	c, end := tx.Bucket(mailBucket).Cursor(), string(number(last))
	for k, _ := c.First(); k != nil && string(k) <= end; k, _ = c.Next() {
		old = append(old, append([]byte{}, k...))
	}
	for _, k := range old {
		if err := tx.Bucket(mailBucket).Delete(k); err != nil {
			return err
		}
		if err := tx.Bucket(rawBucket).Delete(k); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) Mails(ctx context.Context, before int64, limit int) (out []server.StoredMail, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, err = newest[server.StoredMail](tx, mailBucket, before, limit)
		return err
	})
	return out, err
}

func (s *Store) Mail(ctx context.Context, id int64) (out server.StoredMail, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, err = fullMail(tx, id)
		return err
	})
	return out, err
}

func fullMail(tx *bbolt.Tx, id int64) (server.StoredMail, error) {
	m, err := get[server.StoredMail](tx, mailBucket, number(id))
	if err != nil {
		return m, err
	}
	raw := tx.Bucket(rawBucket).Get(number(id))
	if raw == nil {
		return m, documents.ErrNotFound
	}
	m.Raw, err = value.Open(number(id), raw)
	return m, err
}
