package notifier_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"vestnik/notifier"
)

func TestRateHoldsOverAllNodes(t *testing.T) {
	for _, c := range []struct {
		rate, people, senders int
		least, most           time.Duration
	}{
		{60, 20, 3, 19 * time.Second, 24 * time.Second},
		{600, 90, 2, 8900 * time.Millisecond, 13 * time.Second},
		{2, 4, 1, 90 * time.Second, 95 * time.Second}, // leases are renewed meanwhile
	} {
		t.Run(fmt.Sprint(c.rate), func(t *testing.T) {
			h := newHouse(t, nil)
			h.people(c.people)
			h.change(func(s *notifier.Settings) { s.Rate = c.rate })
			today := time.Now()
			synctest.Test(t, func(t *testing.T) {
				catchUp(today)
				e := h.publish("Вторая.", nil)
				stops := []func() time.Duration{start(t, h.node("one", c.senders, nil)), start(t, h.node("two", c.senders, nil))}
				patient(t, time.Minute, "begun", func() bool { return h.notice(e.Seq).State == notifier.Sending })
				for range 3 { // nobody waits behind a notice to sign in
					if err := h.n.Post(ctx, notifier.Letter{Kind: notifier.LetterTest, To: "a@example.kz", Language: "ru"}); err != nil {
						t.Error(err)
					}
				}
				patient(t, 2*time.Second, "letters", func() bool { o, err := h.store.Owed(ctx); return err == nil && o.Letters == 0 })
				patient(t, time.Hour, "told", func() bool { return h.notice(e.Seq).Figures.Accepted == int64(c.people) })
				first, last := time.Time{}, time.Time{}
				for i := range c.people {
					d, err := h.store.Delivery(ctx, e.Seq, int64(i+1))
					if err != nil {
						t.Fatal(err)
					}
					if at := d.Evidence.At; first.IsZero() || at.Before(first) {
						first = at
					}
					if at := d.Evidence.At; at.After(last) {
						last = at
					}
				}
				if took := last.Sub(first); took < c.least || took > c.most {
					t.Errorf("%d messages at %d a minute took %s", c.people, c.rate, took)
				}
				for _, stop := range stops {
					stop()
				}
				h.once(e.Seq, c.people)
			})
		})
	}
}

// Another rate holds at once, and so does a stop, whoever waits for a turn.
func TestWhoWaitsForATurnHearsOfChanges(t *testing.T) {
	h := newHouse(t, nil)
	h.people(8)
	h.change(func(s *notifier.Settings) { s.Rate = 1 })
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		one, two := start(t, h.node("one", 2, nil)), start(t, h.node("two", 2, nil))
		time.Sleep(10 * time.Second)
		if x := h.notice(e.Seq); x.Figures.Accepted != 1 {
			t.Errorf("%+v", x.Figures)
		}
		if _, err := h.n.Stop(ctx, e.Seq, staff); err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Minute)
		if x := h.notice(e.Seq); x.Figures.Accepted != 1 {
			t.Errorf("after the stop %+v", x.Figures)
		}
		h.change(func(s *notifier.Settings) { s.Rate = 0 })
		if _, err := h.n.Resume(ctx, e.Seq, staff); err != nil {
			t.Error(err)
		}
		patient(t, 5*time.Second, "the rest", func() bool { return h.notice(e.Seq).Figures.Accepted == 8 })
		if took := max(one(), two()); took > 5*time.Second {
			t.Errorf("the end took %s", took)
		}
		h.once(e.Seq, 8)
	})
}

func TestStopHoldsForAllNodes(t *testing.T) {
	h := newHouse(t, nil)
	h.crowd(300) // three chunks
	reached, release := make(chan string, 400), make(chan bool)
	h.relay.on(func(to string) error { reached <- to; <-release; return nil }, nil)
	e := h.publish("Вторая.", nil)
	stops := make([]func() time.Duration, 3)
	for i := range stops {
		stops[i] = start(t, h.node(fmt.Sprint(i), 1, nil))
	}
	for range stops {
		<-reached // each is between intents
	}
	if _, err := h.n.Stop(ctx, e.Seq, staff); err != nil {
		t.Fatal(err)
	}
	close(release)
	for _, stop := range stops {
		stop()
	}
	if got := len(h.relay.taken()); got != 0 {
		t.Errorf("%d messages after the stop", got)
	}
	if x := h.notice(e.Seq); x.Figures.Open != 300 || x.State != notifier.Stopped {
		t.Errorf("%s %+v", x.State, x.Figures)
	}
}
