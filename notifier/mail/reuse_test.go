package mail

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vestnik/notifier/mail/mailtest"
)

func to(i int) Address { return Address{fmt.Sprintf("r%d", i), "example.kz"} }

// handOver sends one message over c and returns Begin's or Finish's error.
func handOver(t testing.TB, c *Conn, to Address, message []byte) error {
	t.Helper()
	a, err := c.Begin(t.Context(), Address{"policy", "example.kz"}, to, message)
	if err == nil {
		_, err = a.Finish(t.Context())
	}
	return err
}

func dial(t testing.TB, url string) *Conn {
	t.Helper()
	c, err := Dial(t.Context(), Relay{URL: url, Patience: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// A refusal does not spoil the connection: the next message starts from RSET.
func TestReuseAfterRefusal(t *testing.T) {
	for _, phase := range []mailtest.Phase{mailtest.Mail, mailtest.Rcpt, mailtest.Data, mailtest.Dot} {
		s := mailtest.New(t, mailtest.Config{Script: mailtest.Once(phase, mailtest.Step{Say: "550 5.1.1 no"}, mailtest.Step{Say: "450 4.2.0 later"})})
		c := dial(t, s.URL())
		message := compose(t, example())
		for i := range 2 {
			if err := handOver(t, c, to(i), message); !isAnswer(err) || !c.Usable() {
				t.Fatalf("%s: %v, usable %v", phase, err, c.Usable())
			}
		}
		if err := handOver(t, c, to(2), message); err != nil {
			t.Fatalf("%s: %v", phase, err)
		}
		c.Close()
		s.HungUp(t)
		if m := s.Messages(); len(m) != 1 || !slices.Equal(m[0].To, []string{"r2@example.kz"}) {
			t.Errorf("%s: %+v", phase, m)
		}
		if resets := strings.Count(strings.Join(s.Commands(), "\n"), "RSET"); resets != map[bool]int{true: 2}[phase == mailtest.Rcpt || phase == mailtest.Data] {
			t.Errorf("%s: %d RSET", phase, resets)
		}
	}
}

// F36: a relay that has had enough of refusals says 421; nobody pays for it.
func TestEnoughRefusals(t *testing.T) {
	s := mailtest.New(t, mailtest.Config{Script: func(m mailtest.Moment) mailtest.Step {
		if m.Phase == mailtest.Rcpt && m.Nth == 20 {
			return mailtest.Step{Say: "421 4.7.0 too many errors", Drop: true}
		}
		return mailtest.Step{Say: map[bool]string{true: "550 5.1.1 no"}[m.Phase == mailtest.Rcpt]}
	}})
	c := dial(t, s.URL())
	message := compose(t, example())
	for i := range 20 {
		v := Classify(handOver(t, c, to(i), message), true)
		if last := i == 19; last != v.Break || last == c.Usable() {
			t.Fatalf("%d: %+v, usable %v", i, v, c.Usable())
		}
	}
}

// F54, F55: a relay that hangs up between messages is noticed before the next one.
func TestHungUpWhileIdle(t *testing.T) {
	for _, step := range []mailtest.Step{{Say: "250 2.0.0 ok", Drop: true}, {Say: "250 2.0.0 ok\r\n421 4.4.2 idle", Drop: true}} {
		s := mailtest.New(t, mailtest.Config{Script: mailtest.At(mailtest.Dot, step)})
		c := dial(t, s.URL())
		if err := handOver(t, c, to(0), compose(t, example())); err != nil {
			t.Fatal(err)
		}
		s.HungUp(t)
		if c.Usable() {
			t.Errorf("%q: usable", step.Say)
		}
		if v := Classify(handOver(t, c, to(1), compose(t, example())), false); v.Outcome != Later || !v.Break {
			t.Errorf("%q: %+v", step.Say, v)
		}
	}
}

func TestResetRefused(t *testing.T) {
	s := mailtest.New(t, mailtest.Config{Script: mailtest.Both(
		mailtest.At(mailtest.Rcpt, mailtest.Step{Say: "550 5.1.1 no"}), mailtest.At(mailtest.Rset, mailtest.Step{Say: "500 5.5.1 what?"}))})
	c := dial(t, s.URL())
	handOver(t, c, to(0), compose(t, example()))
	v := Classify(handOver(t, c, to(1), compose(t, example())), false)
	if v.Outcome != Later || !v.Break || v.Pause || c.Usable() {
		t.Errorf("%+v, usable %v", v, c.Usable())
	}
}

func TestRecycling(t *testing.T) {
	s := mailtest.New(t, mailtest.Config{})
	c := dial(t, s.URL())
	message := compose(t, example())
	for i := range maxMessages {
		if !c.Usable() {
			t.Fatalf("not usable after %d messages", i)
		}
		if err := handOver(t, c, to(i), message); err != nil {
			t.Fatal(err)
		}
	}
	if c.Usable() {
		t.Errorf("usable after %d messages", maxMessages)
	}
	c = dial(t, s.URL())
	if c.born = c.born.Add(-maxAge); c.Usable() {
		t.Errorf("usable after %v", maxAge)
	}
}

// Closing inside DATA must not end the message.
func TestCloseInsideData(t *testing.T) {
	s := mailtest.New(t, mailtest.Config{})
	c := dial(t, s.URL())
	message := compose(t, example())
	a, err := c.Begin(t.Context(), Address{}, to(0), message)
	if err != nil {
		t.Fatal(err)
	}
	if c.Usable() {
		t.Error("usable inside DATA")
	}
	if _, err := c.Begin(t.Context(), Address{}, to(1), compose(t, example())); err == nil {
		t.Error("began inside another message")
	}
	c.Close()
	if _, err := a.Finish(t.Context()); Classify(err, true).Outcome != Later {
		t.Errorf("Finish after Close: %v", err)
	}
	s.HungUp(t)
	if broken := s.Broken(); len(s.Messages()) != 0 || len(broken) != 1 || !bytes.Equal(broken[0], message) {
		t.Errorf("%d messages; after the message came more: %q", len(s.Messages()), broken)
	}
}

func TestFinishOnce(t *testing.T) {
	s := mailtest.New(t, mailtest.Config{})
	c := dial(t, s.URL())
	a, err := c.Begin(t.Context(), Address{}, to(0), compose(t, example()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Finish(t.Context()); err == nil || len(s.Messages()) != 1 {
		t.Errorf("finished twice: %v, %d messages", err, len(s.Messages()))
	}
}

// A context that has ended before the dot keeps the dot back.
func TestNoDotAfterTheEnd(t *testing.T) {
	s := mailtest.New(t, mailtest.Config{})
	c := dial(t, s.URL())
	ctx, cancel := context.WithCancel(t.Context())
	a, err := c.Begin(ctx, Address{}, to(0), compose(t, example()))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := a.Finish(ctx); Classify(err, true).Outcome != Later {
		t.Errorf("%v", err)
	}
	c.Close()
	s.HungUp(t)
	if len(s.Messages()) != 0 {
		t.Error("the message was taken")
	}
}

// MAIL says what the message needs and no more.
func TestMailParameters(t *testing.T) {
	ascii, wide := []byte("Subject: x\r\n\r\nx\r\n"), []byte("Subject: x\r\n\r\nы\r\n")
	tests := []struct {
		extensions []string
		message    []byte
		want       string
		code       int
	}{
		{[]string{"8BITMIME", "SMTPUTF8", "SIZE 100"}, ascii, "MAIL FROM:<policy@example.kz> SIZE=17", 0},
		{[]string{"8BITMIME", "SMTPUTF8"}, wide, "MAIL FROM:<policy@example.kz> BODY=8BITMIME", 0},
		{[]string{"X"}, ascii, "MAIL FROM:<policy@example.kz>", 0},
		{[]string{"SIZE"}, ascii, "MAIL FROM:<policy@example.kz> SIZE=17", 0},
		{[]string{"SIZE 0"}, ascii, "MAIL FROM:<policy@example.kz> SIZE=17", 0},
		{[]string{"size 16"}, ascii, "", 552},
		{[]string{"X"}, wide, "", 554},
	}
	for _, tt := range tests {
		s := mailtest.New(t, mailtest.Config{Extensions: tt.extensions})
		c := dial(t, s.URL())
		err := handOver(t, c, to(0), tt.message)
		if a, _ := err.(*Answer); tt.code == 0 && err != nil || tt.code > 0 && (a == nil || a.Code != tt.code || !Classify(err, false).Pause) {
			t.Errorf("%v: %v", tt.extensions, err)
		}
		said := s.Commands()[1:]
		if tt.want == "" && len(said) > 0 || tt.want != "" && said[0] != tt.want {
			t.Errorf("%v: said %q", tt.extensions, said)
		}
	}
}

func TestEnvelopeIsChecked(t *testing.T) {
	s := mailtest.New(t, mailtest.Config{})
	c := dial(t, s.URL())
	for _, a := range []Address{{}, {"a", "b.kz>\r\nDATA\r\n"}, {"a\r\nRSET", "b.kz"}, {"a> ORCPT=x", "b.kz"}, {"ы", "b.kz"}, {"a", "B.kz"}} {
		if v := Classify(handOver(t, c, a, compose(t, example())), false); v.Outcome != Refused || v.Reason != ReasonBadAddress {
			t.Errorf("to %q: %+v", a, v)
		}
		if _, err := c.Begin(t.Context(), a, to(0), []byte("x\n")); err == nil {
			t.Error("a malformed message was begun")
		}
		if a == (Address{}) {
			continue
		}
		if _, err := c.Begin(t.Context(), a, to(0), compose(t, example())); !Classify(err, false).Pause {
			t.Errorf("from %q: %v", a, err)
		}
	}
	if n := len(s.Commands()); n != 1 {
		t.Errorf("said %q", s.Commands())
	}
}

// Dots, long bodies and every byte of them arrive as they were.
func TestTransparency(t *testing.T) {
	s := mailtest.New(t, mailtest.Config{})
	c := dial(t, s.URL())
	for _, body := range []string{".", "..", "...\r\n.\r\n..x", "a\r\n.\r\nb", strings.Repeat(".x\r\n", 100_000)} {
		message := []byte(body + "\r\n")
		if err := handOver(t, c, to(0), message); err != nil {
			t.Fatal(err)
		}
		if m := s.Messages(); !bytes.Equal(m[len(m)-1].Data, message) {
			t.Errorf("%.20q arrived as %.20q", message, m[len(m)-1].Data)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	s := mailtest.New(t, mailtest.Config{Script: func(m mailtest.Moment) mailtest.Step {
		return mailtest.Step{Drop: m.Phase == mailtest.Dot && m.Nth%7 == 0, Commit: m.Nth%14 == 0}
	}})
	message := compose(t, example())
	var wg sync.WaitGroup
	var mu sync.Mutex
	outcomes := map[string]Outcome{}
	for w := range 4 {
		wg.Go(func() {
			var c *Conn
			for i := range 50 {
				if c == nil || !c.Usable() {
					if c != nil {
						c.Close()
					}
					var err error
					if c, err = Dial(t.Context(), Relay{URL: s.URL(), Patience: 10 * time.Second}); err != nil {
						t.Error(err)
						return
					}
				}
				who := to(w*50 + i)
				v := Classify(handOver(t, c, who, message), true)
				mu.Lock()
				outcomes[who.String()] = v.Outcome
				mu.Unlock()
			}
			c.Close()
		})
	}
	wg.Wait()
	s.HungUp(t)
	copies := s.Copies()
	for who, o := range outcomes {
		if n := copies[who]; n > 1 || o == Accepted && n != 1 || o != Accepted && o != Unknown {
			t.Errorf("%s: %s, %d copies", who, o, n)
		}
	}
	if len(outcomes) != 200 {
		t.Errorf("%d outcomes", len(outcomes))
	}
}
