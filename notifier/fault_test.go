package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

var errDisk = errors.New("the disk is ill")

// faulty fails one call of a store: the write is lost, or it is kept and
// reported as failed all the same.
type faulty struct {
	notifier.Store
	mu    sync.Mutex
	call  string
	left  int // calls until the one that fails
	kept  bool
	fired bool
}

func (f *faulty) fail(call string, do func() error) error {
	f.mu.Lock()
	hit := false
	if f.call == call {
		f.left--
		hit = f.left == 0
	}
	f.fired = f.fired || hit
	f.mu.Unlock()
	if hit && !f.kept {
		return errDisk
	}
	if err := do(); err != nil || !hit {
		return err
	}
	return errDisk
}

func (f *faulty) Follow(ctx context.Context, x notifier.Followed) error {
	return f.fail("Follow", func() error { return f.Store.Follow(ctx, x) })
}

func (f *faulty) PutNotice(ctx context.Context, n notifier.Notice, rows []notifier.Delivery) error {
	return f.fail("PutNotice", func() error { return f.Store.PutNotice(ctx, n, rows) })
}

func (f *faulty) Lease(ctx context.Context, seq documents.Seq, owner string, now, until time.Time, limit int) (l notifier.Lease, ds []notifier.Delivery, err error) {
	err = f.fail("Lease", func() error { l, ds, err = f.Store.Lease(ctx, seq, owner, now, until, limit); return err })
	return l, ds, err
}

func (f *faulty) Settle(ctx context.Context, s notifier.Settlement) error {
	return f.fail("Settle", func() error { return f.Store.Settle(ctx, s) })
}

func (f *faulty) Free(ctx context.Context, l notifier.Lease) error {
	return f.fail("Free", func() error { return f.Store.Free(ctx, l) })
}

func (f *faulty) Delivery(ctx context.Context, seq documents.Seq, recipient int64) (d notifier.Delivery, err error) {
	err = f.fail("Delivery", func() error { d, err = f.Store.Delivery(ctx, seq, recipient); return err })
	return d, err
}

// TestStoreFaults: whichever call fails, and however, everybody is told, nobody
// twice, and the ledger balances.
func TestStoreFaults(t *testing.T) {
	for _, call := range []string{"Follow", "PutNotice", "Lease", "Settle", "Free"} {
		for _, which := range []int{1, 2, 3, 5} {
			for _, kept := range []bool{false, true} {
				if call == "Follow" && which > 2 {
					continue // there are two events, and a third when the notice closes
				}
				t.Run(fmt.Sprintf("%s/%d/kept=%t", call, which, kept), func(t *testing.T) { storeFault(t, call, which, kept) })
			}
		}
	}
}

func storeFault(t *testing.T, call string, which int, kept bool) {
	f := &faulty{call: call, left: which, kept: kept}
	h := newHouse(t, func(s notifier.Store) notifier.Store { f.Store = s; return f })
	h.config.Senders = 2
	h.restart()
	h.people(5)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		c, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		e := h.publish("Вторая.", nil)
		go func() { done <- h.n.Run(c) }()
		for range 3 * 360 {
			if h.notice(e.Seq).State == notifier.Finished {
				break
			}
			time.Sleep(10 * time.Second)
		}
		time.Sleep(20 * time.Minute) // for what is not expected: what is in doubt waits 15
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		x := h.notice(e.Seq)
		if want := (notifier.Figures{Due: 5, Accepted: 5}); x.State != notifier.Finished || x.Figures != want || *x.Closing != want {
			t.Errorf("notice %+v", x)
		}
		for i := range int64(5) {
			if d, err := h.store.Delivery(ctx, e.Seq, i+1); err != nil || d.Attempts != 1 || d.Doubts != 0 {
				t.Errorf("a fault of ours was counted: %+v, %v", d, err)
			}
		}
		h.balanced()
	})
	for i := range 5 {
		if got := len(h.relay.to(fmt.Sprintf("p%d@example.com", i+1))); got != 1 {
			t.Errorf("p%d has %d copies", i+1, got)
		}
	}
	if !f.fired && which == 1 {
		t.Errorf("%s was never called", call)
	}
}

// TestCrash: a process that ends between the dot and the outcome leaves at most
// one delivery in doubt for each connection, and the next process goes on.
func TestCrash(t *testing.T) {
	f := &dying{}
	h := newHouse(t, func(s notifier.Store) notifier.Store { f.Store = s; return f })
	h.config.Senders = 1
	h.restart()
	h.people(6)
	f.after = 3 // intents
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		c, kill := context.WithCancel(ctx)
		f.kill = kill
		done := make(chan error, 1)
		go func() { done <- h.n.Run(c) }()
		<-done
		if got, _ := h.store.Owed(ctx); got.InDoubt > 1 {
			t.Errorf("%d in doubt, want at most one for the connection", got.InDoubt)
		}
		f.revive()
		h.restart()
		again, cancel := context.WithCancel(ctx)
		go func() { done <- h.n.Run(again) }()
		time.Sleep(time.Hour)
		cancel()
		<-done
		if x := h.notice(e.Seq); x.Figures.Accepted != 6 || x.State != notifier.Finished {
			t.Errorf("after the crash %+v", x)
		}
		h.balanced()
	})
	copies := len(h.relay.taken())
	if copies < 6 || copies > 7 {
		t.Errorf("%d copies for 6 recipients, want at most one more", copies)
	}
}

// dying is a store that stops answering after some intents, as if the process
// had been killed.
type dying struct {
	notifier.Store
	mu    sync.Mutex
	after int
	dead  bool
	kill  func()
}

func (d *dying) revive() { d.mu.Lock(); defer d.mu.Unlock(); d.dead, d.after = false, -1 }

func (d *dying) Settle(ctx context.Context, s notifier.Settlement) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return errDisk
	}
	err := d.Store.Settle(ctx, s)
	if s.Intent {
		if d.after--; d.after == 0 {
			d.dead = true
			d.kill()
		}
	}
	return err
}

func (d *dying) Free(ctx context.Context, l notifier.Lease) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return errDisk
	}
	return d.Store.Free(ctx, l)
}

// watching looks after each settlement whether the figures add up.
type watching struct {
	notifier.Store
	t *testing.T
}

func (w watching) Settle(ctx context.Context, s notifier.Settlement) error {
	err := w.Store.Settle(ctx, s)
	x, e := w.Store.Notice(ctx, s.Deliveries[0].Notice)
	if f := x.Figures; e != nil || f.Due != f.Open+f.Accepted+f.Failed+f.Excluded+f.Covered || f.Due != 2000 {
		w.t.Errorf("out of balance: %+v, %v", f, e)
	}
	return err
}

func TestTwoThousandBalanceAtEveryCommit(t *testing.T) {
	h := newHouse(t, func(s notifier.Store) notifier.Store { return watching{s, t} })
	in := csvHead
	for i := range 2000 {
		in += fmt.Sprintf("u-%d,p%d@example.com,ru,,2024-01-01T00:00:00Z,\n", i, i)
	}
	if _, err := h.n.Import(ctx, "csv", "t", strings.NewReader(in), false, staff, nil); err != nil {
		t.Fatal(err)
	}
	h.run()
	e := h.publish("Вторая.", nil)
	x := h.closed(e.Seq)
	if x.Figures.Accepted != 2000 || len(h.relay.taken()) != 2000 {
		t.Errorf("%+v, %d mails", x.Figures, len(h.relay.taken()))
	}
	h.balanced()
}
