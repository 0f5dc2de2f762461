package documents

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// The errors that callers tell apart, with errors.Is.
var (
	// ErrNotFound: there is no such document, version, revision or event.
	ErrNotFound = errors.New("not found")
	// ErrExists: the identifier is taken.
	ErrExists = errors.New("exists already")
	// ErrConflict: somebody else was faster; read again and decide anew.
	ErrConflict = errors.New("changed meanwhile")
	// ErrKeyReused: the idempotency key came before, with another request.
	ErrKeyReused = errors.New("this idempotency key was used for a different request")
	// ErrAway: the store cannot be reached, or may not be written to, at present.
	// What was written last may or may not have been kept.
	ErrAway = errors.New("the store does not answer")
)

// InvalidError refuses input. Reason is a sentence for the person who sent it,
// and the only error text that may be shown to a visitor. Code is a catalogue
// key for pages in other languages, with Args for its placeholders; Field names
// the input.
type InvalidError struct {
	Field  string
	Code   string
	Args   []any
	Reason string
}

func (e *InvalidError) Error() string { return e.Reason }

// Invalid makes an InvalidError.
func Invalid(field, code, reason string, args ...any) *InvalidError {
	return &InvalidError{Field: field, Code: code, Reason: fmt.Sprintf(reason, args...), Args: args}
}

// Batch is what one Append stores: all of it or nothing.
type Batch struct {
	// Document, if set, is created in the same transaction; ErrExists if it is there.
	Document *Document
	Entries  []Entry
	// Expect is the last Seq of the entries' document that the writer saw, 0 for
	// none. Another one is ErrConflict. Below zero it is not compared.
	Expect Seq
	// Key and Request make the append idempotent: a Key seen before with the same
	// Request returns the events of the first time and stores nothing; with another
	// Request it is ErrKeyReused. Empty: not idempotent.
	Key     string
	Request Digest
	// Audit stands in the same transaction and is never public.
	Audit PublicationAudit
}

// Subject is the document that Expect is about: that of the first entry.
func (b Batch) Subject() string {
	if len(b.Entries) == 0 {
		return ""
	}
	if v := b.Entries[0].Version; v != nil {
		return v.Document
	}
	return b.Entries[0].Event.Document
}

// Entry is an event and, for published and imported, the version it brings.
type Entry struct {
	Event   Event
	Version *Version
}

// PublicationAudit says who made an append and on whose approval.
type PublicationAudit struct {
	Seq       Seq
	At        time.Time
	By        string
	Revision  int // of the draft that was published; 0 where there was none
	Approvals []Approval
	Alone     bool // one person saved, approved and published
}

