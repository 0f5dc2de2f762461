package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"vestnik/documents"
	"vestnik/notifier"
)

// hostile is what a relay may answer, and what somebody may call themselves.
const hostile = "550 5.1.1 \x00 '); DROP TABLE deliveries; -- \\ \" \u2028 \u202e \U0010ffff é e\u0301 \r\n."

// alike are external ids that look, sort or fold alike somewhere.
var alike = []string{
	"straße", "strasse", "STRASSE", "Ⅳ", "IV", "iv", "ı", "i", "İ", "é", "e\u0301", "a b", "a  b", "a\u00a0b", "ab", "a\u200bb",
	"10", "010", "1O", "é\u0000", "%", "_", "\\", "a'b", "Я", "я", "\U0001f600",
}

func byByte(t *testing.T, s notifier.Store) {
	var rs []notifier.Recipient
	for _, id := range alike {
		rs = append(rs, person(id))
	}
	for i, r := range must[[]notifier.Recipient](t)(s.PutRecipients(ctx, rs)) {
		got := must[[]notifier.Recipient](t)(s.RecipientsNamed(ctx, []string{alike[i]}))
		if len(got) != 1 || got[0].Number != r.Number || got[0].ExternalID != alike[i] {
			t.Fatalf("%q: got %+v", alike[i], got)
		}
	}
	equal(t, "all at once", len(must[[]notifier.Recipient](t)(s.RecipientsNamed(ctx, alike))), len(alike))
	_, err := s.PutRecipients(ctx, []notifier.Recipient{person("new"), person("İ")})
	is(t, err, documents.ErrExists)
}

// fillHostile stores what must be kept as it is; notice 7 and recipient 3 of fill
// are there.
func fillHostile(t *testing.T, s notifier.Store) {
	t.Helper()
	r := person(hostile)
	r.Name, r.Address, r.Groups = hostile, hostile, []string{hostile, ""}
	must[[]notifier.Recipient](t)(s.PutRecipients(ctx, []notifier.Recipient{r}))
	ok(t, s.PutImport(ctx, notifier.ImportReport{Source: hostile, At: at, Refused: []notifier.RefusedRow{{Row: 1, Reason: hostile}}}))
	x := must[notifier.Notice](t)(s.Notice(ctx, 7))
	x.Revision, x.Why = x.Revision+1, hostile
	ok(t, s.PutNotice(ctx, x, []notifier.Delivery{row(7, 3)}))
	d := row(7, 3)
	d.State, d.Reason, d.Revision = notifier.Failed, hostile, 2
	d.Evidence = notifier.Evidence{Relay: hostile, Answer: hostile + "\xff\xfe", At: at}
	d.History = []notifier.Moved{{At: at, From: notifier.Waiting, To: notifier.Failed, Why: hostile}}
	form := append([]byte(hostile), 0, 0xff, 0xfe)
	ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{d}, Forms: [][]byte{form},
		Tokens: []notifier.Token{{Hash: hostile, Notice: 7, Recipient: 3, Until: at}}}))
	l := letter(at)
	l.Args, l.Reason = map[string]string{hostile: hostile}, hostile
	must[notifier.Letter](t)(s.PutLetter(ctx, l))
	ok(t, s.SetMark(ctx, hostile, hostile))
}

func verbatim(t *testing.T, s notifier.Store) {
	fill(t, s)
	fillHostile(t, s)
	r := must[notifier.Recipient](t)(s.Recipient(ctx, 4))
	equal(t, "recipient", []string{r.ExternalID, r.Name, r.Address, r.Groups[0]}, []string{hostile, hostile, hostile, hostile})
	d := must[notifier.Delivery](t)(s.Delivery(ctx, 7, 3))
	equal(t, "delivery", []string{d.Reason, d.Evidence.Relay, d.History[0].Why}, []string{hostile, hostile, hostile})
	// A record is JSON, which knows no other bytes than UTF-8.
	equal(t, "answer", d.Evidence.Answer, hostile+"\ufffd\ufffd")
	x := must[notifier.Notice](t)(s.Notice(ctx, 7))
	equal(t, "notice", []any{x.Why, x.Reasons}, []any{hostile, map[string]int64{hostile: 1}})
	form := append([]byte(hostile), 0, 0xff, 0xfe)
	equal(t, "form", must[[]byte](t)(s.Form(ctx, documents.SHA256(form))), form)
	equal(t, "token", must[notifier.Token](t)(s.Token(ctx, hostile)).Recipient, int64(3))
	equal(t, "mark", must[string](t)(s.Mark(ctx, hostile)), hostile)
	ok(t, s.SetMark(ctx, "bytes", "\xff\x00"))
	equal(t, "mark of bytes", must[string](t)(s.Mark(ctx, "bytes")), "\xff\x00")
}

func hostileQuestions(t *testing.T, s notifier.Store) {
	fill(t, s)
	for _, q := range []string{"\x00", "\xff\xfe", "'", "\\x41", strings.Repeat("x", 1<<20)} {
		equal(t, "recipients", len(must[[]notifier.Recipient](t)(s.RecipientsNamed(ctx, []string{q, "p1"}))), 1)
		_, err := s.Token(ctx, q)
		is(t, err, documents.ErrNotFound)
		equal(t, "mark", must[string](t)(s.Mark(ctx, q)), "")
		equal(t, "deliveries", len(must[[]notifier.Delivery](t)(s.Deliveries(ctx, 7, 0, 10, notifier.DeliveryState(q)))), 0)
	}
	equal(t, "none of no notice", len(must[[]notifier.Delivery](t)(s.Deliveries(ctx, 99, 0, 10, notifier.Waiting))), 0)
	equal(t, "nobody", len(must[[]notifier.Recipient](t)(s.RecipientsNamed(ctx, nil))), 0)
	l, _, err := s.Lease(ctx, 7, hostile+"\xff", at, at.Add(long), 10)
	ok(t, err)
	ok(t, s.Free(ctx, l))
}

func megabyteForms(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 4)
	var all [][]byte
	for i := range 4 {
		form := bytes.Repeat([]byte{byte(i), 0, 0xff, 'x'}, 1<<18)
		all = append(all, form)
		ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{accepted(row(1, int64(i+1)))}, Forms: all}))
	}
	for _, form := range all {
		if !bytes.Equal(must[[]byte](t)(s.Form(ctx, documents.SHA256(form))), form) {
			t.Fatal("a form of a megabyte came back otherwise")
		}
	}
	equal(t, "forms in a dump", strings.Count(dumped(t, s), `{"form":`), 4)
}

func marksByByte(t *testing.T, s notifier.Store) {
	for i, name := range []string{"b", "B", "a", "é", "Z", "z", "_", "ab", "a b"} {
		ok(t, s.SetMark(ctx, name, fmt.Sprint(i)))
	}
	var names []string
	for line := range strings.SplitSeq(strings.TrimSpace(dumped(t, s)), "\n") {
		if rest, is := strings.CutPrefix(line, `{"mark":{"`); is {
			name, _, _ := strings.Cut(rest, `"`)
			names = append(names, name)
		}
	}
	equal(t, "order", names, []string{"B", "Z", "_", "a", "a b", "ab", "b", "z", "é"})
}
