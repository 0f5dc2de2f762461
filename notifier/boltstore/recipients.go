package boltstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

// PutRecipients: see notifier.Store.
func (s *Store) PutRecipients(ctx context.Context, rs []notifier.Recipient) ([]notifier.Recipient, error) {
	out := make([]notifier.Recipient, len(rs))
	err := s.update(ctx, func(tx *bbolt.Tx) error {
		last, err := count(tx, lastNumber)
		if err != nil {
			return err
		}
		for i, r := range rs {
			r = cleanRecipient(r)
			if r.Number == 0 {
				last++
				r.Number = last
				if err := newRecipient(tx, r); err != nil {
					return err
				}
			} else if err := replaceRecipient(tx, r); err != nil {
				return err
			}
			out[i] = r
		}
		return setCount(tx, lastNumber, last)
	})
	if err != nil {
		return nil, fmt.Errorf("put recipients: %w", err)
	}
	return out, nil
}

func cleanRecipient(r notifier.Recipient) notifier.Recipient {
	r.RegisteredAt, r.Asked = stamp(r.RegisteredAt), slices.Clone(r.Asked)
	for i := range r.Asked {
		r.Asked[i] = stamp(r.Asked[i])
	}
	return r
}

func newRecipient(tx *bbolt.Tx, r notifier.Recipient) error {
	if err := cas(0, r.Revision); err != nil {
		return err
	}
	id := []byte(r.ExternalID)
	if tx.Bucket(externals).Get(id) != nil {
		return documents.ErrExists
	}
	if err := putRaw(tx, externals, id, key(r.Number)); err != nil {
		return err
	}
	return put(tx, recipients, key(r.Number), r)
}

func replaceRecipient(tx *bbolt.Tx, r notifier.Recipient) error {
	old, err := replaceable(tx, r)
	if err != nil {
		return err
	}
	if old.ExternalID != r.ExternalID {
		return fmt.Errorf("another external id: %w", documents.ErrConflict)
	}
	return put(tx, recipients, key(r.Number), r)
}

// replaceable is what r may replace.
func replaceable(tx *bbolt.Tx, r notifier.Recipient) (old notifier.Recipient, err error) {
	err = get(tx, recipients, key(r.Number), &old)
	if errors.Is(err, documents.ErrNotFound) {
		err = documents.ErrConflict
	}
	if err == nil {
		err = cas(old.Revision, r.Revision)
	}
	return old, err
}

// changeRecipient is replaceRecipient that takes another external id too.
func changeRecipient(tx *bbolt.Tx, r notifier.Recipient) error {
	r = cleanRecipient(r)
	old, err := replaceable(tx, r)
	if err != nil {
		return fmt.Errorf("recipient %d: %w", r.Number, err)
	}
	if old.ExternalID != r.ExternalID {
		if tx.Bucket(externals).Get([]byte(r.ExternalID)) != nil {
			return fmt.Errorf("recipient %d: the external id is taken: %w", r.Number, documents.ErrExists)
		}
		err = errors.Join(
			tx.Bucket(externals).Delete([]byte(old.ExternalID)),
			putRaw(tx, externals, []byte(r.ExternalID), key(r.Number)))
	}
	return errors.Join(err, put(tx, recipients, key(r.Number), r))
}

// RecipientsNamed: see notifier.Store.
func (s *Store) RecipientsNamed(ctx context.Context, externalIDs []string) ([]notifier.Recipient, error) {
	var out []notifier.Recipient
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		for _, id := range externalIDs {
			if id == "" {
				continue
			}
			b := tx.Bucket(externals).Get([]byte(id))
			if b == nil {
				continue
			}
			k, err := value.Open([]byte(id), b)
			if err != nil {
				return fmt.Errorf("%s: %w", externals, err)
			}
			var r notifier.Recipient
			if err := get(tx, recipients, k, &r); err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

// Recipient: see notifier.Store.
func (s *Store) Recipient(ctx context.Context, number int64) (r notifier.Recipient, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error { return get(tx, recipients, key(number), &r) })
	return r, err
}

// Recipients: see notifier.Store.
func (s *Store) Recipients(ctx context.Context, after int64, limit int) ([]notifier.Recipient, error) {
	var out []notifier.Recipient
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(recipients).Cursor()
		for k, v := c.Seek(key(after + 1)); k != nil && len(out) < limit; k, v = c.Next() {
			var r notifier.Recipient
			if err := value.Decode(k, v, &r); err != nil {
				return fmt.Errorf("recipient %d: %w", number(k), err)
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

// PutImport: see notifier.Store.
func (s *Store) PutImport(ctx context.Context, r notifier.ImportReport) error {
	r.At = stamp(r.At)
	return s.update(ctx, func(tx *bbolt.Tx) error { return addImport(tx, r) })
}

// addImport numbers imports by their last key: bbolt's own sequence stands outside
// of every checksum.
func addImport(tx *bbolt.Tx, r notifier.ImportReport) error {
	n := int64(1)
	if k, _ := tx.Bucket(imports).Cursor().Last(); k != nil {
		n = number(k) + 1
	}
	return put(tx, imports, key(n), r)
}

// Imports: see notifier.Store.
func (s *Store) Imports(ctx context.Context, limit int) ([]notifier.ImportReport, error) {
	var out []notifier.ImportReport
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(imports).Cursor()
		for k, v := c.Last(); k != nil && len(out) < limit; k, v = c.Prev() {
			var r notifier.ImportReport
			if err := value.Decode(k, v, &r); err != nil {
				return fmt.Errorf("import %d: %w", number(k), err)
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}
