package storetest

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

func notice(seq documents.Seq) notifier.Notice {
	return notifier.Notice{Seq: seq, Document: "privacy", Version: int(seq), State: notifier.Sending, Published: at, Audience: notifier.Audience{Groups: []string{"a"}}, Revision: 1}
}

func row(seq documents.Seq, recipient int64) notifier.Delivery {
	return notifier.Delivery{Notice: seq, Recipient: recipient, State: notifier.Waiting, Next: at, Revision: 1}
}

// sending stores a notice with count rows.
func sending(t *testing.T, s notifier.Store, seq documents.Seq, count int64) {
	t.Helper()
	var rows []notifier.Delivery
	for i := range count {
		rows = append(rows, row(seq, i+1))
	}
	ok(t, s.PutNotice(ctx, notice(seq), rows))
}

func follow(t *testing.T, s notifier.Store) {
	ok(t, s.Follow(ctx, notifier.Followed{From: 0, To: 3, Notices: []notifier.Notice{notice(2)}, Marks: map[string]string{"held": "restored"}}))
	is(t, s.Follow(ctx, notifier.Followed{From: 0, To: 4, Notices: []notifier.Notice{notice(4)}}), documents.ErrConflict)
	// A notice that is there already refuses the whole, cursor and marks too.
	is(t, s.Follow(ctx, notifier.Followed{From: 3, To: 5, Notices: []notifier.Notice{notice(5), notice(2)}, Marks: map[string]string{"held": ""}}), documents.ErrConflict)
	equal(t, "cursor", must[documents.Seq](t)(s.Cursor(ctx)), documents.Seq(3))
	equal(t, "mark", must[string](t)(s.Mark(ctx, "held")), "restored")
	equal(t, "notices", len(must[[]notifier.Notice](t)(s.Notices(ctx, 0, 10))), 1)
}

func fourFollowers(t *testing.T, s notifier.Store) {
	var moved atomic.Int64
	each(4, func(int) {
		for seq := documents.Seq(1); seq <= 10; {
			err := s.Follow(ctx, notifier.Followed{From: seq - 1, To: seq, Notices: []notifier.Notice{notice(seq)}})
			if err == nil {
				moved.Add(1)
			} else if !errors.Is(err, documents.ErrConflict) {
				t.Error(err)
				return
			}
			at, err := s.Cursor(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			seq = at + 1
		}
	})
	equal(t, "moves", moved.Load(), int64(10))
	equal(t, "notices", len(must[[]notifier.Notice](t)(s.Notices(ctx, 0, 100))), 10)
}

func noticeCAS(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 2)
	x := must[notifier.Notice](t)(s.Notice(ctx, 1))
	x.Revision, x.State, x.Why = 2, notifier.Stopped, "why"
	x.Figures, x.Languages = notifier.Figures{Due: 99}, map[string]int64{"ru": 99}
	ok(t, s.PutNotice(ctx, x, nil))
	is(t, s.PutNotice(ctx, x, []notifier.Delivery{row(1, 9)}), documents.ErrConflict)
	got := must[notifier.Notice](t)(s.Notice(ctx, 1))
	equal(t, "figures", got.Figures, notifier.Figures{Due: 2, Open: 2})
	equal(t, "languages", len(got.Languages), 0)
	equal(t, "state", []any{got.State, got.Why}, []any{notifier.Stopped, "why"})
	_, err := s.Delivery(ctx, 1, 9)
	is(t, err, documents.ErrNotFound)
}

func noticePages(t *testing.T, s notifier.Store) {
	for _, seq := range []documents.Seq{3, 8, 5} {
		ok(t, s.PutNotice(ctx, notice(seq), nil))
	}
	seqs := func(ns []notifier.Notice) (out []documents.Seq) {
		for _, n := range ns {
			out = append(out, n.Seq)
		}
		return out
	}
	equal(t, "first page", seqs(must[[]notifier.Notice](t)(s.Notices(ctx, 0, 2))), []documents.Seq{8, 5})
	equal(t, "next page", seqs(must[[]notifier.Notice](t)(s.Notices(ctx, 5, 2))), []documents.Seq{3})
}

