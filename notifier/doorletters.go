package notifier

import (
	"context"
	"errors"
	"time"

	"vestnik/documents"
)

// receipt says to a person what was done, or when a request will be answered.
func receipt(r Recipient, q Request) Letter {
	args := []string{"kind", string(q.Kind), "state", string(q.State), "code", q.Code}
	if !q.Due.IsZero() {
		args = append(args, "due", q.Due.Format(time.RFC3339))
	}
	return letterTo(r, LetterHeard, r.Address, q.Language, args...)
}

// answer brings what the organisation says.
func answer(r Recipient, q Request, words string) Letter {
	return letterTo(r, LetterAnswer, r.Address, q.Language,
		"kind", string(q.Kind), "state", string(q.State), "code", q.Code, "ground", q.Ground, "words", words)
}

// pointless says why a letter to a registered user is not sent any more, or "".
// Whoever was erased since gets but the receipt of that.
func (n *Notifier) pointless(ctx context.Context, l Letter) (string, error) {
	if l.Recipient == 0 || l.Kind == LetterHeard && l.Args["kind"] == string(RequestErase) {
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
