package storetest

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

const long = time.Hour

func lease(t *testing.T, s notifier.Store, owner string, now time.Time, limit int) (notifier.Lease, []notifier.Delivery) {
	t.Helper()
	l, ds, err := s.Lease(ctx, 1, owner, now, now.Add(long), limit)
	ok(t, err)
	return l, ds
}

func accepted(d notifier.Delivery) notifier.Delivery {
	d.State, d.Next = notifier.Accepted, time.Time{}
	d.Revision++
	return d
}

func leaseHides(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 3)
	l, ds := lease(t, s, "a", at, 2)
	equal(t, "limit", len(ds), 2)
	_, _, err := s.Lease(ctx, 1, "b", at, at.Add(long), 10)
	is(t, err, documents.ErrNotFound)
	ok(t, s.Free(ctx, l))
	ok(t, s.Free(ctx, l))
	again, ds := lease(t, s, "b", at, 10)
	equal(t, "due", len(ds), 3)
	if again.Epoch <= l.Epoch {
		t.Fatalf("epoch %d after %d", again.Epoch, l.Epoch)
	}
	ok(t, s.Free(ctx, l)) // an old lease frees nobody else's
	_, _, err = s.Lease(ctx, 1, "c", at, at.Add(long), 10)
	is(t, err, documents.ErrNotFound)
}

func sixSenders(t *testing.T, a, b notifier.Store) {
	const count = 3000
	sending(t, a, 1, count)
	var mu sync.Mutex
	seen := map[int64]int{}
	each(6, func(i int) {
		s := []notifier.Store{a, b}[i%2]
		for range 100_000 { // an engine at fault must not keep the suite for ever
			l, ds, err := s.Lease(ctx, 1, "x", at, at.Add(long), 50)
			if errors.Is(err, documents.ErrNotFound) {
				if n, err := s.Notice(ctx, 1); err != nil || n.Figures.Open == 0 {
					return
				}
				continue
			}
			if err != nil {
				t.Error(err)
				return
			}
			st := notifier.Settlement{Lease: &l, Now: at, Until: at.Add(long)}
			mu.Lock()
			for _, d := range ds {
				seen[d.Recipient]++
				st.Deliveries = append(st.Deliveries, accepted(d))
			}
			mu.Unlock()
			if err := errors.Join(s.Settle(ctx, st), s.Free(ctx, l)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for r, n := range seen {
		if n != 1 {
			t.Fatalf("recipient %d was leased %d times", r, n)
		}
	}
	equal(t, "leased", len(seen), count)
	equal(t, "figures", must[notifier.Notice](t)(b.Notice(ctx, 1)).Figures, notifier.Figures{Due: count, Accepted: count})
}

func lateWrite(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 2)
	old, ds := lease(t, s, "a", at, 10)
	st := notifier.Settlement{Lease: &old, Now: at.Add(2 * long), Until: at.Add(3 * long), Deliveries: []notifier.Delivery{accepted(ds[0])}}
	is(t, s.Settle(ctx, st), notifier.ErrLease) // over, though nobody else has it
	fresh, again := lease(t, s, "b", at.Add(long), 10)
	equal(t, "due again", len(again), 2)
	st.Now = at
	is(t, s.Settle(ctx, st), notifier.ErrLease) // somebody else has it
	equal(t, "untouched", must[notifier.Delivery](t)(s.Delivery(ctx, 1, 1)).State, notifier.Waiting)
	ok(t, s.Settle(ctx, notifier.Settlement{Lease: &fresh, Now: at.Add(long), Until: at.Add(5 * long), Deliveries: []notifier.Delivery{accepted(again[0])}}))
	_, _, err := s.Lease(ctx, 1, "c", at.Add(4*long), at.Add(6*long), 10)
	is(t, err, documents.ErrNotFound) // a settlement lengthens the lease
}

func notDueEarly(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 2)
	l, ds := lease(t, s, "a", at, 10)
	d := ds[0]
	d.State, d.Next, d.Revision = notifier.Deferred, at.Add(30*time.Minute), 2
	parked := ds[1]
	parked.State, parked.Next, parked.Revision = notifier.InDoubt, time.Time{}, 2
	ok(t, s.Settle(ctx, notifier.Settlement{Lease: &l, Now: at, Until: at.Add(long), Deliveries: []notifier.Delivery{d, parked}}))
	ok(t, s.Free(ctx, l))
	_, _, err := s.Lease(ctx, 1, "a", at.Add(29*time.Minute), at.Add(long), 10)
	is(t, err, documents.ErrNotFound)
	_, due := lease(t, s, "a", at.Add(30*time.Minute), 10)
	equal(t, "due", len(due), 1)
	equal(t, "deferred", due[0].Recipient, int64(1))
	_, _, err = s.Lease(ctx, 2, "a", at.Add(long), at.Add(2*long), 10)
	is(t, err, documents.ErrNotFound)
}

func settleAll(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 2)
	stale := accepted(row(1, 2))
	stale.Revision = 5
	is(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{accepted(row(1, 1)), stale}, Tokens: []notifier.Token{{Hash: "h"}}}), documents.ErrConflict)
	equal(t, "figures", must[notifier.Notice](t)(s.Notice(ctx, 1)).Figures, notifier.Figures{Due: 2, Open: 2})
	_, err := s.Token(ctx, "h")
	is(t, err, documents.ErrNotFound)
	is(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{accepted(row(1, 9))}}), documents.ErrConflict)
}

