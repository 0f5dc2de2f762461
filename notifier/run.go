package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"vestnik/documents"
	"vestnik/notifier/mail"
)

// Run follows the log, counts and sends until ctx ends, and then returns nil
// with no connection open and every outcome on disk.
func (n *Notifier) Run(ctx context.Context) error {
	if err := n.notice(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("notifier: %w", err)
	}
	var all sync.WaitGroup
	all.Go(func() { n.listen(ctx) })
	all.Go(func() { n.conduct(ctx) })
	for i := range n.senders() {
		s := &sender{n: n, name: fmt.Sprintf("%s/%d", n.Node, i+1), line: connection{n: n}}
		all.Go(func() { s.run(ctx, s.chunks) })
	}
	// Letters have a connection of their own: nobody waits behind a notice to sign in.
	s := &sender{n: n, line: connection{n: n}}
	all.Go(func() { s.run(ctx, s.letters) })
	all.Wait()
	return nil
}

func (n *Notifier) senders() int {
	if n.Senders > 0 {
		return n.Senders
	}
	return 4
}

// listen rings the bell for each new event.
func (n *Notifier) listen(ctx context.Context) {
	for ctx.Err() == nil {
		last, err := n.Library.Last(ctx, "")
		if err == nil {
			n.wake()
			err = n.Library.Wait(ctx, last)
		}
		if err != nil && ctx.Err() == nil {
			rest(ctx, nil, pace)
		}
	}
}

// conduct does, over and over, whatever is not sending.
func (n *Notifier) conduct(ctx context.Context) {
	for ctx.Err() == nil {
		bell := n.bell.wait()
		worked, err := n.step(ctx)
		if err != nil && ctx.Err() == nil {
			n.note(err)
			n.Log.Error("notifier", slog.Any("err", err))
		}
		if !worked || err != nil {
			rest(ctx, bell, pace)
		}
	}
}

// step follows, counts, ends holds, sweeps what was cancelled and closes what is
// done: a bounded piece of each. Several nodes may do so at once.
func (n *Notifier) step(ctx context.Context) (bool, error) {
	worked, err := n.follow(ctx)
	if err != nil {
		return false, err
	}
	all, err := n.notices(ctx)
	if err != nil {
		return false, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		did, err := n.advance(ctx, all[i])
		if errors.Is(err, documents.ErrConflict) {
			did, err = true, nil // somebody changed it meanwhile: look again
		}
		if err != nil {
			return worked, err
		}
		worked = worked || did
	}
	return worked, nil
}

// advance moves one notice on by one piece.
func (n *Notifier) advance(ctx context.Context, x Notice) (bool, error) {
	if did, err := n.count(ctx, x); did || err != nil {
		n.wake()
		return did, err
	}
	switch {
	case x.State == Holding && !time.Now().Before(x.SendAfter):
		x.State, x.Revision = Sending, x.Revision+1
		defer n.wake()
		return true, n.Store.PutNotice(ctx, x, nil)
	case x.State == Cancelled && x.Figures.Open > 0:
		return n.sweep(ctx, x.Seq, givenUp, Waiting, Deferred, InDoubt)
	case x.Closing == nil && x.Figures.Open == 0 && (x.State == Cancelled || x.State == Sending && x.CountedAll):
		return n.close(ctx, x)
	}
	return false, nil
}

// givenUp is what becomes of an open delivery of a cancelled notice. An attempt
// whose outcome nobody knows may still be answered until its wait is over.
func givenUp(d Delivery) (Delivery, bool) {
	if d.State == InDoubt {
		return moved(d, Failed, mail.ReasonDoubt), !d.Next.After(now())
	}
	return moved(d, Excluded, ReasonCancelled), true
}

// sweepBatch is how many deliveries one transaction of a sweep changes.
const sweepBatch = 1000

// sweep changes the deliveries of a notice that are in one of the states. It
// reports whether anything changed.
func (n *Notifier) sweep(ctx context.Context, seq documents.Seq, change func(Delivery) (Delivery, bool), states ...DeliveryState) (bool, error) {
	any := false
	for after := int64(0); ; {
		ds, err := n.Store.Deliveries(ctx, seq, after, sweepBatch, states...)
		if err != nil || len(ds) == 0 {
			return any, err
		}
		after = ds[len(ds)-1].Recipient
		var changed []Delivery
		for _, d := range ds {
			if next, ok := change(d); ok {
				changed = append(changed, next)
			}
		}
		if len(changed) == 0 {
			continue
		}
		// A sender may have been faster with one of them: the next sweep takes the rest.
		err = n.Store.Settle(ctx, Settlement{Now: now(), Deliveries: changed})
		if err != nil && !errors.Is(err, documents.ErrConflict) {
			return any, err
		}
		any = any || err == nil
	}
}

// change alters a notice, again if somebody was faster.
func (n *Notifier) change(ctx context.Context, seq documents.Seq, f func(*Notice) error) (Notice, error) {
	defer n.wake()
	for try := 0; ; try++ {
		x, err := n.Store.Notice(ctx, seq)
		if err != nil {
			return x, err
		}
		if err := f(&x); err != nil {
			return x, err
		}
		x.Revision++
		err = n.Store.PutNotice(ctx, x, nil)
		if !errors.Is(err, documents.ErrConflict) || try == 19 {
			return x, err
		}
	}
}

// told is what a person who changed a notice gets to see.
func (n *Notifier) told(ctx context.Context, seq documents.Seq, f func(*Notice) error) (Notice, error) {
	x, err := n.change(ctx, seq, f)
	n.explain(ctx, &x)
	return x, err
}

// Stop keeps a notice from sending further. It takes hold before the next final
// dot of each connection.
func (n *Notifier) Stop(ctx context.Context, seq documents.Seq, by documents.Actor) (Notice, error) {
	n.Log.Info("notice stopped", slog.Any("notice", seq), slog.String("by", by.Name))
	return n.told(ctx, seq, func(x *Notice) error {
		switch x.State {
		case Holding, Sending, Finished:
			x.State, x.Why = Stopped, whyBy
		case Cancelled:
			return documents.Invalid("state", "notice-cancelled", "the notice was cancelled: there is nothing to stop")
		}
		return nil
	})
}

// Resume lets a stopped notice send on.
func (n *Notifier) Resume(ctx context.Context, seq documents.Seq, by documents.Actor) (Notice, error) {
	n.Log.Info("notice resumed", slog.Any("notice", seq), slog.String("by", by.Name))
	return n.told(ctx, seq, func(x *Notice) error {
		switch x.State {
		case Stopped:
			x.State, x.Why, x.Ungated = Holding, "", true
			if x.Closing != nil {
				x.State = Finished
			}
		case Cancelled:
			return documents.Invalid("state", "notice-cancelled", "the notice was cancelled: publish a new one instead")
		}
		return nil
	})
}

// Cancel ends a notice for good. Who was told stays told; who is still open is
// excluded.
func (n *Notifier) Cancel(ctx context.Context, seq documents.Seq, by documents.Actor) (Notice, error) {
	n.Log.Info("notice cancelled", slog.Any("notice", seq), slog.String("by", by.Name))
	return n.told(ctx, seq, cancel)
}

func cancel(x *Notice) error {
	switch {
	case x.State == Cancelled:
	case x.Closing != nil:
		return documents.Invalid("state", "notice-closed", "The notice is closed: nothing of it is open, so there is nothing to cancel.")
	default:
		x.State, x.Why = Cancelled, whyCancelled
	}
	return nil
}
