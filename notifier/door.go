package notifier

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"vestnik/documents"
)

// FreshPath is where, under the public root, a fresh link leads.
const FreshPath = "/me/act/"

// Fresh is what a fresh link would do.
type Fresh struct {
	Purpose       Purpose // LinkAct, or LinkConfirm from the mailbox of a new address
	Kind          RequestKind
	Language      string // that the person is spoken to in
	MaskedAddress string // on file
	Value         string // of RequestAddress the new address, masked; of RequestName the name
	Until         time.Time
	Open          int // of RequestErase: requests that nobody could answer any more
}

// Done is what an act did.
type Done struct {
	Request Request         // the receipt; zero where the act waits for a confirmation
	Confirm string          // the masked new address that a link was sent to, to confirm it
	Export  *PersonalExport // of RequestExport
}

// RequestView is a request as people see it. A person who comes by the link in a
// notice may be a stranger to whom it was forwarded: they see no words.
type RequestView struct {
	Request
	Words         string // of the person
	Answer        string // of the organisation
	MaskedAddress string
	ExternalID    string // for staff
	// Unsure: the table of holidays ends before the due date, which leaves out
	// weekends only.
	Unsure bool
}

// holder is whom the link in a notice belongs to, and until when. An unknown or
// ended one is documents.ErrNotFound.
func (n *Notifier) holder(ctx context.Context, token string) (Token, Recipient, error) {
	t, err := n.Store.Token(ctx, hashToken(token))
	if err == nil && t.Purpose != LinkNotice {
		err = documents.ErrNotFound
	}
	if err != nil {
		return t, Recipient{}, err
	}
	x, err := n.Store.Notice(ctx, t.Notice)
	if err != nil {
		return t, Recipient{}, err
	}
	t.Until = later(t.Until, later(x.Published, x.Effective).Add(tokenLife)) // it may have been postponed since
	r, err := n.Store.Recipient(ctx, t.Recipient)
	if err == nil && (r.State == Erased || time.Now().After(t.Until)) {
		err = documents.ErrNotFound
	}
	return t, r, err
}

const actTries = 10

// act does one step in the life of a person's requests, all or nothing, and again
// where somebody was faster. A step whose press was recorded is done. All steps of one person come one after the other.
func (n *Notifier) act(ctx context.Context, recipient int64, step func(*Recipient) (Act, error)) (Request, error) {
	for try := 1; ; try++ {
		r, err := n.Store.Recipient(ctx, recipient)
		if err == nil && r.State == Erased {
			err = documents.ErrNotFound
		}
		if err != nil {
			return Request{}, err
		}
		if len(r.Key) == 0 {
			r.Key = newPersonKey()
		}
		a, err := step(&r)
		var was recorded
		if errors.As(err, &was) {
			return was.Request, nil
		}
		if err != nil {
			return Request{}, err
		}
		r.Revision++
		a.Now, a.Recipient = now(), &r
		q, err := n.Store.Act(ctx, a)
		lost := errors.Is(err, documents.ErrConflict) || errors.Is(err, documents.ErrExists)
		if lost && try < actTries {
			continue
		}
		if err != nil {
			return Request{}, fmt.Errorf("act: %w", err)
		}
		n.wake()
		return q, nil
	}
}

// request is a new one, received now.
func request(r Recipient, kind RequestKind, tag, code string) Request {
	at := now()
	q := Request{Code: code, Recipient: r.Number, Kind: kind, State: RequestOpen, Language: tag, Received: at, Revision: 1}
	if !kind.human() {
		q.State, q.Settled = RequestDone, at
	}
	return q
}

// human tells whether a person of the organisation has to answer.
func (k RequestKind) human() bool {
	switch k {
	case RequestAccess, RequestCorrect, RequestRestrict, RequestObject, RequestWithdraw, RequestDelete, RequestOther:
		return true
	}
	return false
}

// newCode is 60 random bits, in letters and digits that are hard to mistake.
func newCode() string { return coded(rand.Text()) }

func coded(t string) string { return t[:4] + "-" + t[4:8] + "-" + t[8:12] }

// newLink is 256 random bits.
func newLink() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// pseudonym is what is left of an external id.
func (n *Notifier) pseudonym(externalID string) string {
	return erasedPrefix + n.externalMAC(externalID)
}

const erasedPrefix = "erased:"

func (n *Notifier) externalMAC(externalID string) string {
	return hex.EncodeToString(n.mac("external id", externalID)[:20])
}

// root is the public root of links, without a slash at its end.
func root(set Settings) string { return strings.TrimSuffix(set.URL, "/") }
