package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"vestnik/documents"
)

// ReasonNotMine: whoever has the mailbox does not know the account.
const ReasonNotMine = "not-mine"

// doErase removes what is held of a person, in one act. The receipt is the last
// letter to them. There is no legal hold yet: whoever asks is erased.
func (n *Notifier) doErase(ctx context.Context, t Token) (Done, error) {
	q, err := n.act(ctx, t.Recipient, func(r *Recipient) (Act, error) {
		w, err := n.wishOf(t, *r)
		if err != nil {
			return Act{}, err
		}
		q := request(*r, RequestErase, w.Language, n.spending(t.Hash))
		q.External = n.externalMAC(r.ExternalID)
		a := Act{Spend: t.Hash, Request: &q, Letters: []Letter{n.receipt(*r, q)}}
		*r = n.erased(*r)
		return a, nil
	})
	if err != nil {
		return Done{}, err
	}
	if err := n.FinishErasure(ctx, q); err != nil { // it is done; each node finishes it once more
		n.Log.Error("what is open of somebody erased is settled later", slog.String("err", nameless(err)))
	}
	return Done{Request: q}, nil
}

// erased is what is left of a person: what ledgers need, and by what a
// synchronisation knows them again. Without the key what is sealed for them opens
// no more.
func (n *Notifier) erased(r Recipient) Recipient {
	return Recipient{
		Number: r.Number, ExternalID: n.pseudonym(r.ExternalID), State: Erased,
		RegisteredAt: r.RegisteredAt.Truncate(24 * time.Hour), Revision: r.Revision,
	}
}

// FinishErasure settles what is open of somebody erased: deliveries are excluded,
// and requests lapse, which nobody can read any more. It may be repeated.
func (n *Notifier) FinishErasure(ctx context.Context, q Request) error {
	if err := n.excuse(ctx, q.Recipient, ReasonErased); err != nil {
		return err
	}
	for {
		open, err := n.Store.Requests(ctx, RequestQuery{Recipient: q.Recipient, State: RequestOpen, Limit: ofPerson})
		if err != nil || len(open) == 0 {
			return err
		}
		for _, one := range open {
			one.State, one.Settled, one.Ground, one.Sealed = RequestRefused, now(), GroundLapsed, nil
			one.Revision++
			if _, err := n.Store.Act(ctx, Act{Now: now(), Request: &one}); err != nil && !errors.Is(err, documents.ErrConflict) {
				return fmt.Errorf("request %d: %w", one.ID, err)
			}
		}
	}
}

// excuse excludes what is owed to a person but for mail that may be under way:
// whoever sends that finds out by itself.
func (n *Notifier) excuse(ctx context.Context, recipient int64, reason string) error {
	for before := documents.Seq(0); ; {
		ds, err := n.Store.DeliveriesTo(ctx, recipient, before, followBatch)
		if err != nil {
			return fmt.Errorf("what is owed to recipient %d: %w", recipient, err)
		}
		for _, d := range ds {
			if err := n.exclude(ctx, d, reason); err != nil {
				return err
			}
			before = d.Notice
		}
		if len(ds) < followBatch {
			return nil
		}
	}
}

func (n *Notifier) exclude(ctx context.Context, d Delivery, reason string) error {
	for try := 1; d.State == Waiting || d.State == Deferred; try++ {
		err := n.Store.Settle(ctx, Settlement{Now: now(), Deliveries: []Delivery{moved(d, Excluded, reason)}})
		if !errors.Is(err, documents.ErrConflict) || try == sweepTries {
			return err
		}
		if d, err = n.Store.Delivery(ctx, d.Notice, d.Recipient); err != nil {
			return err
		}
	}
	return nil
}
