package mail

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"vestnik/notifier/mail/mailtest"
)

// What an attempt came to.
type result struct {
	err      error
	finished bool
	answer   Answer
	verdict  Verdict
}

// attempt dials, hands over one message and hangs up. between runs before the dot.
func attempt(t *testing.T, r Relay, between func(*Conn)) result {
	t.Helper()
	var res result
	c, err := Dial(t.Context(), r)
	if err == nil {
		defer c.Close()
		var a *Attempt
		if a, err = c.Begin(t.Context(), Address{"policy", "example.kz"}, Address{"aigul", "example.kz"}, compose(t, example())); err == nil {
			if between != nil {
				between(c)
			}
			res.finished = true
			res.answer, err = a.Finish(t.Context())
		}
	}
	res.err, res.verdict = err, Classify(err, res.finished)
	return res
}

const stall = 100 * time.Millisecond // long enough for loopback, short enough for a test

func TestFaults(t *testing.T) {
	say := func(s string) mailtest.Step { return mailtest.Step{Say: s} }
	bye := func(s string) mailtest.Step { return mailtest.Step{Say: s, Drop: true} }
	drop, reset, hang := mailtest.Step{Drop: true}, mailtest.Step{Reset: true}, mailtest.Step{Stall: true}
	relayLater := Verdict{Outcome: Later, Retry: RetryRelay, Reason: ReasonRelay, Break: true}
	doubt := Verdict{Outcome: Unknown, Retry: RetryDoubt, Reason: ReasonDoubt, Break: true}
	accepted := Verdict{Outcome: Accepted}
	long := strings.Repeat("x", 9000)
	tests := []struct {
		name   string
		phase  mailtest.Phase
		step   mailtest.Step
		want   Verdict
		copies int
	}{
		{"F04 silence", mailtest.Greeting, hang, relayLater, 0},
		{"F05 554 greeting", mailtest.Greeting, bye("554 5.7.1 go away"), relayLater, 0},
		{"F06 421 greeting", mailtest.Greeting, bye("421 4.3.2 busy"), relayLater, 0},
		{"F07 banner in pieces", mailtest.Greeting, mailtest.Step{Say: "220-a\r\n220-b\r\n220 c", Pieces: true}, accepted, 1},
		{"F07 endless banner", mailtest.Greeting, say(strings.Repeat("220-x\r\n", 20000)), relayLater, 0},
		{"not SMTP", mailtest.Greeting, say("HTTP/1.1 400 Bad Request"), relayLater, 0},
		{"other code in one reply", mailtest.Greeting, say("220-a\r\n250 b"), relayLater, 0},
		{"F08 421 to EHLO", mailtest.Ehlo, bye("421 4.3.2 busy"), relayLater, 0},
		{"F09 no EHLO", mailtest.Ehlo, say("502 5.5.1 what?"), accepted, 1},
		{"554 to EHLO", mailtest.Ehlo, say("554 5.7.1 no"), relayLater, 0},
		{"F60 no extensions", mailtest.Ehlo, say("250 relay.test"), accepted, 1},
		{"F22 421 to MAIL", mailtest.Mail, bye("421 4.7.0 closing"), relayLater, 0},
		{"F23 4xx to MAIL", mailtest.Mail, say("451 4.3.0 later"), later(RetrySoon, ReasonTemporary), 0},
		{"F24 5xx to MAIL", mailtest.Mail, say("550 5.7.1 not you"), mend(ReasonSender), 0},
		{"F25 drop at MAIL", mailtest.Mail, drop, relayLater, 0},
		{"F26 stall at MAIL", mailtest.Mail, hang, relayLater, 0},
		{"F27 size", mailtest.Mail, say("552 5.3.4 too big"), mend(ReasonTooBig), 0},
		{"F28 nested MAIL", mailtest.Mail, say("503 5.5.1 nested"), Verdict{Outcome: Later, Retry: RetryMended, Reason: ReasonProtocol, Gate: GateProtocol}, 0},
		{"F29 421 to RCPT", mailtest.Rcpt, bye("421 4.7.0 closing"), relayLater, 0},
		{"F30 greylist", mailtest.Rcpt, say("450 4.7.1 greylisted"), later(RetrySoon, ReasonTemporary), 0},
		{"F31 no such user", mailtest.Rcpt, say("550 5.1.1 no such user"), dead(ReasonNoMailbox), 0},
		{"F32 drop at RCPT", mailtest.Rcpt, drop, relayLater, 0},
		{"F33 stall at RCPT", mailtest.Rcpt, hang, relayLater, 0},
		{"F34 551", mailtest.Rcpt, say("551 moved"), dead(ReasonNoMailbox), 0},
		{"F34 251", mailtest.Rcpt, say("251 will forward"), accepted, 1},
		{"F35 452 too many", mailtest.Rcpt, say("452 4.5.3 too many recipients"), later(RetryThrottled, ReasonThrottled), 0},
		{"F37 421 to DATA", mailtest.Data, bye("421 4.3.2 closing"), relayLater, 0},
		{"F38 451 to DATA", mailtest.Data, say("451 4.3.0 later"), later(RetrySoon, ReasonTemporary), 0},
		{"F39 554 to DATA", mailtest.Data, say("554 5.7.1 policy"), Verdict{Outcome: Refused, Reason: ReasonPolicy, Gate: GatePolicy}, 0},
		{"F40 drop at DATA", mailtest.Data, drop, relayLater, 0},
		{"F41 stall at DATA", mailtest.Data, hang, relayLater, 0},
		{"250 to DATA", mailtest.Data, say("250 2.0.0 ok"), relayLater, 0},
		{"F53 two replies at once", mailtest.Data, say("354 go\r\n250 2.0.0 ok"), relayLater, 0},
		{"two replies at RCPT", mailtest.Rcpt, say("250 ok\r\n354 go"), relayLater, 0},
		{"F46 drop after the dot, taken", mailtest.Dot, mailtest.Step{Drop: true, Commit: true}, doubt, 1},
		{"F46 reset after the dot, taken", mailtest.Dot, mailtest.Step{Reset: true, Commit: true}, doubt, 1},
		{"F47 drop after the dot, not taken", mailtest.Dot, drop, doubt, 0},
		{"F47 reset after the dot, not taken", mailtest.Dot, reset, doubt, 0},
		{"F48 late 250", mailtest.Dot, mailtest.Step{Stall: true, Commit: true}, doubt, 1},
		{"F49 421 to the dot", mailtest.Dot, bye("421 4.3.2 closing"), relayLater, 0},
		{"F49 451 to the dot", mailtest.Dot, say("451 4.3.0 later"), later(RetrySoon, ReasonTemporary), 0},
		{"F49 554 to the dot", mailtest.Dot, say("554 5.7.1 spam"), Verdict{Outcome: Refused, Reason: ReasonPolicy, Gate: GatePolicy}, 0},
		{"F49 552 to the dot", mailtest.Dot, say("552 5.2.2 mailbox full"), later(RetryFull, ReasonFull), 0},
		{"354 to the dot", mailtest.Dot, say("354 go on"), doubt, 0},
		{"garbage to the dot", mailtest.Dot, mailtest.Step{Say: "\x00\x01\x02", Commit: true}, doubt, 1},
		{"F50 bare 250", mailtest.Dot, say("250"), accepted, 1},
		{"F50 multi-line", mailtest.Dot, say("250-2.0.0 a\r\n250 2.0.0 b"), accepted, 1},
		{"F50 garbage text", mailtest.Dot, say("250 \xff\xfe\x00\x1b"), accepted, 1},
		{"F51 in pieces", mailtest.Dot, mailtest.Step{Say: "250 2.0.0 ok", Pieces: true}, accepted, 1},
		{"F52 long line", mailtest.Dot, say("250 2.0.0 " + long), accepted, 1},
		{"F52 endless line", mailtest.Dot, say("250 2.0.0 " + strings.Repeat(long, 10)), doubt, 1},
		{"F54 drop after 250", mailtest.Dot, bye("250 2.0.0 ok"), accepted, 1},
		{"F57 stall at QUIT", mailtest.Quit, hang, accepted, 1},
		{"drop at QUIT", mailtest.Quit, drop, accepted, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.New(t, mailtest.Config{Script: mailtest.At(tt.phase, tt.step)})
			r := Relay{URL: s.URL(), Patience: 10 * time.Second}
			if tt.step.Stall {
				r.Patience = stall
			}
			res := attempt(t, r, nil)
			if res.verdict != tt.want {
				t.Errorf("verdict %+v, want %+v; error %v", res.verdict, tt.want, res.err)
			}
			s.HungUp(t)
			if n := len(s.Messages()); n != tt.copies {
				t.Errorf("%d copies, want %d", n, tt.copies)
			}
			if len(res.answer.Text) > maxText {
				t.Errorf("%d bytes of answer", len(res.answer.Text))
			}
		})
	}
}

