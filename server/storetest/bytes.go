package storetest

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/server"
)

// anHour is longer than any test.
const anHour = time.Hour

// hostile is what somebody may send where text is expected. What JSON cannot
// hold, a byte that is no UTF-8, is kept as U+FFFD.
const (
	hostile = "a\x00b\xff'; DROP TABLE server_staff; --\u202e\U0001F600\r\n"
	kept    = "a\x00b\ufffd'; DROP TABLE server_staff; --\u202e\U0001F600\r\n"
)

func hostileText(t *testing.T, s server.Store) {
	ctx, text := t.Context(), map[string]string{hostile: hostile}
	_, err := s.Staff(ctx, hostile)
	wants(t, err, documents.ErrNotFound)
	one := person("a")
	one.Name, one.Address, one.Roles = hostile, hostile, []string{hostile}
	must(t, s.PutStaff(ctx, one))
	got, err := s.Staff(ctx, "a")
	must(t, err)
	equal(t, [3]string{got.Name, got.Address, got.Roles[0]}, [3]string{kept, kept, kept})
	must(t, s.PutSettings(ctx, text, 0))
	values, _, err := s.Settings(ctx)
	must(t, err)
	equal(t, values, map[string]string{kept: kept})
	must(t, s.Audit(ctx, server.AuditEntry{At: day, By: hostile, What: hostile, On: hostile, More: text}))
	trail, err := s.Audits(ctx, 0, 1)
	must(t, err)
	equal(t, trail, []server.AuditEntry{{ID: 1, At: day, By: kept, What: kept, On: kept, More: map[string]string{kept: kept}}})
}

// Keys are bytes: two that are no text are two.
func hostileKeys(t *testing.T, s server.Store) {
	ctx := t.Context()
	for _, key := range []string{"", "\x00", hostile, "h\xff", "h\xfe", strings.Repeat("k", 1000)} {
		if key != "" { // an empty key is no key
			must(t, s.PutSession(ctx, server.Session{Hash: key, Staff: key, Expires: day}))
			must(t, s.PutLink(ctx, server.Link{Hash: key, Expires: day}))
			must(t, s.PutStaff(ctx, person(key)))
			must(t, s.PutToken(ctx, server.Token{Hash: key}))
			ok, err := s.Allow(ctx, key, day, time.Minute, 1)
			must(t, err)
			equal(t, ok, true)
		}
		for _, missing := range []string{key + "\x00", key + "\xff", key + " "} {
			_, err := s.Session(ctx, missing)
			wants(t, err, documents.ErrNotFound)
			_, err = s.SpendLink(ctx, missing)
			wants(t, err, documents.ErrNotFound)
			_, err = s.Token(ctx, missing)
			wants(t, err, documents.ErrNotFound)
		}
	}
	_, err := s.SpendLink(ctx, "h\xff")
	must(t, err)
	_, err = s.Link(ctx, "h\xfe")
	must(t, err)
}

// bytewise: no language's order, whatever the database was made with.
func bytewise(t *testing.T, s server.Store) {
	ordered := []string{"A", "B", "Z", "_", "a", "a b", "a-b", "a.b", "aB", "ab", "b", "z", "Ä", "ä", "І", "ң"}
	for i := range ordered {
		must(t, s.PutStaff(t.Context(), person(ordered[len(ordered)-1-i])))
		must(t, s.PutToken(t.Context(), server.Token{Hash: ordered[len(ordered)-1-i]}))
	}
	o, err := s.Office(t.Context())
	must(t, err)
	list, err := s.StaffList(t.Context())
	must(t, err)
	equal(t, o.Staff, list)
	tokens, err := s.Tokens(t.Context())
	must(t, err)
	for i, id := range ordered {
		equal(t, [2]string{list[i].ID, tokens[i].Hash}, [2]string{id, id})
	}
}

// A mail of 1 MB comes back byte by byte, in a list without its bytes.
func largeMail(t *testing.T, s server.Store) {
	raw := bytes.Repeat([]byte("\x00\xff\r\n.\r\n\xf0\x9f"), 1<<17)
	m := server.StoredMail{At: day, From: hostile, To: []string{hostile, ""}, Subject: hostile, Size: len(raw), Raw: raw}
	must(t, s.PutMail(t.Context(), m, 2))
	must(t, s.PutMail(t.Context(), server.StoredMail{At: day}, 2))
	got, err := s.Mail(t.Context(), 1)
	must(t, err)
	if !bytes.Equal(got.Raw, raw) {
		t.Fatalf("%d bytes came back of %d", len(got.Raw), len(raw))
	}
	list, err := s.Mails(t.Context(), 0, 9)
	must(t, err)
	equal(t, list[1], server.StoredMail{ID: 1, At: day, From: kept, To: []string{kept, ""}, Subject: kept, Size: len(raw)})
}

// Every time comes back in UTC, cut to microseconds.
func everyTime(t *testing.T, s server.Store) {
	ctx := t.Context()
	given := day.Add(999).In(time.FixedZone("x", -9*3600))
	must(t, s.PutSession(ctx, server.Session{Hash: "h", Created: given, Expires: given}))
	must(t, s.PutLink(ctx, server.Link{Hash: "h", Expires: given}))
	must(t, s.ChangeRoster(ctx, 0, []server.Staff{{ID: "a", Created: given, Revision: 1}}, []server.Token{{Hash: "h", Created: given}}))
	must(t, s.Audit(ctx, server.AuditEntry{At: given}))
	must(t, s.PutMail(ctx, server.StoredMail{At: given}, 1))
	session, err := s.Session(ctx, "h")
	must(t, err)
	link, err := s.Link(ctx, "h")
	must(t, err)
	staff, err := s.Staff(ctx, "a")
	must(t, err)
	token, err := s.Token(ctx, "h")
	must(t, err)
	audits, err := s.Audits(ctx, 0, 1)
	must(t, err)
	mails, err := s.Mails(ctx, 0, 1)
	must(t, err)
	for i, got := range []time.Time{session.Created, session.Expires, link.Expires, staff.Created, token.Created, audits[0].At, mails[0].At} {
		if got != day {
			t.Errorf("time %d is %v, want %v", i, got, day)
		}
	}
}

func limitsOfLists(t *testing.T, s server.Store) {
	must(t, s.Audit(t.Context(), server.AuditEntry{What: "w"}))
	for _, limit := range []int{-1, 0} {
		list, err := s.Audits(t.Context(), 0, limit)
		must(t, err)
		equal(t, len(list), 0)
	}
	for _, before := range []int64{math.MinInt64, -1, 0, 2, math.MaxInt64} {
		list, err := s.Audits(t.Context(), before, math.MaxInt)
		must(t, err)
		equal(t, len(list), 1)
	}
}
