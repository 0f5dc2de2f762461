package pgstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/notifier"
	"vestnik/notifier/boltstore/boltstoretest"
)

// BenchmarkSettle is what senders do: the outcome of one message and the intent of
// the next in one commit, on a disk that is waited for. What may be compared
// between machines is how PostgreSQL does beside bbolt.
func BenchmarkSettle(b *testing.B) {
	c := postgrestest.Start(b, postgrestest.Options{Durable: true})
	for _, senders := range []int{1, 4, 16} {
		bolt := 0.0
		b.Run(fmt.Sprint("bolt-", senders), func(b *testing.B) { bolt = send(b, boltstoretest.Open(b, true), senders) })
		b.Run(fmt.Sprint("postgres-", senders), func(b *testing.B) {
			s, _ := fresh(b, c.Schema())
			rate := send(b, s, senders)
			if bolt > 0 { // else -bench left it out
				b.ReportMetric(rate/bolt, "of-bolt")
			}
		})
	}
}

func send(b *testing.B, s notifier.Store, senders int) (rate float64) {
	ctx := context.Background()
	count := max(b.N, 100*senders)
	rows(b, s, 1, count)
	b.ResetTimer()
	var all sync.WaitGroup
	for w := range senders {
		all.Go(func() {
			for {
				l, ds, err := s.Lease(ctx, 1, fmt.Sprint(w), at, at.Add(time.Hour), 100)
				if errors.Is(err, documents.ErrNotFound) {
					return
				}
				if err == nil {
					err = errors.Join(sendChunk(ctx, s, l, ds), s.Free(ctx, l))
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	rate = float64(count) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "settles/s")
	n, err := s.Notice(ctx, 1)
	if err != nil || n.Figures.Open > 0 && senders == 1 {
		b.Fatal(n.Figures, err)
	}
	return rate
}

func sendChunk(ctx context.Context, s notifier.Store, l notifier.Lease, ds []notifier.Delivery) error {
	var owing []notifier.Delivery
	for _, d := range ds {
		d.State, d.Next, d.Revision, d.Attempts, d.Doubts, d.Language, d.Since = notifier.InDoubt, time.Time{}, 2, 1, 1, "ru", 1
		d.MessageID, d.Date = strings.Repeat("m", 40)+"@example.com", at
		d.Evidence = notifier.Evidence{Relay: "relay.example.com:587", TLS: "TLS 1.3 TLS_AES_128_GCM_SHA256", AddressMAC: strings.Repeat("a", 64), Checkpoint: strings.Repeat("c", 44)}
		err := s.Settle(ctx, notifier.Settlement{Lease: &l, Now: at, Until: at.Add(time.Hour), Intent: true, Deliveries: append(owing, d),
			Tokens: []notifier.Token{{Hash: fmt.Sprintf("%064d", d.Recipient), Notice: 1, Recipient: d.Recipient, Until: at}},
			Forms:  [][]byte{[]byte(strings.Repeat("form ", 3000))}})
		if err != nil {
			return err
		}
		d.State, d.Revision, d.Doubts, d.Evidence.At, d.Evidence.Answer = notifier.Accepted, 3, 0, at, "250 2.0.0 Ok: queued as 4bXyz12345"
		d.History = []notifier.Moved{{At: at, From: notifier.Waiting, To: notifier.Accepted}}
		owing = []notifier.Delivery{d}
	}
	return s.Settle(ctx, notifier.Settlement{Lease: &l, Now: at, Until: at.Add(time.Hour), Deliveries: owing})
}

// rows counts a notice to count people, as the count does.
func rows(b *testing.B, s notifier.Store, seq documents.Seq, count int) {
	b.Helper()
	ctx := context.Background()
	n := notifier.Notice{Seq: seq, State: notifier.Sending, Revision: 1}
	ok(b, s.PutNotice(ctx, n, nil))
	for done := 0; done < count; {
		var ds []notifier.Delivery
		for range min(10_000, count-done) {
			done++
			ds = append(ds, notifier.Delivery{Notice: seq, Recipient: int64(done), State: notifier.Waiting, Next: at, Revision: 1})
		}
		n.Revision++
		ok(b, s.PutNotice(ctx, n, ds))
	}
}

// BenchmarkCount makes the rows of a million people, by 10,000, on a disk that is
// waited for, and then asks what senders and the desk ask.
func BenchmarkCount(b *testing.B) {
	const million = 1_000_000
	c := postgrestest.Start(b, postgrestest.Options{Durable: true})
	for b.Loop() {
		s, _ := fresh(b, c.Schema())
		start := time.Now()
		rows(b, s, 1, million)
		b.ReportMetric(time.Since(start).Seconds(), "s/million")
		b.ReportMetric(float64(time.Since(start).Milliseconds())/100, "ms/10000rows")
		for name, ask := range map[string]func() error{
			"Lease":      func() error { _, _, err := s.Lease(b.Context(), 1, "a", at, at.Add(time.Hour), 100); return err },
			"Notices":    func() error { _, err := s.Notices(b.Context(), 0, 10); return err },
			"Owed":       func() error { _, err := s.Owed(b.Context()); return err },
			"Deliveries": func() error { _, err := s.Deliveries(b.Context(), 1, million/2, 100); return err },
			"Deliveries-in": func() error {
				_, err := s.Deliveries(b.Context(), 1, 0, 100, notifier.Failed, notifier.InDoubt)
				return err
			},
		} {
			start := time.Now()
			for range 20 {
				ok(b, ask())
			}
			b.ReportMetric(float64(time.Since(start).Microseconds())/20, name+"-µs")
		}
	}
}

// BenchmarkRecipients stores 10,000 people and changes them.
func BenchmarkRecipients(b *testing.B) {
	c := postgrestest.Start(b, postgrestest.Options{Durable: true})
	s, _ := fresh(b, c.Schema())
	next := 0
	for b.Loop() {
		var rs []notifier.Recipient
		var ids []string
		for range 10_000 {
			next++
			ids = append(ids, fmt.Sprint("user-", next))
			rs = append(rs, notifier.Recipient{ExternalID: ids[len(ids)-1], Address: fmt.Sprintf("u%d@example.com", next), Language: "ru", State: notifier.Active, RegisteredAt: at, Revision: 1})
		}
		start := time.Now()
		rs, err := s.PutRecipients(b.Context(), rs)
		ok(b, err)
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms-new")
		start = time.Now()
		named, err := s.RecipientsNamed(b.Context(), ids)
		if err != nil || len(named) != len(ids) {
			b.Fatal(len(named), err)
		}
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms-named")
		for i := range rs {
			rs[i].Revision++
		}
		start = time.Now()
		_, err = s.PutRecipients(b.Context(), rs)
		ok(b, err)
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms-changed")
	}
}

// BenchmarkDumpAndLoad moves 100,000 people and what is owed to them.
func BenchmarkDumpAndLoad(b *testing.B) {
	const count = 100_000
	c := postgrestest.Start(b, postgrestest.Options{Durable: true})
	s, _ := fresh(b, c.Schema())
	for done := 0; done < count; {
		var rs []notifier.Recipient
		for range 10_000 {
			done++
			rs = append(rs, notifier.Recipient{ExternalID: fmt.Sprint("user-", done), Address: fmt.Sprintf("u%d@example.com", done), State: notifier.Active, RegisteredAt: at, Revision: 1})
		}
		_, err := s.PutRecipients(b.Context(), rs)
		ok(b, err)
	}
	rows(b, s, 1, count)
	for b.Loop() {
		var dump strings.Builder
		start := time.Now()
		ok(b, s.Dump(b.Context(), &dump))
		b.ReportMetric(2*count/time.Since(start).Seconds(), "dumped/s")
		to, _ := fresh(b, c.Schema())
		start = time.Now()
		ok(b, to.Load(b.Context(), strings.NewReader(dump.String())))
		b.ReportMetric(2*count/time.Since(start).Seconds(), "loaded/s")
	}
}