// A relay that gives up in the middle of a message has not taken it, and we know.
func TestFaultsInBody(t *testing.T) {
	for name, step := range map[string]mailtest.Step{
		"F42 drop": {Drop: true}, "F42 reset": {Reset: true}, "F43 421": {Say: "421 4.3.0 going down", Drop: true},
		"F43 552": {Say: "552 5.3.4 too big", Drop: true}, "F53 250 unasked": {Say: "250 2.0.0 ok"},
	} {
		t.Run(name, func(t *testing.T) {
			said := make(chan struct{})
			s := mailtest.New(t, mailtest.Config{Script: func(m mailtest.Moment) mailtest.Step {
				if m.Phase == mailtest.Body {
					close(said)
					return step
				}
				return mailtest.Step{}
			}})
			res := attempt(t, Relay{URL: s.URL()}, func(c *Conn) {
				<-said
				if step.Drop || step.Reset {
					s.HungUp(t)
				} else if _, err := c.in.Peek(1); err != nil {
					t.Error(err)
				}
			})
			if res.verdict.Outcome != Later {
				t.Errorf("verdict %+v, error %v", res.verdict, res.err)
			}
			s.HungUp(t)
			if len(s.Messages()) != 0 {
				t.Error("the message was taken")
			}
		})
	}
}

