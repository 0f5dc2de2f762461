package notifier_test

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
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

// BenchmarkSend hands messages to Postfix's smtp-sink, beside smtp-source with
// 16 connections, and reports both in messages a second. The file is synced.
func BenchmarkSend(b *testing.B) {
	const count = 3000
	sink, err := exec.LookPath("/usr/sbin/smtp-sink")
	if err != nil {
		b.Fatal("install smtp-sink from the package postfix: `make packages` does")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	c := exec.Command(sink, "-u", "nobody", addr, "128")
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
	for b.Loop() {
		b.StopTimer()
		start := time.Now()
		if out, err := exec.Command("/usr/sbin/smtp-source", "-d", "-s", "16", "-l", "12000", "-m", fmt.Sprint(count), "-f", "a@example.com", "-t", "b@example.com", addr).CombinedOutput(); err != nil {
			b.Fatalf("smtp-source: %v: %s", err, out)
		}
		b.ReportMetric(count/time.Since(start).Seconds(), "source-msg/s")
		h := newHouse(b, nil)
		h.db.NoSync = false
		h.crowd(count)
		h.config.Senders = 16
		h.restart()
		h.change(func(s *notifier.Settings) { s.Relay = "smtp://" + addr })
		e := h.publish("Вторая. "+strings.Repeat("Слово за слово. ", 20), func(d *documents.Draft) {})
		b.StartTimer()
		start = time.Now()
		stop := h.run()
		h.until("told", func() bool { return h.notice(e.Seq).Figures.Accepted == count })
		b.ReportMetric(count/time.Since(start).Seconds(), "msg/s")
		b.StopTimer()
		stop()
		b.StartTimer()
	}
}
