package mailbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"vestnik/notifier/mail"
)

// box collects what the server keeps.
type box struct {
	mu    sync.Mutex
	mails []Mail
	fail  error
	wait  chan struct{} // keep waits for it if set
}

func (b *box) keep(ctx context.Context, m Mail) error {
	if b.wait != nil {
		<-b.wait
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return b.fail
	}
	b.mails = append(b.mails, m)
	return nil
}

func (b *box) all() []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Mail(nil), b.mails...)
}

func start(t *testing.T, b *box) (*Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := New(b.keep, slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s, l.Addr().String()
}

func send(t *testing.T, addr string, m mail.Message) (mail.Answer, error) {
	t.Helper()
	raw, err := mail.Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	c, err := mail.Dial(t.Context(), mail.Relay{URL: "smtp://" + addr, Hello: "vestnik.test"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	a, err := c.Begin(t.Context(), mail.Address{Local: "policy", Domain: "example.kz"}, m.To, raw)
	if err != nil {
		t.Fatal(err)
	}
	return a.Finish(t.Context())
}

func notice(name string) mail.Message {
	return mail.Message{
		ID: "1.2@example.kz", Date: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC),
		From: "Мысал <policy@example.kz>", To: mail.Address{Local: "a", Domain: "example.kz"}, ToName: name,
		Subject: "Құпиялық саясаты", Text: "Сәлем\n.\n.x\n", HTML: "<p>Сәлем</p>\n", Language: "kk",
	}
}

func TestRoundTrip(t *testing.T) {
	b := &box{}
	_, addr := start(t, b)
	m := notice("Айгүл")
	if _, err := send(t, addr, m); err != nil {
		t.Fatal(err)
	}
	got := b.all()
	if len(got) != 1 || got[0].From != "policy@example.kz" || got[0].To[0] != "a@example.kz" || got[0].Subject != m.Subject {
		t.Fatalf("kept %+v", got)
	}
	if want, _ := mail.Compose(m); string(want) != string(got[0].Raw) {
		t.Errorf("other bytes:\n%s\n%s", want, got[0].Raw)
	}
	v, err := Parse(got[0].Raw)
	if err != nil {
		t.Fatal(err)
	}
	if v.Subject != m.Subject || v.Text != m.Text || v.HTML != m.HTML || !v.Date.Equal(m.Date) || v.Parts != 2 || v.Cut ||
		!strings.HasPrefix(v.From, "Мысал <") || !strings.HasPrefix(v.To, "Айгүл <") {
		t.Errorf("view %+v", v)
	}
}

func TestAnswerFollowsKeeping(t *testing.T) {
	b := &box{fail: errors.New("disk full")}
	_, addr := start(t, b)
	_, err := send(t, addr, notice(""))
	var a *mail.Answer
	if !errors.As(err, &a) || a.Code != 451 || strings.Contains(a.Text, "disk") {
		t.Fatalf("answer %v", err)
	}
	if v := mail.Classify(err, true); v.Outcome != mail.Later {
		t.Errorf("verdict %+v", v)
	}
}

func TestNames(t *testing.T) {
	b := &box{}
	_, addr := start(t, b)
	for i, name := range hostileNames() {
		m := notice(name)
		if _, err := mail.Compose(m); err != nil {
			continue // refused is as good
		}
		if _, err := send(t, addr, m); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		all := b.all()
		v, err := Parse(all[len(all)-1].Raw)
		if err != nil {
			t.Fatalf("%d %q: %v", i, name, err)
		}
		if v.Text != m.Text || v.Subject != m.Subject || !strings.HasSuffix(v.To, "<a@example.kz>") || len(v.Headers) != 10 {
			t.Errorf("%d %q changed the message: %+v", i, name, v)
		}
	}
	if n := len(b.all()); n < 30 {
		t.Errorf("only %d names were accepted", n)
	}
}

func hostileNames() []string {
	names := []string{
		"", " ", "O'Neil", `"`, `\`, `"\"`, "a, b@evil.example", "<b@evil.example>", "a <b@evil.example>,", "(comment)", ";", ":",
		"a\r\nBcc: b@evil.example", "a\nX: y", "a\rX: y", "\x00", "\x7f", "\u0085", "\u2028", "\u2029", "\u202Eevil", "\u2066x\u2069",
		"=?utf-8?q?x?=", "=?utf-8?b?DQpCY2M6?=", "?=", "=?", "{{.}}", "<script>alert(1)</script>", "javascript:alert(1)",
		"Әлия", "Ғалымжан Құрманғазыұлы", "محمد", "עברית", "李小龍", "👩‍👩‍👧", "e\u0301", "\u200b", "\ufeff", "\xff\xfe", "\xd0",
		".", "..", "\r\n.\r\n", "MAIL FROM:<x>", "%s%n", "${jndi:x}", "' OR 1=1 --", "@", "@@", "<>", "a@b", "[127.0.0.1]", "\t\t",
	}
	for _, n := range []int{60, 78, 200, 998} {
		names = append(names, strings.Repeat("ы", n), strings.Repeat("a ", n), strings.Repeat("x", n))
	}
	return names
}

// talk speaks raw SMTP and returns the last reply to each line.
func talk(t *testing.T, addr string, lines ...string) []string {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := bufio.NewReader(c)
	read := func() string {
		for {
			l, err := in.ReadString('\n')
			if err != nil || len(l) < 4 || l[3] == ' ' {
				return strings.TrimSpace(l)
			}
		}
	}
	replies := []string{read()}
	for _, l := range lines {
		if _, err := io.WriteString(c, l+"\r\n"); err != nil {
			return replies
		}
		replies = append(replies, read())
	}
	return replies
}

func TestLimits(t *testing.T) {
	b := &box{}
	_, addr := start(t, b)
	lines := []string{"EHLO x", "MAIL FROM:<a@b.kz>"}
	for i := range maxRecipients + 1 {
		lines = append(lines, fmt.Sprintf("RCPT TO:<r%d@b.kz>", i))
	}
	replies := talk(t, addr, lines...)
	if last := replies[len(replies)-1]; !strings.HasPrefix(last, "452") {
		t.Errorf("recipient %d: %s", maxRecipients+1, last)
	}
	big := strings.Repeat(strings.Repeat("x", 900)+"\r\n", maxMessage/900)
	replies = talk(t, addr, "EHLO x", "MAIL FROM:<a@b.kz>", "RCPT TO:<a@b.kz>", "DATA", "Subject: x\r\n\r\n"+big+".", "NOOP")
	if got := replies[len(replies)-2]; !strings.HasPrefix(got, "552") {
		t.Errorf("large message: %s", got)
	}
	if len(b.all()) != 0 {
		t.Error("a large message was kept")
	}
}

func TestHalfAMessageIsNotKept(t *testing.T) {
	b := &box{}
	s, addr := start(t, b)
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(c)
	for _, l := range []string{"HELO x", "MAIL FROM:<a@b.kz>", "RCPT TO:<a@b.kz>", "DATA"} {
		in.ReadString('\n')
		fmt.Fprintf(c, "%s\r\n", l)
	}
	in.ReadString('\n')
	fmt.Fprintf(c, "Subject: x\r\n\r\nhalf of i")
	c.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, in) // until the server hangs up
	c.Close()
	s.Close()
	if len(b.all()) != 0 {
		t.Error("half a message was kept")
	}
}

func TestCloseWaitsForKeeping(t *testing.T) {
	b := &box{wait: make(chan struct{})}
	s, addr := start(t, b)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		talk(t, addr, "EHLO x", "MAIL FROM:<a@b.kz>", "RCPT TO:<a@b.kz>", "DATA", "Subject: x\r\n\r\ny\r\n.")
	}()
	b.wait <- struct{}{} // keep has begun
	s.Close()
	if len(b.all()) != 1 {
		t.Error("Close did not wait")
	}
	<-sent
}

func TestOnlyLoopback(t *testing.T) {
	s := New((&box{}).keep, slog.New(slog.DiscardHandler))
	if err := s.Serve(elsewhere{}); err == nil {
		t.Error("served beyond loopback")
	}
}

// elsewhere is a listener on a public address.
type elsewhere struct{ net.Listener }

func (elsewhere) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 25} }
func (elsewhere) Close() error   { return nil }
