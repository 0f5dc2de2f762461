package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Messages a second that one, two and four nodes on a PostgreSQL that syncs hand
// over, beside one node on bbolt, in the same run and on the same machine: to a
// relay that only swallows, where nodes share what the machine has, and to one that
// takes its time, where each node adds its four connections.
func BenchmarkNodes(b *testing.B) {
	const people = 4096
	for _, r := range []struct {
		name string
		url  string
	}{{"swallowing", swallow(b)}, {"taking-40ms", slowRelay(b, 40*time.Millisecond)}} {
		var bolt float64
		for _, size := range []int{0, 1, 2, 4} {
			name := fmt.Sprintf("%s/postgresql-nodes=%d", r.name, size)
			if size == 0 {
				name = r.name + "/bbolt"
			}
			b.Run(name, func(b *testing.B) {
				f := newFleet(b, size, r.url, people)
				for _, n := range f.nodes {
					n.start()
				}
				rate := f.rate(people) // of one notice, which is long enough for any -benchtime
				if size == 0 {
					bolt = rate
				}
				b.ReportMetric(rate, "messages/s")
				if bolt > 0 {
					b.ReportMetric(rate/bolt, "of-bbolt")
				}
			})
		}
	}
}

// rate tells everybody of another version and returns how many were told in a
// second, from the first one until nobody is left.
func (f *fleet) rate(people int64) float64 {
	f.t.Helper()
	seq := f.tell(int(people))
	n := f.nodes[0]
	var x noticeJSON
	look := func() bool {
		err := n.client().call(f.t.Context(), "GET", fmt.Sprintf("/notices/%d", seq), nil, &x)
		return err == nil && x.Figures.Accepted > 0
	}
	if !until(time.Minute, look) {
		f.t.Fatalf("nobody is told:\n%s", n.log.String())
	}
	first, began := x.Figures.Accepted, time.Now()
	if !until(5*time.Minute, func() bool { return look() && x.Figures.Accepted == people }) {
		f.t.Fatalf("%+v after five minutes:\n%s", x.Figures, n.log.String())
	}
	return float64(people-first) / time.Since(began).Seconds()
}

// swallow starts Postfix's smtp-sink, which takes everything, and returns its URL.
func swallow(t testing.TB) string {
	t.Helper()
	addr := freeAddr(t)
	args := []string{addr, "1000"}
	if os.Geteuid() == 0 {
		args = append([]string{"-u", "root"}, args...)
	}
	cmd := exec.Command("/usr/sbin/smtp-sink", args...)
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; install smtp-sink from the package postfix: `make packages` does", err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if !until(10*time.Second, func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	}) {
		t.Fatal("smtp-sink does not answer")
	}
	return "smtp://" + addr
}

// slowRelay takes its time before it answers a final dot.
func slowRelay(t testing.TB, wait time.Duration) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return slow{wait}, nil }))
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return "smtp://" + l.Addr().String()
}

type slow struct{ wait time.Duration }

func (slow) Mail(string, *smtp.MailOptions) error { return nil }
func (slow) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (slow) Reset()                               {}
func (slow) Logout() error                        { return nil }
func (s slow) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	<-time.After(s.wait)
	return err
}
