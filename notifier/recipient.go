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
	Number       int64          `json:"number"`             // grows and is never reused
	ExternalID   string         `json:"external_id"`        // unique; the operator's own name for the person, never an address or a phone
	Address      string         `json:"address"`            // not unique: spouses share one
	Language     string         `json:"language,omitempty"` // BCP 47, or "" where unknown
	Name         string         `json:"name,omitempty"`
	Groups       []string       `json:"groups,omitempty"`
	RegisteredAt time.Time      `json:"registered_at"`
	Known        map[string]int `json:"known,omitempty"` // document to the version that the person is known to have been told of
	State        RecipientState `json:"state"`
	Revision     int            `json:"revision"`

	// Key seals what is personal in deliveries and requests: 32 random bytes from the
	// first use on. Erasure destroys it.
	Key []byte `json:"key,omitempty"`
	// NotMine is the keyed hash of an address whose holder said that the account is
	// not theirs: nothing is mailed there.
	NotMine string `json:"not_mine,omitempty"`
	// Corrected holds, by field, what the operator's system said when the person put
	// it right here: while it goes on saying that, what stands here stays.
	Corrected map[string]string `json:"corrected,omitempty"`
	// Asked is when letters were asked for by the link in a notice, within the last hour.
	Asked []time.Time `json:"asked,omitempty"`
}

// Notice is one event told to an audience.
type Notice struct {
	Seq      documents.Seq `json:"seq"` // the event; also the name of the notice
	Document string        `json:"document"`
	Version  int           `json:"version"`
	State    NoticeState   `json:"state"`
	// Why says for people what a held or stopped notice waits for: a key of the
	// catalogue (Notifier.Words) in a store, a sentence in the organisation's
	// language, beside the key, in what the Notifier returns.
	Why        string        `json:"why,omitempty"`
	WhyKey     string        `json:"-"`
	Published  time.Time     `json:"published"`
	SendAfter  time.Time     `json:"send_after"` // the end of the hold
	Effective  time.Time     `json:"effective"`  // as postponed
	Audience   Audience      `json:"audience"`
	Counted    int64         `json:"counted"` // the last recipient number that the count has passed
	CountedAll bool          `json:"counted_all"`
	Ungated    bool          `json:"ungated,omitempty"` // a person resumed it: too many refusals stop it no more
	Figures    Figures       `json:"figures"`           // today's
	Closing    *Figures      `json:"closing,omitempty"` // when open became 0
	ClosedSeq  documents.Seq `json:"closed_seq,omitempty"`
	Revision   int           `json:"revision"`

	// Languages counts accepted mails by language, Reasons what is excluded or
	// failed by its reason. Like Figures they follow from the rows.
	Languages map[string]int64 `json:"languages,omitempty"`
	Reasons   map[string]int64 `json:"reasons,omitempty"`
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

// Sends tells whether mail of a notice in this state may go out. A closed one
// sends to those who join it late.
func (s NoticeState) Sends() bool { return s == Sending || s == Finished }

// Audience defines whom a notice is due to. The rows are made from it later.
type Audience struct {
	Groups      []string  `json:"groups,omitempty"`
	Before      time.Time `json:"before"`      // registered before: the publication, or the effect if that is later
	Predecessor int       `json:"predecessor"` // the version in force before this one
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

// Open tells whether something is still to be done.
func (s DeliveryState) Open() bool { return s == Waiting || s == Deferred || s == InDoubt }

// Delivery is one notice owed to one recipient.
type Delivery struct {
	Notice    documents.Seq `json:"notice"`
	Recipient int64         `json:"recipient"`
	State     DeliveryState `json:"state"`
	Reason    string        `json:"reason,omitempty"` // of excluded and failed, a catalogue key
	Attempts  int           `json:"attempts,omitempty"`
	Doubts    int           `json:"doubts,omitempty"`    // attempts whose outcome nobody knows
	Next      time.Time     `json:"next,omitzero"`       // when it is due again; zero: not by itself
	Language  string        `json:"language,omitempty"`  // the languages of the mail, kk+ru for two; "" before the first attempt
	Since     int           `json:"since,omitempty"`     // the version that the excerpt runs from
	MessageID string        `json:"messageid,omitempty"` // without angle brackets
	Date      time.Time     `json:"date,omitzero"`       // of the first attempt; kept on retries
	Evidence  Evidence      `json:"evidence,omitzero"`
	History   []Moved       `json:"history,omitempty"`
	Revision  int           `json:"revision"`
}

// Evidence is what proves an attempt.
type Evidence struct {
	Relay      string           `json:"relay,omitempty"`
	TLS        string           `json:"tls,omitempty"`
	At         time.Time        `json:"at,omitzero"`
	Answer     string           `json:"answer,omitempty"`      // the relay's, in full
	Digest     documents.Digest `json:"digest,omitzero"`       // of the masked message
	AddressMAC string           `json:"address_mac,omitempty"` // keyed hash of the address used
	Checkpoint string           `json:"checkpoint,omitempty"`
	// Form is the Form that the message was made from: with it, Date and MessageID
	// the masked bytes can be made again.
	Form documents.Digest `json:"form,omitzero"`
	// Sealed is what is personal in the message and its answer, sealed with the key
	// of the person: with it the message can be made again as it was sent.
	Sealed []byte `json:"sealed,omitempty"`
}

// Moved is one change of a delivery's state.
type Moved struct {
	At   time.Time     `json:"at"`
	From DeliveryState `json:"from"`
	To   DeliveryState `json:"to"`
	Why  string        `json:"why,omitempty"`
	// Evidence is, where a delivery was opened again, of the attempt before.
	Evidence *Evidence `json:"evidence,omitempty"`
}

// LetterKind is what a letter is about.
type LetterKind string

// The kinds of letters.
const (
	LetterSignIn LetterKind = "sign-in"
	LetterTest   LetterKind = "test"
	LetterAlarm  LetterKind = "alarm"
	LetterAct    LetterKind = "act"     // a fresh link
	LetterNew    LetterKind = "new"     // to a new address: confirm it
	LetterMoved  LetterKind = "moved"   // to the old address: mail goes elsewhere now
	LetterHeard  LetterKind = "receipt" // what was done, or when it will be answered
	LetterAnswer LetterKind = "answer"
)

// Letter is a mail to one person outside any notice. Its queue is durable.
type Letter struct {
	ID        int64             `json:"id"`
	Kind      LetterKind        `json:"kind"`
	To        string            `json:"to"`
	Language  string            `json:"language"`
	Recipient int64             `json:"recipient,omitempty"` // of a letter to a registered user: it names nobody once it is settled
	Args      map[string]string `json:"args,omitempty"`      // placeholders of the kind's template; dropped when it is settled
	State     DeliveryState     `json:"state"`
	Reason    string            `json:"reason,omitempty"`
	Attempts  int               `json:"attempts,omitempty"`
	Doubts    int               `json:"doubts,omitempty"`
	Next      time.Time         `json:"next,omitzero"`
	Date      time.Time         `json:"date,omitzero"`
	MessageID string            `json:"message_id,omitempty"`
	Evidence  Evidence          `json:"evidence,omitzero"`
	Revision  int               `json:"revision"`
}

// Lasting is l as a dump holds it. A link that signs somebody in or acts is a
// secret, and worth nothing wherever the dump is read: links are in no dump.
func (l Letter) Lasting() Letter {
	if l.State.Open() && (l.Kind == LetterSignIn || l.Kind == LetterAct || l.Kind == LetterNew) {
		return settled(l, Excluded, ReasonCancelled)
	}
	return l
}
