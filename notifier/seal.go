package notifier

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"vestnik/documents"
	"vestnik/notifier/mail"
)

// What is sealed with the key of a person: it opens as that and as nothing else.
const (
	sealEvidence = "evidence" // with the notice
	sealLink     = "link"     // with the hash of the link
	sealRequest  = "request"  // with the code of the request
)

// errSealed: what is sealed does not open with the key.
var errSealed = errors.New("the seal is broken")

const keySize = 32

func newPersonKey() []byte {
	key := make([]byte, keySize)
	rand.Read(key) // never fails: crypto/rand
	return key
}

// seal is v for r alone: a random nonce, then AES-256-GCM over its JSON. Purpose,
// person and parts are authenticated with it.
func seal(r Recipient, v any, purpose string, parts ...any) ([]byte, error) {
	gcm, err := sealer(r.Key)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, gcm.NonceSize(), gcm.NonceSize()+len(plain)+gcm.Overhead())
	rand.Read(nonce)
	return gcm.Seal(nonce, nonce, plain, sealedFor(r, purpose, parts)), nil
}

// unseal reads into v what seal made. Without a key, after an erasure, it is
// documents.ErrNotFound.
func unseal(r Recipient, sealed []byte, v any, purpose string, parts ...any) error {
	if len(r.Key) == 0 || len(sealed) == 0 {
		return fmt.Errorf("what is sealed for recipient %d: %w", r.Number, documents.ErrNotFound)
	}
	gcm, err := sealer(r.Key)
	if err != nil {
		return err
	}
	if len(sealed) < gcm.NonceSize() {
		return errSealed
	}
	size := gcm.NonceSize()
	plain, err := gcm.Open(nil, sealed[:size], sealed[size:], sealedFor(r, purpose, parts))
	if err != nil {
		return errSealed
	}
	return json.Unmarshal(plain, v)
}

func sealer(key []byte) (cipher.AEAD, error) {
	if len(key) != keySize {
		return nil, errors.New("the key of a person has another length")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func sealedFor(r Recipient, purpose string, parts []any) []byte {
	b := fmt.Appendf(nil, "vestnik sealed %s\n%d\n", purpose, r.Number)
	for _, p := range parts {
		b = fmt.Appendf(b, "%v\n", p)
	}
	return b
}

// personal is what is personal in a message and its answer.
type personal struct {
	To      string `json:"to"`
	Account string `json:"account,omitempty"` // as the message names it
	Answer  string `json:"answer,omitempty"`  // where it says more than Evidence.Answer
}

// sentTo opens what is personal in the evidence of d.
func sentTo(r Recipient, d Delivery) (p personal, err error) {
	err = unseal(r, d.Evidence.Sealed, &p, sealEvidence, d.Notice)
	return p, err
}

// maskedAnswer is a relay's answer without what it says of the recipient. Relays
// like to repeat the address, or the part before the @.
func maskedAnswer(answer string, to mail.Address) string {
	for a := range addresses(answer) {
		if a != "" {
			answer = masking(answer, a)
		}
	}
	base, _, _ := strings.Cut(to.Local, "+")
	for _, word := range []string{to.Local, base} {
		if utf8.RuneCountInString(word) >= 2 {
			answer = masking(answer, word)
		}
	}
	return answer
}

// masking hides word wherever it stands by itself, whatever its case.
func masking(s, word string) string {
	var out strings.Builder
	part := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }
	for i := 0; i < len(s); {
		end := i + len(word)
		if end <= len(s) && strings.EqualFold(s[i:end], word) {
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			after, _ := utf8.DecodeRuneInString(s[end:])
			if !part(before) && !part(after) {
				out.WriteString("•••")
				i = end
				continue
			}
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		out.WriteString(s[i : i+size])
		i += size
	}
	return out.String()
}
