package mail

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

func refuse(phase Phase, code int, enhanced, text string) *Answer {
	return &Answer{Code: code, Enhanced: enhanced, Text: enhanced + " " + text, Phase: phase}
}

// The rows of the table of answers, in its order.
func TestClassify(t *testing.T) {
	timeout := &net.OpError{Op: "read", Err: errors.New("i/o timeout")}
	relay := Verdict{Outcome: Later, Retry: RetryRelay, Reason: ReasonRelay, Break: true}
	doubt := Verdict{Outcome: Unknown, Retry: RetryDoubt, Reason: ReasonDoubt, Break: true}
	protocol := Verdict{Outcome: Later, Retry: RetryMended, Reason: ReasonProtocol, Gate: GateProtocol}
	policy := Verdict{Outcome: Refused, Reason: ReasonPolicy, Gate: GatePolicy}
	domain := Verdict{Outcome: Later, Retry: RetryDomain, Reason: ReasonBadDomain, Suppress: true, Second: true}
	disabled := Verdict{Outcome: Refused, Reason: ReasonNoMailbox, Suppress: true, Second: true, Gate: GateDead}
	other := Verdict{Outcome: Refused, Reason: ReasonRefused, Suppress: true, Second: true, Gate: GateDead}
	utf8 := Verdict{Outcome: Refused, Reason: ReasonNeedsUTF8}
	throttled, soon, full := later(RetryThrottled, ReasonThrottled), later(RetrySoon, ReasonTemporary), later(RetryFull, ReasonFull)
	tests := []struct {
		err      error
		afterDot bool
		want     Verdict
	}{
		{nil, true, Verdict{Outcome: Accepted}},
		{io.EOF, true, doubt},
		{timeout, true, doubt},
		{fmt.Errorf("%w: x", ErrProtocol), true, doubt},
		{fmt.Errorf("%w: %w", ErrNotSent, io.EOF), true, relay},
		{fmt.Errorf("%w: %w", ErrNotSent, refuse(PhaseData, 552, "5.3.4", "")), true, mend(ReasonTooBig)},
		{io.EOF, false, relay},
		{timeout, false, relay},
		{refuse(PhaseRcpt, 421, "4.7.0", "closing"), false, relay},
		{refuse(PhaseDot, 421, "4.7.28", "rate"), true, relay},
		{refuse(PhaseConnect, 554, "5.7.1", ""), false, relay},
		{refuse(PhaseConnect, 450, "", ""), false, relay},
		{refuse(PhaseAuth, 454, "4.7.0", ""), false, relay},
		{refuse(PhaseTLS, 454, "4.3.0", ""), false, relay},
		{refuse(PhaseAuth, 535, "5.7.8", ""), false, mend(ReasonLogin)},
		{refuse(PhaseAuth, 504, "5.5.4", ""), false, mend(ReasonLogin)},
		{refuse(PhaseMail, 530, "5.7.0", "Authentication required"), false, mend(ReasonLogin)},
		{refuse(PhaseMail, 538, "5.7.11", ""), false, mend(ReasonLogin)},
		{ErrNoAuth, false, mend(ReasonLogin)},
		{refuse(PhaseMail, 530, "5.7.0", "Must issue a STARTTLS command first"), false, mend(ReasonTLS)},
		{refuse(PhaseMail, 550, "5.7.0", "must issue StartTLS"), false, mend(ReasonTLS)},
		{ErrNoTLS, false, mend(ReasonTLS)},
		{fmt.Errorf("%w: x509", ErrTLS), false, mend(ReasonTLS)},
		{ErrMessage, false, mend(ReasonContent)},
		{refuse(PhaseMail, 552, "5.3.4", ""), false, mend(ReasonTooBig)},
		{refuse(PhaseDot, 523, "", ""), true, mend(ReasonTooBig)},
		{refuse(PhaseDot, 550, "5.2.3", ""), true, mend(ReasonTooBig)},
		{refuse(PhaseMail, 552, "", ""), false, mend(ReasonTooBig)},
		{refuse(PhaseDot, 552, "", "Message size exceeds limit"), true, mend(ReasonTooBig)},
		{refuse(PhaseMail, 555, "5.5.4", ""), false, protocol},
		{refuse(PhaseRcpt, 501, "", ""), false, protocol},
		{refuse(PhaseData, 503, "5.5.1", ""), false, protocol},
		{refuse(PhaseRcpt, 500, "5.3.0", ""), false, protocol},
		{refuse(PhaseMail, 553, "5.1.8", ""), false, mend(ReasonSender)},
		{refuse(PhaseRcpt, 550, "5.1.7", ""), false, mend(ReasonSender)},
		{refuse(PhaseDot, 550, "5.7.26", ""), true, mend(ReasonSender)},
		{refuse(PhaseDot, 550, "5.7.25", ""), true, mend(ReasonSender)},
		{refuse(PhaseDot, 550, "5.7.515", ""), true, mend(ReasonSender)},
		{refuse(PhaseDot, 550, "5.7.20", ""), true, mend(ReasonSender)},
		{refuse(PhaseMail, 550, "", "sender rejected"), false, mend(ReasonSender)},
		{refuse(PhaseDot, 554, "5.7.1", "spam"), true, policy},
		{refuse(PhaseRcpt, 550, "5.7.1", "policy"), false, policy},
		{refuse(PhaseRcpt, 550, "5.1.1", ""), false, dead(ReasonNoMailbox)},
		{refuse(PhaseRcpt, 550, "5.1.6", ""), false, dead(ReasonNoMailbox)},
		{refuse(PhaseDot, 550, "5.1.10", ""), true, dead(ReasonNoMailbox)},
		{refuse(PhaseRcpt, 551, "", ""), false, dead(ReasonNoMailbox)},
		{refuse(PhaseRcpt, 550, "", "User unknown"), false, dead(ReasonNoMailbox)},
		{refuse(PhaseRcpt, 550, "5.2.1", ""), false, disabled},
		{refuse(PhaseRcpt, 550, "5.1.2", ""), false, domain},
		{refuse(PhaseRcpt, 550, "5.4.4", ""), false, domain},
		{refuse(PhaseRcpt, 553, "", "NXDOMAIN"), false, domain},
		{refuse(PhaseRcpt, 501, "5.1.3", ""), false, dead(ReasonBadAddress)},
		{refuse(PhaseRcpt, 553, "", ""), false, dead(ReasonBadAddress)},
		{refuse(PhaseRcpt, 552, "5.2.2", ""), false, full},
		{refuse(PhaseRcpt, 552, "", "mailbox full"), false, full},
		{refuse(PhaseRcpt, 553, "5.6.7", ""), false, utf8},
		{refuse(PhaseRcpt, 550, "", "SMTPUTF8 is required"), false, utf8},
		{refuse(PhaseDot, 554, "5.6.0", ""), true, mend(ReasonContent)},
		{refuse(PhaseDot, 450, "4.7.28", ""), true, throttled},
		{refuse(PhaseRcpt, 450, "4.7.0", ""), false, throttled},
		{refuse(PhaseRcpt, 451, "4.4.5", ""), false, throttled},
		{refuse(PhaseRcpt, 452, "4.5.3", ""), false, throttled},
		{refuse(PhaseRcpt, 450, "4.3.2", ""), false, throttled},
		{refuse(PhaseDot, 454, "", "Throttling failure: Maximum sending rate exceeded."), true, throttled},
		{refuse(PhaseDot, 450, "4.7.26", ""), true, mend(ReasonSender)},
		{refuse(PhaseDot, 450, "4.7.32", ""), true, mend(ReasonSender)},
		{refuse(PhaseRcpt, 452, "4.2.2", ""), false, full},
		{refuse(PhaseRcpt, 452, "", ""), false, full},
		{refuse(PhaseMail, 452, "", "insufficient system storage"), false, soon},
		{refuse(PhaseRcpt, 452, "4.3.1", "storage"), false, soon},
		{refuse(PhaseRcpt, 450, "4.4.3", "DNS"), false, later(RetryDomain, ReasonBadDomain)},
		{refuse(PhaseRcpt, 451, "4.7.1", "greylisted"), false, soon},
		{refuse(PhaseDot, 450, "", ""), true, soon},
		{refuse(PhaseRcpt, 550, "", "no"), false, other},
		{refuse(PhaseDot, 554, "5.0.0", ""), true, other},
		{fmt.Errorf("send: %w", refuse(PhaseDot, 554, "", "")), true, other},
	}
	for _, tt := range tests {
		if got := Classify(tt.err, tt.afterDot); got != tt.want {
			t.Errorf("%v, after dot %v:\n got %+v\nwant %+v", tt.err, tt.afterDot, got, tt.want)
		}
	}
}