func rowsLeft(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 1)
	d := row(1, 1)
	d.State, d.Reason, d.Revision, d.Next = notifier.Failed, "no-mailbox", 2, time.Time{}
	ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{d}}))
	x := notice(1)
	x.Revision, x.Counted, x.CountedAll = 2, 2, true
	ok(t, s.PutNotice(ctx, x, []notifier.Delivery{row(1, 1), row(1, 2)}))
	got := must[notifier.Notice](t)(s.Notice(ctx, 1))
	equal(t, "figures", got.Figures, notifier.Figures{Due: 2, Open: 1, Failed: 1})
	equal(t, "counted", []any{got.Counted, got.CountedAll}, []any{int64(2), true})
	equal(t, "state", must[notifier.Delivery](t)(s.Delivery(ctx, 1, 1)).State, notifier.Failed)
}

func talliesFollow(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 6)
	states := []notifier.DeliveryState{notifier.Accepted, notifier.Failed, notifier.Excluded, notifier.Covered, notifier.InDoubt, notifier.Deferred}
	for i, to := range states {
		d := row(1, int64(i+1))
		d.State, d.Revision, d.Language, d.Reason = to, 2, "ru", "reason"
		ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{d}}))
		f := must[notifier.Notice](t)(s.Notice(ctx, 1)).Figures
		if f.Due != f.Open+f.Accepted+f.Failed+f.Excluded+f.Covered || f.Due != 6 {
			t.Fatalf("after %s: %+v does not balance", to, f)
		}
	}
	x := must[notifier.Notice](t)(s.Notice(ctx, 1))
	equal(t, "figures", x.Figures, notifier.Figures{Due: 6, Open: 2, Accepted: 1, Failed: 1, Excluded: 1, Covered: 1})
	equal(t, "languages", x.Languages, map[string]int64{"ru": 1})
	equal(t, "reasons", x.Reasons, map[string]int64{"reason": 2})
	back := row(1, 1)
	back.State, back.Reason, back.Revision = notifier.Failed, "bounced", 3
	ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{back}}))
	x = must[notifier.Notice](t)(s.Notice(ctx, 1))
	equal(t, "after a bounce", []any{x.Figures.Accepted, x.Figures.Failed, len(x.Languages), x.Reasons["bounced"]}, []any{int64(0), int64(2), 0, int64(1)})
}

func deliveryPages(t *testing.T, s notifier.Store) {
	sending(t, s, 1, 5)
	sending(t, s, 2, 5)
	d := row(1, 4)
	d.State, d.Revision = notifier.Accepted, 2
	ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{d}}))
	numbers := func(ds []notifier.Delivery, err error) (out []int64) {
		ok(t, err)
		for _, d := range ds {
			out = append(out, d.Recipient)
		}
		return out
	}
	equal(t, "page", numbers(s.Deliveries(ctx, 1, 1, 2)), []int64{2, 3})
	equal(t, "waiting", numbers(s.Deliveries(ctx, 1, 2, 10, notifier.Waiting, notifier.Deferred)), []int64{3, 5})
	equal(t, "the end", numbers(s.Deliveries(ctx, 1, 5, 10)), []int64(nil))
}

func deliveriesTo(t *testing.T, s notifier.Store) {
	for seq := documents.Seq(1); seq <= 4; seq++ {
		if seq != 3 {
			sending(t, s, seq, 2)
		} else {
			ok(t, s.PutNotice(ctx, notice(seq), nil))
		}
	}
	seqs := func(ds []notifier.Delivery, err error) (out []documents.Seq) {
		ok(t, err)
		for _, d := range ds {
			out = append(out, d.Notice)
		}
		return out
	}
	equal(t, "all", seqs(s.DeliveriesTo(ctx, 2, 0, 10)), []documents.Seq{4, 2, 1})
	equal(t, "before", seqs(s.DeliveriesTo(ctx, 2, 4, 1)), []documents.Seq{2})
	equal(t, "nobody", seqs(s.DeliveriesTo(ctx, 9, 0, 10)), []documents.Seq(nil))
}
