package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

// talliesBalance reads while eight settle: the sum is true at every instant.
func talliesBalance(t *testing.T, a, b notifier.Store) {
	const senders, own, rounds = 8, 40, 6
	const count = senders * own
	sending(t, a, 1, count)
	states := []notifier.DeliveryState{notifier.InDoubt, notifier.Accepted, notifier.Failed, notifier.Deferred, notifier.Covered, notifier.Excluded}
	var settling sync.WaitGroup
	for w := range senders {
		settling.Go(func() {
			s := []notifier.Store{a, b}[w%2]
			for round := range rounds {
				for k := range own / 4 {
					var ds []notifier.Delivery
					for j := range 4 {
						d := row(1, int64((k*4+j)*senders+w+1))
						d.Revision = round + 2
						d.State, d.Language, d.Reason = states[(round+j)%len(states)], "l"+fmt.Sprint(j), "r"+fmt.Sprint(round)
						ds = append(ds, d)
					}
					if err := s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: ds}); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	t.Cleanup(settling.Wait)
	var done atomic.Bool
	go func() { settling.Wait(); done.Store(true) }()
	for final := false; !final; {
		final = done.Load()
		balance(t, must[notifier.Notice](t)(b.Notice(ctx, 1)), count)
		balance(t, must[[]notifier.Notice](t)(a.Notices(ctx, 0, 5))[0], count)
	}
	recount(t, b, 1)
}

func balance(t *testing.T, x notifier.Notice, due int64) {
	t.Helper()
	f := x.Figures
	sum := func(m map[string]int64) (n int64) {
		for _, v := range m {
			n += v
		}
		return n
	}
	if f.Due != due || f.Due != f.Open+f.Accepted+f.Failed+f.Excluded+f.Covered ||
		f.Accepted != sum(x.Languages) || f.Failed+f.Excluded != sum(x.Reasons) {
		t.Fatalf("%+v, %v, %v does not balance to %d", f, x.Languages, x.Reasons, due)
	}
}

// recount compares tallies with what stands in the rows.
func recount(t *testing.T, s notifier.Store, seq documents.Seq) {
	t.Helper()
	var f notifier.Figures
	for _, d := range must[[]notifier.Delivery](t)(s.Deliveries(ctx, seq, 0, 100_000)) {
		f.Due++
		switch d.State {
		case notifier.Accepted:
			f.Accepted++
		case notifier.Failed:
			f.Failed++
		case notifier.Excluded:
			f.Excluded++
		case notifier.Covered:
			f.Covered++
		default:
			f.Open++
		}
	}
	equal(t, "recounted", must[notifier.Notice](t)(s.Notice(ctx, seq)).Figures, f)
}

// noIntentAfterStop: once a stop was acknowledged nothing is intended any more, by
// whomever it was begun.
func noIntentAfterStop(t *testing.T, a, b notifier.Store) {
	const senders, count = 6, 6 * 400
	sending(t, a, 1, count)
	next := make([]int64, senders)
	for round := range 5 {
		var sending sync.WaitGroup
		for w := range senders {
			sending.Go(func() {
				for next[w] < count/senders && !t.Failed() {
					d := row(1, next[w]*senders+int64(w)+1)
					d.State, d.Next, d.Revision = notifier.InDoubt, time.Time{}, 2
					err := []notifier.Store{a, b}[w%2].Settle(ctx, notifier.Settlement{Now: at, Intent: true, Deliveries: []notifier.Delivery{d}})
					if errors.Is(err, notifier.ErrStopped) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					next[w]++
				}
			})
		}
		begun := func() int { return len(must[[]notifier.Delivery](t)(b.Deliveries(ctx, 1, 0, count, notifier.InDoubt))) }
		for before := begun(); begun() < before+5; { // all are at it
		}
		turn(t, a, notifier.Stopped)
		stopped := begun()
		sending.Wait()
		equal(t, fmt.Sprint("intents after stop ", round), begun(), stopped)
		turn(t, b, notifier.Sending)
	}
	if slices.Min(next) == count/senders {
		t.Fatal("nobody was stopped: the test shows nothing")
	}
}

func turn(t *testing.T, s notifier.Store, to notifier.NoticeState) {
	t.Helper()
	x := must[notifier.Notice](t)(s.Notice(ctx, 1))
	x.State, x.Revision = to, x.Revision+1
	ok(t, s.PutNotice(ctx, x, nil))
}
