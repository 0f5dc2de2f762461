package pgstore_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/notifier"
)

var at = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// TestAwayAndBack kills the database between an intent and its outcome. What was
// acknowledged is there afterwards, and the lease ends by itself.
func TestAwayAndBack(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{Durable: true})
	a, b := fresh(t, c.Schema())
	ctx := context.Background()
	d := notifier.Delivery{Notice: 1, Recipient: 1, State: notifier.Waiting, Next: at, Revision: 1}
	ok(t, a.PutNotice(ctx, notifier.Notice{Seq: 1, State: notifier.Sending, Revision: 1}, []notifier.Delivery{d}))
	l, ds, err := a.Lease(ctx, 1, "a", at, at.Add(time.Minute), 10)
	ok(t, err)
	intent := ds[0]
	intent.State, intent.Next, intent.Revision = notifier.InDoubt, time.Time{}, 2
	ok(t, a.Settle(ctx, notifier.Settlement{Lease: &l, Now: at, Until: at.Add(time.Minute), Intent: true, Deliveries: []notifier.Delivery{intent}}))
	c.Kill()
	outcome := intent
	outcome.State, outcome.Revision = notifier.Accepted, 3
	for name, try := range map[string]func() error{
		"Settle": func() error {
			return a.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{outcome}})
		},
		"Notices":   func() error { _, err := a.Notices(ctx, 0, 10); return err },
		"Recipient": func() error { _, err := a.Recipient(ctx, 1); return err },
		"Lease":     func() error { _, _, err := b.Lease(ctx, 1, "b", at, at.Add(time.Minute), 10); return err },
		"Renew":     func() error { return b.Renew(ctx, l, at, at.Add(time.Minute)) },
		"PutRecipients": func() error {
			_, err := b.PutRecipients(ctx, []notifier.Recipient{{ExternalID: "x", Revision: 1}})
			return err
		},
		"Act": func() error {
			_, err := b.Act(ctx, notifier.Act{Request: &notifier.Request{Code: "c", Revision: 1}})
			return err
		},
		"Request":      func() error { _, err := a.Request(ctx, 1); return err },
		"RequestCoded": func() error { _, err := a.RequestCoded(ctx, "c"); return err },
		"Requests":     func() error { _, err := a.Requests(ctx, notifier.RequestQuery{Limit: 1}); return err },
		"Erasures":     func() error { _, err := a.Erasures(ctx, 0, 1); return err },
		"Reserve":      func() error { _, err := a.Reserve(ctx, "relay", at, time.Second); return err },
		"Mark":         func() error { _, err := a.Mark(ctx, "held"); return err },
		"Owed":         func() error { _, err := a.Owed(ctx); return err },
		"Dump":         func() error { return b.Dump(ctx, io.Discard) },
	} {
		for range 2 { // on a connection that broke, and on none
			if err := try(); !errors.Is(err, documents.ErrAway) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	c.Run()
	eventually(t, func() error {
		return a.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{outcome}})
	})
	n, err := b.Notice(ctx, 1)
	if err != nil || n.Figures != (notifier.Figures{Due: 1, Accepted: 1}) {
		t.Fatal(n.Figures, err)
	}
}

// eventually waits until f is back: connections that broke are given up one by
// one.
func eventually(t *testing.T, f func() error) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		err := f()
		if err == nil {
			return
		}
		if !errors.Is(err, documents.ErrAway) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
