package notifier_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vestnik/documents/postgres/postgrestest"
	"vestnik/notifier"
)

// crowd stores count recipients.
func (h *house) crowd(count int) {
	h.t.Helper()
	for done := 0; done < count; {
		var rs []notifier.Recipient
		for range min(count-done, 10_000) {
			done++
			rs = append(rs, notifier.Recipient{ExternalID: fmt.Sprintf("u-%d", done), Address: fmt.Sprintf("u%d@example.com", done),
				Language: "ru", State: notifier.Active, RegisteredAt: time.Now().Add(-time.Hour), Revision: 1})
		}
		if _, err := h.store.PutRecipients(ctx, rs); err != nil {
			h.t.Fatal(err)
		}
	}
}

// BenchmarkCount counts 100,000 recipients, while the hold runs.
func BenchmarkCount(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		h := newHouse(b, nil)
		h.crowd(100_000)
		h.change(func(s *notifier.Settings) { s.Hold = time.Hour })
		b.StartTimer()
		e := h.publish("Вторая.", nil)
		stop := h.run()
		h.until("counted", func() bool { return h.notice(e.Seq).CountedAll })
		b.StopTimer()
		stop()
		if x := h.notice(e.Seq); x.Figures.Open != 100_000 {
			b.Fatalf("%+v", x.Figures)
		}
		b.StartTimer()
	}
}

// sink is Postfix's smtp-sink, which takes everything; it returns its address.
func sink(b *testing.B) string {
	b.Helper()
	program, err := exec.LookPath("/usr/sbin/smtp-sink")
	if err != nil {
		b.Fatal("install smtp-sink from the package postfix: `make packages` does")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	args := []string{addr, "128"}
	if os.Getuid() == 0 {
		args = append([]string{"-u", "nobody"}, args...) // it refuses to run as root
	}
	c := exec.Command(program, args...)
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Process.Kill(); c.Wait() })
	for range 200 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return addr
}

// tell publishes to count people, runs the notifiers until all were told, and
// reports and returns messages a second.
func tell(b *testing.B, h *house, addr string, count int, nodes ...*notifier.Notifier) (rate float64) {
	b.Helper()
	h.crowd(count)
	h.change(func(s *notifier.Settings) { s.Relay = "smtp://" + addr })
	e := h.publish("Вторая. "+strings.Repeat("Слово за слово. ", 20), nil)
	b.StartTimer()
	begun := time.Now()
	c, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() { n.Run(c) })
	}
	h.until("told", func() bool { return h.notice(e.Seq).Figures.Accepted == int64(count) })
	rate = float64(count) / time.Since(begun).Seconds()
	b.ReportMetric(rate, "msg/s")
	b.StopTimer()
	cancel()
	all.Wait()
	b.StartTimer()
	return rate
}

// BenchmarkSend hands messages to smtp-sink, beside smtp-source with 16
// connections, and reports both in messages a second, and their ratio, which is
// what may be compared between machines. The file is synced.
func BenchmarkSend(b *testing.B) {
	const count = 3000
	addr := sink(b)
	for b.Loop() {
		b.StopTimer()
		start := time.Now()
		if out, err := exec.Command("/usr/sbin/smtp-source", "-d", "-s", "16", "-l", "12000", "-m", fmt.Sprint(count), "-f", "a@example.com", "-t", "b@example.com", addr).CombinedOutput(); err != nil {
			b.Fatalf("smtp-source: %v: %s", err, out)
		}
		source := count / time.Since(start).Seconds()
		b.ReportMetric(source, "source-msg/s")
		h := newHouse(b, nil)
		h.db.NoSync = false
		h.config.Senders = 16
		h.restart()
		b.ReportMetric(tell(b, h, addr, count, h.n)/source, "of-source")
	}
}

// BenchmarkSendNodes does the same from 1, 2 and 4 nodes over PostgreSQL, which
// syncs, and reports how they compare with one node. All of them, the database and
// the relay share this machine.
func BenchmarkSendNodes(b *testing.B) {
	addr := sink(b)
	c := postgrestest.Start(b, postgrestest.Options{Durable: true})
	one := 0.0
	for _, nodes := range []int{1, 2, 4} {
		b.Run(fmt.Sprint(nodes), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				url := c.Schema()
				h, all := overPostgres(b, url, 16, slices.Repeat([]string{url}, nodes)...)
				rate := tell(b, h, addr, 3000, all...)
				if nodes == 1 {
					one = rate
				}
				if one > 0 { // else the first was left out by -bench
					b.ReportMetric(rate/one, "of-one-node")
				}
			}
		})
	}
}
