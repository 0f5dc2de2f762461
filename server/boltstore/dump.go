package boltstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/server"
)

func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	return s.view(ctx, func(tx *bbolt.Tx) error {
		out := json.NewEncoder(w)
		err := errors.Join(
			each(tx, staffBucket, func(one server.Staff) error { return out.Encode(server.Record{Staff: &one}) }),
			each(tx, tokenBucket, func(one server.Token) error { return out.Encode(server.Record{Token: &one}) }),
			each(tx, settingsBucket, func(one server.StoredSettings) error { return out.Encode(server.Record{Settings: &one}) }),
			each(tx, auditBucket, func(one server.AuditEntry) error { return out.Encode(server.Record{Audit: &one}) }),
			each(tx, mailBucket, func(one server.StoredMail) error {
				full, err := fullMail(tx, one.ID)
				if err != nil {
					return err
				}
				return out.Encode(server.Record{Mail: &full})
			}))
		if err != nil {
			return fmt.Errorf("dump of the server: %w", err)
		}
		return nil
	})
}

func each[T any](tx *bbolt.Tx, bucket []byte, f func(T) error) error {
	return tx.Bucket(bucket).ForEach(func(k, b []byte) error {
		var one T
		if err := value.Decode(k, b, &one); err != nil {
			return fmt.Errorf("%s: %w", bucket, err)
		}
		return f(one)
	})
}

func (s *Store) Load(ctx context.Context, r io.Reader) error {
	in := json.NewDecoder(r)
	in.DisallowUnknownFields()
	return s.update(ctx, func(tx *bbolt.Tx) error {
		for _, bucket := range [][]byte{staffBucket, tokenBucket, settingsBucket, auditBucket, mailBucket} {
			if k, _ := tx.Bucket(bucket).Cursor().First(); k != nil {
				return documents.ErrExists
			}
		}
		for n := 1; ; n++ {
			var rec server.Record
			if err := in.Decode(&rec); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return fmt.Errorf("record %d of the server: %w", n, err)
			}
			if err := load(tx, rec); err != nil {
				return fmt.Errorf("record %d of the server: %w", n, err)
			}
		}
	})
}

func load(tx *bbolt.Tx, rec server.Record) error {
	switch {
	case rec.Staff != nil:
		return add(tx, staffBucket, []byte(rec.Staff.ID), rec.Staff)
	case rec.Token != nil:
		return add(tx, tokenBucket, []byte(rec.Token.Hash), rec.Token)
	case rec.Settings != nil:
		return add(tx, settingsBucket, settingsKey, rec.Settings)
	case rec.Audit != nil:
		return add(tx, auditBucket, number(rec.Audit.ID), rec.Audit)
	case rec.Mail != nil && tx.Bucket(mailBucket).Get(number(rec.Mail.ID)) == nil:
		return putMail(tx, *rec.Mail)
	case rec.Mail != nil:
		return errTwice
	}
	return errors.New("it is of no known kind")
}

var errTwice = errors.New("it came before")

func add(tx *bbolt.Tx, bucket, key []byte, v any) error {
	if tx.Bucket(bucket).Get(key) != nil {
		return errTwice
	}
	return put(tx, bucket, key, v)
}
