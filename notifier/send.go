package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"vestnik/documents"
)

const (
	leaseTime = 30 * time.Second // after which the chunks of a node that died are others'
	leaseSize = 100              // messages of one lease
	pace      = time.Second      // how often everybody looks, bell or no bell
)

// errHeld: sending is held as a whole.
var errHeld = errors.New("sending is held")

// sender sends what is due, one message at a time over a connection of its own.
type sender struct {
	n    *Notifier
	name string
	line connection
	// held outlives the context of Run a while: what was begun is finished in it.
	held context.Context
	// chunk is what is leased, and lost that somebody else has it by now.
	chunk *Lease
	lost  atomic.Bool
	// owing is what came of earlier messages and is not yet written: it goes with the
	// next intent, in one commit.
	owing    []Delivery
	doubtful int // what was owing at the end and could not be written
	turns    turns
	cache    formCache
}

// run does once after once, and rests where there was nothing to do.
func (s *sender) run(ctx context.Context, once func(context.Context) (bool, error)) {
	defer s.line.close()
	for ctx.Err() == nil {
		bell := s.n.bell.wait()
		worked, err := once(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.n.fails(s.name, err)
			bell = nil // what failed may have rung it itself
		default:
			s.n.works(s.name)
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

// spread is half of d to one and a half, at random: so that nodes that got into
// each other's way do not meet again.
func spread(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// chunks sends one chunk of the oldest notice that has something due.
func (s *sender) chunks(ctx context.Context) (bool, error) {
	all, err := s.n.overview.due(ctx, s.n)
	if err != nil {
		return false, err
	}
	for _, x := range all {
		worked, err := s.leased(ctx, x)
		if worked || err != nil {
			return worked, err
		}
	}
	return false, nil
}

// leased sends one chunk of a notice.
func (s *sender) leased(ctx context.Context, notice Notice) (bool, error) {
	t, err := s.terms(ctx, notice.Seq)
	if passing(err) {
		s.n.overview.nothing(notice.Seq)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	at := now()
	l, ds, err := s.n.Store.Lease(ctx, notice.Seq, s.name, at, at.Add(leaseTime), leaseSize)
	if errors.Is(err, documents.ErrNotFound) {
		s.n.overview.nothing(notice.Seq)
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lease: %w", err)
	}
	s.chunk = &l
	s.lost.Store(false)
	done := s.renew(l)
	err = errors.Join(s.each(ctx, notice, ds, t), s.flush())
	done()
	s.free()
	if passing(err) {
		s.n.Log.Info("chunk handed back", slog.Any("notice", notice.Seq), slog.String("err", nameless(err)))
		return false, nil
	}
	s.n.wake() // there may be something to close
	return true, err
}

// passing tells whether err needs no more words: the relay, a person or another
// node wants it so, or it was said.
func passing(err error) bool {
	return errors.Is(err, errRelay) || errors.Is(err, errHeld) || errors.Is(err, errNoIntent) || errors.Is(err, ErrStopped) || errors.Is(err, ErrLease)
}

// each sends to one recipient after the other. What may change meanwhile it reads
// again every second.
func (s *sender) each(ctx context.Context, notice Notice, ds []Delivery, t terms) (err error) {
	for _, d := range ds {
		if err = s.turn(ctx, &t); err != nil {
			return err
		}
		err = s.deliver(ctx, notice, d, t.set, t.relay)
		if errors.Is(err, errOvertaken) {
			err = s.refresh(ctx, &t, 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// terms are what sending depends on at present.
type terms struct {
	notice documents.Seq
	at     time.Time
	set    Settings
	relay  string
}

// terms refuses with errHeld, ErrStopped or errRelay.
func (s *sender) terms(ctx context.Context, seq documents.Seq) (t terms, err error) {
	held, err := s.n.Store.Mark(ctx, markHeld)
	if err != nil {
		return t, err
	}
	if held != "" {
		return t, errHeld
	}
	x, err := s.n.Store.Notice(ctx, seq)
	if err != nil {
		return t, err
	}
	if !x.State.Sends() {
		return t, ErrStopped
	}
	t = terms{notice: seq, at: time.Now()}
	if t.set, err = s.n.Settings(ctx); err != nil {
		return t, err
	}
	if t.relay = relayFor(t.set); t.relay == "" || !s.n.breakers.of(t.relay).ready() {
		return t, errRelay
	}
	return t, nil
}

// refresh reads t again if it is older than age, and refuses as terms does, or
// because the chunk is lost or the process told to stop.
func (s *sender) refresh(ctx context.Context, t *terms, age time.Duration) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.lost.Load() {
		return ErrLease
	}
	if time.Since(t.at) < age {
		return nil
	}
	*t, err = s.terms(ctx, t.notice)
	return err
}

// relayFor is where mail to recipients goes: in rehearsal, and in a demo without a
// relay, nowhere but the built-in mailbox. "" is nowhere: a node that was started
// without the relay of the others must not take for told who only is in its mailbox.
func relayFor(set Settings) string {
	if set.Rehearsal || set.Demo && set.Relay == "" {
		return set.Mailbox
	}
	return set.Relay
}

// renew keeps a lease until done is called: the answer to one message may take
// far longer than a lease lasts.
func (s *sender) renew(l Lease) (done func()) {
	ctx, cancel := context.WithCancel(s.held)
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(leaseTime / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			at := now()
			if err := s.n.Store.Renew(ctx, l, at, at.Add(leaseTime)); errors.Is(err, ErrLease) {
				s.lost.Store(true)
				return
			}
		}
	})
	return func() { cancel(); wait.Wait() }
}

// free hands the chunk back. One that the store does not take back is free when
// its lease ends.
func (s *sender) free() {
	if err := s.n.Store.Free(s.held, *s.chunk); err != nil {
		s.n.note(err)
	}
	s.chunk = nil
}