func intent(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 2)
	x := must[notifier.Notice](t)(s.Notice(ctx, 1))
	x.State, x.Revision = notifier.Stopped, 2
	ok(t, s.PutNotice(ctx, x, nil))
	st := notifier.Settlement{Now: at, Intent: true, Deliveries: []notifier.Delivery{accepted(row(1, 1))}}
	is(t, s.Settle(ctx, st), notifier.ErrStopped)
	st.Intent = false
	ok(t, s.Settle(ctx, st))
	x.State, x.Revision = notifier.Sending, 3
	ok(t, s.PutNotice(ctx, x, nil))
	ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Intent: true, Deliveries: []notifier.Delivery{accepted(row(1, 2))}}))
}

// manySettle mixes settlements that must be refused with others at the same
// moment: they may share a commit, and not a fate.
func manySettle(t *testing.T, s notifier.Store) {
	const count = 200
	sending(t, s, 1, count)
	each(count, func(i int) {
		d := accepted(row(1, int64(i+1)))
		if i%2 == 1 {
			d.Revision = 7
		}
		err := s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{d}})
		if refused := errors.Is(err, documents.ErrConflict); refused != (i%2 == 1) || err != nil && !refused {
			t.Errorf("settlement %d: %v", i, err)
		}
	})
	equal(t, "figures", must[notifier.Notice](t)(s.Notice(ctx, 1)).Figures, notifier.Figures{Due: count, Open: count / 2, Accepted: count / 2})
}

func forms(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 2)
	form := []byte("a form")
	for i := range int64(2) {
		ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{accepted(row(1, i+1))}, Forms: [][]byte{form}}))
	}
	got := must[[]byte](t)(s.Form(ctx, documents.SHA256(form)))
	equal(t, "form", string(got), "a form")
}

func tokens(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 1)
	ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{accepted(row(1, 1))}, Tokens: []notifier.Token{{Hash: "abc", Notice: 1, Recipient: 1, Until: at}}}))
	got := must[notifier.Token](t)(s.Token(ctx, "abc"))
	equal(t, "token", got, notifier.Token{Hash: "abc", Notice: 1, Recipient: 1, Until: at.UTC().Truncate(time.Microsecond)})
	_, err := s.Token(ctx, "")
	is(t, err, documents.ErrNotFound)
}

