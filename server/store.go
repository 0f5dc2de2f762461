package server

import (
	"context"
	"io"
	"time"
)

// Store keeps what belongs to the desk and the API: staff, sessions, tokens,
// one-time links, settings, the audit trail, and the built-in mailbox.
type Store interface {
	PutStaff(ctx context.Context, s Staff) error // compare-and-set on Revision
	Staff(ctx context.Context, id string) (Staff, error)
	StaffList(ctx context.Context) ([]Staff, error)

	PutSession(ctx context.Context, s Session) error
	Session(ctx context.Context, hash string) (Session, error)
	DeleteSession(ctx context.Context, hash string) error

	PutToken(ctx context.Context, t Token) error
	Token(ctx context.Context, hash string) (Token, error)

	PutLink(ctx context.Context, l Link) error
	// SpendLink returns the link and removes it; of two callers one wins, the other
	// gets documents.ErrNotFound.
	SpendLink(ctx context.Context, hash string) (Link, error)
	Link(ctx context.Context, hash string) (Link, error)

	// Settings returns all settings with their revision; PutSettings replaces them
	// if the revision is the one given, else documents.ErrConflict.
	Settings(ctx context.Context) (map[string]string, int, error)
	PutSettings(ctx context.Context, values map[string]string, revision int) error

	Audit(ctx context.Context, a AuditEntry) error
	Audits(ctx context.Context, before int64, limit int) ([]AuditEntry, error)

	// PutMail keeps a mail of the built-in mailbox; the oldest beyond keep go.
	PutMail(ctx context.Context, m StoredMail, keep int) error
	Mails(ctx context.Context, before int64, limit int) ([]StoredMail, error) // newest first, without Raw
	Mail(ctx context.Context, id int64) (StoredMail, error)

	Dump(ctx context.Context, w io.Writer) error
	Load(ctx context.Context, r io.Reader) error
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
