// Package value encodes what an engine keeps under one key. Every value ends in
// the CRC-32C of its key and of what precedes it, so a damaged one, or one that a
// damaged key leads to, is recognised at each read, before anything believes it.
package value

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrDamaged is wrapped by every error that says that stored bytes are not what
// was written.
var ErrDamaged = errors.New("the stored value is damaged")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Seal returns a copy of b with the checksum of key and b appended.
func Seal(key, b []byte) []byte {
	out := make([]byte, len(b), len(b)+4)
	copy(out, b)
	return binary.LittleEndian.AppendUint32(out, sum(key, b))
}

func sum(key, b []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, b)
}

// Open returns a copy of what Seal was given, or an error that wraps ErrDamaged.
// The copy outlives the transaction that b belongs to.
func Open(key, b []byte) ([]byte, error) {
	if err := Check(key, b); err != nil {
		return nil, err
	}
	return append([]byte{}, b[:len(b)-4]...), nil
}

// Check tells whether b is intact and stands under its key, without copying it.
func Check(key, b []byte) error {
	if len(b) < 4 {
		return fmt.Errorf("%w: %d bytes, too short for a checksum", ErrDamaged, len(b))
	}
	body, written := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if sum(key, body) != written {
		return fmt.Errorf("%w: the checksum differs", ErrDamaged)
	}
	return nil
}

// Encode is Seal of v as JSON. It panics if v cannot be JSON, which is a fault
// of the program and not of its data.
func Encode(key []byte, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return binary.LittleEndian.AppendUint32(b, sum(key, b))
}

// Decode fills v from what Encode returned.
func Decode(key, b []byte, v any) error {
	if err := Check(key, b); err != nil {
		return err
	}
	if err := json.Unmarshal(b[:len(b)-4], v); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}
