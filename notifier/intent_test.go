package notifier_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vestnik/notifier"
)

// A node that could not write its intent takes nothing back but that: the one that
// stands there by now is another node's, whose message is with the relay.
func TestIntentOfAnotherNodeIsNotTakenBack(t *testing.T) {
	h := newHouse(t, nil)
	h.people(1)
	h.relay.on(nil, func(string) error { return errTaken }) // nobody knows what became of it
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		one, two := &between{distant: distant{Store: h.store}}, &between{distant: distant{Store: h.store}}
		one.before = func(s notifier.Settlement) error {
			if s.Intent {
				one.away.Store(true)
			}
			return nil
		}
		two.before = func(s notifier.Settlement) error {
			if !s.Intent {
				one.away.Store(false)
				time.Sleep(30 * time.Second)
			}
			return nil
		}
		first := start(t, h.node("one", 1, func(notifier.Store) notifier.Store { return one }))
		patient(t, time.Minute, "cut off", func() bool { return one.tries.Load() > 1 })
		second := start(t, h.node("two", 1, func(notifier.Store) notifier.Store { return two }))
		time.Sleep(10 * time.Minute)
		if d, err := h.store.Delivery(ctx, e.Seq, 1); err != nil || d.State != notifier.InDoubt || d.Doubts != 1 {
			t.Errorf("%+v, %v", d, err)
		}
		if got := len(h.relay.taken()); got != 1 {
			t.Errorf("%d copies", got)
		}
		first()
		second()
	})
}

// Between intent and dot a process may be kept from working for so long (it was
// stopped, its machine slept, the answer of the store was under way) that another
// node takes the message for one in doubt. Then there is no dot.
func TestNoDotAfterALongWait(t *testing.T) {
	h := newHouse(t, nil)
	h.people(3)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		slept := &between{distant: distant{Store: h.store}}
		var once atomic.Bool
		slept.after = func(s notifier.Settlement) {
			if s.Intent && !once.Swap(true) {
				slept.away.Store(true) // nor is the lease renewed
				time.Sleep(20 * time.Minute)
				slept.away.Store(false)
			}
		}
		one := start(t, h.node("one", 1, func(notifier.Store) notifier.Store { return slept }))
		time.Sleep(time.Second)
		two := start(t, h.node("two", 1, nil))
		time.Sleep(time.Hour)
		one()
		two()
		for i := range 3 {
			if got := len(h.relay.to(fmt.Sprintf("p%d@example.com", i+1))); got != 1 {
				t.Errorf("p%d has %d copies", i+1, got)
			}
		}
		if x := h.notice(e.Seq); x.Figures != (notifier.Figures{Due: 3, Accepted: 3}) || x.State != notifier.Finished {
			t.Errorf("%s %+v", x.State, x.Figures)
		}
		h.balanced()
	})
}

// The same holds for a letter.
func TestNoDotOfALetterAfterALongWait(t *testing.T) {
	h := newHouse(t, nil)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		h.publish("Вторая.", nil)
		if err := h.n.Post(ctx, notifier.Letter{Kind: notifier.LetterTest, To: "a@example.kz", Language: "ru"}); err != nil {
			t.Error(err)
		}
		one := start(t, h.node("one", 1, func(s notifier.Store) notifier.Store { return &sleepy{Store: s} }))
		time.Sleep(time.Second)
		two := start(t, h.node("two", 1, nil))
		time.Sleep(time.Hour)
		one()
		two()
	})
	if got := len(h.relay.taken()); got != 1 {
		t.Errorf("%d copies", got)
	}
}
