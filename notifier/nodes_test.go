package notifier_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

// node makes one more notifier over the store of the house, with a store of its
// own between if wrap is set.
func (h *house) node(name string, senders int, wrap func(notifier.Store) notifier.Store) *notifier.Notifier {
	h.t.Helper()
	c := h.config
	c.Node, c.Senders, c.Store = name, senders, h.store
	if wrap != nil {
		c.Store = wrap(h.store)
	}
	n, err := notifier.New(c)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// start runs a notifier; stop ends it and tells how long that took.
func start(t *testing.T, n *notifier.Notifier) (stop func() time.Duration) {
	c, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- n.Run(c) }()
	return func() time.Duration {
		begun := time.Now()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		return time.Since(begun)
	}
}

// once demands that each of p1… has exactly one mail and an attempt that nobody
// doubts.
func (h *house) once(seq documents.Seq, count int) {
	h.t.Helper()
	copies := map[string]int{}
	for _, m := range h.relay.taken() {
		copies[m.to]++
	}
	for i := range count {
		if to := fmt.Sprintf("p%d@example.com", i+1); copies[to] != 1 {
			h.t.Errorf("%s has %d copies", to, copies[to])
		}
		if d, err := h.store.Delivery(ctx, seq, int64(i+1)); err != nil || d.State != notifier.Accepted || d.Attempts != 1 || d.Doubts != 0 {
			h.t.Errorf("recipient %d: %+v, %v", i+1, d, err)
		}
	}
	h.balanced()
}

// patient waits, on the bubble's clock, until ok or the time is over.
func patient(t *testing.T, most time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(most); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("not within %s: %s", most, what)
			return
		}
	}
}

// A message may take far longer than a lease: nobody else gets the chunk.
func TestLeaseLastsAsLongAsAMessage(t *testing.T) {
	h := newHouse(t, nil)
	h.people(3)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		slow, other := &distant{Store: h.store}, &distant{Store: h.store}
		slow.slow = func() { time.Sleep(10 * time.Minute) }
		var given atomic.Int32
		other.lease = func() { given.Add(1) }
		one := start(t, h.node("one", 1, func(notifier.Store) notifier.Store { return slow }))
		time.Sleep(time.Second)
		two := start(t, h.node("two", 1, func(notifier.Store) notifier.Store { return other }))
		time.Sleep(29 * time.Minute)
		if given.Load() > 0 {
			t.Errorf("the other node was given the chunk %d times", given.Load())
		}
		time.Sleep(5 * time.Minute)
		one()
		two()
		h.once(e.Seq, 3)
	})
}

// What a killed node had is another one's after half a minute.
func TestChunksOfADeadNodeAreTakenOver(t *testing.T) {
	f := &dying{}
	h := newHouse(t, func(s notifier.Store) notifier.Store { f.Store = s; return f })
	h.config.Senders = 1
	h.restart()
	h.people(6)
	f.after = 3
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		c, kill := context.WithCancel(ctx)
		f.kill = kill
		if err := h.n.Run(c); err != nil {
			t.Error(err)
		}
		other := start(t, h.node("two", 2, nil))
		patient(t, 35*time.Second, "all but what is in doubt", func() bool { return h.notice(e.Seq).Figures.Accepted >= 5 })
		time.Sleep(20 * time.Minute)
		other()
		if x := h.notice(e.Seq); x.Figures.Accepted != 6 {
			t.Errorf("%+v", x.Figures)
		}
		h.balanced()
	})
	if copies := len(h.relay.taken()); copies > 7 {
		t.Errorf("%d copies", copies)
	}
}

// A relay took a message while the node was cut off from the store: that is
// written when it is back, though the chunk is another node's by then.
func TestOutcomeIsAFactWhoeverHasTheChunk(t *testing.T) {
	h := newHouse(t, nil)
	h.people(5)
	cut := &distant{Store: h.store}
	var first atomic.Bool
	h.relay.on(nil, func(string) error {
		if !first.Swap(true) {
			cut.away.Store(true)
		}
		return nil
	})
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		one := start(t, h.node("one", 1, func(notifier.Store) notifier.Store { return cut }))
		patient(t, time.Minute, "cut off", func() bool { return cut.tries.Load() > 1 })
		two := start(t, h.node("two", 1, nil))
		patient(t, 40*time.Second, "the rest", func() bool { return h.notice(e.Seq).Figures.Accepted == 4 })
		time.Sleep(10 * time.Minute)
		cut.away.Store(false)
		patient(t, 10*time.Second, "what was owing", func() bool { return h.notice(e.Seq).Figures.Accepted == 5 })
		time.Sleep(time.Hour)
		one()
		two()
		h.once(e.Seq, 5)
	})
}

