package notifier_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"

	"vestnik/documents"
	"vestnik/notifier"
)

// Nodes are stopped and started one after the other while they send.
func TestRollingRestartDoublesNothing(t *testing.T) {
	h := newHouse(t, nil)
	h.people(60)
	h.change(func(s *notifier.Settings) { s.Rate = 120 })
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		begun := time.Now()
		var stops [3]func() time.Duration
		for i := range stops {
			stops[i] = start(t, h.node(fmt.Sprintf("%d", i), 2, nil))
		}
		for round := 0; h.notice(e.Seq).Figures.Accepted < 60 && round < 100; round++ {
			time.Sleep(1700 * time.Millisecond)
			i := round % len(stops)
			if took := stops[i](); took > 5*time.Second {
				t.Errorf("the end of a node took %s", took)
			}
			stops[i] = start(t, h.node(fmt.Sprintf("%d after %d", i, round), 2, nil))
		}
		if took := time.Since(begun); took > 60*time.Second {
			t.Errorf("30 s of mail took %s", took)
		}
		for _, stop := range stops {
			stop()
		}
		h.once(e.Seq, 60)
	})
}

// A chunk that was handed back is another node's within a second or so.
func TestEndedNodesWorkIsTakenOverAtOnce(t *testing.T) {
	h := newHouse(t, nil)
	h.people(50)
	h.change(func(s *notifier.Settings) { s.Rate = 60 })
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		one := start(t, h.node("one", 1, nil))
		patient(t, time.Minute, "begun", func() bool { return h.notice(e.Seq).Figures.Accepted > 3 })
		two := start(t, h.node("two", 1, nil))
		time.Sleep(3 * time.Second)
		one()
		before := h.notice(e.Seq).Figures.Accepted
		time.Sleep(8 * time.Second)
		if after := h.notice(e.Seq).Figures.Accepted; after < before+5 {
			t.Errorf("%d, then %d after 8 s", before, after)
		}
		two()
	})
}

// Four nodes follow, count, send and close the same, and post letters.
func TestFourNodesDoEverythingOnce(t *testing.T) {
	h := newHouse(t, nil)
	h.crowd(2000)
	var letters atomic.Int32
	h.relay.on(func(to string) error {
		if to == "letter@example.kz" && letters.Add(1) <= 5 {
			return refusal(450, smtp.EnhancedCode{4, 2, 0}, "later") // then due for all nodes at once
		}
		return nil
	}, nil)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		stops := make([]func() time.Duration, 4)
		for i := range stops {
			stops[i] = start(t, h.node(fmt.Sprint(i), 2, nil))
		}
		for range 5 {
			if err := h.n.Post(ctx, notifier.Letter{Kind: notifier.LetterTest, To: "letter@example.kz", Language: "ru"}); err != nil {
				t.Error(err)
			}
		}
		e := h.publish("Вторая.", nil)
		patient(t, time.Minute, "closed", func() bool { return h.notice(e.Seq).State == notifier.Finished })
		third := h.publish("Третья.", nil)
		patient(t, time.Minute, "closed", func() bool { return h.notice(third.Seq).State == notifier.Finished })
		patient(t, time.Hour, "letters", func() bool { o, err := h.store.Owed(ctx); return err == nil && o.Letters == 0 })
		for _, stop := range stops {
			stop()
		}
		closed := map[documents.Seq]int{}
		events, err := h.lib.Events(ctx, "", 0, 100)
		for _, x := range events {
			if x.Kind == documents.Closed {
				closed[x.Notice]++
			}
		}
		if err != nil || len(closed) != 2 || closed[e.Seq] != 1 || closed[third.Seq] != 1 {
			t.Errorf("closing events %v, %v", closed, err)
		}
		for _, seq := range []documents.Seq{e.Seq, third.Seq} {
			if x := h.notice(seq); x.Figures != (notifier.Figures{Due: 2000, Accepted: 2000}) || x.ClosedSeq == 0 {
				t.Errorf("%+v", x)
			}
		}
		h.balanced()
	})
	copies := map[string]int{}
	for _, m := range h.relay.taken() {
		copies[m.to]++
	}
	for to, n := range copies {
		if want := map[bool]int{true: 5, false: 2}[to == "letter@example.kz"]; n != want {
			t.Errorf("%s has %d mails", to, n)
		}
	}
	if len(copies) != 2001 || letters.Load() != 10 {
		t.Errorf("%d addresses, the relay heard of %d letters", len(copies), letters.Load())
	}
}

// ahead is the store as a node sees it whose clock is wrong.
type ahead struct {
	notifier.Store
	by time.Duration
}

