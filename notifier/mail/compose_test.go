package mail

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"testing"
	"time"
)

func TestComposeIsDeterministic(t *testing.T) {
	first := compose(t, example())
	for range 20 {
		if again := compose(t, example()); !bytes.Equal(first, again) {
			t.Fatalf("two renderings differ:\n%s\n%s", first, again)
		}
	}
	m := example()
	m.Date = m.Date.UTC() // as a store may give it back
	if !bytes.Equal(first, compose(t, m)) {
		t.Error("the zone of the date changes the bytes")
	}
	m.ID = "other@notices.example.kz"
	if bytes.Equal(first, compose(t, m)) {
		t.Error("the Message-ID changes nothing")
	}
	for _, unwanted := range []string{"User-Agent", "X-Mailer", "go-mail"} {
		if bytes.Contains(first, []byte(unwanted)) {
			t.Errorf("the message has %s", unwanted)
		}
	}
}

// Every message must pass what Begin demands, be ASCII, and have each field once.
func TestComposeForm(t *testing.T) {
	m := example()
	m.Subject = strings.Repeat("Құпиялық саясаты ", 60)
	m.Headers = append(m.Headers, Header{"X-Long", strings.Repeat("abcdefgh ", 300)}, Header{"X-Word", strings.Repeat("w", maxWord)})
	m.Text = strings.Repeat("x", 5000) + "\r\r\n\n.\n..\n" + strings.Repeat("ы", 5000) + "\x00\x1b[31m\n"
	m.HTML = strings.Repeat("<p>.</p>\n.\n", 500)
	raw := compose(t, m)
	if err := checkLines(raw); err != nil {
		t.Fatal(err)
	}
	if !isASCII(raw) {
		t.Error("not ASCII")
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			t.Error("a header line of white space only")
		}
	}
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range msg.Header {
		if len(values) != 1 {
			t.Errorf("%s: %d times", name, len(values))
		}
	}
	for name, want := range map[string]string{
		"Message-Id": "<v1.42.abcdef@notices.example.kz>", "Date": "Sun, 22 Nov 2026 05:00:00 +0000", "Content-Language": "kk, ru",
		"Auto-Submitted": "auto-generated", "X-Word": strings.Repeat("w", maxWord), "Mime-Version": "1.0",
	} {
		if got := msg.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestComposeTextOnly(t *testing.T) {
	m := example()
	m.HTML, m.ToName, m.ReplyTo, m.Headers = "", "", "", []Header{{"auto-submitted", "auto-replied"}}
	msg, err := netmail.ReadMessage(bytes.NewReader(compose(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	if got := msg.Header.Get("Content-Type"); got != "text/plain; charset=UTF-8" {
		t.Errorf("Content-Type %q", got)
	}
	if got := msg.Header["Auto-Submitted"]; len(got) != 1 || got[0] != "auto-replied" {
		t.Errorf("Auto-Submitted %q", got)
	}
	if got := msg.Header.Get("To"); got != "<aigul@example.kz>" {
		t.Errorf("To %q", got)
	}
}

// Nothing that people type makes another field or another message.
func TestComposeRefuses(t *testing.T) {
	breaks := []string{"a\r\nBcc: x@y.kz", "a\nX: y", "a\rX: y", "a\x00", "a\x0b", "a\u0085b", "a\u2028b", "a\u202eb", "a\u2067b", "\xff", "=?utf-8?q?x?=", "=?utf-8?q?a=0AX:?=", strings.Repeat("x", maxWord+1)}
	fields := map[string]func(*Message, string){
		"subject":  func(m *Message, s string) { m.Subject = s },
		"name":     func(m *Message, s string) { m.ToName = s },
		"header":   func(m *Message, s string) { m.Headers = []Header{{"X-A", s}} },
		"language": func(m *Message, s string) { m.Language = s },
		"id":       func(m *Message, s string) { m.ID = s + "@example.kz" },
		"id host":  func(m *Message, s string) { m.ID = "a@" + s },
		"local":    func(m *Message, s string) { m.To.Local = s },
		"domain":   func(m *Message, s string) { m.To.Domain = s },
		"from":     func(m *Message, s string) { m.From = s + " <a@example.kz>" },
		"reply":    func(m *Message, s string) { m.ReplyTo = s + " <a@example.kz>" },
	}
	for name, set := range fields {
		for _, s := range breaks {
			m := example()
			set(&m, s)
			raw, err := Compose(m)
			if strings.HasPrefix(s, "=?utf-8?q?x") && (name == "local" || name == "id") {
				continue // only atoms, and nobody decodes them there
			}
			if err == nil && !((name == "from" || name == "reply") && sameFields(t, raw)) {
				t.Errorf("%s %q: accepted", name, s)
			}
		}
	}
	for _, name := range []string{"", "X Y", "X:", "X\r\nBcc", "Ключ", "bcc", "FROM", "Content-Type", "message-id", "Resent-To", strings.Repeat("x", 61)} {
		m := example()
		m.Headers = []Header{{name, "x"}}
		if _, err := Compose(m); err == nil {
			t.Errorf("the header %q was accepted", name)
		}
	}
	for name, change := range map[string]func(*Message){
		"no text": func(m *Message) { m.Text = "" }, "no date": func(m *Message) { m.Date = time.Time{} },
		"no sender": func(m *Message) { m.From = "" }, "two senders": func(m *Message) { m.From = "a@b.kz, c@d.kz" },
		"no recipient": func(m *Message) { m.To = Address{} }, "no id": func(m *Message) { m.ID = "" },
		"boundary": func(m *Message) { m.Text = "--" + boundaryFor(m.ID) + "--" },
		"twice":    func(m *Message) { m.Headers = []Header{{"X-A", "1"}, {"x-a", "2"}} },
	} {
		m := example()
		change(&m)
		if _, err := Compose(m); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// sameFields tells whether raw has the fields of an ordinary message and no other.
// net/mail reads some odd names itself and drops what is odd in them.
func sameFields(t *testing.T, raw []byte) bool {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	return err == nil && len(m.Header) == 12
}

func TestSender(t *testing.T) {
	a, err := Sender("Мысал <policy@пример.қаз>")
	if err != nil || a != (Address{"policy", "xn--e1afmkfd.xn--80ao21a"}) {
		t.Errorf("%v %v", a, err)
	}
	if a, err = Sender("policy@example.kz"); err != nil || a.String() != "policy@example.kz" {
		t.Errorf("%v %v", a, err)
	}
	for _, s := range []string{"", "x", "a@b", "a@b.kz c@d.kz", "a@b.kz\r\nBcc: x@y.kz"} {
		if _, err := Sender(s); err == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}

func TestCheckLines(t *testing.T) {
	for _, s := range []string{"", "x", "x\n", "x\r", "a\rb\r\n", "a\nb\r\n", "a\r\r\n", "\x00\r\n", "a\r\n.\n.\r\n", strings.Repeat("x", 999) + "\r\n"} {
		if checkLines([]byte(s)) == nil {
			t.Errorf("%q was accepted", s)
		}
	}
	for _, s := range []string{"\r\n", ".\r\n", "a\r\n\r\n.\r\n", strings.Repeat("x", 998) + "\r\n"} {
		if err := checkLines([]byte(s)); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func BenchmarkCompose(b *testing.B) {
	m := example()
	m.Text = strings.Repeat("Мы уведомим вас о существенных изменениях настоящей Политики.\n", 60)
	m.HTML = strings.Repeat("<p>Мы уведомим вас о существенных изменениях настоящей Политики.</p>\n", 60)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.ID = fmt.Sprintf("v%d@example.kz", i)
		if _, err := Compose(m); err != nil {
			b.Fatal(err)
		}
	}
}