func letter(next time.Time) notifier.Letter {
	return notifier.Letter{Kind: notifier.LetterTest, To: "a@example.com", State: notifier.Waiting, Next: next, Revision: 1, Args: map[string]string{"url": "u"}}
}

func letters(t *testing.T, s notifier.Store) {
	second := must[notifier.Letter](t)(s.PutLetter(ctx, letter(at.Add(time.Minute))))
	first := must[notifier.Letter](t)(s.PutLetter(ctx, letter(at)))
	must[notifier.Letter](t)(s.PutLetter(ctx, letter(at.Add(long))))
	got := must[[]notifier.Letter](t)(s.Letters(ctx, at.Add(2*time.Minute), 10))
	equal(t, "due", []int64{got[0].ID, got[1].ID}, []int64{first.ID, second.ID})
	equal(t, "how many", len(got), 2)
	equal(t, "limit", len(must[[]notifier.Letter](t)(s.Letters(ctx, at.Add(2*time.Minute), 1))), 1)
	l := got[0]
	l.State, l.Next, l.Revision, l.Args = notifier.Accepted, time.Time{}, 2, nil
	must[notifier.Letter](t)(s.PutLetter(ctx, l))
	_, err := s.PutLetter(ctx, l)
	is(t, err, documents.ErrConflict)
	equal(t, "left", len(must[[]notifier.Letter](t)(s.Letters(ctx, at.Add(2*time.Minute), 10))), 1)
}

func owed(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 3)
	sending(t, s, 2, 2)
	d := row(2, 1)
	d.State, d.Revision = notifier.InDoubt, 2
	ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{d, accepted(row(1, 1))}}))
	l := must[notifier.Letter](t)(s.PutLetter(ctx, letter(at)))
	must[notifier.Letter](t)(s.PutLetter(ctx, letter(at)))
	l.State, l.Revision = notifier.Accepted, 2
	must[notifier.Letter](t)(s.PutLetter(ctx, l))
	equal(t, "owed", must[notifier.Owed](t)(s.Owed(ctx)), notifier.Owed{Open: 4, InDoubt: 1, Letters: 1})
}

func renew(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 1)
	l, _, err := s.Lease(ctx, 1, "a", at, at.Add(time.Minute), 10)
	ok(t, err)
	ok(t, s.Renew(ctx, l, at.Add(30*time.Second), at.Add(2*time.Minute)))
	_, _, err = s.Lease(ctx, 1, "b", at.Add(90*time.Second), at.Add(5*time.Minute), 10)
	is(t, err, documents.ErrNotFound)
	is(t, s.Renew(ctx, l, at.Add(2*time.Minute), at.Add(4*time.Minute)), notifier.ErrLease)
	next, _, err := s.Lease(ctx, 1, "b", at.Add(2*time.Minute), at.Add(5*time.Minute), 10)
	ok(t, err)
	is(t, s.Renew(ctx, l, at.Add(2*time.Minute), at.Add(9*time.Minute)), notifier.ErrLease)
	ok(t, s.Renew(ctx, next, at.Add(2*time.Minute), at.Add(9*time.Minute)))
}

func reserve(t *testing.T, s notifier.Store) {
	ends := make([]time.Time, 8)
	each(8, func(i int) {
		from, err := s.Reserve(ctx, "relay", at, time.Second)
		if err != nil {
			t.Error(err)
		}
		ends[i] = from
	})
	slices.SortFunc(ends, time.Time.Compare)
	first := at.UTC().Truncate(time.Microsecond)
	for i, from := range ends {
		equal(t, "begin", from, first.Add(time.Duration(i)*time.Second))
	}
	equal(t, "another name", must[time.Time](t)(s.Reserve(ctx, "other", at, time.Second)), first)
	equal(t, "after a rest", must[time.Time](t)(s.Reserve(ctx, "relay", at.Add(time.Hour), time.Second)), first.Add(time.Hour))
}
