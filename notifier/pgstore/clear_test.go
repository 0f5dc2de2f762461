package pgstore_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/notifier"
	"vestnik/notifier/pgstore"
)

// TestClearMeetsSettlements: settlements over connections that know some of their
// statements and not others, whose tables a batch locks first, meet a Clear. Nobody
// waits in a circle: PostgreSQL would end one of them after a second, and count it.
func TestClearMeetsSettlements(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	a, _ := fresh(t, url)
	ctx, at := t.Context(), time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	refused := func(err error) bool {
		return errors.Is(err, documents.ErrConflict) || errors.Is(err, notifier.ErrStopped)
	}
	for round := range 12 {
		seq := documents.Seq(round + 1)
		rows := make([]notifier.Delivery, 8)
		for i := range rows {
			rows[i] = notifier.Delivery{Notice: seq, Recipient: int64(i + 1), State: notifier.Waiting, Next: at, Revision: 1}
		}
		ok(t, a.PutNotice(ctx, notifier.Notice{Seq: seq, Document: "d", State: notifier.Sending, Revision: 1}, rows))
		var all sync.WaitGroup
		begin := make(chan struct{})
		for w := range 4 {
			own := pgstore.New(connect(t, url))
			first := rows[2*w]
			first.Revision = 2
			ok(t, own.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{first}}))
			all.Go(func() {
				next := rows[2*w+1]
				next.State, next.Revision = notifier.Accepted, 2
				name := fmt.Sprint(round, w)
				<-begin
				err := own.Settle(ctx, notifier.Settlement{Now: at, Intent: true, Deliveries: []notifier.Delivery{next},
					Tokens: []notifier.Token{{Hash: name, Notice: seq, Recipient: next.Recipient, Until: at}}, Forms: [][]byte{[]byte(name)}})
				if err != nil && !refused(err) {
					t.Error(err)
				}
			})
		}
		all.Go(func() { <-begin; ok(t, a.Clear(ctx)) })
		close(begin)
		all.Wait()
	}
	var n int64
	ok(t, connect(t, url).Row(ctx, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", nil, &n))
	if n != 0 {
		t.Errorf("%d deadlocks", n)
	}
}
