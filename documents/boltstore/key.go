package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
)

// number is n as 8 big-endian bytes, so that keys sort as numbers do.
func number[N ~int | ~int64](n N) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func seqOf(key []byte) documents.Seq {
	return documents.Seq(binary.BigEndian.Uint64(key[len(key)-8:]))
}

// under is the common beginning of the keys of a document. No document's
// identifier holds a zero byte; one that is asked for with it gets a byte that no
// identifier has, instead of the beginning of another's keys.
func under(document string) []byte {
	return append([]byte(strings.ReplaceAll(document, "\x00", "\xff")), 0)
}

// place is document, number.
func place[N ~int | ~int64](document string, n N) []byte {
	return append(under(document), number(n)...)
}

// last returns the greatest key that begins with prefix, nil if there is none. The
// key after every number is eight times 0xff.
func last(c *bbolt.Cursor, prefix []byte) (key, val []byte) {
	end := append(bytes.Clone(prefix), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	if key, _ = c.Seek(end); key == nil {
		key, val = c.Last()
	} else {
		key, val = c.Prev()
	}
	if !bytes.HasPrefix(key, prefix) {
		return nil, nil
	}
	return key, val
}

// decode is value.Decode with the subject named.
func decode(bucket, key, b []byte, v any) error {
	if err := value.Decode(key, b, v); err != nil {
		return fmt.Errorf("%s %q: %w", bucket, key, err)
	}
	return nil
}

// raw returns a copy of the bytes that were put under key without any encoding.
func raw(tx *bbolt.Tx, bucket, key []byte) ([]byte, error) {
	b := tx.Bucket(bucket).Get(key)
	if b == nil {
		return nil, fmt.Errorf("%s %q is gone: %w", bucket, key, value.ErrDamaged)
	}
	out, err := value.Open(key, b)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", bucket, key, err)
	}
	return out, nil
}

func putRaw(tx *bbolt.Tx, bucket, key, b []byte) error {
	return tx.Bucket(bucket).Put(key, value.Seal(key, b))
}
