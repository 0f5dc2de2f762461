// Package mail deals with one message: it composes it, hands it to the relay
// and understands the answer. It keeps nothing.
package mail

import (
	"context"
	"time"
)

// Address is a checked mailbox: an ASCII dot-atom local part of at most 64
// octets and a domain in A-labels.
type Address struct{ Local, Domain string }

// ParseAddress checks s and turns an internationalised domain into A-labels. It
// refuses quoted local parts, address literals and domains without a dot.
func ParseAddress(s string) (Address, error) { panic("not yet") }

func (a Address) String() string { return a.Local + "@" + a.Domain }

// Message is what Compose needs. Everything that people typed is plain text.
type Message struct {
	ID       string // without angle brackets; the same on each retry
	Date     time.Time
	From     string // name and address
	To       Address
	ToName   string
	ReplyTo  string
	Subject  string
	Text     string
	HTML     string
	Language string   // Content-Language: "kk, ru" for two
	Headers  []Header // Vestnik-Checkpoint and the like; values are checked
}

// Header is an additional header field.
type Header struct{ Name, Value string }

// Compose renders m as CRLF bytes, deterministically: the same Message gives
// the same bytes.
func Compose(m Message) ([]byte, error) { panic("not yet") }

// Relay says where messages are handed over.
type Relay struct {
	URL   string // smtp://[user:password@]host:port[?tls=none], smtps://…
	Hello string // our name for EHLO
}

// ParseRelay checks the URL. smtp:// demands STARTTLS except to loopback or
// with ?tls=none.
func ParseRelay(url string) (Relay, error) { panic("not yet") }

// Conn is one connection to the relay, for one goroutine.
type Conn struct{}

// Dial connects, negotiates TLS and authenticates. A failure is an *Answer or an
// error of the network; nothing was handed over.
func Dial(ctx context.Context, r Relay) (*Conn, error) { panic("not yet") }

// Attempt is one message up to its final dot. Begin has said MAIL, RCPT, DATA and
// written the body: the relay has promised nothing, and closing the socket
// leaves nothing behind.
type Attempt struct{}

// Begin hands over everything but the final dot. Its error means certainly not
// delivered.
func (c *Conn) Begin(ctx context.Context, from, to Address, message []byte) (*Attempt, error) {
	panic("not yet")
}

// Finish sends the final dot and waits for the answer. An error that is not an
// *Answer means that the outcome is unknown.
func (a *Attempt) Finish(ctx context.Context) (Answer, error) { panic("not yet") }

// Usable tells whether another Begin may follow.
func (c *Conn) Usable() bool { panic("not yet") }

// Evidence names the relay and the TLS version and cipher.
func (c *Conn) Evidence() (relay, tls string) { panic("not yet") }

// Close says QUIT between messages; inside DATA it closes the socket and says
// nothing.
func (c *Conn) Close() error { panic("not yet") }

// Answer is what the relay said.
type Answer struct {
	Code     int
	Enhanced string // "5.1.1", or ""
	Text     string // in full, at most 512 bytes
	Phase    Phase
}

func (a *Answer) Error() string { return a.Text }

// Phase is where in the conversation an answer came.
type Phase string

// The phases of a conversation.
const (
	PhaseConnect Phase = "connect"
	PhaseTLS     Phase = "tls"
	PhaseAuth    Phase = "auth"
	PhaseMail    Phase = "mail"
	PhaseRcpt    Phase = "rcpt"
	PhaseData    Phase = "data"
	PhaseDot     Phase = "dot"
)

// Verdict is what an answer or an error means for the delivery and the notice.
type Verdict struct {
	Outcome  Outcome
	Retry    Schedule // for Later
	Reason   string   // a catalogue key, for Refused
	Suppress bool     // the address is dead
	Pause    bool     // the notice must stop: a person has to mend something
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

// Schedule names a row of the retry table.
type Schedule string

// Classify applies the tables. err is from Dial, Begin or Finish; afterDot says
// that the final dot was sent.
func Classify(err error, afterDot bool) Verdict { panic("not yet") }

// Delay is the wait before attempt number n+1 (n from 1) under a schedule; ok is
// false when it is time to give up. The jitter of ±20 % comes from seed.
func Delay(s Schedule, n int, seed uint64) (wait time.Duration, ok bool) { panic("not yet") }
