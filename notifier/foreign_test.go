package notifier_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"vestnik/notifier"
	"vestnik/notifier/mail"
)

var hostileNames = []string{
	`"Айгүл" <x@y.kz>`, "Иванов, Иван", "a\r\nBcc: z@y.kz", "a\nX-Evil: 1", "عائشة", "\u202egnp.exe\u202c", "👩‍👩‍👧 Семья",
	"=?utf-8?B?QmNjOiB4QHkua3o=?=", strings.Repeat("Ы", 1000), "\u2067x\u2069", `\"`, "a;b:c", "<script>alert(1)</script>", "{{.}} {name}", "\x00\x1b[31m",
}

// TestForeignReader has another library than the one that composed them read the
// mails of fifty recipients whose names would like to be header fields.
func TestForeignReader(t *testing.T) {
	h := newHouse(t, nil)
	var rs []notifier.Recipient
	for i := range 50 {
		name := fmt.Sprintf("%s secret%02d", hostileNames[i%len(hostileNames)], i)
		rs = append(rs, notifier.Recipient{ExternalID: fmt.Sprintf("id%02d", i), Address: fmt.Sprintf("person%02d@example.com", i), Name: name,
			Language: []string{"ru", "kk", ""}[i%3], State: notifier.Active, RegisteredAt: time.Now().Add(-time.Hour), Revision: 1})
	}
	if _, err := h.store.PutRecipients(ctx, rs); err != nil { // past the door, which refuses most of them
		t.Fatal(err)
	}
	h.run()
	h.closed(h.publish("Вторая.", nil).Seq)
	all := h.relay.taken()
	if len(all) != 50 {
		t.Fatalf("%d mails", len(all))
	}
	ids, links := map[string]bool{}, map[string]bool{}
	personal := regexp.MustCompile(`person\d\d@|secret\d\d|id\d\d\b`)
	for _, m := range all {
		e, err := enmime.ReadEnvelope(strings.NewReader(m.raw))
		if err != nil || len(e.Errors) != 0 {
			t.Fatalf("%s: %v, %v", m.to, err, e.Errors)
		}
		to, err := e.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != m.to || len(e.GetHeaderValues("To")) != 1 {
			t.Errorf("To of %s: %v, %v", m.to, to, err)
		}
		for _, never := range []string{"Cc", "Bcc", "X-Evil", "List-Unsubscribe", "List-Unsubscribe-Post"} {
			if e.GetHeader(never) != "" {
				t.Errorf("%s has %s", m.to, never)
			}
		}
		for _, name := range []string{"Subject", "Date", "Message-ID", "From", "Reply-To", "Content-Language", "Auto-Submitted"} {
			if len(e.GetHeaderValues(name)) != 1 {
				t.Errorf("%s has %q as %s", m.to, e.GetHeaderValues(name), name)
			}
		}
		ids[e.GetHeader("Message-ID")] = true
		link := link.FindStringSubmatch(e.Text)
		if link == nil || !strings.Contains(e.HTML, link[1]) || links[link[1]] {
			t.Fatalf("%s has the link %q", m.to, link)
		}
		links[link[1]] = true
		if found := personal.FindAllString(e.Text+e.HTML+e.GetHeader("Subject"), -1); len(found) != 0 {
			t.Errorf("%s reads %q", m.to, found)
		}
	}
	if len(ids) != 50 {
		t.Errorf("%d Message-IDs", len(ids))
	}
}

// TestForeignReaderOfNames: a name in a header is that of one person, or refused.
func TestForeignReaderOfNames(t *testing.T) {
	to, err := mail.ParseAddress("me@example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range hostileNames {
		raw, err := mail.Compose(mail.Message{ID: "1@example.kz", Date: time.Unix(1, 0), From: "A <a@example.kz>", To: to, ToName: name, Subject: "x", Text: "x"})
		if err != nil {
			continue
		}
		e, err := enmime.ReadEnvelope(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		list, err := e.AddressList("To")
		if err != nil || len(list) != 1 || list[0].Address != "me@example.com" || strings.Join(strings.Fields(list[0].Name), " ") != strings.Join(strings.Fields(name), " ") {
			t.Errorf("%q was read as %v, %v", name, list, err)
		}
		if got := e.GetHeaderKeys(); slices.Contains(got, "Bcc") || slices.Contains(got, "X-Evil") {
			t.Errorf("%q made a field: %v", name, got)
		}
	}
}
