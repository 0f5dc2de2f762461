package notifier

import (
	"context"
	"errors"
	"io"
	"time"

	"vestnik/documents"
)

var (
	// ErrLease: the lease is over, or somebody else has the chunk now. What the
	// caller wanted to write was not written.
	ErrLease = errors.New("the lease is over")
	// ErrStopped: the notice does not send at present.
	ErrStopped = errors.New("the notice is stopped")
)

// Store keeps recipients, notices, deliveries and letters. An engine stores,
// orders and counts; it decides nothing but what the contracts below say. All
// methods may be called from any goroutine. Values that are returned belong to
// the caller. Times come back in UTC with microseconds. A missing thing is
// documents.ErrNotFound. What an engine reads and finds damaged is an error that
// wraps value.ErrDamaged; an engine that cannot be reached gives errors that wrap
// documents.ErrAway. After any error but those named, a write may or may not
// have been kept.
//
// Compare-and-set: a thing whose Revision is 1 is new; otherwise it replaces
// revision Revision-1. Where that is not what is there the whole call is
// documents.ErrConflict and changes nothing.
type Store interface {
	// PutRecipients stores all of rs or none, by compare-and-set. A new one has
	// Number 0 and gets the next number; numbers become visible in order, grow, and
	// are never used again, even after Clear. A new one whose ExternalID is taken is
	// documents.ErrExists. It returns rs with their numbers.
	PutRecipients(ctx context.Context, rs []Recipient) ([]Recipient, error)
	// RecipientsNamed returns those of the external ids that exist, in any order.
	RecipientsNamed(ctx context.Context, externalIDs []string) ([]Recipient, error)
	Recipient(ctx context.Context, number int64) (Recipient, error)
	// Recipients lists up to limit recipients with a Number above after, ascending.
	Recipients(ctx context.Context, after int64, limit int) ([]Recipient, error)

	PutImport(ctx context.Context, r ImportReport) error
	// Imports lists up to limit imports, newest first.
	Imports(ctx context.Context, limit int) ([]ImportReport, error)

	// Cursor is the last event that was followed.
	Cursor(ctx context.Context) (documents.Seq, error)
	// Follow moves the cursor and stores what the events mean, in one transaction.
	// Another cursor than f.From is documents.ErrConflict.
	Follow(ctx context.Context, f Followed) error

	// PutNotice stores n by compare-and-set, and rows beside it, in one transaction.
	// A row that exists already is left as it is. The tallies (Figures, Languages,
	// Reasons) are not taken from n: the engine keeps them, by each row, so that
	// they balance at every commit.
	PutNotice(ctx context.Context, n Notice, rows []Delivery) error
	Notice(ctx context.Context, seq documents.Seq) (Notice, error)
	// Notices lists up to limit notices with a Seq below before, newest first.
	// before 0 begins at the newest.
	Notices(ctx context.Context, before documents.Seq, limit int) ([]Notice, error)

	Delivery(ctx context.Context, seq documents.Seq, recipient int64) (Delivery, error)
	// Deliveries lists up to limit deliveries of a notice with a Recipient above
	// after, ascending. With states only those in one of them.
	Deliveries(ctx context.Context, seq documents.Seq, after int64, limit int, states ...DeliveryState) ([]Delivery, error)
	// DeliveriesTo lists up to limit deliveries owed to one recipient, of notices
	// below before, newest first. before 0 begins at the newest.
	DeliveriesTo(ctx context.Context, recipient int64, before documents.Seq, limit int) ([]Delivery, error)

	// Lease gives owner a chunk of a notice until an instant, with up to limit
	// deliveries of it that are due at now: open ones whose Next is set and not
	// after now. Nobody else gets the chunk before until, or before Free. Where
	// nothing is due that is not leased it is documents.ErrNotFound.
	Lease(ctx context.Context, seq documents.Seq, owner string, now, until time.Time, limit int) (Lease, []Delivery, error)
	// Settle stores all of s or nothing. See Settlement for what it refuses.
	Settle(ctx context.Context, s Settlement) error
	// Renew makes l last until an instant, if it is the latest of its chunk and not
	// over at now; else ErrLease.
	Renew(ctx context.Context, l Lease, now, until time.Time) error
	// Free hands a chunk back. A lease that is over is no error.
	Free(ctx context.Context, l Lease) error

	// Form returns the bytes with a digest, as a Settlement brought them.
	Form(ctx context.Context, digest documents.Digest) ([]byte, error)
	// Token returns what a link with this hash belongs to, also where it has ended
	// and is not cleared away yet.
	Token(ctx context.Context, hash string) (Token, error)

	// Act stores all of a, or nothing, and returns its request as it was stored. After
	// an error that leaves it open, RequestCoded tells whether it was kept.
	Act(ctx context.Context, a Act) (Request, error)
	Request(ctx context.Context, id int64) (Request, error)
	RequestCoded(ctx context.Context, code string) (Request, error)
	// Requests lists up to q.Limit requests, newest first.
	Requests(ctx context.Context, q RequestQuery) ([]Request, error)
	// Erasures lists up to limit erasures that are done (Request.Erases) with an ID
	// above after, ascending. IDs of requests become visible in order, so whoever
	// reads behind the last that it saw misses none.
	Erasures(ctx context.Context, after int64, limit int) ([]Request, error)

	// PutLetter stores l by compare-and-set. A new one has ID 0 and gets the next.
	PutLetter(ctx context.Context, l Letter) (Letter, error)
	// Letters lists up to limit letters that are due at now: open ones whose Next
	// is set and not after now, the longest due first.
	Letters(ctx context.Context, now time.Time, limit int) ([]Letter, error)

	// Reserve takes cost of the time that is shared under name, by all who ask, and
	// returns when what was taken begins: now, or when the one before ends.
	Reserve(ctx context.Context, name string, now time.Time, cost time.Duration) (time.Time, error)

	// Mark returns what SetMark stored under name, or "".
	Mark(ctx context.Context, name string) (string, error)
	SetMark(ctx context.Context, name, value string) error

	// Owed counts what is open over all notices and letters.
	Owed(ctx context.Context) (Owed, error)

	// Clear deletes everything but the marks, and sets the cursor to 0.
	Clear(ctx context.Context) error

	// Dump writes all that the store holds but leases, of letters what lasts
	// (Letter.Lasting), as of one instant, as one JSON record a line (see Record),
	// in the order of Record's fields and of their keys. Load reads it into an empty
	// store, all or nothing, and refuses a store that is not empty with
	// documents.ErrExists.
	Dump(ctx context.Context, w io.Writer) error
	Load(ctx context.Context, r io.Reader) error
}

