package notifier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vestnik/documents"
)

// PutRecipient adds the person or brings them up to date, by ExternalID. It
// refuses a malformed one with an InvalidError and reports whether anything
// changed.
func (n *Notifier) PutRecipient(ctx context.Context, r Recipient) (changed bool, err error) {
	r, err = checked(r, time.Now())
	if err != nil {
		return false, err
	}
	took, err := n.take(ctx, []Recipient{r})
	if err != nil {
		return false, fmt.Errorf("recipient: %w", err)
	}
	if took.added+took.changed > 0 {
		n.wake()
		return true, nil
	}
	return false, nil
}

// taken counts what came of a batch.
type taken struct {
	added, changed, unchanged int
	erased, kept              int // see ImportReport
}

// take stores checked recipients with different external ids, all or none.
func (n *Notifier) take(ctx context.Context, rs []Recipient) (taken, error) {
	for try := 0; ; try++ {
		t, err := n.takeOnce(ctx, rs)
		lost := errors.Is(err, documents.ErrConflict) || errors.Is(err, documents.ErrExists)
		if !lost || try == 9 {
			return t, err
		}
	}
}

func (n *Notifier) takeOnce(ctx context.Context, rs []Recipient) (t taken, err error) {
	ids := make([]string, len(rs))
	for i, r := range rs {
		ids[i] = r.ExternalID
	}
	old, err := n.named(ctx, ids)
	if err != nil {
		return t, err
	}
	var puts []Recipient
	var opened []Delivery
	for _, r := range rs {
		was, known := old[r.ExternalID]
		if !known {
			r.Number, r.Revision, r.Key = 0, 1, newPersonKey()
			if r.State == "" {
				r.State = Active
			}
			puts = append(puts, r)
			t.added++
			continue
		}
		next, kept := merged(was, r)
		switch {
		case was.State == Erased:
			t.erased++
			t.unchanged++
			continue
		case sameRecipient(was, next):
			t.unchanged++
		default:
			again, err := n.readmit(ctx, was, next)
			if err != nil {
				return t, err
			}
			opened = append(opened, again...)
			puts = append(puts, next)
			t.changed++
		}
		if kept {
			t.kept++
		}
	}
	if len(puts) > 0 {
		_, err = n.Store.PutRecipients(ctx, puts)
	}
	if err == nil {
		err = n.hurry(ctx, opened)
	}
	return t, err
}

// named finds people by their external ids, also those who are erased.
func (n *Notifier) named(ctx context.Context, ids []string) (map[string]Recipient, error) {
	there, err := n.Store.RecipientsNamed(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Recipient, len(ids))
	for _, r := range there {
		out[r.ExternalID] = r
	}
	// After the first question: who is erased in between is found by one of the two.
	of := map[string]string{}
	var pseudonyms []string
	for _, id := range ids {
		if _, ok := out[id]; !ok {
			p := n.pseudonym(id)
			of[p] = id
			pseudonyms = append(pseudonyms, p)
		}
	}
	if len(pseudonyms) == 0 {
		return out, nil
	}
	there, err = n.Store.RecipientsNamed(ctx, pseudonyms)
	for _, r := range there {
		out[of[r.ExternalID]] = r
	}
	return out, err
}

// Recipient returns the person with an external id. Of one who is erased it is
// what is left, under a pseudonym.
func (n *Notifier) Recipient(ctx context.Context, externalID string) (Recipient, error) {
	rs, err := n.named(ctx, []string{externalID})
	if err != nil {
		return Recipient{}, err
	}
	r, ok := rs[externalID]
	if !ok {
		return r, fmt.Errorf("recipient: %w", documents.ErrNotFound)
	}
	return r, nil
}

// keyed is a person who has a key, which is made at first use.
func (n *Notifier) keyed(ctx context.Context, number int64) (Recipient, error) {
	for try := 1; ; try++ {
		r, err := n.Store.Recipient(ctx, number)
		if err != nil || len(r.Key) > 0 || r.State == Erased {
			return r, err
		}
		r.Key = newPersonKey()
		r.Revision++
		_, err = n.Store.PutRecipients(ctx, []Recipient{r})
		if !errors.Is(err, documents.ErrConflict) || try == actTries {
			return r, err
		}
	}
}

// Leave marks the person as left: DELETE in the API.
func (n *Notifier) Leave(ctx context.Context, externalID string) error {
	return n.setState(ctx, externalID, Left, func(s RecipientState) bool { return s == Active || s == Unreachable })
}

// setState moves a recipient to a state if from allows it, and else leaves it.
func (n *Notifier) setState(ctx context.Context, externalID string, to RecipientState, from func(RecipientState) bool) error {
	for try := 0; ; try++ {
		r, err := n.Recipient(ctx, externalID)
		if err != nil || !from(r.State) {
			return err
		}
		r.State = to
		r.Revision++
		_, err = n.Store.PutRecipients(ctx, []Recipient{r})
		if !errors.Is(err, documents.ErrConflict) || try == 9 {
			return err
		}
	}
}

// Recipients lists up to limit recipients with a Number above after.
func (n *Notifier) Recipients(ctx context.Context, after int64, limit int) ([]Recipient, error) {
	return n.Store.Recipients(ctx, after, limit)
}