// Where the answer comes to light only after the message was sent again, or was
// given up, the acceptance still counts.
func TestAcceptanceOutlivesWhatOthersMadeOfIt(t *testing.T) {
	h := newHouse(t, nil)
	h.people(1)
	cut := &distant{Store: h.store}
	h.relay.on(nil, func(string) error { cut.away.Store(true); return nil })
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		one := start(t, h.node("one", 1, func(notifier.Store) notifier.Store { return cut }))
		patient(t, time.Minute, "cut off", func() bool { return cut.tries.Load() > 1 })
		two := start(t, h.node("two", 1, nil))
		if _, err := h.n.Cancel(ctx, e.Seq, staff); err != nil {
			t.Error(err)
		}
		patient(t, time.Hour, "given up", func() bool { return h.notice(e.Seq).Figures.Failed == 1 && h.notice(e.Seq).Closing != nil })
		cut.away.Store(false)
		patient(t, time.Minute, "known", func() bool { return h.notice(e.Seq).Figures.Accepted == 1 })
		one()
		two()
		if d, err := h.store.Delivery(ctx, e.Seq, 1); err != nil || len(d.History) != 2 || !strings.HasPrefix(d.Evidence.Answer, "250") {
			t.Errorf("%+v, %v", d, err)
		}
		h.balanced()
	})
}

// lines counts what is logged, by level.
type lines struct {
	slog.Handler
	mu  sync.Mutex
	all []string
}

func (l *lines) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	l.all = append(l.all, text)
	return nil
}

func (l *lines) with(part string) (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range l.all {
		if strings.Contains(x, part) {
			out = append(out, x)
		}
	}
	return out
}

// While the store is away no dot is sent, nobody spins, and the log says so once.
func TestNothingIsSentWhileTheStoreIsAway(t *testing.T) {
	h := newHouse(t, nil)
	h.people(4)
	log := &lines{Handler: slog.NewTextHandler(io.Discard, nil)}
	h.config.Log = slog.New(log)
	cut := &distant{Store: h.store}
	var first atomic.Bool
	h.relay.on(func(string) error {
		if !first.Swap(true) {
			cut.away.Store(true)
		}
		return nil
	}, nil)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		stop := start(t, h.node("one", 2, func(notifier.Store) notifier.Store { return cut }))
		patient(t, time.Minute, "away", func() bool { return cut.tries.Load() > 0 })
		time.Sleep(time.Hour)
		if got := len(h.relay.taken()); got != 0 {
			t.Errorf("%d mails without an intent", got)
		}
		if tries := cut.tries.Load(); tries > 5*3600 {
			t.Errorf("%d tries in an hour", tries)
		}
		cut.away.Store(false)
		patient(t, 40*time.Second, "all", func() bool { return h.notice(e.Seq).Figures.Accepted == 4 })
		stop()
		h.once(e.Seq, 4)
	})
	if got := log.with("does not answer"); len(got) != 1 {
		t.Errorf("said %d times: %q", len(got), got)
	}
	if got := log.with("part=store"); len(got) != 1 || !strings.Contains(got[0], "works again") {
		t.Errorf("the end is said %q", got)
	}
	if got := log.with("ERROR"); len(got) != 1 {
		t.Errorf("errors: %q", got)
	}
}

// Told to stop while the store is away the process says how much is in doubt, and
// ends.
func TestEndWhileTheStoreIsAway(t *testing.T) {
	h := newHouse(t, nil)
	h.people(2)
	log := &lines{Handler: slog.NewTextHandler(io.Discard, nil)}
	h.config.Log = slog.New(log)
	cut := &distant{Store: h.store}
	h.relay.on(nil, func(string) error { cut.away.Store(true); return nil })
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		h.publish("Вторая.", nil)
		stop := start(t, h.node("one", 1, func(notifier.Store) notifier.Store { return cut }))
		patient(t, time.Minute, "away", func() bool { return cut.tries.Load() > 3 })
		time.Sleep(time.Minute)
		if took := stop(); took > 30*time.Second {
			t.Errorf("the end took %s", took)
		}
	})
	if got := log.with("in doubt"); len(got) != 1 || !strings.Contains(got[0], "deliveries=1") {
		t.Errorf("said %q", got)
	}
	if got := log.with("@"); len(got) > 0 {
		t.Errorf("the log names an address: %q", got)
	}
}

// Nodes that begin while the store is away wait for it.
func TestStartWhileTheStoreIsAway(t *testing.T) {
	h := newHouse(t, nil)
	h.people(2)
	cut := &distant{Store: h.store}
	cut.away.Store(true)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		stop := start(t, h.node("one", 1, func(notifier.Store) notifier.Store { return cut }))
		time.Sleep(10 * time.Minute)
		cut.away.Store(false)
		patient(t, 10*time.Second, "told", func() bool { return h.notice(e.Seq).State == notifier.Finished })
		stop()
		h.once(e.Seq, 2)
	})
}

// The outcome of a letter is kept as well.
func TestLetterWhileTheStoreIsAway(t *testing.T) {
	h := newHouse(t, nil)
	cut := &distant{Store: h.store}
	h.relay.on(nil, func(string) error { cut.away.Store(true); return nil })
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		h.publish("Вторая.", nil)
		n := h.node("one", 1, func(notifier.Store) notifier.Store { return cut })
		if err := n.Post(ctx, notifier.Letter{Kind: notifier.LetterTest, To: "a@example.kz", Language: "ru"}); err != nil {
			t.Fatal(err)
		}
		stop := start(t, n)
		time.Sleep(10 * time.Minute)
		cut.away.Store(false)
		time.Sleep(time.Hour)
		stop()
		if o, err := h.store.Owed(ctx); err != nil || o.Letters != 0 {
			t.Errorf("owed %+v, %v", o, err)
		}
	})
	if got := len(h.relay.taken()); got != 1 {
		t.Errorf("%d copies", got)
	}
}