// Followed is what some events of the log mean, up to To.
type Followed struct {
	From, To documents.Seq
	Notices  []Notice          // by compare-and-set, tallies as in PutNotice
	Marks    map[string]string // set as by SetMark
}

// Lease is a chunk of a notice that one sender has.
type Lease struct {
	Notice documents.Seq
	Chunk  int64
	Owner  string
	Epoch  int64 // grows with each lease of the chunk
	Until  time.Time
}

// Settlement stores outcomes and intents.
type Settlement struct {
	// Lease, if set, must be the latest of its chunk and not over at Now, else
	// ErrLease. It then lasts until Until.
	Lease      *Lease
	Now, Until time.Time
	// Intent demands that the notice of each delivery sends at this moment
	// (NoticeState.Sends), else ErrStopped: so a stop takes hold before the next
	// final dot.
	Intent     bool
	Deliveries []Delivery // replaced by compare-and-set
	Tokens     []Token    // stored, or replaced, by Hash
	// Forms are stored by their SHA-256, once: what a message is made from but for
	// the words of one person. Thousands of deliveries share one.
	Forms [][]byte
}

// Token says whom a link in a notice belongs to. Only the hash of the token is
// kept. Links that act are secrets of an hour: they are in no dump.
type Token struct {
	Hash      string        `json:"hash"`
	Notice    documents.Seq `json:"notice"`
	Recipient int64         `json:"recipient"`
	Until     time.Time     `json:"until"`

	// Of a link that acts.
	Purpose Purpose     `json:"purpose,omitempty"`
	Kind    RequestKind `json:"kind,omitempty"`
	Sealed  []byte      `json:"sealed,omitempty"` // what it sets, sealed with the key of the person
}

// Owed counts what is open.
type Owed struct{ Open, InDoubt, Letters int64 }

// Record is one line of a dump. Exactly one field is set.
type Record struct {
	Meta      *Meta             `json:"meta,omitempty"`
	Recipient *Recipient        `json:"recipient,omitempty"`
	Import    *ImportReport     `json:"import,omitempty"`
	Notice    *Notice           `json:"notice,omitempty"`
	Delivery  *Delivery         `json:"delivery,omitempty"`
	Form      []byte            `json:"form,omitempty"`
	Token     *Token            `json:"token,omitempty"`
	Letter    *Letter           `json:"letter,omitempty"`
	Request   *Request          `json:"request,omitempty"`
	Mark      map[string]string `json:"mark,omitempty"`
}

// Meta is what stands once in a dump, as its first line.
type Meta struct {
	Cursor      documents.Seq `json:"cursor"`
	LastNumber  int64         `json:"last_number"` // the highest recipient number ever given
	LastLetter  int64         `json:"last_letter"`
	LastRequest int64         `json:"last_request"`
}
