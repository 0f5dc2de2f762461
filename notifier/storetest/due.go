package storetest

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

// keyAndEpoch: what a lease allows is asked by its chunk and its epoch, and not
// only by its time.
func keyAndEpoch(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 2)
	sending(t, s, 2, 2)
	l, ds := lease(t, s, "a", at, 10)
	forged := map[string]notifier.Lease{"chunk": l, "notice": l, "later epoch": l, "earlier epoch": l}
	for name, f := range forged {
		switch name {
		case "chunk":
			f.Chunk += 7
		case "notice":
			f.Notice = 2
		case "later epoch":
			f.Epoch++
		case "earlier epoch":
			f.Epoch--
		}
		err := s.Settle(ctx, notifier.Settlement{Lease: &f, Now: at, Until: at.Add(long), Deliveries: []notifier.Delivery{accepted(ds[0])}})
		if !errors.Is(err, notifier.ErrLease) {
			t.Fatalf("another %s: %v", name, err)
		}
		is(t, s.Renew(ctx, f, at, at.Add(long)), notifier.ErrLease)
	}
	ok(t, s.Free(ctx, l))
	again, _ := lease(t, s, "a", at, 10)
	equal(t, "the same chunk", again.Chunk, l.Chunk)
	late := notifier.Settlement{Lease: &l, Now: at, Until: at.Add(long), Deliveries: []notifier.Delivery{accepted(ds[0])}}
	is(t, s.Settle(ctx, late), notifier.ErrLease) // the same owner, and not over
	is(t, s.Renew(ctx, l, at, at.Add(long)), notifier.ErrLease)
	late.Lease = nil // an outcome is kept all the same
	ok(t, s.Settle(ctx, late))
	equal(t, "figures", must[notifier.Notice](t)(s.Notice(ctx, 1)).Figures, notifier.Figures{Due: 2, Open: 1, Accepted: 1})
}

func leaseMicroseconds(t *testing.T, s notifier.Store) {
	const tick = time.Microsecond
	d := row(1, 1)
	d.Next = at.Add(tick)
	ok(t, s.PutNotice(ctx, notice(1), []notifier.Delivery{d}))
	_, _, err := s.Lease(ctx, 1, "a", at, at.Add(long), 10)
	is(t, err, documents.ErrNotFound)
	until := at.Add(5 * tick)
	l, ds, err := s.Lease(ctx, 1, "a", at.Add(tick), until, 10)
	ok(t, err)
	equal(t, "until", l.Until, until.UTC().Truncate(tick))
	_, _, err = s.Lease(ctx, 1, "b", until.Add(-tick), at.Add(long), 10)
	is(t, err, documents.ErrNotFound)
	st := notifier.Settlement{Lease: &l, Now: until, Until: at.Add(long), Deliveries: []notifier.Delivery{accepted(ds[0])}}
	is(t, s.Settle(ctx, st), notifier.ErrLease)
	is(t, s.Renew(ctx, l, until, at.Add(long)), notifier.ErrLease)
	st.Now = until.Add(-tick)
	ok(t, s.Settle(ctx, st))
}

func letterMicroseconds(t *testing.T, s notifier.Store) {
	later := must[notifier.Letter](t)(s.PutLetter(ctx, letter(at.Add(2*time.Microsecond))))
	first := must[notifier.Letter](t)(s.PutLetter(ctx, letter(at.Add(time.Microsecond))))
	equal(t, "none", len(must[[]notifier.Letter](t)(s.Letters(ctx, at, 10))), 0)
	got := must[[]notifier.Letter](t)(s.Letters(ctx, at.Add(time.Microsecond), 10))
	equal(t, "first", got, []notifier.Letter{first})
	got = must[[]notifier.Letter](t)(s.Letters(ctx, at.Add(2*time.Microsecond), 10))
	equal(t, "both", got, []notifier.Letter{first, later})
}

// whatIsDue leases everything of a notice that is due within a day, and hands it
// back.
func whatIsDue(t *testing.T, s notifier.Store, seq documents.Seq) map[int64]time.Time {
	t.Helper()
	return dueAt(t, s, seq, at.Add(24*time.Hour))
}

func dueAt(t *testing.T, s notifier.Store, seq documents.Seq, now time.Time) map[int64]time.Time {
	t.Helper()
	due := map[int64]time.Time{}
	var held []notifier.Lease
	for {
		l, ds, err := s.Lease(ctx, seq, "due", now, now.Add(time.Hour), 1000)
		if errors.Is(err, documents.ErrNotFound) {
			break
		}
		ok(t, err)
		held = append(held, l)
		for _, d := range ds {
			due[d.Recipient] = d.Next
		}
	}
	for _, l := range held {
		ok(t, s.Free(ctx, l))
	}
	return due
}

// dueIsLeased compares what is leased with a model, whatever was written before,
// inside of leases and outside of them, and whatever leases were left to end.
func dueIsLeased(t *testing.T, s notifier.Store) {
	const count, apart = 16, 90 // a few in each of several chunks, so that some have nothing due
	rnd := rand.New(rand.NewPCG(1, 2))
	model := map[int64]notifier.Delivery{}
	var rows []notifier.Delivery
	for i := range int64(count) {
		rows = append(rows, row(1, i*apart+1))
		model[i*apart+1] = rows[i]
	}
	ok(t, s.PutNotice(ctx, notice(1), rows))
	now := at
	for range 80 {
		now = now.Add(time.Duration(rnd.IntN(600)) * time.Second)
		st := notifier.Settlement{Now: now, Until: now.Add(time.Minute)}
		if l, _, err := s.Lease(ctx, 1, "x", now, now.Add(time.Minute), 1+rnd.IntN(20)); err == nil && rnd.IntN(2) == 0 {
			st.Lease = &l
		} else if err != nil {
			is(t, err, documents.ErrNotFound)
		}
		for _, i := range rnd.Perm(count)[:1+rnd.IntN(6)] {
			st.Deliveries = append(st.Deliveries, anyState(rnd, model[int64(i)*apart+1], now))
		}
		ok(t, s.Settle(ctx, st))
		for _, d := range st.Deliveries {
			model[d.Recipient] = d
		}
		if st.Lease != nil && rnd.IntN(2) == 0 {
			ok(t, s.Free(ctx, *st.Lease))
		}
		now = now.Add(2 * time.Minute) // what was not freed is over
		got := dueAt(t, s, 1, now)
		for r, d := range model {
			_, leased := got[r]
			if is := d.State.Open() && !d.Next.IsZero() && !d.Next.After(now); is != leased {
				t.Fatalf("recipient %d, %s, next %s: leased %v at %s", r, d.State, d.Next, leased, now)
			}
		}
		now = now.Add(time.Hour)
	}
}

func anyState(rnd *rand.Rand, d notifier.Delivery, now time.Time) notifier.Delivery {
	d.Revision++
	d.State = []notifier.DeliveryState{notifier.Waiting, notifier.Deferred, notifier.InDoubt, notifier.Accepted, notifier.Failed}[rnd.IntN(5)]
	d.Next = now.Add(time.Duration(rnd.IntN(8*3600)-2*3600) * time.Second)
	if !d.State.Open() || rnd.IntN(5) == 0 {
		d.Next = time.Time{}
	}
	return d
}