func (a ahead) Lease(ctx context.Context, seq documents.Seq, owner string, now, until time.Time, limit int) (notifier.Lease, []notifier.Delivery, error) {
	return a.Store.Lease(ctx, seq, owner, now.Add(a.by), until.Add(a.by), limit)
}

func (a ahead) Settle(ctx context.Context, s notifier.Settlement) error {
	s.Now, s.Until = s.Now.Add(a.by), s.Until.Add(a.by)
	ds := append([]notifier.Delivery(nil), s.Deliveries...)
	for i := range ds {
		if !ds[i].Next.IsZero() {
			ds[i].Next = ds[i].Next.Add(a.by)
		}
	}
	s.Deliveries = ds
	return a.Store.Settle(ctx, s)
}

func (a ahead) Renew(ctx context.Context, l notifier.Lease, now, until time.Time) error {
	return a.Store.Renew(ctx, l, now.Add(a.by), until.Add(a.by))
}

// Clocks that differ cost leases, not copies.
func TestClocksOfNodesMayDiffer(t *testing.T) {
	h := newHouse(t, nil)
	h.people(300)
	h.change(func(s *notifier.Settings) { s.Rate = 600 })
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		var stops []func() time.Duration
		for i, by := range []time.Duration{0, 5 * time.Minute, -5 * time.Minute} {
			stops = append(stops, start(t, h.node(fmt.Sprint(i), 2, func(s notifier.Store) notifier.Store { return ahead{s, by} })))
		}
		patient(t, time.Hour, "told", func() bool { return h.notice(e.Seq).Figures.Accepted == 300 })
		for _, stop := range stops {
			stop()
		}
		h.once(e.Seq, 300)
	})
}

// An installation of several nodes at one address has not moved; a copy at
// another has, and is held at whichever node.
func TestNodesAtOneAddressHaveNotMoved(t *testing.T) {
	h := newHouse(t, nil)
	h.people(1)
	h.config.Machine = ""
	one := start(t, h.node("one", 1, nil))
	two := start(t, h.node("two", 1, nil))
	h.until("the first run", func() bool { at, err := h.store.Mark(ctx, "url"); return err == nil && at != "" })
	one()
	one = start(t, h.node("three", 1, nil))
	e := h.publish("Вторая.", nil)
	h.closed(e.Seq)
	if held, err := h.n.Held(ctx); err != nil || held != "" {
		t.Errorf("held: %q, %v", held, err)
	}
	one()
	h.change(func(s *notifier.Settings) { s.URL = "https://copy.example.kz" })
	one = start(t, h.node("copy", 1, nil))
	h.until("held", func() bool { held, err := h.n.Held(ctx); return err == nil && held != "" })
	next := h.publish("Третья.", nil)
	h.until("counted", func() bool { return h.notice(next.Seq).State == notifier.Sending && h.notice(next.Seq).CountedAll })
	one()
	two()
	if got := len(h.relay.taken()); got != 1 {
		t.Errorf("%d mails", got)
	}
}

// Sending that is held stops within a long chunk too, and a release holds for
// what other nodes count meanwhile.
func TestHoldReachesALongChunk(t *testing.T) {
	h := newHouse(t, nil)
	h.people(60)
	h.change(func(s *notifier.Settings) { s.Rate = 60 })
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		one, two := start(t, h.node("one", 1, nil)), start(t, h.node("two", 1, nil))
		patient(t, time.Minute, "begun", func() bool { return h.notice(e.Seq).Figures.Accepted >= 5 })
		if err := notifier.HoldRestored(ctx, h.store); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second)
		before := h.notice(e.Seq).Figures
		time.Sleep(time.Minute)
		if after := h.notice(e.Seq).Figures; after != before {
			t.Errorf("held at %+v, went on to %+v", before, after)
		}
		if err := h.n.Release(ctx, "close", staff); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		if x := h.notice(e.Seq); x.Figures.Open != 0 || x.Figures.Accepted != before.Accepted || x.Closing == nil {
			t.Errorf("released %+v", x)
		}
		one()
		two()
		h.balanced()
	})
}

// disturbed lets somebody else change a row between the read and the write of a
// sweep.
type disturbed struct {
	notifier.Store
	once sync.Once
	seq  documents.Seq
}

func (d *disturbed) Deliveries(ctx context.Context, seq documents.Seq, after int64, limit int, states ...notifier.DeliveryState) ([]notifier.Delivery, error) {
	ds, err := d.Store.Deliveries(ctx, seq, after, limit, states...)
	if len(ds) > 0 && len(states) > 0 {
		d.once.Do(func() {
			one := ds[len(ds)-1]
			one.Revision++
			one.Attempts++
			err = d.Store.Settle(ctx, notifier.Settlement{Now: time.Now(), Deliveries: []notifier.Delivery{one}})
		})
	}
	return ds, err
}