// Store keeps documents, drafts, versions and the log. An engine stores and
// orders; it decides nothing but what the contracts below say. All methods may
// be called from any goroutine. Values that are returned belong to the caller.
// Times come back in UTC with microseconds; strings are UTF-8 and come back byte
// for byte, but identifiers hold no zero byte. A missing thing is ErrNotFound, also
// where nothing of that name could be. What an engine reads and finds damaged is an
// error that wraps value.ErrDamaged; one that cannot be reached gives errors that
// wrap ErrAway.
type Store interface {
	// PutDocument creates d if d.Revision is 1, else replaces revision
	// d.Revision-1 of it. It returns ErrExists or ErrConflict and changes nothing
	// if that is not what is there.
	PutDocument(ctx context.Context, d Document) error
	Document(ctx context.Context, id string) (Document, error)
	// Documents lists up to limit documents with an ID after the given one, in
	// byte order.
	Documents(ctx context.Context, after string, limit int) ([]Document, error)

	// SaveDraft stores d as the latest revision, and keeps the earlier ones, if the
	// latest is d.Revision-1; otherwise ErrConflict.
	SaveDraft(ctx context.Context, d Draft) error
	// SetState changes State and Comment of the latest revision, if it is the given
	// one and its state is from; otherwise ErrConflict.
	SetState(ctx context.Context, document string, revision int, from, to State, comment string) error
	// Draft returns a revision, or the latest if revision is 0.
	Draft(ctx context.Context, document string, revision int) (Draft, error)
	// Drafts lists up to limit revisions before the given one, newest first,
	// without the sources of their texts. before 0 begins at the latest.
	Drafts(ctx context.Context, document string, before, limit int) ([]Draft, error)
	// Approve stores a, and sets the state of the draft to Approved, if the latest
	// revision is a.Revision; otherwise ErrConflict.
	Approve(ctx context.Context, a Approval) error
	// Approvals lists those of a revision, oldest first.
	Approvals(ctx context.Context, document string, revision int) ([]Approval, error)

	// Append stores the entries at the end of the log, in order. Everything is on
	// disk when it returns nil, or nothing is. Each event gets the next Seq and is
	// sealed by Seal, with the one clock that all nodes share; a reader who sees Seq
	// n has seen or can see every one before.
	//
	// A Version's Number must be one more than its document's last, else
	// ErrConflict; of several callers racing for one number exactly one wins. An
	// event that names a Version which is not there is ErrNotFound. All events of a
	// log have one Origin; another one is ErrConflict.
	//
	// After any other error the batch may or may not be there: ask before trying
	// again, or use a Key.
	Append(ctx context.Context, b Batch) ([]Event, error)

	Version(ctx context.Context, document string, number int) (Version, error)
	// Versions lists up to limit versions with a Number above after, ascending, with
	// neither the sources nor the clause maps of their texts.
	Versions(ctx context.Context, document string, after, limit int) ([]Version, error)

	// Traces lists, as Versions does, what TraceOf makes of the texts in one
	// language; versions without it are left out.
	Traces(ctx context.Context, document, lang string, after, limit int) ([]Trace, error)

	// Event returns one event with its blobs.
	Event(ctx context.Context, seq Seq) (Event, error)
	// Events lists up to limit events with a Seq above after, ascending. document
	// "" means all.
	Events(ctx context.Context, document string, after Seq, limit int) ([]Event, error)
	// Last returns the Seq of the last event: of the document, or of the log if
	// document is "". 0 if there is none.
	Last(ctx context.Context, document string) (Seq, error)
	// Audit returns what Append was told of the batch that holds seq.
	Audit(ctx context.Context, seq Seq) (PublicationAudit, error)
	// Used returns what an idempotency key was used for.
	Used(ctx context.Context, key string) (UsedKey, error)
	// Wait returns nil once there is an event with a Seq above after, whichever node
	// appended it, or the error of ctx, or of a store that is away.
	Wait(ctx context.Context, after Seq) error

	// Restart empties the log, the versions, the audits and the keys, keeps
	// documents, drafts and approvals, and appends b's entries from Seq 1: all or
	// nothing. It is how a rehearsal becomes the real thing: a log whose origin does
	// not end in RehearsalSuffix is ErrConflict and stays, unless it is empty.
	Restart(ctx context.Context, b Batch) ([]Event, error)

	// Dump writes all that the store holds, as of one instant, as one JSON record a
	// line (see Record). Load reads it into an empty store, all or nothing, and
	// refuses a store that is not empty with ErrExists. Bytes of events are kept
	// verbatim.
	Dump(ctx context.Context, w io.Writer) error
	Load(ctx context.Context, r io.Reader) error
}

// RehearsalSuffix ends the origin of a log that may be begun again.
const RehearsalSuffix = "/rehearsal"

// Record is one line of a dump. Exactly one field is set. Both engines write the
// same records in the same order: documents by ID, drafts by document and
// revision, approvals, versions by document and number, events by Seq, audits by
// Seq, keys.
type Record struct {
	Document *Document         `json:"document,omitempty"`
	Draft    *Draft            `json:"draft,omitempty"`
	Approval *Approval         `json:"approval,omitempty"`
	Version  *Version          `json:"version,omitempty"`
	Event    *Event            `json:"event,omitempty"`
	Audit    *PublicationAudit `json:"audit,omitempty"`
	Key      *UsedKey          `json:"key,omitempty"`
}

// UsedKey is an idempotency key that was used.
type UsedKey struct {
	Key     string
	Request Digest
	First   Seq // of the events that the request made
	Last    Seq
}
