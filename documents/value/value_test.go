package value_test

import (
	"bytes"
	"errors"
	"testing"

	"vestnik/documents/value"
)

var key = []byte("policy 7")

func TestEveryFlippedBitIsRecognised(t *testing.T) {
	for name, sealed := range map[string][]byte{
		"bytes":   value.Seal(key, []byte("a policy")),
		"nothing": value.Seal(key, nil),
		"JSON":    value.Encode(key, map[string]int{"a": 1}),
	} {
		if err := value.Check(key, sealed); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for bit := range len(sealed) * 8 {
			broken := bytes.Clone(sealed)
			broken[bit/8] ^= 1 << (bit % 8)
			var v any
			for what, err := range map[string]error{"Check": value.Check(key, broken), "Decode": value.Decode(key, broken, &v), "Open": opened(broken)} {
				if !errors.Is(err, value.ErrDamaged) {
					t.Errorf("%s, bit %d: %s says %v", name, bit, what, err)
				}
			}
		}
		for n := range len(sealed) {
			if err := value.Check(key, sealed[:n]); !errors.Is(err, value.ErrDamaged) {
				t.Errorf("%s, cut to %d bytes: %v", name, n, err)
			}
		}
	}
}

func TestAnotherKeyIsRecognised(t *testing.T) {
	if err := value.Check([]byte("policy 6"), value.Seal(key, []byte("a policy"))); !errors.Is(err, value.ErrDamaged) {
		t.Errorf("got %v", err)
	}
}

func opened(b []byte) error { _, err := value.Open(key, b); return err }

func TestOpenCopies(t *testing.T) {
	in := []byte("a policy")
	sealed := value.Seal(key, in)
	out, err := value.Open(key, sealed)
	if err != nil || !bytes.Equal(out, in) {
		t.Fatalf("%q, %v", out, err)
	}
	out[0], in[0] = 'x', 'y'
	if again, err := value.Open(key, sealed); err != nil || string(again) != "a policy" {
		t.Errorf("%q, %v", again, err)
	}
}

func TestDecode(t *testing.T) {
	var got struct{ A, B int }
	if err := value.Decode(key, value.Encode(key, map[string]int{"A": 1, "C": 3}), &got); err != nil || got.A != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	// A sound checksum over what is no JSON was written by nobody.
	if err := value.Decode(key, value.Seal(key, []byte("{")), &got); !errors.Is(err, value.ErrDamaged) {
		t.Errorf("got %v", err)
	}
}
