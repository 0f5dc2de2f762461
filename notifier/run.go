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

// Run follows the log, counts and sends until ctx ends. Then no further message
// is begun; one whose final dot was sent has 20 s for its answer, outcomes have 5 s
// more to be written, chunks are handed back, and Run returns nil with no
// connection open: within half a minute, and at once where relay and store answer.
// Any number of processes may run over one store.
func (n *Notifier) Run(ctx context.Context) error {
	for err := n.notice(ctx); err != nil; err = n.notice(ctx) {
		if ctx.Err() != nil {
			return nil
		}
		n.fails("start", err)
		rest(ctx, nil, pace)
	}
	n.works("start")
	held, cancel := outlive(ctx, stopTime)
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() { n.listen(ctx) })
	all.Go(func() { n.conduct(ctx) })
	var senders []*sender
	start := func(name string, once func(*sender, context.Context) (bool, error)) {
		s := &sender{n: n, name: name, line: connection{n: n}, held: held}
		senders = append(senders, s)
		all.Go(func() { s.run(ctx, func(ctx context.Context) (bool, error) { return once(s, ctx) }) })
	}
	for i := range n.senders() {
		start(fmt.Sprintf("%s/%d", n.Node, i+1), (*sender).chunks)
	}
	// Letters have a connection of their own: nobody waits behind a notice to sign in.
	start("letters", (*sender).letters)
	all.Wait()
	doubtful := 0
	for _, s := range senders {
		doubtful += s.doubtful
	}
	if doubtful > 0 {
		n.Log.Error("outcomes could not be written before the end: what they are of is in doubt", slog.Int("deliveries", doubtful))
	}
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

// conduct does, over and over, whatever is not sending. Where another node was
// faster it leaves the field to it for a while.
func (n *Notifier) conduct(ctx context.Context) {
	for ctx.Err() == nil {
		bell := n.bell.wait()
		worked, err := n.step(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, documents.ErrConflict):
			rest(ctx, nil, spread(pace))
			continue
		case err != nil:
			n.fails("conduct", err)
			rest(ctx, nil, pace) // what failed may have rung the bell itself
			continue
		}
		n.works("conduct")
		n.works(partStore)
		if !worked {
			rest(ctx, bell, pace)
		}
	}
}

// step follows, counts, ends holds, sweeps what was cancelled and closes what is
// done: a bounded piece of each. Several nodes may do so at once: it is
// documents.ErrConflict where another one was faster with a piece.
func (n *Notifier) step(ctx context.Context) (bool, error) {
	worked, err := n.follow(ctx)
	if err != nil {
		return false, err
	}
	all, err := n.overview.read(ctx, n)
	if err != nil {
		return false, err
	}
	var conflict error
	end := latest{}
	for i := len(all) - 1; i >= 0; i-- {
		did, err := n.advance(ctx, all[i], &end)
		if errors.Is(err, documents.ErrConflict) {
			conflict = err
			continue
		}
		if err != nil {
			return worked, err
		}
		worked = worked || did
	}
	return worked, conflict
}

// advance moves one notice on by one piece.
func (n *Notifier) advance(ctx context.Context, x Notice, end *latest) (bool, error) {
	if did, err := n.count(ctx, x, end); did || err != nil {
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

const (
	sweepBatch = 1000 // deliveries that one transaction of a sweep changes
	sweepTries = 20   // where a sender or another node was faster with one of them
	sweepRest  = 20 * time.Millisecond
)

// sweep changes all deliveries of a notice that are in one of the states. It
// reports whether anything changed.
func (n *Notifier) sweep(ctx context.Context, seq documents.Seq, change func(Delivery) (Delivery, bool), states ...DeliveryState) (bool, error) {
	any := false
	for after, tries := int64(0), 0; ; {
		ds, err := n.Store.Deliveries(ctx, seq, after, sweepBatch, states...)
		if err != nil || len(ds) == 0 {
			return any, err
		}
		var changed []Delivery
		for _, d := range ds {
			if next, ok := change(d); ok {
				changed = append(changed, next)
			}
		}
		if len(changed) > 0 {
			err := n.Store.Settle(ctx, Settlement{Now: now(), Deliveries: changed})
			if tries++; errors.Is(err, documents.ErrConflict) && tries < sweepTries {
				rest(ctx, nil, spread(sweepRest))
				continue
			}
			if err != nil {
				return any, err
			}
			any = true
		}
		after, tries = ds[len(ds)-1].Recipient, 0
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
