package documents

import (
	"context"
	"log/slog"
	"time"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// Rules are the settings of the organisation that publishing depends on.
type Rules struct {
	Zone       string        // IANA name, for dates without a time
	NoticeDays int           // from mailing to effect, for class notice
	Hold       time.Duration // between publication and the first mail
	OnePerson  bool          // one actor may save, approve and publish in one act
	Rehearsal  bool
	CanTell    bool // a version of class notice may be published: mail has somewhere to go
}

// Config is what a Library is made of.
type Config struct {
	Store  Store
	Origin string // of the log; stands in each event
	Rules  func(context.Context) (Rules, error)
	Log    *slog.Logger
}

// Library holds every rule of documents. It may be used from any goroutine.
type Library struct{ Config }

// NewLibrary makes a Library.
func NewLibrary(c Config) *Library { return &Library{c} }

// Publication asks for a version of what the texts say. Revision and Digest name
// a saved and approved draft; where one person may act alone the texts may
// be given instead, and are saved, approved and published in one act.
type Publication struct {
	Document  string
	Revision  int
	Digest    Digest
	Draft     *Draft // in one act
	Based     int    // the version that the publisher saw as the last one; -1: whichever it is
	Estimated time.Duration
	Key       string
	Request   Digest
}

// Proposal is what publishing a draft would make, before it is made.
type Proposal struct {
	Version  Version // with its clause maps
	Doubts   []Doubt
	Dropped  map[string][]markdown.Dropped // by language
	Redlines map[string]*redline.Redline   // by language, against the last version; nil for the first
	Digest   Digest
}

// Doubt names a clause whose id is a guess: the author is asked, and where
// nobody can be asked the guess stands.
type Doubt struct {
	Lang, Number, ID, Why string
}

// The methods below are the whole of what other rooms may ask.

func (l *Library) Create(ctx context.Context, d Document, by Actor) (Document, error) {
	panic("not yet")
}
func (l *Library) Update(ctx context.Context, d Document, by Actor) (Document, error) {
	panic("not yet")
}
func (l *Library) Document(ctx context.Context, id string) (Document, error) { panic("not yet") }
func (l *Library) Documents(ctx context.Context) ([]Document, error)         { panic("not yet") }

// SaveDraft stores d as revision d.Revision+1 if d.Revision is the latest.
func (l *Library) SaveDraft(ctx context.Context, d Draft, by Actor) (Draft, error) { panic("not yet") }
func (l *Library) Draft(ctx context.Context, document string, revision int) (Draft, error) {
	panic("not yet")
}
func (l *Library) Drafts(ctx context.Context, document string, before, limit int) ([]Draft, error) {
	panic("not yet")
}

// Submit, Return and Approve move a draft on; each names the revision it saw.
func (l *Library) Submit(ctx context.Context, document string, revision int, by Actor) error {
	panic("not yet")
}
func (l *Library) Return(ctx context.Context, document string, revision int, comment string, by Actor) error {
	panic("not yet")
}
func (l *Library) Approve(ctx context.Context, document string, revision int, digest Digest, by Actor) error {
	panic("not yet")
}
func (l *Library) Approvals(ctx context.Context, document string, revision int) ([]Approval, error) {
	panic("not yet")
}

// Propose shows what publishing d would make, and refuses what Publish would
// refuse of its texts.
func (l *Library) Propose(ctx context.Context, d Draft) (Proposal, error) { panic("not yet") }

// Publish makes the version.
func (l *Library) Publish(ctx context.Context, p Publication, by Actor) (Event, error) {
	panic("not yet")
}

// ImportedVersion is one version of a history that moves in.
type ImportedVersion struct {
	Number    int    // 0: the next
	Effective string // RFC 3339, a date, or "": not stated
	Published string // as stated, 2006-01-02 or ""
	Texts     []DraftText
	Class     Class
	Reason    string
	Basis     Basis
}

// History is what Import takes: all of it or nothing.
type History struct {
	Document   string
	Titles     map[string]string
	Prevailing string
	Zone       string
	Versions   []ImportedVersion
	Key        string
	Request    Digest
	// Progress, if set, is told how many versions are prepared.
	Progress func(done, of int)
}

// Import appends a history silently; refused once the document has a version
// that was published here.
func (l *Library) Import(ctx context.Context, h History, by Actor) ([]Event, error) {
	panic("not yet")
}

// Correct replaces the notes of a version, by an event.
func (l *Library) Correct(ctx context.Context, document string, number int, notes map[string]Note, by Actor) (Event, error) {
	panic("not yet")
}
func (l *Library) Reclassify(ctx context.Context, document string, number int, class Class, reason string, by Actor) (Event, error) {
	panic("not yet")
}
func (l *Library) Postpone(ctx context.Context, document string, number int, effective, reason string, by Actor) (Event, error) {
	panic("not yet")
}
func (l *Library) Withdraw(ctx context.Context, document string, number int, reason string, by Actor) (Event, error) {
	panic("not yet")
}

// Close appends the closing figures of a notice; a second call with the same
// notice returns the first event.
func (l *Library) Close(ctx context.Context, notice Seq, figures string, ledgerRoot Digest) (Event, error) {
	panic("not yet")
}

// Restore says publicly that the log went back and goes on.
func (l *Library) Restore(ctx context.Context, lostFirst, lostLast Seq, reason string, by Actor) (Event, error) {
	panic("not yet")
}

func (l *Library) Version(ctx context.Context, document string, number int) (Version, error) {
	panic("not yet")
}
func (l *Library) Versions(ctx context.Context, document string) ([]Version, error) {
	panic("not yet")
}

// Timeline is the fold of a document's events as known at an instant.
func (l *Library) Timeline(ctx context.Context, document string, known time.Time) (Timeline, error) {
	panic("not yet")
}

// Compare is the redline from version a to version b in lang.
func (l *Library) Compare(ctx context.Context, document string, a, b int, lang string) (*redline.Redline, error) {
	panic("not yet")
}
func (l *Library) Event(ctx context.Context, seq Seq) (Event, error) { panic("not yet") }
func (l *Library) Events(ctx context.Context, document string, after Seq, limit int) ([]Event, error) {
	panic("not yet")
}
func (l *Library) Last(ctx context.Context, document string) (Seq, error) { panic("not yet") }
func (l *Library) Wait(ctx context.Context, after Seq) error              { panic("not yet") }

// Reopen ends a rehearsal: a new log under origin that holds the imported
// history alone, appended anew from 1. Versions published in rehearsal are gone.
func (l *Library) Reopen(ctx context.Context, origin string, by Actor) ([]Event, error) {
	panic("not yet")
}

// Check re-reads everything and compares it with the digests in the events:
// texts, titles, notes, clause maps. It returns what is wrong, in sentences.
func (l *Library) Check(ctx context.Context, progress func(done, of int)) ([]string, error) {
	panic("not yet")
}
