package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

// meanwhile runs f again and again until it is stopped.
func meanwhile(t *testing.T, f func(i int64) error) (stop func()) {
	end := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for i := int64(0); ; i++ {
			select {
			case <-end:
				return
			default:
			}
			if err := f(i); err != nil {
				t.Error(err)
				return
			}
		}
	})
	stop = sync.OnceFunc(func() { close(end); running.Wait() })
	t.Cleanup(stop)
	return stop
}

// each runs f count times at once.
func each(count int, f func(i int)) {
	var all sync.WaitGroup
	for i := range count {
		all.Go(func() { f(i) })
	}
	all.Wait()
}

func bothSee(t *testing.T, a, b notifier.Store) {
	fill(t, a)
	equal(t, "the other's dump", dumped(t, b), dumped(t, a))
	l, _, err := a.Lease(ctx, 7, "a", at, at.Add(long), 10)
	ok(t, err)
	_, _, err = b.Lease(ctx, 7, "b", at, at.Add(long), 10)
	is(t, err, documents.ErrNotFound)
	ok(t, b.Free(ctx, l))
	must[notifier.Recipient](t)(b.Recipient(ctx, 3))
	from := must[time.Time](t)(a.Reserve(ctx, "relay", at, time.Second))
	equal(t, "shared time", must[time.Time](t)(b.Reserve(ctx, "relay", at, time.Second)), from.Add(time.Second))
}

// following reads page after page behind the last number that it saw, while as many
// writers as told write at once, and tells how many it saw until all had ended.
func following(t *testing.T, writers int, write func(writer int), page func(after int64) []int64) (seen int) {
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() { write(w) })
	}
	t.Cleanup(writing.Wait)
	var done atomic.Bool
	go func() { writing.Wait(); done.Store(true) }()
	for last, final := int64(0), false; !final; {
		final = done.Load() // then all is there to be read
		for found := page(last); len(found) > 0; found = page(last) {
			seen, last = seen+len(found), found[len(found)-1]
		}
	}
	return seen
}

// numbersInOrder follows as a count does, while others add people: whoever appears
// later must not have a lower number.
func numbersInOrder(t *testing.T, a, b notifier.Store) {
	const writers, batches, size = 8, 12, 7
	seen := following(t, writers, func(w int) {
		for i := range batches {
			var rs []notifier.Recipient
			for k := range size {
				rs = append(rs, person(fmt.Sprintf("w%d-%d-%d", w, i, k)))
			}
			if _, err := []notifier.Store{a, b}[w%2].PutRecipients(ctx, rs); err != nil {
				t.Error(err)
			}
		}
	}, func(after int64) (found []int64) {
		for _, r := range must[[]notifier.Recipient](t)(b.Recipients(ctx, after, 10)) {
			found = append(found, r.Number)
		}
		return found
	})
	equal(t, "seen", seen, writers*batches*size)
}

func oneWinsID(t *testing.T, a, b notifier.Store) {
	var won atomic.Int64
	each(8, func(i int) {
		_, err := []notifier.Store{a, b}[i%2].PutRecipients(ctx, []notifier.Recipient{person(fmt.Sprint("own", i)), person("shared")})
		if err == nil {
			won.Add(1)
		} else if !errors.Is(err, documents.ErrExists) {
			t.Error(err)
		}
	})
	equal(t, "winners", won.Load(), int64(1))
	equal(t, "recipients", len(must[[]notifier.Recipient](t)(a.Recipients(ctx, 0, 100))), 2)
}

func oneWinsRevision(t *testing.T, a, b notifier.Store) {
	people(t, a, 20)
	sending(t, a, 1, 20)
	l := must[notifier.Letter](t)(a.PutLetter(ctx, letter(at)))
	won := map[string]*atomic.Int64{"recipients": {}, "notice": {}, "delivery": {}, "letter": {}, "new notice": {}}
	each(8, func(i int) {
		s := []notifier.Store{a, b}[i%2]
		x := notice(1)
		x.Revision = 2
		letter := l
		letter.Revision = 2
		// Everybody changes all in an order of their own.
		all := must[[]notifier.Recipient](t)(s.Recipients(ctx, 0, 100))
		if i%3 == 0 {
			slices.Reverse(all)
		}
		for k := range all {
			all[k].Revision++
		}
		_, err1 := s.PutRecipients(ctx, all)
		_, err2 := s.PutLetter(ctx, letter)
		for name, err := range map[string]error{
			"recipients": err1, "letter": err2, "notice": s.PutNotice(ctx, x, nil), "new notice": s.PutNotice(ctx, notice(2), []notifier.Delivery{row(2, 1)}),
			"delivery": s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{accepted(row(1, 1)), accepted(row(1, 2))}}),
		} {
			if err == nil {
				won[name].Add(1)
			} else if !errors.Is(err, documents.ErrConflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	for name, n := range won {
		// Whoever read the recipients after another one's write replaces the next revision.
		if n.Load() != 1 && name != "recipients" || n.Load() < 1 {
			t.Errorf("%s: %d winners", name, n.Load())
		}
	}
	equal(t, "figures", must[notifier.Notice](t)(b.Notice(ctx, 1)).Figures, notifier.Figures{Due: 20, Open: 18, Accepted: 2})
	for _, r := range must[[]notifier.Recipient](t)(b.Recipients(ctx, 0, 100)) {
		equal(t, "revision", int64(r.Revision), 1+won["recipients"].Load())
	}
}

// pagesUnderWrites turns pages while others write: what was there before is seen
// once, whatever is moved or added meanwhile.
func pagesUnderWrites(t *testing.T, a, b notifier.Store) {
	const count = 400
	people(t, a, count)
	sending(t, a, 1, count)
	stop := meanwhile(t, func(i int64) error {
		d, err1 := a.Delivery(ctx, 1, i%count+1)
		d.Revision++
		x, err2 := a.Notice(ctx, 1)
		x.Revision++
		_, err3 := a.PutRecipients(ctx, []notifier.Recipient{person(fmt.Sprint("late", i))})
		return errors.Join(err1, err2, err3, a.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{d}}),
			a.PutNotice(ctx, x, []notifier.Delivery{row(1, count+i+1)}))
	})
	for range 3 {
		equal(t, "recipients", pagesOf(t, count, func(after int64) (numbers []int64) {
			for _, r := range must[[]notifier.Recipient](t)(b.Recipients(ctx, after, 17)) {
				numbers = append(numbers, r.Number)
			}
			return numbers
		}), count)
		for _, states := range [][]notifier.DeliveryState{nil, {notifier.Waiting, notifier.Deferred}} {
			equal(t, "deliveries", pagesOf(t, count, func(after int64) (numbers []int64) {
				for _, d := range must[[]notifier.Delivery](t)(b.Deliveries(ctx, 1, after, 17, states...)) {
					numbers = append(numbers, d.Recipient)
				}
				return numbers
			}), count)
		}
	}
	stop()
}