// Who was faster with one row does not keep a release from the thousand beside it.
func TestReleaseTakesAllRows(t *testing.T) {
	h := newHouse(t, nil)
	h.people(20)
	if err := notifier.HoldRestored(ctx, h.store); err != nil {
		t.Fatal(err)
	}
	e := h.publish("Вторая.", nil)
	n := h.node("one", 1, func(s notifier.Store) notifier.Store { return &disturbed{Store: s, seq: e.Seq} })
	if err := n.Release(ctx, "in-doubt", staff); err != nil {
		t.Fatal(err)
	}
	ds, err := h.store.Deliveries(ctx, e.Seq, 0, 100, notifier.InDoubt)
	if err != nil || len(ds) != 20 {
		t.Errorf("%d in doubt, %v", len(ds), err)
	}
}

// What a rehearsal told is not told again between its end and the real log.
func TestClearedLogIsNotFollowed(t *testing.T) {
	h := newHouse(t, nil)
	h.people(1)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		stop := start(t, h.node("one", 1, nil))
		other := h.node("two", 1, nil)
		patient(t, time.Minute, "closed", func() bool { return h.notice(e.Seq).State == notifier.Finished })
		if err := other.Clear(ctx, staff); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		if at, err := h.store.Cursor(ctx); err != nil || at != 0 {
			t.Errorf("the cursor is at %d, %v", at, err)
		}
		if all, err := h.n.Notices(ctx); err != nil || len(all) != 0 {
			t.Errorf("%+v, %v", all, err)
		}
		stop()
	})
}

// A node at rest asks the store a handful of questions a second, whatever there
// was before and however many senders wait.
func TestNodesAtRestAskLittle(t *testing.T) {
	h := newHouse(t, nil)
	h.people(3)
	h.relay.on(func(to string) error {
		if to == "p1@example.com" {
			return refusal(450, smtp.EnhancedCode{4, 2, 0}, "later") // deferred: one is open all day
		}
		return nil
	}, nil)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		seen := &distant{Store: h.store}
		stop := start(t, h.node("one", 4, func(notifier.Store) notifier.Store { return seen }))
		for _, text := range []string{"Вторая.", "Третья.", "Четвёртая."} {
			h.publish(text, nil)
		}
		time.Sleep(6 * time.Minute) // the second try is behind
		before := seen.calls.Load()
		time.Sleep(5 * time.Minute)
		if got := float64(seen.calls.Load()-before) / 300; got > 20 {
			t.Errorf("%.1f questions a second", got)
		} else {
			t.Logf("%.1f questions a second with three notices open", got)
		}
		for _, x := range []documents.Seq{2, 3, 4} {
			if _, err := h.n.Cancel(ctx, x, staff); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Minute)
		before = seen.calls.Load()
		time.Sleep(5 * time.Minute)
		if got := float64(seen.calls.Load()-before) / 300; got > 6 {
			t.Errorf("%.1f questions a second at rest", got)
		} else {
			t.Logf("%.1f questions a second at rest", got)
		}
		stop()
	})
}

// interrupted refuses to close a notice for a while, as if the process had ended
// after the event.
type interrupted struct {
	notifier.Store
	over atomic.Bool
}

func (i *interrupted) PutNotice(ctx context.Context, n notifier.Notice, rows []notifier.Delivery) error {
	if n.Closing != nil && !i.over.Load() {
		return errDisk
	}
	return i.Store.PutNotice(ctx, n, rows)
}

// Somebody joins between the event that closes a notice and the note of it: the
// ledger that was closed is the proven one still.
func TestClosingThatWasInterruptedIsProven(t *testing.T) {
	h := newHouse(t, nil)
	h.people(2)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		late := &interrupted{Store: h.store}
		stop := start(t, h.node("one", 1, func(notifier.Store) notifier.Store { return late }))
		e := h.publish("Вторая.", nil)
		time.Sleep(time.Minute)
		h.person("p3", "p3@example.com", "ru")
		patient(t, time.Minute, "the late one", func() bool { return h.notice(e.Seq).Figures.Accepted == 3 })
		late.over.Store(true)
		patient(t, time.Minute, "closed", func() bool { return h.notice(e.Seq).State == notifier.Finished })
		stop()
		if x := h.notice(e.Seq); x.ClosedSeq == 0 || x.Closing.Due != 2 || x.Figures.Due != 3 {
			t.Errorf("%+v, closing %+v", x, x.Closing)
		}
		h.balanced()
	})
}
