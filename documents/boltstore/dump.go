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
)

// Dump reads in one transaction, so writers do not disturb it.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		for _, bucket := range [][]byte{docs, drafts, approvals, versions, events, audits, keys} {
			err := tx.Bucket(bucket).ForEach(func(k, v []byte) error {
				if err := ctx.Err(); err != nil {
					return err
				}
				r, err := record(tx, bucket, k, v)
				if err != nil {
					return err
				}
				return enc.Encode(r)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, out.Flush())
}

func record(tx *bbolt.Tx, bucket, k, v []byte) (r documents.Record, err error) {
	switch string(bucket) {
	case string(docs):
		err = decode(bucket, k, v, &r.Document)
	case string(drafts):
		var d documents.Draft
		d, err = draft(tx, string(k[:len(k)-9]), int(seqOf(k)), true)
		r.Draft = &d
	case string(approvals):
		err = decode(bucket, k, v, &r.Approval)
	case string(versions):
		var whole documents.Version
		whole, err = version(tx, string(k[:len(k)-9]), int(seqOf(k)))
		r.Version = &whole
	case string(events):
		err = decode(bucket, k, v, &r.Event)
	case string(audits):
		err = decode(bucket, k, v, &r.Audit)
	case string(keys):
		err = decode(bucket, k, v, &r.Key)
	}
	return r, err
}

// Load is one transaction: a dump that breaks off leaves nothing behind.
func (s *Store) Load(ctx context.Context, r io.Reader) error {
	dec := json.NewDecoder(bufio.NewReader(r))
	dec.DisallowUnknownFields()
	return s.update(ctx, func(tx *bbolt.Tx) error {
		for _, bucket := range [][]byte{docs, drafts, approvals, versions, events, audits, keys} {
			if k, _ := tx.Bucket(bucket).Cursor().First(); k != nil {
				return fmt.Errorf("the store is not empty: %w", documents.ErrExists)
			}
		}
		for line := 1; ; line++ {
			var rec documents.Record
			err := dec.Decode(&rec)
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil {
				err = load(tx, rec)
			}
			if err != nil {
				return fmt.Errorf("dump, record %d: %w", line, err)
			}
		}
		tx.OnCommit(s.wake)
		return ctx.Err()
	})
}

func load(tx *bbolt.Tx, r documents.Record) error {
	switch {
	case r.Document != nil:
		return put(tx, docs, []byte(r.Document.ID), *r.Document)
	case r.Draft != nil:
		return putDraft(tx, *r.Draft)
	case r.Approval != nil:
		return putApproval(tx, *r.Approval)
	case r.Version != nil:
		return putVersion(tx, *r.Version)
	case r.Event != nil:
		if want := lastSeq(tx, "") + 1; r.Event.Seq != want {
			return fmt.Errorf("event %d where %d should be", r.Event.Seq, want)
		}
		return putEvent(tx, *r.Event)
	case r.Audit != nil:
		return put(tx, audits, number(r.Audit.Seq), *r.Audit)
	case r.Key != nil:
		return put(tx, keys, []byte(r.Key.Key), *r.Key)
	}
	return errors.New("it holds nothing that is known here")
}
