package value_test

import (
	"bytes"
	"errors"
	"testing"

	"vestnik/documents/value"
)

func TestEveryFlippedBitIsRecognised(t *testing.T) {
	for name, sealed := range map[string][]byte{
		"bytes":   value.Seal([]byte("a policy")),
		"nothing": value.Seal(nil),
		"JSON":    value.Encode(map[string]int{"a": 1}),
	} {
		if err := value.Check(sealed); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for bit := range len(sealed) * 8 {
			broken := bytes.Clone(sealed)
			broken[bit/8] ^= 1 << (bit % 8)
			var v any
			for what, err := range map[string]error{"Check": value.Check(broken), "Decode": value.Decode(broken, &v), "Open": opened(broken)} {
				if !errors.Is(err, value.ErrDamaged) {
					t.Errorf("%s, bit %d: %s says %v", name, bit, what, err)
				}
			}
		}
		for n := range len(sealed) {
			if err := value.Check(sealed[:n]); !errors.Is(err, value.ErrDamaged) {
				t.Errorf("%s, cut to %d bytes: %v", name, n, err)
			}
		}
	}
}

func opened(b []byte) error { _, err := value.Open(b); return err }

func TestOpenCopies(t *testing.T) {
	in := []byte("a policy")
	sealed := value.Seal(in)
	out, err := value.Open(sealed)
	if err != nil || !bytes.Equal(out, in) {
		t.Fatalf("%q, %v", out, err)
	}
	out[0], in[0] = 'x', 'y'
	if again, err := value.Open(sealed); err != nil || string(again) != "a policy" {
		t.Errorf("%q, %v", again, err)
	}
}

func TestDecode(t *testing.T) {
	var got struct{ A, B int }
	if err := value.Decode(value.Encode(map[string]int{"A": 1, "C": 3}), &got); err != nil || got.A != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	// A sound checksum over what is no JSON was written by nobody.
	if err := value.Decode(value.Seal([]byte("{")), &got); !errors.Is(err, value.ErrDamaged) {
		t.Errorf("got %v", err)
	}
}
