package documents

import (
	"encoding/json"
	"time"
)

// Kind is what an event says. An unknown kind, written by a later Vestnik, is
// shown and never fatal.
type Kind string

// The kinds of events.
const (
	Published    Kind = "published"
	Imported     Kind = "imported"
	Corrected    Kind = "corrected"    // a note was wrong; carries the right one
	Reclassified Kind = "reclassified" // carries the new class and reason
	Postponed    Kind = "postponed"    // carries the later effective date
	Withdrawn    Kind = "withdrawn"    // only of an upcoming version
	Withheld     Kind = "withheld"     // a text may no longer be shown; its digests stay
	Closed       Kind = "closed"       // the closing figures of a notice
	Rerendered   Kind = "rerendered"
	Restored     Kind = "restored" // the log lost events FIRST to LAST and went on
)

// TextDigests is what an event says of one language.
type TextDigests struct {
	Lang    string
	Title   Digest
	Source  Digest
	Clauses Digest
	Note    Digest // zero where there is no note
}

// Event is one line of the public log. It never holds personal data or the name
// of a member of staff.
//
// Seq, Time and Bytes are set by Seal, inside the append. Everything from Titles
// on lies beside the bytes as public blobs, and each is covered by a digest in
// them.
type Event struct {
	Origin     string
	Seq        Seq
	Kind       Kind
	Time       time.Time // never before the previous event's
	Document   string
	Version    int
	Effective  Effective
	Class      Class
	Urgent     bool
	Prevailing string
	Texts      []TextDigests // by language in byte order
	Reason     Digest
	Notice     Seq    // closed: the event whose notice it closes
	Figures    string // closed: "due=12 accepted=12 failed=0 excluded=0 covered=0"
	LedgerRoot Digest
	LostFirst  Seq // restored
	LostLast   Seq
	Bytes      []byte // what is stored, hashed and served, verbatim

	Titles     map[string]string
	Notes      map[string]Note
	ReasonText string
}

// storedEvent is what is kept of an event: its bytes decide, and the blobs lie
// beside them. Fields can be added; names must not change.
type storedEvent struct {
	Bytes  []byte            `json:"bytes"`
	Titles map[string]string `json:"titles,omitempty"`
	Notes  map[string]Note   `json:"notes,omitempty"`
	Reason string            `json:"reason,omitempty"`
}

// MarshalJSON keeps the bytes verbatim and leaves out what can be parsed from
// them. It is the form of stores and dumps.
func (e Event) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedEvent{e.Bytes, e.Titles, e.Notes, e.ReasonText})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Event) UnmarshalJSON(b []byte) error {
	var s storedEvent
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	parsed, err := ParseEvent(s.Bytes)
	if err != nil {
		return err
	}
	parsed.Titles, parsed.Notes, parsed.ReasonText = s.Titles, s.Notes, s.Reason
	*e = parsed
	return nil
}
