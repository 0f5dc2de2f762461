package mail

import (
	"errors"
	"strings"
)

// Verdict is what an answer or an error means for the delivery and the notice.
type Verdict struct {
	Outcome  Outcome
	Retry    Schedule // for Later and Unknown
	Reason   string   // a catalogue key
	Suppress bool     // the address is dead
	Second   bool     // Suppress, and the end of a Later, only if it said so before
	Pause    bool     // the notice must stop: a person has to mend something
	Gate     Gate     // the notice must stop if this comes too often
	Break    bool     // counts against the relay, not the recipient
}

// Outcome of one attempt.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted"
	Later    Outcome = "later"
	Refused  Outcome = "refused"
	Unknown  Outcome = "unknown" // in doubt
)

// Gate names a limit above which a notice must stop.
type Gate string

// The gates.
const (
	GateProtocol Gate = "protocol" // more than 2 in a notice
	GatePolicy   Gate = "policy"   // more than 1 % of a notice
	GateDead     Gate = "dead"     // more than 2 % of a notice
)

// Reasons of verdicts, keys of the catalogue.
const (
	ReasonRelay      = "relay-unavailable"
	ReasonDoubt      = "no-answer"
	ReasonLogin      = "relay-login"
	ReasonTLS        = "relay-tls"
	ReasonTooBig     = "too-big"
	ReasonProtocol   = "protocol"
	ReasonSender     = "sender-refused"
	ReasonPolicy     = "policy"
	ReasonNoMailbox  = "no-mailbox"
	ReasonBadDomain  = "bad-domain"
	ReasonBadAddress = "bad-address"
	ReasonFull       = "mailbox-full"
	ReasonNeedsUTF8  = "needs-utf8"
	ReasonContent    = "content"
	ReasonThrottled  = "throttled"
	ReasonTemporary  = "temporary"
	ReasonRefused    = "refused"
)

// Classify applies the tables. err is from Dial, Begin or Finish; afterDot says
// that the final dot was sent.
func Classify(err error, afterDot bool) Verdict {
	var a *Answer
	switch {
	case err == nil:
		return Verdict{Outcome: Accepted}
	case errors.Is(err, ErrNotSent):
		afterDot = false
	}
	switch {
	case errors.As(err, &a):
		return classify(a)
	case afterDot:
		return Verdict{Outcome: Unknown, Retry: RetryDoubt, Reason: ReasonDoubt, Break: true}
	case errors.Is(err, ErrNoTLS), errors.Is(err, ErrTLS):
		return mend(ReasonTLS)
	case errors.Is(err, ErrNoAuth):
		return mend(ReasonLogin)
	case errors.Is(err, ErrMessage):
		return mend(ReasonContent)
	}
	return Verdict{Outcome: Later, Retry: RetryRelay, Reason: ReasonRelay, Break: true}
}

// mend is the verdict on what no other recipient would fare better with.
func mend(reason string) Verdict {
	return Verdict{Outcome: Later, Retry: RetryMended, Reason: reason, Pause: true}
}

func later(s Schedule, reason string) Verdict {
	return Verdict{Outcome: Later, Retry: s, Reason: reason}
}

func dead(reason string) Verdict {
	return Verdict{Outcome: Refused, Reason: reason, Suppress: true, Gate: GateDead}
}

func classify(a *Answer) Verdict {
	if v, ok := ofRelay(a); ok {
		return v
	}
	if a.Code >= 500 {
		return permanent(a)
	}
	return temporary(a)
}

// ofRelay knows the answers that concern no recipient: the connection, TLS and
// signing in.
func ofRelay(a *Answer) (Verdict, bool) {
	unavailable := Verdict{Outcome: Later, Retry: RetryRelay, Reason: ReasonRelay, Break: true}
	switch {
	case a.Code == 421, a.Phase == PhaseConnect:
		return unavailable, true
	case a.Code < 500 && (a.Phase == PhaseAuth || a.Phase == PhaseTLS):
		return unavailable, true
	case a.Phase == PhaseAuth:
		return mend(ReasonLogin), true
	case a.Phase == PhaseTLS, a.Code == 530 && strings.Contains(strings.ToUpper(a.Text), "STARTTLS"):
		return mend(ReasonTLS), true
	case a.Phase == PhaseMail && (a.Code == 530 || a.Code == 534 || a.Code == 535 || a.Code == 538):
		return mend(ReasonLogin), true
	}
	return Verdict{}, false
}

