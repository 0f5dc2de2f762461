package notifier

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vestnik/documents"
	"vestnik/notifier/mail"
)

// What is sealed opens with the same key for the same purpose, and no other way.
func TestSeal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := sides{Words: rapid.String().Draw(t, "words")}
		r := Recipient{Number: rapid.Int64().Draw(t, "number"), Key: newPersonKey()}
		sealed, err := seal(r, words, sealRequest, "code", 7)
		if err != nil {
			t.Fatal(err)
		}
		var back sides
		if err := unseal(r, sealed, &back, sealRequest, "code", 7); err != nil || strings.ToValidUTF8(words.Words, "\ufffd") != back.Words {
			t.Fatalf("%q, %v", back.Words, err)
		}
		other, moved, bent := r, r, bytes.Clone(sealed)
		other.Key, moved.Number = newPersonKey(), r.Number+1
		bent[rapid.IntRange(0, len(bent)-1).Draw(t, "at")] ^= 1
		for name, err := range map[string]error{
			"another key":     unseal(other, sealed, &back, sealRequest, "code", 7),
			"another person":  unseal(moved, sealed, &back, sealRequest, "code", 7),
			"another purpose": unseal(r, sealed, &back, sealLink, "code", 7),
			"another place":   unseal(r, sealed, &back, sealRequest, "code", 8),
			"a bent byte":     unseal(r, bent, &back, sealRequest, "code", 7),
			"a short one":     unseal(r, sealed[:5], &back, sealRequest, "code", 7),
		} {
			if !errors.Is(err, errSealed) {
				t.Errorf("with %s: %v", name, err)
			}
		}
		r.Key = nil
		if err := unseal(r, sealed, &back, sealRequest, "code", 7); !errors.Is(err, documents.ErrNotFound) {
			t.Errorf("without a key: %v", err)
		}
	})
}

func TestMaskedAnswer(t *testing.T) {
	to := mail.Address{Local: "Aigul.b+news", Domain: "example.kz"}
	for answer, want := range map[string]string{
		"250 2.0.0 Ok: queued as 4XyZ12":                    "250 2.0.0 Ok: queued as 4XyZ12",
		"550 <aigul.b+news@example.kz>: User unknown":       "550 <•••>: User unknown",
		"550 aigul.b unknown; see postmaster@example.kz.":   "550 ••• unknown; see •••.",
		"450 mailbox of AIGUL.B+NEWS is full, aigul.bee":    "450 mailbox of ••• is full, aigul.bee",
		"250 accepted for Aigul.b+news@EXAMPLE.kz (ab@c.d)": "250 accepted for ••• (•••)",
	} {
		if got := maskedAnswer(answer, to); got != want {
			t.Errorf("%q is kept as %q, want %q", answer, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.StringMatching(`[a-z]{2}[a-z0-9.+-]{0,8}[a-z]`).Draw(t, "local")
		to := mail.Address{Local: local, Domain: "example.kz"}
		answer := rapid.String().Draw(t, "before") + " <" + to.String() + "> " + rapid.String().Draw(t, "after")
		if got := maskedAnswer(answer, to); strings.Contains(strings.ToLower(got), to.String()) {
			t.Errorf("%q is kept as %q", answer, got)
		}
	})
}
