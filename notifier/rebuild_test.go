package notifier_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"mime"
	"regexp"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

var longAgo = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// masks puts into what the relay took what the masked bytes have instead of what is
// personal; the boundary of the parts follows from the Message-ID.
func masks(t *testing.T, raw string, masked []byte, account string) string {
	t.Helper()
	boundary := regexp.MustCompile(`boundary="?([0-9a-f]+)"?`)
	id := regexp.MustCompile(`<([0-9a-f]{32})@`)
	pair := func(what *regexp.Regexp) []string {
		was, is := what.FindStringSubmatch(raw), what.FindSubmatch(masked)
		if was == nil || is == nil {
			t.Fatalf("no %v in\n%s", what, raw)
		}
		return []string{was[1], string(is[1])}
	}
	fields := append(append(pair(boundary), pair(id)...), header(raw, "To"), header(string(masked), "To"))
	_, text, markup := read(t, raw)
	personal := []string{link.FindStringSubmatch(text)[1], strings.Repeat("x", 43), account, "••••••••", html.EscapeString(account), "••••••••"}
	return strings.NewReplacer(fields...).Replace(raw[:strings.Index(raw, "\r\n\r\n")]) + strings.NewReplacer(personal...).Replace(text+markup)
}

// TestRebuilt: what was captured in an SMTP conversation is, byte for byte, what is
// made again for the person, and with the masks what is made again for the desk, of
// which the evidence has the digest; whatever changed since.
func TestRebuilt(t *testing.T) {
	h := newHouse(t, nil)
	h.people(3)
	if _, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: "u-1024", Name: "Айгүл <Сатпаева>", Address: "u@example.com", Language: "ru", RegisteredAt: longAgo}); err != nil {
		t.Fatal(err)
	}
	stop := h.run()
	e := h.publish("Вторая.", nil)
	h.closed(e.Seq)
	stop()
	h.change(func(s *notifier.Settings) {
		s.Organisation, s.Postal, s.URL = "Другое имя", "Астана", "https://other.example"
	})
	if _, err := h.lib.Correct(ctx, "privacy", 2, map[string]documents.Note{"ru": {What: "Иначе.", Whom: "Всех.", Means: "Ничего."}, "kk": {What: "Басқа.", Whom: "Бәріне.", Means: "Жоқ."}}, staff); err != nil {
		t.Fatal(err)
	}
	if _, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: "u-1024", Name: "Иначе", Address: "elsewhere@example.com", RegisteredAt: longAgo}); err != nil {
		t.Fatal(err)
	}
	h.restart()
	for number, who := range []struct{ to, account string }{{"p1@example.com", "•••1"}, {"p2@example.com", "•••2"}, {"p3@example.com", "•••3"}, {"u@example.com", "А••• <•••, •••24"}} {
		d, err := h.store.Delivery(ctx, e.Seq, int64(number)+1)
		if err != nil {
			t.Fatal(err)
		}
		captured := h.relay.to(who.to)[0].raw
		sent, err := h.n.Sent(ctx, e.Seq, int64(number)+1)
		if err != nil || string(sent) != captured {
			t.Errorf("%s: %v; sent was\n%s\nrebuilt\n%s", who.to, err, captured, sent)
		}
		masked, err := h.n.Masked(ctx, e.Seq, int64(number)+1)
		if err != nil || documents.SHA256(masked) != d.Evidence.Digest {
			t.Errorf("masked bytes of %s: %v", who.to, err)
		}
		_, text, markup := read(t, string(masked))
		want := string(masked[:bytes.Index(masked, []byte("\r\n\r\n"))]) + text + markup
		if got := masks(t, captured, masked, who.account); got != want {
			t.Errorf("%s: with masks\n%s\nbut masked\n%s", who.to, got, want)
		}
		if d.Evidence.Relay == "" || !strings.HasPrefix(d.Evidence.Answer, "250 ") || d.Evidence.At.IsZero() || d.Evidence.AddressMAC == "" {
			t.Errorf("evidence %+v", d.Evidence)
		}
	}
}

// otherForms is a store in which another release put the forms.
type otherForms struct{ notifier.Store }

func (s otherForms) Form(ctx context.Context, d documents.Digest) ([]byte, error) {
	b, err := s.Store.Form(ctx, d)
	return bytes.ReplaceAll(b, []byte("Делать ничего не нужно."), []byte("Делать ничего не надо.")), err
}