func TestConnectFaults(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	for name, url := range map[string]string{"F01 refused": "smtp://" + l.Addr().String(), "F03 no such host": "smtps://relay.invalid"} {
		res := attempt(t, Relay{URL: url, Patience: 2 * time.Second}, nil)
		if v := res.verdict; v.Outcome != Later || !v.Break || v.Pause {
			t.Errorf("%s: %+v %v", name, v, res.err)
		}
	}
}

// A context that ends closes the socket, and after the dot leaves a doubt.
func TestContext(t *testing.T) {
	for _, phase := range []mailtest.Phase{mailtest.Greeting, mailtest.Rcpt, mailtest.Dot} {
		ctx, cancel := context.WithCancel(t.Context())
		s := mailtest.New(t, mailtest.Config{Script: func(m mailtest.Moment) mailtest.Step {
			if m.Phase == phase {
				cancel()
				return mailtest.Step{Stall: true}
			}
			return mailtest.Step{}
		}})
		c, err := Dial(ctx, Relay{URL: s.URL()})
		if err == nil {
			var a *Attempt
			if a, err = c.Begin(ctx, Address{}, Address{"a", "example.kz"}, compose(t, example())); err == nil {
				_, err = a.Finish(ctx)
			}
			if c.Usable() {
				t.Errorf("%s: still usable", phase)
			}
			c.Close()
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", phase, err)
		}
		if want := map[bool]Outcome{true: Unknown, false: Later}[phase == mailtest.Dot]; Classify(err, phase == mailtest.Dot).Outcome != want {
			t.Errorf("%s: %+v", phase, Classify(err, phase == mailtest.Dot))
		}
		s.HungUp(t)
	}
}
