package storetest

import (
	"bytes"
	"fmt"
	"testing"

	"vestnik/server"
)

// Between dumps a store of one engine, loads it into one of the other, and back:
// the dumps are equal, and so is what each answers.
func Between(t *testing.T, one, other func(*testing.T) Open) {
	ctx, from := t.Context(), one(t)()
	fill(t, from)
	must(t, from.PutStaff(ctx, server.Staff{ID: "é", Name: hostile, Address: "é@example.kz", Created: day, Revision: 1}))
	must(t, from.Audit(ctx, server.AuditEntry{At: day.Add(1), What: hostile, More: map[string]string{"b": "2", "a": hostile}}))
	must(t, from.PutMail(ctx, server.StoredMail{At: day, Subject: hostile, Raw: bytes.Repeat([]byte{0, 255, '\n'}, 1<<18)}, 3))
	must(t, from.PutMail(ctx, server.StoredMail{At: day}, 3))
	first := dumped(t, from)
	for i, to := range []server.Store{other(t)(), one(t)()} {
		must(t, to.Load(ctx, bytes.NewReader(first)))
		if !bytes.Equal(dumped(t, to), first) {
			t.Fatalf("dump %d differs from the first", i+2)
		}
		equal(t, answers(t, to), answers(t, from))
		from = to
	}
}

func dumped(t *testing.T, s server.Store) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, s.Dump(t.Context(), &out))
	return out.Bytes()
}

// answers is what a store tells of what a dump holds, but for the roster.
func answers(t *testing.T, s server.Store) (out []string) {
	t.Helper()
	say := func(v any, err error) {
		t.Helper()
		must(t, err)
		out = append(out, fmt.Sprintf("%+v", v))
	}
	ctx := t.Context()
	o, err := s.Office(ctx)
	o.Roster = 0
	say(o, err)
	say(s.StaffList(ctx))
	say(s.Tokens(ctx))
	say(s.Audits(ctx, 0, 100))
	mails, err := s.Mails(ctx, 0, 100)
	say(mails, err)
	for _, m := range mails {
		say(s.Mail(ctx, m.ID))
	}
	return out
}
