package notifier

import (
	"context"
	"errors"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// Letters to registered users have these Args, all of them plain text, and each the
// account that it is about. "about" is the second half of their topic in the
// catalogue: subject-TOPIC, TOPIC-body.
//
//	act      about: export, name, address or erase; url: the fresh link;
//	         value: the new name, or the new address, masked
//	new      url: the link that confirms the address
//	moved    code; value: the new address, masked
//	receipt  about: export, name, language, address or erase; code
//	         about: request; code; kind and due in words
//	answer   about: done or refused; code; kind in words; words: those of the
//	         organisation; ground of a refusal in words

// receipt says to a person what they did here.
func (n *Notifier) receipt(r Recipient, q Request) Letter {
	return letterTo(r, LetterHeard, r.Address, q.Language, "about", string(q.Kind), "code", q.Code)
}

// lodged says when a request will be answered.
func (n *Notifier) lodged(r Recipient, q Request, set Settings) Letter {
	return letterTo(r, LetterHeard, r.Address, q.Language, "about", "request", "code", q.Code,
		"kind", n.Words(q.Language).T("request-"+string(q.Kind)), "due", lang.Date(q.Language, q.Due.In(zone(set.Zone))))
}

// answered brings what the organisation says.
func (n *Notifier) answered(r Recipient, q Request, words string) Letter {
	w := n.Words(q.Language)
	args := []string{"about", string(q.State), "code", q.Code, "kind", w.T("request-" + string(q.Kind)), "words", words}
	if q.State == RequestRefused {
		args = append(args, "ground", w.T("ground-"+q.Ground))
	}
	return letterTo(r, LetterAnswer, r.Address, q.Language, args...)
}

// pointless says why a letter to a registered user is not sent any more, or "".
// Whoever was erased since gets but the receipt of that.
func (n *Notifier) pointless(ctx context.Context, l Letter) (string, error) {
	if l.Recipient == 0 || l.Kind == LetterHeard && l.Args["about"] == string(RequestErase) {
		return "", nil
	}
	r, err := n.Store.Recipient(ctx, l.Recipient)
	switch {
	case errors.Is(err, documents.ErrNotFound) || err == nil && r.State == Erased:
		return ReasonErased, nil
	case err == nil && n.notTheirs(r) && l.To == r.Address:
		return ReasonNotMine, nil
	}
	return "", err
}
