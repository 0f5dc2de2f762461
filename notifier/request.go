package notifier

import "time"

// RequestKind is what a registered user asked for or did.
type RequestKind string

// What a registered user does alone, by a link; it is done at once.
const (
	RequestExport   RequestKind = "export"   // everything that is held here about them
	RequestName     RequestKind = "name"     // their name put right
	RequestLanguage RequestKind = "language" // the language of their mail
	RequestAddress  RequestKind = "address"  // another address, confirmed from there
	RequestNotMine  RequestKind = "not-mine" // the holder of a mailbox does not know the account
	RequestErase    RequestKind = "erase"    // their data removed from this notice service
)

// What a person of the organisation answers within working days.
const (
	RequestAccess   RequestKind = "access"   // what the organisation itself holds
	RequestCorrect  RequestKind = "correct"  // data of the organisation put right
	RequestRestrict RequestKind = "restrict" // processing stopped meanwhile ("block" in the law of Kazakhstan)
	RequestObject   RequestKind = "object"   // to processing, or to a change of a document
	RequestWithdraw RequestKind = "withdraw" // consent withdrawn
	RequestDelete   RequestKind = "delete"   // the organisation's own data deleted
	RequestOther    RequestKind = "other"
)

// RequestState is where a request stands.
type RequestState string

// The states of a request.
const (
	RequestOpen    RequestState = "open"
	RequestDone    RequestState = "done"    // as asked
	RequestRefused RequestState = "refused" // with a ground
)

// Request is what a registered user asked for or did, and what came of it. It is
// also its own receipt: the code is what the person keeps.
type Request struct {
	ID        int64        `json:"id"`   // grows and is never reused
	Code      string       `json:"code"` // unique; says nothing about the person
	Recipient int64        `json:"recipient"`
	Kind      RequestKind  `json:"kind"`
	State     RequestState `json:"state"`
	Language  string       `json:"language"` // that the person was spoken to in
	Received  time.Time    `json:"received"`
	Due       time.Time    `json:"due,omitzero"` // the end of the last working day for an answer
	Settled   time.Time    `json:"settled,omitzero"`
	By        string       `json:"by,omitempty"`     // the member of staff who answered
	Ground    string       `json:"ground,omitempty"` // of a refusal, a catalogue key
	// Sealed holds the words of both sides, sealed with the key of the person.
	Sealed   []byte `json:"sealed,omitempty"`
	Revision int    `json:"revision"`

	// External is, of an erasure, the keyed hash of the external id that went: by it
	// the person is known again when a synchronisation or a restore brings them.
	External string `json:"external,omitempty"`
}

// Erases tells whether r is an erasure that is done.
func (r Request) Erases() bool { return r.Kind == RequestErase && r.State == RequestDone }

// Act is one step in the life of a request, all or nothing.
type Act struct {
	// Now, if set, is when it happens: links that act and ended by then are gone,
	// and cleared away by the way.
	Now time.Time
	// Spend, if set, is the hash of a link that works once. Where it is not there
	// any more the whole act is documents.ErrNotFound; of several that spend it one
	// does. A link in a notice cannot be spent.
	Spend string
	// Recipient is there already, and replaced by compare-and-set. Unlike in
	// PutRecipients its ExternalID may be another one, for an erasure takes it away;
	// one that is taken is documents.ErrExists.
	Recipient *Recipient
	// Request is stored by compare-and-set; a new one has ID 0 and gets the next. A
	// new one whose Code is taken is documents.ErrExists. What replaces a request
	// with another Code or Recipient is documents.ErrConflict, and so is what makes
	// an erasure of a request that was none (Erases) or takes it back: erasures are
	// done when they are first stored, so that Erasures are in order.
	Request *Request
	Tokens  []Token  // stored, or replaced, by Hash
	Letters []Letter // new ones
}

// RequestQuery selects requests.
type RequestQuery struct {
	Recipient int64        // 0: anybody's
	State     RequestState // "": any
	Before    int64        // IDs below; 0: from the newest
	Limit     int
}

// Purpose of a Token: what the link opens.
type Purpose string

// The purposes of links.
const (
	LinkNotice  Purpose = ""        // in a notice: it shows, and lasts
	LinkAct     Purpose = "act"     // a fresh link: spent by one act, within an hour
	LinkConfirm Purpose = "confirm" // sent to a new address, to confirm it
)
