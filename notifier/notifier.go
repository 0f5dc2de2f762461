package notifier

import (
	"context"
	"log/slog"
	"time"

	"vestnik/documents"
	"vestnik/documents/translog"
)

// Settings are the settings of the organisation that mail depends on. They
// arrive as a value and may differ from one moment to the next.
type Settings struct {
	Organisation string
	BIN          string
	Postal       string
	ReplyTo      string
	From         string // address, or name and address
	URL          string // public root of all links
	Zone         string
	Languages    []string // order of preference of the organisation
	Unknown      []string // languages of a mail to somebody whose language is not known
	Hold         time.Duration
	Allow        []string // addresses or @domains; none: everyone
	Rehearsal    bool     // mail to staff and the built-in mailbox only
	Demo         bool
	Relay        string   // smtp:// or smtps:// URL; "" is the built-in mailbox
	Mailbox      string   // smtp:// URL of the built-in mailbox on loopback
	Staff        []string // addresses that may be written to in rehearsal
}

// Config of New.
type Config struct {
	Store    Store
	Library  *documents.Library
	Tree     *translog.Log // for the checkpoint in each mail
	Settings func(context.Context) (Settings, error)
	Key      []byte // 32 bytes: keyed hashes of addresses, tokens
	Node     string // names this process in leases and evidence
	Senders  int    // connections to the relay; 0: 4
	Log      *slog.Logger
}

// Notifier holds every rule of telling. It may be used from any goroutine.
type Notifier struct {
	Config
	bell bell
}

// New makes a Notifier.
func New(c Config) (*Notifier, error) { return &Notifier{Config: c}, nil }

func (n *Notifier) wake() { n.bell.ring() }

// Run follows the log, counts and sends until ctx ends, and then returns nil
// with no connection open and every outcome on disk.
func (n *Notifier) Run(ctx context.Context) error { panic("not yet") }

// ImportReport is what came of an import. It is recorded.
type ImportReport struct {
	Source    string           `json:"source"`
	At        time.Time        `json:"at"`
	By        string           `json:"by"`
	Rows      int              `json:"rows"`
	Added     int              `json:"added"`
	Changed   int              `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Broken    int              `json:"broken,omitempty"`  // rows that could not be taken
	Refused   []RefusedRow     `json:"refused,omitempty"` // the first 1,000 of them
	Digest    documents.Digest `json:"digest"`            // of the file
}

// RefusedRow is a row that cannot be taken.
type RefusedRow struct {
	Row    int    `json:"row"` // 1-based; the header of a CSV is row 1
	Reason string `json:"reason"`
}

// Reach is what a publisher sees of an audience before publishing.
type Reach struct {
	Due        int64            `json:"due"`
	Languages  map[string]int64 `json:"languages"` // as the mail would have it: ru, kk+ru
	Excluded   map[string]int64 `json:"excluded"`  // by reason
	LastImport time.Time        `json:"last_import"`
	Estimate   time.Duration    `json:"-"`
}

// Reach counts whom a notice about document would be due to now.
func (n *Notifier) Reach(ctx context.Context, document string) (Reach, error) { panic("not yet") }

func (n *Notifier) Notices(ctx context.Context) ([]Notice, error) { panic("not yet") }
func (n *Notifier) Notice(ctx context.Context, seq documents.Seq) (Notice, error) {
	panic("not yet")
}
func (n *Notifier) Stop(ctx context.Context, seq documents.Seq, by documents.Actor) (Notice, error) {
	panic("not yet")
}
func (n *Notifier) Resume(ctx context.Context, seq documents.Seq, by documents.Actor) (Notice, error) {
	panic("not yet")
}
func (n *Notifier) Cancel(ctx context.Context, seq documents.Seq, by documents.Actor) (Notice, error) {
	panic("not yet")
}

// Deliveries lists up to limit deliveries of a notice with a Recipient above
// after; state "" means all.
func (n *Notifier) Deliveries(ctx context.Context, seq documents.Seq, state DeliveryState, after int64, limit int) ([]Delivery, error) {
	panic("not yet")
}

// Accepted counts accepted mails by language, kk+ru for a mail in two.
func (n *Notifier) AcceptedByLanguage(ctx context.Context, seq documents.Seq) (map[string]int64, error) {
	panic("not yet")
}

// Told is one notice as the person it was owed to sees it.
type Told struct {
	Notice   Notice
	Delivery Delivery
}

// ToldTo lists the notices of a person, newest first.
func (n *Notifier) ToldTo(ctx context.Context, externalID string) ([]Told, error) { panic("not yet") }

// Personal is what the page behind a link in a notice shows.
type Personal struct {
	Recipient     Recipient
	MaskedAddress string // a•••@example.kz
	Told          []Told
	Until         time.Time // when the link ends
}

// Personal looks up the token of a link. An unknown or ended one is
// documents.ErrNotFound.
func (n *Notifier) Personal(ctx context.Context, token string) (Personal, error) { panic("not yet") }

// Preview composes the mail that a recipient with lang would get if d were
// published, with an example person in it.
func (n *Notifier) Preview(ctx context.Context, p documents.Proposal, lang string) (subject, text, html string, err error) {
	panic("not yet")
}

// Masked rebuilds the message of a delivery with personal tokens masked; its
// SHA-256 is the Evidence's Digest.
func (n *Notifier) Masked(ctx context.Context, seq documents.Seq, recipient int64) ([]byte, error) {
	panic("not yet")
}

// Post queues a letter durably; Run sends it.
func (n *Notifier) Post(ctx context.Context, l Letter) error { panic("not yet") }

// Hold reports why sending is held as a whole (restored store, other URL, other
// machine), or "". Release ends it: "go-on", "in-doubt" (treat what is open as in
// doubt), or "close".
func (n *Notifier) Held(ctx context.Context) (string, error) { panic("not yet") }
func (n *Notifier) Release(ctx context.Context, choice string, by documents.Actor) error {
	panic("not yet")
}

// Clear deletes all recipients, notices, deliveries and letters, and sets the
// cursor to 0: the end of a rehearsal.
func (n *Notifier) Clear(ctx context.Context, by documents.Actor) error { panic("not yet") }

// Status is for /readyz and metrics.
type Status struct {
	Behind  int64 // events not yet followed
	Open    int64
	InDoubt int64
	Letters int64
	Relay   string // "" or what is wrong with the relay
}

func (n *Notifier) Status(ctx context.Context) (Status, error) { panic("not yet") }

// Check recounts every ledger and returns what does not balance, in sentences.
func (n *Notifier) Check(ctx context.Context, progress func(done, of int)) ([]string, error) {
	panic("not yet")
}
