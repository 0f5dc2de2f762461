package documents

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Seq is a place in the log: 1, 2, 3… without gaps. 0 is before the first.
type Seq int64

// Digest is a SHA-256, written in lower-case hex wherever people see it.
type Digest [sha256.Size]byte

// SHA256 is the digest of b.
func SHA256(b []byte) Digest { return sha256.Sum256(b) }

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// IsZero tells whether d is absent.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText makes JSON show hex.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Digest) UnmarshalText(b []byte) error {
	parsed, err := ParseDigest(string(b))
	if err == nil {
		*d = parsed
	}
	return err
}

// ParseDigest reads 64 hex digits.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(d) {
		return d, fmt.Errorf("%q is not a SHA-256 in hex", s)
	}
	return Digest(b), nil
}

// Document is one policy.
type Document struct {
	ID         string            // a slug; also the first part of its address
	Titles     map[string]string // language to title; the keys are the languages that every version must have
	Prevailing string            // the language that decides where texts differ
	Groups     []string          // groups of registered users it concerns; none named: all
	Revision   int               // 1 when made; compare-and-set
}

// Class is what the legal team says of a change.
type Class string

// The classes of a change.
const (
	Editorial Class = "editorial" // nobody need be told
	Notice    Class = "notice"    // material: everyone it concerns is told
	Consent   Class = "consent"   // told, and asked for fresh consent
)

// Note says in plain text what a change is about. Each slot holds at most 2,000
// characters; Do may stay empty, which means that nothing need be done.
type Note struct {
	What  string `json:"what"`
	Whom  string `json:"whom"`
	Means string `json:"means"`
	Do    string `json:"do"`
}

// Change is what the legal team says about a version.
type Change struct {
	Class  Class
	Urgent bool
	Reason string          // public
	Notes  map[string]Note // by language; required for every language unless Class is Editorial
}

// Basis is the order that a version rests on. All of it is optional and public.
type Basis struct {
	Number    string `json:"number,omitempty"`
	Date      string `json:"date,omitempty"` // 2006-01-02
	Signatory string `json:"signatory,omitempty"`
}

// Effective says when a version takes effect. The instant decides; date and zone
// are what people were told. A Date of "" means that no date was stated, which
// only an imported version may have.
type Effective struct {
	Instant time.Time
	Date    string // 2006-01-02, in Zone
	Zone    string // IANA name
}

// Clause is one line of a clause map: a numbered or headed unit of a text.
type Clause struct {
	ID     string // c- and 8 base32 characters; permanent
	Number string // as written; "" for an unnumbered heading
	Title  string // the heading, or the first words of the clause
	Anchor string // the human anchor, p6.1; "" where it would be ambiguous
	First  int    // first line, 1-based
	Last   int    // last non-blank line before the next clause
	Level  int    // depth in the tree, from 1
	Parent string // ID of the clause around it, "" at the top
}

// Text is a version in one language.
type Text struct {
	Lang    string
	Title   string
	Source  string // Markdown, byte for byte as given
	Clauses []Clause
}

// SourceDigest is what the event says of the text.
func (t Text) SourceDigest() Digest { return SHA256([]byte(t.Source)) }

// Version is an immutable edition of a document.
type Version struct {
	Document    string
	Number      int // 1, 2, 3…
	Prevailing  string
	Texts       []Text // sorted by language, in byte order
	Change      Change
	Basis       Basis
	PublishedAt time.Time // the event's time
	Stated      string    // of an imported version: the date of publication that the organisation states, or ""
	Effective   Effective
	Imported    bool
	Seq         Seq // of the event that brought it
}

// Text returns the text in lang.
func (v Version) Text(lang string) (Text, bool) {
	for _, t := range v.Texts {
		if t.Lang == lang {
			return t, true
		}
	}
	return Text{}, false
}

// Languages are those of the texts, in byte order.
func (v Version) Languages() []string {
	out := make([]string, len(v.Texts))
	for i, t := range v.Texts {
		out[i] = t.Lang
	}
	return out
}

// State is where a draft stands.
type State string

// The states of a draft. Any save brings it back to Editing.
const (
	Editing   State = "draft"
	InReview  State = "in-review"
	Returned  State = "returned"
	Approved  State = "approved"
	Scheduled State = "scheduled"
)

// Draft is what the next version may become. Each save is a revision that can be
// restored.
type Draft struct {
	Document string
	Revision int // 1, 2, 3…; 0 before the first save. Compare-and-set
	Based    int // the version that was last when the draft was begun
	State    State
	Comment  string // of the reviewer who returned it
	Texts    []DraftText
	Change   Change
	Basis    Basis
	// Effective is what the author asks for: RFC 3339, a date, "now", or "" for
	// the default of the class.
	Effective string
	SavedBy   string // an actor
	SavedAt   time.Time
}

// DraftText is a draft in one language.
type DraftText struct{ Lang, Title, Source string }

// Approval says that somebody other than the author read this very revision. A
// later save voids it.
type Approval struct {
	Document string
	Revision int
	Digest   Digest // of the revision's canonical form, see Draft.Digest
	By       string
	At       time.Time
}

// Actor is who acts: a member of staff, a token (as its maker), or "local" for
// the command line on the machine itself. It is written to audits and never to
// the public log.
type Actor struct {
	Name  string // stable, unique
	Roles []string
}
