package notifier

import (
	"time"

	"vestnik/documents"
)

// RecipientState is where a registered user stands.
type RecipientState string

// The states of a recipient.
const (
	Active      RecipientState = "active"
	Left        RecipientState = "left"
	Unreachable RecipientState = "unreachable"
	Erased      RecipientState = "erased"
)

// Recipient is a registered user who is to be told.
type Recipient struct {
	Number       int64  // grows and is never reused
	ExternalID   string // unique; the operator's own name for the person, never an address or a phone
	Address      string // not unique: spouses share one
	Language     string // BCP 47, or "" where unknown
	Name         string
	Groups       []string
	RegisteredAt time.Time
	Known        map[string]int // document to the version that the person is known to have been told of
	State        RecipientState
	Revision     int
}

// Notice is one event told to an audience.
type Notice struct {
	Seq      documents.Seq // the event; also the name of the notice
	Document string
	Version  int
	State    NoticeState
	// Why says for people what a held or stopped notice waits for.
	Why        string
	Published  time.Time
	SendAfter  time.Time // the end of the hold
	Audience   Audience
	Counted    int64 // the last recipient number that the count has passed
	CountedAll bool
	Figures    Figures  // today's
	Closing    *Figures // when open became 0
	ClosedSeq  documents.Seq
	Revision   int
}

// NoticeState is where a notice stands.
type NoticeState string

// The states of a notice.
const (
	Holding   NoticeState = "holding" // the hold runs
	Sending   NoticeState = "sending"
	Stopped   NoticeState = "stopped" // by a person, or by the notifier for a reason that a person must mend
	Cancelled NoticeState = "cancelled"
	Finished  NoticeState = "closed"
)

// Audience defines whom a notice is due to. The rows are made from it later.
type Audience struct {
	Groups      []string
	Before      time.Time // registered before
	MaxNumber   int64
	Predecessor int // the version in force or last told before this one
}

// Figures of a ledger. Due is always the sum of the others.
type Figures struct {
	Due      int64 `json:"due"`
	Open     int64 `json:"open"`
	Accepted int64 `json:"accepted"`
	Failed   int64 `json:"failed"`
	Excluded int64 `json:"excluded"`
	Covered  int64 `json:"covered"`
}

// DeliveryState is where one delivery stands. The first three are open.
type DeliveryState string

// The states of a delivery.
const (
	Waiting  DeliveryState = "waiting"
	Deferred DeliveryState = "deferred"
	InDoubt  DeliveryState = "in-doubt"
	Accepted DeliveryState = "accepted"
	Failed   DeliveryState = "failed"
	Excluded DeliveryState = "excluded"
	Covered  DeliveryState = "covered"
)

// Delivery is one notice owed to one recipient.
type Delivery struct {
	Notice    documents.Seq
	Recipient int64
	State     DeliveryState
	Reason    string // of excluded and failed, a catalogue key
	Attempts  int
	Next      time.Time // when it is due again
	Language  string    // the languages of the mail, kk+ru for two; "" before the first attempt
	Since     int       // the version that the excerpt runs from
	MessageID string
	Date      time.Time // of the first attempt; kept on retries
	Evidence  Evidence
	History   []Moved
}

// Evidence is what proves an attempt.
type Evidence struct {
	Relay      string
	TLS        string
	At         time.Time
	Answer     string           // the relay's, in full
	Digest     documents.Digest // of the masked message
	AddressMAC string           // keyed hash of the address used
	Checkpoint string
}

// Moved is one change of a delivery's state.
type Moved struct {
	At   time.Time
	From DeliveryState
	To   DeliveryState
	Why  string
}

// LetterKind is what a letter is about.
type LetterKind string

// The kinds of letters.
const (
	LetterSignIn LetterKind = "sign-in"
	LetterTest   LetterKind = "test"
	LetterAlarm  LetterKind = "alarm"
)

// Letter is a mail to one person outside any notice. Its queue is durable.
type Letter struct {
	ID        int64
	Kind      LetterKind
	To        string
	Language  string
	Args      map[string]string // placeholders of the kind's template
	State     DeliveryState
	Attempts  int
	Next      time.Time
	Date      time.Time
	MessageID string
	Evidence  Evidence
}
