package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"vestnik/documents"
)

const (
	leaseTime = 20 * time.Minute // longer than the longest wait for one answer
	leaseSize = 100              // messages of one lease
	pace      = time.Second      // how often everybody looks, bell or no bell
)

// sender sends what is due, one message at a time over a connection of its own.
type sender struct {
	n    *Notifier
	name string
	line connection
	// chunk is what is leased, and owing what came of earlier messages of it and is
	// not yet written: it goes with the next intent, in one commit.
	chunk *Lease
	owing []Delivery
	// unfreed are leases that could not be handed back yet.
	unfreed []Lease
	cache   formCache
}

// run does once after once, and rests where there was nothing to do.
func (s *sender) run(ctx context.Context, once func(context.Context) (bool, error)) {
	defer s.line.close()
	for ctx.Err() == nil {
		bell := s.n.bell.wait()
		worked, err := once(ctx)
		if err != nil && ctx.Err() == nil {
			s.n.note(err)
			s.n.Log.Error("sending failed", slog.String("err", nameless(err)))
		}
		if worked && err == nil {
			continue
		}
		s.line.close()
		rest(ctx, bell, pace)
	}
}

// rest waits for the bell, at most for d; without a bell for d.
func rest(ctx context.Context, bell <-chan struct{}, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-bell:
	case <-t.C:
	}
}

// chunks sends one chunk of the oldest notice that has something due.
func (s *sender) chunks(ctx context.Context) (bool, error) {
	if err := s.handBack(ctx); err != nil {
		return false, fmt.Errorf("hand back: %w", err)
	}
	held, err := s.n.Store.Mark(ctx, markHeld)
	if held != "" || err != nil {
		return false, err
	}
	all, err := s.n.notices(ctx)
	if err != nil {
		return false, err
	}
	for i := len(all) - 1; i >= 0; i-- { // the oldest first
		if x := all[i]; x.State.Sends() && x.Figures.Open > 0 {
			worked, err := s.leased(ctx, x)
			if worked || err != nil {
				return worked, err
			}
		}
	}
	return false, nil
}

// leased sends one chunk of a notice.
func (s *sender) leased(ctx context.Context, notice Notice) (bool, error) {
	set, err := s.n.Settings(ctx)
	if err != nil {
		return false, err
	}
	relay := relayFor(set)
	if relay == "" || !s.n.breakers.of(relay).ready() {
		return false, nil
	}
	t := now()
	l, ds, err := s.n.Store.Lease(ctx, notice.Seq, s.name, t, t.Add(leaseTime), leaseSize)
	if errors.Is(err, documents.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lease: %w", err)
	}
	s.chunk = &l
	defer s.free(ctx)
	for _, d := range ds {
		if err = ctx.Err(); err != nil {
			break
		}
		if err = s.deliver(ctx, notice, d, set, relay); err != nil {
			break
		}
	}
	err = errors.Join(err, s.settle(ctx, nil, nil))
	if errors.Is(err, errRelay) || errors.Is(err, ErrStopped) || errors.Is(err, ErrLease) {
		s.n.Log.Info("chunk handed back", slog.Any("notice", notice.Seq), slog.String("err", nameless(err)))
		return false, nil
	}
	s.n.wake() // there may be something to close
	return true, err
}

// relayFor is where mail to recipients goes: in rehearsal nowhere but the
// built-in mailbox.
func relayFor(set Settings) string {
	if set.Rehearsal || set.Relay == "" {
		return set.Mailbox
	}
	return set.Relay
}

// free hands the chunk back. One that a store without room does not take back is
// offered again later, or nobody could send it before the lease ends.
func (s *sender) free(ctx context.Context) {
	s.unfreed = append(s.unfreed, *s.chunk)
	s.chunk, s.owing = nil, nil
	if err := s.handBack(ctx); err != nil {
		s.n.Log.Warn("chunk not handed back", slog.String("err", nameless(err)))
	}
}

func (s *sender) handBack(ctx context.Context) error {
	for len(s.unfreed) > 0 {
		err := s.n.Store.Free(context.WithoutCancel(ctx), s.unfreed[0])
		if err != nil && !errors.Is(err, ErrLease) && !errors.Is(err, documents.ErrNotFound) {
			return err
		}
		s.unfreed = s.unfreed[1:]
	}
	return nil
}

// intent is what must be on disk before a final dot.
type intent struct {
	delivery Delivery
	token    Token
	form     []byte
}

// settle writes what is owing, and with it an intent, in one commit. A write
// whose fate is unknown is looked up and repeated; an intent is not repeated,
// because its connection does not wait: the caller gives it up.
func (s *sender) settle(ctx context.Context, in *intent, undo *Delivery) error {
	ctx = context.WithoutCancel(ctx)
	for try := 0; ; try++ {
		st := Settlement{Lease: s.chunk, Now: now(), Deliveries: s.owing}
		st.Until = st.Now.Add(leaseTime)
		if in != nil {
			st.Intent = true
			st.Deliveries = append(s.owing[:len(s.owing):len(s.owing)], in.delivery)
			st.Tokens, st.Forms = []Token{in.token}, [][]byte{in.form}
		}
		if len(st.Deliveries) == 0 {
			return nil
		}
		err := s.n.Store.Settle(ctx, st)
		if err == nil {
			s.owing = nil
			return nil
		}
		if errors.Is(err, ErrLease) {
			s.owing = nil // somebody else has the chunk; what is lost stays in doubt
			return err
		}
		if in != nil {
			return s.abandon(ctx, in, undo, err)
		}
		if s.kept(ctx); len(s.owing) == 0 {
			return nil
		}
		s.n.note(err)
		s.n.Log.Error("outcomes are not written yet", slog.String("err", nameless(err)))
		if try >= 20 {
			return fmt.Errorf("settle: %w", err)
		}
		time.Sleep(min(100*time.Millisecond<<min(try, 6), 5*time.Second))
	}
}

// kept drops from what is owing what the store has after all, or what somebody
// else has changed since. A store that does not answer is asked again later.
func (s *sender) kept(ctx context.Context) {
	var left []Delivery
	for _, d := range s.owing {
		there, err := s.n.Store.Delivery(ctx, d.Notice, d.Recipient)
		if err != nil || there.Revision < d.Revision {
			left = append(left, d)
		}
	}
	s.owing = left
}

// abandon undoes an intent that was refused or whose fate is unknown. Its
// message was not sent: the caller closes the connection before the dot.
func (s *sender) abandon(ctx context.Context, in *intent, undo *Delivery, cause error) error {
	s.line.close()
	if errors.Is(cause, ErrStopped) || errors.Is(cause, documents.ErrConflict) {
		return errors.Join(cause, s.settle(ctx, nil, nil))
	}
	there, err := s.n.Store.Delivery(ctx, in.delivery.Notice, in.delivery.Recipient)
	if err == nil && there.Revision == in.delivery.Revision && there.State == InDoubt {
		back := *undo
		back.Revision = in.delivery.Revision + 1
		s.owing = append(s.owing, back)
	}
	return errors.Join(fmt.Errorf("intent: %w", cause), s.settle(ctx, nil, nil))
}
