package notifier

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// fresh finds a link that acts, whose it is and what they wish. One that was
// spent, has ended or never was is documents.ErrNotFound, and so is one that was
// sent to an address which is no longer on file.
func (n *Notifier) fresh(ctx context.Context, secret string) (t Token, r Recipient, w wish, err error) {
	t, err = n.Store.Token(ctx, hashToken(secret))
	if err == nil && (t.Purpose == LinkNotice || !time.Now().Before(t.Until)) {
		err = documents.ErrNotFound
	}
	if err != nil {
		return t, r, w, err
	}
	if r, err = n.Store.Recipient(ctx, t.Recipient); err != nil {
		return t, r, w, err
	}
	w, err = n.wishOf(t, r)
	return t, r, w, err
}

func (n *Notifier) wishOf(t Token, r Recipient) (w wish, err error) {
	if r.State == Erased {
		return w, documents.ErrNotFound
	}
	if err := unseal(r, t.Sealed, &w, sealLink, t.Hash); err != nil {
		return w, fmt.Errorf("link: %w", err)
	}
	if w.Address != n.addressMAC(r.Address) {
		return w, documents.ErrNotFound
	}
	return w, nil
}

// Fresh says what a fresh link would do. It spends nothing.
func (n *Notifier) Fresh(ctx context.Context, secret string) (Fresh, error) {
	t, r, w, err := n.fresh(ctx, secret)
	if err != nil {
		return Fresh{}, err
	}
	f := Fresh{Purpose: t.Purpose, Kind: t.Kind, Language: w.Language, MaskedAddress: hidden(r.Address), Value: shown(t.Kind, w.Value), Until: t.Until}
	if t.Kind == RequestErase {
		f.Open, err = n.openRequests(ctx, r.Number)
	}
	return f, err
}

// Do spends a fresh link and does what it is for: all or nothing. Of several who
// spend it at once one succeeds, the others get documents.ErrNotFound.
func (n *Notifier) Do(ctx context.Context, secret string) (Done, error) {
	t, _, w, err := n.fresh(ctx, secret)
	if err != nil {
		return Done{}, err
	}
	set, err := n.Settings(ctx)
	if err != nil {
		return Done{}, err
	}
	switch {
	case t.Kind == RequestErase:
		return n.doErase(ctx, t)
	case t.Kind == RequestAddress && t.Purpose == LinkAct:
		return n.doMove(ctx, t, set)
	case t.Kind == RequestAddress:
		return n.doConfirm(ctx, t)
	case t.Kind == RequestName:
		return n.simply(ctx, t, func(r *Recipient) { r.correct(fieldName, w.Value) })
	case t.Kind == RequestExport:
		return n.doExport(ctx, t)
	}
	return Done{}, fmt.Errorf("link of kind %q: %w", t.Kind, documents.ErrNotFound)
}

// simply spends a link, changes the person, and sends the receipt.
func (n *Notifier) simply(ctx context.Context, t Token, change func(*Recipient)) (Done, error) {
	q, err := n.act(ctx, t.Recipient, func(r *Recipient) (Act, error) {
		w, err := n.wishOf(t, *r)
		if err != nil {
			return Act{}, err
		}
		change(r)
		q := request(*r, t.Kind, w.Language, n.spending(t.Hash))
		return Act{Spend: t.Hash, Request: &q, Letters: []Letter{n.receipt(*r, q)}}, nil
	})
	return Done{Request: q}, err
}

// doExport makes the export before the link is spent: whoever gets none may ask
// again with the same link.
func (n *Notifier) doExport(ctx context.Context, t Token) (Done, error) {
	r, err := n.Store.Recipient(ctx, t.Recipient)
	if err != nil {
		return Done{}, err
	}
	export, err := n.export(ctx, r)
	if err != nil {
		return Done{}, err
	}
	done, err := n.simply(ctx, t, func(*Recipient) {})
	if err != nil {
		return Done{}, err
	}
	done.Export = &export
	return done, nil
}

// doMove writes to the new address, to confirm it from there.
func (n *Notifier) doMove(ctx context.Context, t Token, set Settings) (done Done, err error) {
	_, err = n.act(ctx, t.Recipient, func(r *Recipient) (Act, error) {
		w, err := n.wishOf(t, *r)
		if err != nil {
			return Act{}, err
		}
		link := n.confirming(t.Hash)
		confirm, err := n.link(*r, t.Notice, LinkConfirm, RequestAddress, w, link)
		if err != nil {
			return Act{}, err
		}
		done.Confirm = hidden(w.Value)
		return Act{Spend: t.Hash, Tokens: []Token{confirm}, Letters: []Letter{letterTo(*r, LetterNew, w.Value, w.Language, "url", root(set)+FreshPath+link)}}, nil
	})
	return done, err
}

