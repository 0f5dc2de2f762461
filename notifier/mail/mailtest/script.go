// Package mailtest is an SMTP server for tests that does what a script says: it
// refuses, stalls, drops and lies at any point of a conversation, and records
// every message that it has taken. It knows nothing of the client under test.
package mailtest

import "slices"

// Phase is a point of the conversation at which the script is asked.
type Phase string

// The phases.
const (
	Greeting Phase = "greeting"
	Ehlo     Phase = "ehlo"
	Helo     Phase = "helo"
	StartTLS Phase = "starttls"
	Auth     Phase = "auth" // each line of it
	Mail     Phase = "mail"
	Rcpt     Phase = "rcpt"
	Data     Phase = "data"
	Body     Phase = "body" // once, after the first line of the message
	Dot      Phase = "dot"
	Rset     Phase = "rset"
	Quit     Phase = "quit"
)

// Moment is when the script is asked.
type Moment struct {
	Conn  int // connections are counted from 1
	Nth   int // how often this phase has come on this server, from 1
	Phase Phase
	Arg   string // the address in Mail and Rcpt and Dot (the last recipient), else the line
}

// Step is what the server does. The zero Step is the usual answer.
type Step struct {
	Say    string // raw bytes instead of the usual answer; CRLF is added if missing
	Drop   bool   // then close the connection; without Say, say nothing
	Reset  bool   // close by RST
	Stall  bool   // then read nothing and say nothing until the client hangs up
	Commit bool   // at Dot: take the message although the answer is not 2xx
	Pieces bool   // write byte by byte
	Shake  bool   // at StartTLS: go on to the handshake although something was said
}

// quiet tells a Step that says nothing.
func (s Step) quiet() bool { return s.Say == "" && (s.Drop || s.Reset || s.Stall) }

// acts tells whether the Step differs from the usual answer.
func (s Step) acts() bool { return s.Say != "" || s.quiet() }

// commits tells whether the message counts as taken.
func (s Step) commits() bool {
	return s.Commit || s.Say == "" && !s.quiet() || len(s.Say) > 0 && s.Say[0] == '2'
}

// Script decides what happens. It is called from the goroutines of the
// connections, one call at a time.
type Script func(Moment) Step

// At takes step each time phase comes.
func At(phase Phase, step Step) Script {
	return func(m Moment) Step {
		if m.Phase == phase {
			return step
		}
		return Step{}
	}
}

// Once takes steps the first times that phase comes, one after the other, and then
// answers as usual.
func Once(phase Phase, steps ...Step) Script {
	return func(m Moment) Step {
		if m.Phase == phase && m.Nth <= len(steps) {
			return steps[m.Nth-1]
		}
		return Step{}
	}
}

// For takes step when phase comes for one of the addresses.
func For(phase Phase, step Step, addresses ...string) Script {
	return func(m Moment) Step {
		if m.Phase == phase && slices.Contains(addresses, m.Arg) {
			return step
		}
		return Step{}
	}
}

// Both lets the first script that has something to do decide.
func Both(scripts ...Script) Script {
	return func(m Moment) Step {
		for _, s := range scripts {
			if step := s(m); step != (Step{}) {
				return step
			}
		}
		return Step{}
	}
}
