package notifier

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier/mail"
)

// The longest that a recipient's words may be, in characters.
const (
	maxExternalID = 128
	maxName       = 200
	maxGroup      = 100
	maxGroups     = 50
)

// checked returns r as it may be stored, or says what is wrong with it.
func checked(r Recipient, now time.Time) (Recipient, error) {
	if err := checkExternalID(r.ExternalID); err != nil {
		return r, err
	}
	a, err := mail.ParseAddress(r.Address)
	if err != nil {
		return r, documents.Invalid("address", "recipient-address", "the address cannot receive mail: write it as name@domain")
	}
	r.Address = a.String()
	if r.Language != "" && !lang.Valid(r.Language) {
		return r, documents.Invalid("language", "recipient-language", "the language is not a BCP 47 tag such as kk or ru: correct it or leave it empty")
	}
	if !plain(r.Name, maxName) {
		return r, documents.Invalid("name", "recipient-name", "the name has control or direction characters, or more than %d characters: remove them", maxName)
	}
	if r.Groups, err = checkedGroups(r.Groups); err != nil {
		return r, err
	}
	if err := checkRegistered(r.RegisteredAt, now); err != nil {
		return r, err
	}
	r.RegisteredAt = r.RegisteredAt.UTC().Truncate(time.Microsecond)
	for document, version := range r.Known {
		if document == "" || !plain(document, maxExternalID) || version < 1 {
			return r, documents.Invalid("known", "recipient-known", "known must name documents and versions from 1: correct or remove it")
		}
	}
	return r, nil
}

func checkExternalID(id string) error {
	switch {
	case id == "" || strings.TrimSpace(id) != id || !plain(id, maxExternalID):
		return documents.Invalid("external_id", "recipient-id", "the external_id must have 1 to %d characters, without control characters and without spaces around it", maxExternalID)
	case strings.ContainsAny(id, "@＠"):
		return documents.Invalid("external_id", "recipient-id-address", "the external_id looks like a mail address: use your own permanent number of the person instead")
	case strings.HasPrefix(id, erasedPrefix):
		return documents.Invalid("external_id", "recipient-id-erased", "the external_id begins with %s, as those of erased people do: use another one", erasedPrefix)
	case phone(id):
		return documents.Invalid("external_id", "recipient-id-phone", "the external_id looks like a telephone number: use your own permanent number of the person instead")
	}
	return nil
}

// phone tells whether s has the form of a telephone number: nothing but digits
// and what people put between them, and either such a mark and at least 7
// digits, or 10 to 15 bare digits (E.164 allows 15).
func phone(s string) bool {
	digits, marks := 0, 0
	for _, c := range s {
		switch {
		case unicode.IsDigit(c):
			digits++
		case strings.ContainsRune("+-–‑.() \u00a0/", c):
			marks++
		default:
			return false
		}
	}
	if digits > 15 {
		return false
	}
	return digits >= 10 || marks > 0 && digits >= 7
}

func checkedGroups(groups []string) ([]string, error) {
	out := slices.Sorted(slices.Values(groups))
	out = slices.Compact(out)
	bad := func(g string) bool {
		return g == "" || strings.TrimSpace(g) != g || strings.Contains(g, ";") || !plain(g, maxGroup)
	}
	if len(out) > maxGroups || slices.ContainsFunc(out, bad) {
		return nil, documents.Invalid("groups", "recipient-groups", "name at most %d groups, each of 1 to %d characters without a semicolon", maxGroups, maxGroup)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

func checkRegistered(at, now time.Time) error {
	switch {
	case at.IsZero():
		return documents.Invalid("registered_at", "recipient-registered", "registered_at is missing: write when the person registered, such as 2024-05-31T09:00:00Z")
	case at.After(now):
		return documents.Invalid("registered_at", "recipient-future", "registered_at lies in the future: correct it")
	case at.Year() < 1900:
		return documents.Invalid("registered_at", "recipient-registered", "registered_at lies before 1900: correct it")
	}
	return nil
}

// plain tells whether s is valid text of at most limit characters without
// control, line or direction-override characters, which could rearrange what a
// reader sees around it.
func plain(s string, limit int) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > limit {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool {
		return unicode.IsControl(c) || c == '\u2028' || c == '\u2029' || unicode.Is(unicode.Bidi_Control, c) || c == '\ufeff'
	})
}

// merged is what becomes of old when the operator's system says r of the same
// person. Who was erased here stays erased; who was unreachable is reachable
// again under another address only. It reports whether something stays that the
// person put right here.
func merged(old, r Recipient) (next Recipient, kept bool) {
	if old.State == Erased {
		return old, false
	}
	next, kept = keeping(old, r)
	next.Number, next.Revision = old.Number, old.Revision+1
	next.Key, next.NotMine, next.Asked = old.Key, old.NotMine, old.Asked
	if r.State == "" {
		next.State = Active
	}
	if old.State == Unreachable && next.State == Active && old.Address == next.Address {
		next.State = Unreachable
	}
	next.Known = old.Known
	if len(r.Known) > 0 {
		next.Known = r.Known
	}
	return next, kept
}

func sameRecipient(a, b Recipient) bool {
	return a.Address == b.Address && a.Language == b.Language && a.Name == b.Name && a.State == b.State &&
		a.RegisteredAt.Equal(b.RegisteredAt) && slices.Equal(a.Groups, b.Groups) && maps.Equal(a.Known, b.Known) &&
		maps.Equal(a.Corrected, b.Corrected)
}
