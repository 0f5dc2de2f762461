package server

import (
	"context"
	"io"
	"time"
)

// Store keeps what belongs to the desk and the API: staff, sessions, tokens,
// one-time links, settings, the audit trail, and the built-in mailbox. An engine
// stores and orders, and decides nothing. All methods may be called from any
// goroutine; values that are returned belong to the caller; times come back in
// UTC with microseconds; what is missing is documents.ErrNotFound; what is found
// damaged wraps value.ErrDamaged; an engine that cannot be reached gives errors
// that wrap documents.ErrAway.
type Store interface {
	// PutStaff creates s if s.Revision is 1, else replaces revision s.Revision-1 of
	// it. It returns documents.ErrExists or documents.ErrConflict and changes
	// nothing if that is not what is there.
	PutStaff(ctx context.Context, s Staff) error
	Staff(ctx context.Context, id string) (Staff, error)
	// StaffList lists all, by ID in byte order.
	StaffList(ctx context.Context) ([]Staff, error)
	// ChangeRoster puts staff and tokens as PutStaff and PutToken do, all or nothing,
	// if the roster is the one given; otherwise documents.ErrConflict. It is for
	// changes that depend on who else is there.
	ChangeRoster(ctx context.Context, roster int, staff []Staff, tokens []Token) error
	// Office returns what nearly every request asks for, as of one instant and in
	// one round trip.
	Office(ctx context.Context) (Office, error)

	PutSession(ctx context.Context, s Session) error
	Session(ctx context.Context, hash string) (Session, error)
	// DeleteSession is nil for a session that is not there.
	DeleteSession(ctx context.Context, hash string) error

	// PutToken adds t or replaces the one with its hash.
	PutToken(ctx context.Context, t Token) error
	Token(ctx context.Context, hash string) (Token, error)
	// Tokens lists all, revoked ones included, by hash in byte order.
	Tokens(ctx context.Context) ([]Token, error)

	PutLink(ctx context.Context, l Link) error
	// SpendLink returns the link and removes it; of two callers one wins, the other
	// gets documents.ErrNotFound.
	SpendLink(ctx context.Context, hash string) (Link, error)
	Link(ctx context.Context, hash string) (Link, error)

	// Allow tells whether key may do now what it may do once every interval, and
	// burst times at once after a rest, counted over all nodes (GCRA). What it
	// refuses does not count. It is in no dump.
	Allow(ctx context.Context, key string, now time.Time, every time.Duration, burst int) (bool, error)

	// Sweep removes sessions and links that ended before now, and what Allow keeps
	// of keys that may do everything again.
	Sweep(ctx context.Context, now time.Time) error

	// Settings returns all settings with their revision, none and 0 at first;
	// PutSettings replaces them and adds one to the revision if it is the one
	// given, else documents.ErrConflict.
	Settings(ctx context.Context) (map[string]string, int, error)
	PutSettings(ctx context.Context, values map[string]string, revision int) error

	// Audit appends a, with an ID above all earlier ones. What a says of ID is
	// ignored.
	Audit(ctx context.Context, a AuditEntry) error
	// Audits lists up to limit entries with an ID below before, newest first;
	// before 0 begins at the newest.
	Audits(ctx context.Context, before int64, limit int) ([]AuditEntry, error)

	// PutMail keeps a mail of the built-in mailbox under the next ID; the oldest
	// beyond keep go.
	PutMail(ctx context.Context, m StoredMail, keep int) error
	// Mails lists like Audits, without Raw.
	Mails(ctx context.Context, before int64, limit int) ([]StoredMail, error)
	Mail(ctx context.Context, id int64) (StoredMail, error)

	// Dump writes all that the store holds, as of one instant, as one JSON Record a
	// line, but for sessions and links: restored ones would bring back what was
	// signed out or spent since. Load reads it into an empty store, all or nothing,
	// and refuses a store that is not empty with documents.ErrExists.
	Dump(ctx context.Context, w io.Writer) error
	Load(ctx context.Context, r io.Reader) error
}

// Record is one line of a dump. Exactly one field is set. Every engine writes
// staff, tokens, settings, audits and mails in this order, each by its key.
type Record struct {
	Staff    *Staff          `json:"staff,omitempty"`
	Token    *Token          `json:"token,omitempty"`
	Settings *StoredSettings `json:"settings,omitempty"`
	Audit    *AuditEntry     `json:"audit,omitempty"`
	Mail     *StoredMail     `json:"mail,omitempty"`
}

// StoredSettings are the settings with their revision.
type StoredSettings struct {
	Values   map[string]string
	Revision int
}

// Office is the settings and everybody who works here, by ID in byte order.
type Office struct {
	Settings StoredSettings
	Staff    []Staff
	// Roster counts the changes of staff and tokens. It is in no dump.
	Roster int
}

// Staff is a person who signs in to the desk.
type Staff struct {
	ID       string // stable
	Address  string
	Name     string
	Language string
	Roles    []string // author approver publisher administrator auditor
	Disabled bool
	Created  time.Time
	Revision int
}

// Session is a signed-in browser; only the hash of its token is kept.
type Session struct {
	Hash    string
	Staff   string
	Created time.Time
	Expires time.Time
}

// Token acts for its maker through the API.
type Token struct {
	Hash    string
	Name    string
	Staff   string // maker
	Role    string
	Created time.Time
	Revoked bool
}

// Link is a one-time link, alive for one hour.
type Link struct {
	Hash    string
	Staff   string
	Purpose string
	Next    string // where to go afterwards
	Expires time.Time
}

// AuditEntry is one line of the audit trail.
type AuditEntry struct {
	ID   int64
	At   time.Time
	By   string
	What string
	On   string
	More map[string]string
}

// StoredMail is a mail in the built-in mailbox.
type StoredMail struct {
	ID      int64
	At      time.Time
	From    string
	To      []string
	Subject string
	Size    int
	Raw     []byte
}
