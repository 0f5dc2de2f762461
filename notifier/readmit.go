package notifier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vestnik/documents"
)

// whyReadmitted stands in the history of a delivery that was opened again: the
// person has another address, or is back.
const whyReadmitted = "readmitted"

// readmitWait is when a delivery is due that was opened again before the person is
// stored who can be written to; once they are it is due at once. Should the process
// end in between, the attempt finds them as they are then.
const readmitWait = time.Hour

// readmit opens what was not told to a person as they were and could be to next:
// deliveries that were excluded because nothing could be mailed to them, that
// failed, or that are deferred. It is called before next is stored: whoever fails
// at that does both again. What is returned is due once hurry is called.
func (n *Notifier) readmit(ctx context.Context, was, next Recipient) (opened []Delivery, err error) {
	if was.Address == next.Address && was.State == next.State {
		return nil, nil
	}
	set, err := n.Settings(ctx)
	if err != nil || n.unmailable(next, set) != "" {
		return nil, err
	}
	for before := documents.Seq(0); ; {
		ds, err := n.Store.DeliveriesTo(ctx, was.Number, before, followBatch)
		if err != nil {
			return opened, fmt.Errorf("what is owed to recipient %d: %w", was.Number, err)
		}
		for _, d := range ds {
			before = d.Notice
			d, ok, err := n.reopened(ctx, d, next, set)
			if err != nil {
				return opened, err
			}
			if ok {
				opened = append(opened, d)
			}
		}
		if len(ds) < followBatch {
			return opened, nil
		}
	}
}

// untold tells whether d reached nobody, for a reason that may be over.
func untold(d Delivery) bool {
	if d.State == Excluded {
		return slices.Contains([]string{ReasonLeft, ReasonUnreachable, ReasonNotMine, ReasonNotAllowed}, d.Reason)
	}
	return d.State == Failed || d.State == Deferred
}

// reopened opens d for as long as its notice takes in people who come late.
func (n *Notifier) reopened(ctx context.Context, d Delivery, r Recipient, set Settings) (Delivery, bool, error) {
	if d.State == Waiting && len(d.History) > 0 && d.History[len(d.History)-1].Why == whyReadmitted {
		return d, true, nil // by somebody who did not get to hurry
	}
	for untold(d) {
		x, err := n.Store.Notice(ctx, d.Notice)
		if err != nil {
			return d, false, err
		}
		reason, due := n.owed(x, r, set)
		if reason != "" || !due || x.State == Cancelled || time.Now().After(x.Audience.Before.Add(lateJoin)) {
			return d, false, nil
		}
		next := moved(d, Waiting, whyReadmitted)
		was := d.Evidence
		next.History[len(next.History)-1].Evidence = &was
		next.Attempts, next.Reason, next.Next = 0, "", now().Add(readmitWait)
		err = n.Store.Settle(ctx, Settlement{Now: now(), Deliveries: []Delivery{next}})
		if !errors.Is(err, documents.ErrConflict) {
			return next, err == nil, err
		}
		if d, err = n.Store.Delivery(ctx, d.Notice, d.Recipient); err != nil {
			return d, false, err
		}
	}
	return d, false, nil
}

// hurry makes due what readmit opened, at the end of its notice's hold at the
// earliest. What somebody else has in hand by now it leaves.
func (n *Notifier) hurry(ctx context.Context, opened []Delivery) error {
	for _, d := range opened {
		x, err := n.Store.Notice(ctx, d.Notice)
		if err == nil {
			d.Next = later(now(), x.SendAfter)
			d.Revision++
			err = n.Store.Settle(ctx, Settlement{Now: now(), Deliveries: []Delivery{d}})
		}
		if err != nil && !errors.Is(err, documents.ErrConflict) {
			return fmt.Errorf("open again: %w", err)
		}
	}
	return nil
}