// doConfirm takes the new address over and tells the old one.
func (n *Notifier) doConfirm(ctx context.Context, t Token) (Done, error) {
	var opened []Delivery
	q, err := n.act(ctx, t.Recipient, func(r *Recipient) (Act, error) {
		w, err := n.wishOf(t, *r)
		if err != nil {
			return Act{}, err
		}
		old, stranger := *r, n.notTheirs(*r)
		r.correct(fieldAddress, w.Value)
		if r.State == Unreachable {
			r.State = Active
		}
		if n.notTheirs(*r) { // whoever has that mailbox says now that the account is theirs
			r.NotMine = ""
		}
		if opened, err = n.readmit(ctx, old, *r); err != nil {
			return Act{}, err
		}
		q := request(*r, RequestAddress, w.Language, n.spending(t.Hash))
		a := Act{Spend: t.Hash, Request: &q, Letters: []Letter{n.receipt(*r, q)}}
		if !stranger {
			a.Letters = append(a.Letters, letterTo(*r, LetterMoved, old.Address, w.Language, "code", q.Code, "value", hidden(r.Address)))
		}
		return a, nil
	})
	if err == nil {
		if err := n.hurry(ctx, opened); err != nil { // it is done; what was opened is due later by itself
			n.Log.Error("what was opened again is sent later", slog.String("err", nameless(err)))
		}
		n.wake()
	}
	return Done{Request: q}, err
}

// SpeakTo sets the language of a person's mail, at once. once names the press.
func (n *Notifier) SpeakTo(ctx context.Context, token, tag, once string) (Request, error) {
	_, r, err := n.holder(ctx, token)
	if err != nil {
		return Request{}, err
	}
	if err := n.speaks(ctx, tag); err != nil {
		return Request{}, err
	}
	code := n.pressed(token, RequestLanguage, tag, once)
	return n.act(ctx, r.Number, func(r *Recipient) (Act, error) {
		if err := n.unrecorded(ctx, code); err != nil {
			return Act{}, err
		}
		if err := r.asks(); err != nil {
			return Act{}, err
		}
		r.correct(fieldLanguage, tag)
		q := request(*r, RequestLanguage, lang.Near(tag), code)
		a := Act{Request: &q}
		if !n.notTheirs(*r) {
			a.Letters = []Letter{n.receipt(*r, q)}
		}
		return a, nil
	})
}

// speaks refuses a language that neither mails nor any document have.
func (n *Notifier) speaks(ctx context.Context, tag string) error {
	if slices.Contains(lang.Interface, tag) {
		return nil
	}
	all, err := n.Library.Documents(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if _, ok := d.Titles[tag]; ok {
			return nil
		}
	}
	return documents.Invalid("language", "speak-to", "choose one of the languages")
}

// NotMine stops mail about the account to the address on file. No letter goes
// there either. Said again it answers with the first receipt.
func (n *Notifier) NotMine(ctx context.Context, token string) (Request, error) {
	_, r, err := n.holder(ctx, token)
	if err != nil {
		return Request{}, err
	}
	q, err := n.act(ctx, r.Number, func(r *Recipient) (Act, error) {
		if n.notTheirs(*r) {
			q, err := n.receiptOf(ctx, *r, RequestNotMine)
			return Act{}, cmp.Or(err, error(recorded{q}))
		}
		r.NotMine = n.addressMAC(r.Address)
		q := request(*r, RequestNotMine, lang.Near(r.Language), newCode())
		return Act{Request: &q}, nil
	})
	if err == nil {
		err = n.excuse(ctx, r.Number, ReasonNotMine)
	}
	return q, err
}

// receiptOf is the newest request of a kind.
func (n *Notifier) receiptOf(ctx context.Context, r Recipient, kind RequestKind) (Request, error) {
	all, err := n.Store.Requests(ctx, RequestQuery{Recipient: r.Number, Limit: ofPerson})
	for _, q := range all {
		if q.Kind == kind {
			return q, err
		}
	}
	return Request{}, cmp.Or(err, documents.ErrNotFound)
}