// The class of an enhanced code yields to the basic code (a 450 is no 5.1.1).
func TestAnswerParts(t *testing.T) {
	tests := []struct {
		code     int
		line     string
		enhanced string
	}{
		{550, "5.1.1 no such user", "5.1.1"},
		{450, "5.1.1 odd", "4.1.1"},
		{250, "2.0.0 Ok: queued as 4F1A2B", "2.0.0"},
		{250, "Ok: queued as 4F1A2B", ""},
		{550, "1.2.3.4 is listed", ""},
		{550, "5.1 x", ""}, {550, "5.1.1111 x", ""}, {550, "5.-1.1 x", ""}, {550, "5..1 x", ""}, {550, "", ""},
		{550, "5.7.515 Access denied", "5.7.515"},
	}
	for _, tt := range tests {
		if a := answer(PhaseDot, tt.code, []string{tt.line}); a.Enhanced != tt.enhanced || a.Text != tt.line {
			t.Errorf("%d %s: %+v", tt.code, tt.line, a)
		}
	}
	if got := cut("ыы", 3); got != "ы" {
		t.Errorf("cut %q", got)
	}
}

func TestDelay(t *testing.T) {
	const m, h = time.Minute, time.Hour
	tests := []struct {
		schedule Schedule
		waits    []time.Duration // nominal, from n = 1
		last     int             // the last n that is tried again; 0: never ends
	}{
		{RetryRelay, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, 64 * time.Second, 128 * time.Second, 256 * time.Second, 300 * time.Second, 300 * time.Second}, 0},
		{RetrySoon, []time.Duration{5 * m, 15 * m, 30 * m, h, 2 * h, 4 * h, 8 * h, 12 * h, 12 * h}, 15},
		{RetryThrottled, []time.Duration{10 * m, 10 * m}, 720},
		{RetryFull, []time.Duration{4 * h, 12 * h, 24 * h, 48 * h}, 4},
		{RetryDomain, []time.Duration{h, 4 * h, 12 * h, 24 * h, 48 * h}, 5},
		{RetryDoubt, []time.Duration{15 * m, 15 * m}, 2},
		{RetryMended, []time.Duration{5 * m, 5 * m}, 0},
	}
	for _, tt := range tests {
		for i, nominal := range tt.waits {
			for seed := range uint64(200) {
				got, ok := Delay(tt.schedule, i+1, seed)
				if again, _ := Delay(tt.schedule, i+1, seed); again != got {
					t.Fatalf("%s %d: %v, then %v", tt.schedule, i+1, got, again)
				}
				if !ok || got < nominal*8/10 || got > nominal*12/10 {
					t.Fatalf("%s %d: %v %v, want about %v", tt.schedule, i+1, got, ok, nominal)
				}
			}
		}
		last := 0
		for n := 1; n <= 1000; n++ {
			if _, ok := Delay(tt.schedule, n, 1); ok {
				last = n
			}
		}
		if tt.last == 0 && last != 1000 || tt.last > 0 && last != tt.last {
			t.Errorf("%s gives up after %d", tt.schedule, last)
		}
	}
	seen := map[time.Duration]bool{}
	for seed := range uint64(100) {
		wait, _ := Delay(RetrySoon, 1, seed)
		seen[wait] = true
	}
	if len(seen) < 99 {
		t.Errorf("only %d different waits from 100 seeds", len(seen))
	}
	if wait, ok := Delay(RetrySoon, 0, 0); !ok || wait > 6*m {
		t.Errorf("n = 0: %v", wait)
	}
}