// TestRebuiltOtherwise: bytes that cannot be made again are not passed off as those
// that were sent.
func TestRebuiltOtherwise(t *testing.T) {
	h := newHouse(t, nil)
	h.people(1)
	stop := h.run()
	e := h.publish("Вторая.", nil)
	h.closed(e.Seq)
	stop()
	h.config.Store = otherForms{h.store}
	h.restart()
	masked, err := h.n.Masked(ctx, e.Seq, 1)
	if !errors.Is(err, notifier.ErrOtherBytes) || len(masked) == 0 {
		t.Errorf("%d masked bytes, %v", len(masked), err)
	}
	if sent, err := h.n.Sent(ctx, e.Seq, 1); !errors.Is(err, notifier.ErrOtherBytes) || sent != nil {
		t.Errorf("%d bytes, %v", len(sent), err)
	}
	if _, err := h.n.Masked(ctx, e.Seq, 2); !errors.Is(err, documents.ErrNotFound) {
		t.Errorf("somebody who is owed nothing: %v", err)
	}
}

// TestWhoseMail: two who share a mailbox see whose each mail is, and a stranger not
// who they are.
func TestWhoseMail(t *testing.T) {
	h := newHouse(t, nil)
	for id, name := range map[string]string{"kz-850101": "Айгүл Сатпаева", "kz-840202": "Арман Сатпаев"} {
		if _, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: id, Name: name, Address: "home@example.com", Language: "kk", RegisteredAt: longAgo}); err != nil {
			t.Fatal(err)
		}
	}
	h.run()
	h.closed(h.publish("Вторая.", nil).Seq)
	all := ""
	for _, m := range h.relay.to("home@example.com") {
		_, text, html := read(t, m.raw)
		all += text + html
	}
	for _, tail := range []string{"01", "02"} {
		if line := "Аккаунт: А••• С•••, •••" + tail; strings.Count(all, line) != 2 {
			t.Errorf("%q stands there %d times", line, strings.Count(all, line))
		}
	}
	for _, never := range []string{"Айгүл", "Арман", "Сатпаев", "8501", "8402"} {
		if strings.Contains(all, never) {
			t.Error(fmt.Sprint("the mails say ", never))
		}
	}
}

// TestPreviewIsTheMail: what the desk shows before publishing is what the relay gets.
func TestPreviewIsTheMail(t *testing.T) {
	h := newHouse(t, nil)
	d := documents.Draft{Document: "privacy", Effective: "2099-01-01T00:00:00+05:00", Texts: []documents.DraftText{
		{Lang: "ru", Source: "# Политика\n\n1. Вторая.\n\n2. Второй пункт о том, куда передаются данные.\n"},
		{Lang: "kk", Source: "# Саясат\n\n1. Вторая.\n\n2. Деректер қайда берілетіні туралы екінші тармақ.\n"},
	}, Change: documents.Change{Class: documents.Notice, Reason: "Новый закон.", Notes: map[string]documents.Note{
		"ru": {What: "Изменён пункт 1.", Whom: "Всех.", Means: "Ничего."}, "kk": {What: "1-тармақ өзгерді.", Whom: "Барлығына.", Means: "Ештеңе."}}}}
	proposal, err := h.lib.Propose(ctx, d)
	if err != nil || proposal.Refused != nil {
		t.Fatal(err, proposal.Refused)
	}
	var previews [][3]string
	for _, tag := range []string{"ru", "kk", ""} {
		subject, text, markup, err := h.n.Preview(ctx, proposal, tag)
		if err != nil {
			t.Fatal(err)
		}
		previews = append(previews, [3]string{subject, text, markup})
		if _, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: "p" + tag, Address: "p@example.com", Language: tag, RegisteredAt: longAgo, Known: map[string]int{"privacy": 1}}); err != nil {
			t.Fatal(err)
		}
	}
	stop := h.run()
	e, err := h.lib.Publish(ctx, documents.Publication{Document: "privacy", Draft: &d, Based: -1}, staff)
	if err != nil {
		t.Fatal(err)
	}
	h.closed(e.Seq)
	stop()
	for i, want := range previews {
		masked, err := h.n.Masked(ctx, e.Seq, int64(i)+1)
		if err != nil {
			t.Fatal(err)
		}
		head, text, markup := read(t, string(masked))
		subject, err := new(mime.WordDecoder).DecodeHeader(head.Get("Subject"))
		unix := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
		if err != nil || subject != want[0] || strings.TrimSpace(unix(text)) != strings.TrimSpace(want[1]) || strings.TrimSpace(unix(markup)) != strings.TrimSpace(want[2]) {
			t.Errorf("previewed was\n%s\n%s\nsent was\n%s\n%s", want[0], want[1], subject, text)
		}
	}
}
