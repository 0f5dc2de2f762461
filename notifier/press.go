package notifier

import (
	"context"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"time"

	"vestnik/documents"
)

// One press of a button is recorded once, however often and on however many nodes
// it arrives: its receipt has a code that is made from what the press was, and a
// code is taken once. What names a press of a form comes with the form; "" is a
// press like no other.

// pressed is the code of the receipt for a press of a form of the door.
func (n *Notifier) pressed(token string, kind RequestKind, value, once string) string {
	if once == "" {
		return newCode()
	}
	return n.code("press", hashToken(token), kind, once, hashToken(value))
}

// spending is the code of the receipt for what the fresh link with a hash did.
func (n *Notifier) spending(hash string) string { return n.code("link", hash) }

// code is 60 bits, in the form of newCode.
func (n *Notifier) code(what ...any) string {
	return coded(base32.StdEncoding.EncodeToString(n.mac("receipt", what...)))
}

// freshFor is the secret of the fresh link that a press asks for.
func (n *Notifier) freshFor(token string, kind RequestKind, value, once string) string {
	if once == "" {
		return newLink()
	}
	return n.secret("fresh", hashToken(token), kind, once, hashToken(value))
}

// confirming is the secret of the link that a new address gets once the link with
// a hash is spent.
func (n *Notifier) confirming(hash string) string { return n.secret("confirm", hash) }

func (n *Notifier) secret(purpose string, what ...any) string {
	return base64.RawURLEncoding.EncodeToString(n.mac(purpose, what...))
}

// recorded is what a step is told, and says to act, where its press was recorded.
type recorded struct{ Request }

func (recorded) Error() string { return "recorded already" }

// unrecorded is a recorded where there is a request with a code.
func (n *Notifier) unrecorded(ctx context.Context, code string) error {
	q, err := n.Store.RequestCoded(ctx, code)
	if errors.Is(err, documents.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return recorded{q}
}

// unasked is a recorded where a fresh link has gone out, whatever became of it.
func (n *Notifier) unasked(ctx context.Context, secret string) error {
	hash := hashToken(secret)
	switch t, err := n.Store.Token(ctx, hash); {
	case err == nil && time.Now().Before(t.Until):
		return recorded{}
	case err != nil && !errors.Is(err, documents.ErrNotFound):
		return err
	}
	switch _, _, err := n.Spent(ctx, secret); {
	case err == nil:
		return recorded{}
	case !errors.Is(err, documents.ErrNotFound):
		return err
	}
	return nil
}

// exportAgain is how long a spent link still shows the export: the answer to the
// first of two presses is not shown by a browser, and may come from another node.
const exportAgain = 20 * time.Second

// Spent is what a fresh link did when it was spent, for whoever opens or presses it
// once more. One that was not spent is documents.ErrNotFound.
func (n *Notifier) Spent(ctx context.Context, secret string) (Fresh, Done, error) {
	hash := hashToken(secret)
	confirm := hashToken(n.confirming(hash))
	if f, done, err := n.waitsToConfirm(ctx, confirm); !errors.Is(err, documents.ErrNotFound) {
		return f, done, err
	}
	q, err := n.Store.RequestCoded(ctx, n.spending(hash))
	if errors.Is(err, documents.ErrNotFound) {
		q, err = n.Store.RequestCoded(ctx, n.spending(confirm))
	}
	if err != nil {
		return Fresh{}, Done{}, err
	}
	r, err := n.Store.Recipient(ctx, q.Recipient)
	if err != nil {
		return Fresh{}, Done{}, err
	}
	done := Done{Request: q}
	f := Fresh{Purpose: LinkAct, Kind: q.Kind, Language: q.Language}
	if time.Now().Before(q.Received.Add(freshLife)) { // later the mailbox may be somebody else's
		f.MaskedAddress = hidden(r.Address)
	}
	if q.Kind == RequestExport && r.State != Erased && time.Now().Before(q.Received.Add(exportAgain)) {
		export, err := n.export(ctx, r)
		if err != nil {
			return Fresh{}, Done{}, err
		}
		done.Export = &export
	}
	return f, done, nil
}

// waitsToConfirm is Spent of a link that had a new address written to, by the hash
// of the link that went there and is not spent yet.
func (n *Notifier) waitsToConfirm(ctx context.Context, hash string) (Fresh, Done, error) {
	t, err := n.Store.Token(ctx, hash)
	if err == nil && !time.Now().Before(t.Until) {
		err = documents.ErrNotFound
	}
	if err != nil {
		return Fresh{}, Done{}, err
	}
	r, err := n.Store.Recipient(ctx, t.Recipient)
	if err != nil {
		return Fresh{}, Done{}, err
	}
	w, err := n.wishOf(t, r)
	return Fresh{Purpose: LinkAct, Kind: t.Kind, Language: w.Language, MaskedAddress: hidden(r.Address)}, Done{Confirm: hidden(w.Value)}, err
}
