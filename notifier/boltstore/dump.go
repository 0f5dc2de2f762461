package boltstore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

// Dump: see notifier.Store.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	e := json.NewEncoder(out)
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		m, err := readMeta(tx)
		if err != nil {
			return err
		}
		if err := e.Encode(notifier.Record{Meta: &m}); err != nil {
			return err
		}
		return errors.Join(
			dump(ctx, tx, e, recipients, func(_ []byte, r *notifier.Recipient) notifier.Record { return notifier.Record{Recipient: r} }),
			dump(ctx, tx, e, imports, func(_ []byte, r *notifier.ImportReport) notifier.Record { return notifier.Record{Import: r} }),
			dump(ctx, tx, e, notices, func(_ []byte, n *notifier.Notice) notifier.Record { return notifier.Record{Notice: n} }),
			dump(ctx, tx, e, deliveries, func(_ []byte, d *notifier.Delivery) notifier.Record { return notifier.Record{Delivery: d} }),
			dumpForms(tx, e),
			dump(ctx, tx, e, tokens, func(_ []byte, t *notifier.Token) notifier.Record { return notifier.Record{Token: t} }),
			dump(ctx, tx, e, letters, func(_ []byte, l *notifier.Letter) notifier.Record {
				kept := l.Lasting()
				return notifier.Record{Letter: &kept}
			}),
			dump(ctx, tx, e, requests, func(_ []byte, r *notifier.Request) notifier.Record { return notifier.Record{Request: r} }),
			dumpMarks(tx, e),
		)
	})
	if err != nil {
		return fmt.Errorf("dump the notifier: %w", err)
	}
	return out.Flush()
}

func readMeta(tx *bbolt.Tx) (m notifier.Meta, err error) {
	at, err := count(tx, cursor)
	m.Cursor = documents.Seq(at)
	for name, n := range map[string]*int64{string(lastNumber): &m.LastNumber, string(lastLetter): &m.LastLetter, string(lastRequest): &m.LastRequest} {
		var failed error
		*n, failed = count(tx, []byte(name))
		err = errors.Join(err, failed)
	}
	return m, err
}

func dump[T any](ctx context.Context, tx *bbolt.Tx, e *json.Encoder, bucket []byte, record func([]byte, *T) notifier.Record) error {
	c := tx.Bucket(bucket).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		var t T
		if err := value.Decode(k, v, &t); err != nil {
			return fmt.Errorf("%s: %w", bucket, err)
		}
		if err := e.Encode(record(k, &t)); err != nil {
			return err
		}
	}
	return nil
}

func dumpForms(tx *bbolt.Tx, e *json.Encoder) error {
	return tx.Bucket(forms).ForEach(func(k, v []byte) error {
		raw, err := value.Open(k, v)
		if err != nil {
			return fmt.Errorf("%s: %w", forms, err)
		}
		return e.Encode(notifier.Record{Form: raw})
	})
}

func dumpMarks(tx *bbolt.Tx, e *json.Encoder) error {
	return tx.Bucket(marks).ForEach(func(k, v []byte) error {
		raw, err := value.Open(k, v)
		if err != nil {
			return fmt.Errorf("%s: %w", marks, err)
		}
		return e.Encode(notifier.Record{Mark: map[string]string{string(k): string(raw)}})
	})
}

// Load: see notifier.Store.
func (s *Store) Load(ctx context.Context, r io.Reader) error {
	err := s.update(ctx, func(tx *bbolt.Tx) error {
		if err := mustBeEmpty(tx); err != nil {
			return err
		}
		d := json.NewDecoder(bufio.NewReader(r))
		ts := tallying{}
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			var rec notifier.Record
			if err := d.Decode(&rec); errors.Is(err, io.EOF) {
				return ts.store(tx)
			} else if err != nil {
				return err
			}
			if err := load(tx, ts, rec); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return fmt.Errorf("load the notifier: %w", err)
	}
	return nil
}

func mustBeEmpty(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if k, _ := tx.Bucket(name).Cursor().First(); k != nil {
			return fmt.Errorf("%s is not empty: %w", name, documents.ErrExists)
		}
	}
	return nil
}

func load(tx *bbolt.Tx, ts tallying, rec notifier.Record) error {
	switch {
	case rec.Meta != nil:
		return errors.Join(
			setCount(tx, cursor, int64(rec.Meta.Cursor)),
			setCount(tx, lastNumber, rec.Meta.LastNumber),
			setCount(tx, lastLetter, rec.Meta.LastLetter),
			setCount(tx, lastRequest, rec.Meta.LastRequest))
	case rec.Recipient != nil:
		k := key(rec.Recipient.Number)
		return errors.Join(
			putRaw(tx, externals, []byte(rec.Recipient.ExternalID), k),
			put(tx, recipients, k, rec.Recipient))
	case rec.Import != nil:
		return addImport(tx, *rec.Import)
	case rec.Notice != nil:
		return put(tx, notices, key(int64(rec.Notice.Seq)), bare(*rec.Notice))
	case rec.Delivery != nil:
		return writeDelivery(tx, ts, nil, *rec.Delivery)
	case rec.Form != nil:
		return putForm(tx, rec.Form)
	case rec.Token != nil:
		if rec.Token.Purpose != notifier.LinkNotice {
			return nil // no dump holds one
		}
		return putToken(tx, *rec.Token)
	case rec.Letter != nil:
		return writeLetter(tx, notifier.Letter{}, *rec.Letter)
	case rec.Request != nil:
		return writeRequest(tx, notifier.Request{}, *rec.Request)
	}
	for name, v := range rec.Mark {
		return putRaw(tx, marks, []byte(name), []byte(v))
	}
	return nil
}
