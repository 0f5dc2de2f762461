package server

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vestnik/documents"
	"vestnik/documents/redline"
)

// Sixty-four ask at once, the first ones leave: it is made once, for all who stay.
func TestMadeOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flights[int]
		var made, had atomic.Int64
		make := func(context.Context) (int, error) {
			made.Add(1)
			time.Sleep(time.Second)
			return 7, nil
		}
		leaving, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range 64 {
			ctx := t.Context()
			if i < 10 {
				ctx = leaving
			}
			all.Go(func() {
				v, err := f.do(ctx, "one", time.Minute, make)
				switch {
				case err == nil && v == 7:
					had.Add(1)
				case !errors.Is(err, context.Canceled):
					t.Errorf("%d, %v", v, err)
				}
			})
		}
		synctest.Wait()
		leave()
		all.Wait()
		if made.Load() != 1 || had.Load() != 54 {
			t.Errorf("made %d times for %d", made.Load(), had.Load())
		}
	})
}

// A panic is an error for whoever waits, and the next one tries anew.
func TestPanicOfAFlightIsAnError(t *testing.T) {
	var f flights[int]
	for range 2 {
		if _, err := f.do(t.Context(), "one", time.Minute, func(context.Context) (int, error) { panic("secret") }); !errors.Is(err, errPanic) {
			t.Fatal(err)
		}
	}
	if v, err := f.do(t.Context(), "one", time.Minute, func(context.Context) (int, error) { return 7, nil }); v != 7 || err != nil {
		t.Fatal(v, err)
	}
}

// As many as there are turns do something at once; many may wait, and the
// others are told to come again.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newGate(2)
		var running, most, refused atomic.Int64
		var all sync.WaitGroup
		for range mostWaiting + 10 {
			all.Go(func() {
				if err := r.enter(t.Context()); err != nil {
					if !errors.Is(err, errBusy) || status(err) != 503 {
						t.Error(err)
					}
					refused.Add(1)
					return
				}
				defer r.leave()
				most.Store(max(most.Load(), running.Add(1)))
				time.Sleep(time.Second)
				running.Add(-1)
			})
		}
		all.Wait()
		if most.Load() != 2 || refused.Load() != 8 || r.waiting.Load() != 0 {
			t.Errorf("%d at once, %d refused", most.Load(), refused.Load())
		}
	})
}

func TestBoundedInBytes(t *testing.T) {
	b := newBounded[int, string](100)
	for i := range 50 {
		b.put(i, "x", 10)
		b.get(0)
	}
	if _, ok := b.get(0); !ok || b.size > 100 || len(b.by) != 10 || b.order.Len() != 10 {
		t.Errorf("%d bytes in %d", b.size, len(b.by))
	}
	b.put(0, "larger than all", 101)
	if b.size != 0 || len(b.by) != 0 {
		t.Errorf("%d bytes in %d", b.size, len(b.by))
	}
}

// What took effect is known on either side of an instant, also where the clock goes
// back; but before the last event of the log it is never.
func TestDue(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		t.Fatal(err)
	}
	midnight := documents.StartOfDay(time.Date(2030, 3, 1, 0, 0, 0, 0, time.UTC), zone)
	later := midnight.AddDate(0, 1, 0)
	line := documents.Timeline{Document: "privacy", Events: []documents.Event{{Time: midnight.Add(-time.Hour)}}, Versions: []documents.Standing{
		{Number: 1, Published: midnight.Add(-time.Hour), Effective: documents.Effective{Instant: midnight.Add(-2 * time.Hour)}},
		{Number: 2, Published: midnight.Add(-time.Hour), Effective: documents.Effective{Instant: midnight}},
		{Number: 3, Published: midnight.Add(-time.Hour), Effective: documents.Effective{Instant: later}, Withdrawn: true, WithdrawnAt: later.Add(-time.Hour)},
	}}
	c := calendar{by: map[string]dates{"privacy": datesOf(line)}}
	before, after := c.now(midnight.Add(-time.Nanosecond)), c.now(midnight)
	if !before.next.Equal(midnight) || before.holds(midnight) || !before.holds(midnight.Add(-time.Nanosecond)) {
		t.Errorf("before: %+v", before)
	}
	if !after.passed.Equal(midnight) || after.holds(midnight.Add(-time.Nanosecond)) || !after.holds(midnight) {
		t.Errorf("after: %+v", after)
	}
	if long := c.now(midnight.AddDate(-10, 0, 0)); long != c.now(midnight.Add(-time.Hour)) || !long.holds(midnight.AddDate(-9, 0, 0)) {
		t.Errorf("a clock that went back behind the log is believed: %+v", long)
	}
	if got := c.between(time.Time{}, later); len(got) != 1 || got[0].Version != 2 {
		t.Errorf("effects are %+v", got)
	}
}

func TestPageEndsWhenTheClockGoesBack(t *testing.T) {
	now := time.Now()
	p := cachedPage{from: now, until: now.Add(time.Hour)}
	for at, want := range map[time.Duration]bool{-time.Second: false, 0: true, time.Hour - 1: true, time.Hour: false} {
		if p.holds(now.Add(at)) != want {
			t.Errorf("after %s: %t", at, !want)
		}
	}
}

func TestWeightOfARedline(t *testing.T) {
	r := &redline.Redline{Changes: []redline.Entry{{Spans: []redline.Span{{Text: string(make([]byte, 1<<20))}}}}}
	if weight(r) < 1<<20 {
		t.Error("a large comparison counts as a small one")
	}
}
