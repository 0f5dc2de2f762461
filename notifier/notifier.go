package notifier

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/documents/translog"
	"vestnik/notifier/mail"
)

// Settings are the settings of the organisation that mail depends on. They
// arrive as a value and may differ from one moment to the next.
type Settings struct {
	Organisation lang.Phrase
	BIN          string
	Postal       lang.Phrase
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
	Rate         int      // mails of notices a minute, over all nodes; 0: as many as the relay takes
}

// Config of New.
type Config struct {
	Store    Store
	Library  *documents.Library
	Tree     *translog.Log // for the checkpoint in each mail
	Settings func(context.Context) (Settings, error)
	Key      []byte    // 32 bytes: keyed hashes of addresses, tokens
	Node     string    // names this process in leases: like no other, now or before; "": something random
	Machine  string    // names the machine, lastingly, to notice that an installation moved; "" where nothing tells
	Senders  int       // connections to the relay; 0: 4
	Sign     mail.Sign // DKIM; nil: the relay signs
	Workdays *Workdays // nil: those of Kazakhstan
	Log      *slog.Logger
}

// Notifier holds every rule of telling. It may be used from any goroutine.
type Notifier struct {
	Config
	speech   speech
	bell     bell
	breakers breakers
	excerpts excerpts
	overview overview
	troubles troubles

	// protocolErrors counts answers that say that we do not speak SMTP, since the
	// start. Each node counts for itself: what is wrong is how this program and that
	// relay get on, each node sees it soon, and nobody is given up for it.
	protocolErrors atomic.Int64
	failed         atomic.Pointer[failure]
}

// New makes a Notifier. It refuses a key that is too short to keep secrets.
func New(c Config) (*Notifier, error) {
	if len(c.Key) < 32 {
		return nil, errors.New("the notifier's key has less than 32 bytes")
	}
	if c.Node == "" {
		c.Node = rand.Text()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Workdays == nil {
		var err error
		if c.Workdays, err = ParseWorkdays(strings.NewReader(defaultWorkdays)); err != nil {
			return nil, fmt.Errorf("working days: %w", err)
		}
	}
	words, err := newSpeech()
	if err != nil {
		return nil, fmt.Errorf("words of mail: %w", err)
	}
	return &Notifier{Config: c, speech: words}, nil
}

func (n *Notifier) wake() { n.bell.ring() }

// ImportReport is what came of an import. It is recorded.
type ImportReport struct {
	Source    string           `json:"source"`
	At        time.Time        `json:"at"`
	By        string           `json:"by"`
	Rows      int              `json:"rows"`
	Added     int              `json:"added"`
	Changed   int              `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Erased    int              `json:"erased,omitempty"`  // of the unchanged: people who had their data removed here, and stay so
	Kept      int              `json:"kept,omitempty"`    // of the rest: people of whom something that they corrected here stays
	Broken    int              `json:"broken,omitempty"`  // rows that could not be taken
	Refused   []RefusedRow     `json:"refused,omitempty"` // the first 1,000 of them
	Digest    documents.Digest `json:"digest"`            // of the file
}

// RefusedRow is a row that cannot be taken.
type RefusedRow struct {
	Row    int    `json:"row"` // 1-based; the header of a CSV is row 1
	Reason string `json:"reason"`
}