// permanent goes through the rows for 5xx in the table's order.
func permanent(a *Answer) Verdict {
	detail, text := strings.TrimPrefix(a.Enhanced, "5."), strings.ToLower(a.Text)
	bare := a.Enhanced == ""
	switch {
	case detail == "7.0" && strings.Contains(text, "starttls"):
		return mend(ReasonTLS)
	case detail == "3.4", detail == "2.3", bare && tooBig(a, text):
		return mend(ReasonTooBig)
	case strings.HasPrefix(detail, "5."), isSyntax(a.Code) && (bare || detail == "0.0" || strings.HasPrefix(detail, "3.")):
		return Verdict{Outcome: Later, Retry: RetryMended, Reason: ReasonProtocol, Gate: GateProtocol}
	case isOneOf(detail, "1.7", "1.8", "7.20", "7.21", "7.22", "7.25", "7.26", "7.27", "7.28", "7.29", "7.30", "7.515"):
		return mend(ReasonSender)
	case detail == "6.7", bare && strings.Contains(text, "smtputf8"):
		return Verdict{Outcome: Refused, Reason: ReasonNeedsUTF8}
	case strings.HasPrefix(detail, "6."):
		return mend(ReasonContent)
	case a.Phase == PhaseMail:
		return mend(ReasonSender)
	}
	return ofRecipient(a, detail, text, bare)
}

func ofRecipient(a *Answer, detail, text string, bare bool) Verdict {
	switch {
	case isOneOf(detail, "1.1", "1.6", "1.10"), bare && (a.Code == 551 || a.Code == 550 && unknownUser(text)):
		return dead(ReasonNoMailbox)
	case detail == "2.1":
		v := dead(ReasonNoMailbox)
		v.Second = true
		return v
	case strings.HasPrefix(detail, "7."):
		return Verdict{Outcome: Refused, Reason: ReasonPolicy, Gate: GatePolicy}
	case detail == "1.2", strings.HasPrefix(detail, "4."), bare && strings.Contains(text, "nxdomain"):
		return Verdict{Outcome: Later, Retry: RetryDomain, Reason: ReasonBadDomain, Suppress: true, Second: true}
	case detail == "1.3", bare && a.Code == 553:
		return dead(ReasonBadAddress)
	case detail == "2.2", bare && a.Code == 552:
		return later(RetryFull, ReasonFull)
	}
	return Verdict{Outcome: Refused, Reason: ReasonRefused, Suppress: true, Second: true, Gate: GateDead}
}

// temporary goes through the rows for 4xx. Gmail's 4.7.23 to 4.7.32 say that our
// own DNS or signature is wrong, all but 4.7.28, which is a rate.
func temporary(a *Answer) Verdict {
	detail, text := strings.TrimPrefix(a.Enhanced, "4."), strings.ToLower(a.Text)
	bare := a.Enhanced == ""
	switch {
	case isOneOf(detail, "7.28", "7.0", "4.5", "5.3", "3.2"), strings.Contains(text, "throttl"):
		return later(RetryThrottled, ReasonThrottled)
	case isOneOf(detail, "7.23", "7.24", "7.25", "7.26", "7.27", "7.29", "7.30", "7.31", "7.32"):
		return mend(ReasonSender)
	case detail == "2.2", bare && a.Code == 452 && a.Phase != PhaseMail:
		return later(RetryFull, ReasonFull)
	case strings.HasPrefix(detail, "4."), detail == "1.2":
		return later(RetryDomain, ReasonBadDomain)
	}
	return later(RetrySoon, ReasonTemporary)
}

// isSyntax tells the basic codes that are about commands, whoever the recipient is.
func isSyntax(code int) bool { return code == 555 || code >= 500 && code <= 504 }

func tooBig(a *Answer, text string) bool {
	return a.Code == 523 || a.Code == 552 && (a.Phase == PhaseMail || containsOne(text, "size", "too large", "too big"))
}

func unknownUser(text string) bool {
	return containsOne(text, "user unknown", "unknown user", "no such user", "no such recipient", "unknown recipient",
		"recipient not found", "does not exist", "doesn't exist", "no mailbox", "no such mailbox", "invalid mailbox")
}

func containsOne(text string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

func isOneOf(s string, list ...string) bool {
	for _, l := range list {
		if s == l {
			return true
		}
	}
	return false
}