// pagesOf counts what pages show up to a number, and fails where a page goes back.
func pagesOf(t *testing.T, upTo int64, page func(after int64) []int64) int {
	seen, last := 0, int64(0)
	for last < upTo {
		numbers := page(last)
		if len(numbers) == 0 {
			break
		}
		for _, n := range numbers {
			if n <= last {
				t.Fatalf("%d after %d", n, last)
			}
			if last = n; n <= upTo {
				seen++
			}
		}
	}
	return seen
}

// rowsMadeOnce: two nodes count the same people.
func rowsMadeOnce(t *testing.T, a, b notifier.Store) {
	ok(t, a.PutNotice(ctx, notice(1), nil))
	each(4, func(i int) {
		s := []notifier.Store{a, b}[i%2]
		for {
			x := must[notifier.Notice](t)(s.Notice(ctx, 1))
			if x.Counted >= 1000 {
				return
			}
			var rows []notifier.Delivery
			for k := range int64(100) {
				rows = append(rows, row(1, x.Counted+k+1))
			}
			x.Counted, x.Revision = x.Counted+100, x.Revision+1
			if err := s.PutNotice(ctx, x, rows); err != nil && !errors.Is(err, documents.ErrConflict) {
				t.Error(err)
				return
			}
		}
	})
	equal(t, "figures", must[notifier.Notice](t)(a.Notice(ctx, 1)).Figures, notifier.Figures{Due: 1000, Open: 1000})
	equal(t, "due", len(whatIsDue(t, b, 1)), 1000)
}

// clearLeavesNothing: whoever writes meanwhile writes before or not at all.
func clearLeavesNothing(t *testing.T, a, b notifier.Store) {
	for round := range 3 {
		sending(t, a, 1, 60)
		var writing sync.WaitGroup
		for w := range 4 {
			writing.Go(func() {
				s := []notifier.Store{a, b}[w%2]
				for i := range int64(15) {
					r := i*4 + int64(w) + 1
					err := s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{accepted(row(1, r))}})
					if err != nil && !errors.Is(err, documents.ErrConflict) {
						t.Error(err)
					}
				}
			})
		}
		writing.Go(func() { // another one counts
			x := notice(1)
			for i := range int64(20) {
				x.Revision++
				err := a.PutNotice(ctx, x, []notifier.Delivery{row(1, 1000+i)})
				if errors.Is(err, documents.ErrConflict) {
					return
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
		for counted := false; !counted; {
			_, err := b.Delivery(ctx, 1, 1000)
			counted = err == nil
		}
		err := b.Clear(ctx)
		writing.Wait()
		ok(t, err)
		equal(t, "notices", len(must[[]notifier.Notice](t)(a.Notices(ctx, 0, 10))), 0)
		equal(t, "owed", must[notifier.Owed](t)(a.Owed(ctx)), notifier.Owed{})
		sending(t, a, 1, 2) // nothing is counted to what comes after
		equal(t, fmt.Sprint("figures ", round), must[notifier.Notice](t)(b.Notice(ctx, 1)).Figures, notifier.Figures{Due: 2, Open: 2})
		equal(t, "due", len(whatIsDue(t, b, 1)), 2)
		ok(t, a.Clear(ctx))
	}
}

// dumpOfOneInstant: a dump under writes can be loaded and balances.
func dumpOfOneInstant(t *testing.T, a, b notifier.Store) {
	fill(t, a)
	sending(t, a, 9, 200)
	stop := meanwhile(t, func(i int64) error {
		// A person, and the row that is owed to them, in this order.
		rs, err := b.PutRecipients(ctx, []notifier.Recipient{person(fmt.Sprint("late", i))})
		if err != nil {
			return err
		}
		x, err := b.Notice(ctx, 9)
		x.Revision++
		return errors.Join(err, b.PutNotice(ctx, x, []notifier.Delivery{row(9, 1000+rs[0].Number)}))
	})
	for range 40 {
		text := dumped(t, a)
		people, rows := strings.Count(text, "\n{\"recipient\":"), strings.Count(text, `"delivery":{"notice":9,`)
		if late := rows - 200; late > people-3 || late < people-4 {
			t.Errorf("%d people and %d rows are of different instants", people-3, late)
		}
		if meta := fmt.Sprintf(`"last_number":%d,`, people); !strings.Contains(text, meta) {
			t.Errorf("%d people and %s are of different instants", people, text[:80])
		}
	}
	stop()
}
