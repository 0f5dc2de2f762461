package mail

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// sink starts Postfix's smtp-sink, an implementation that is not ours, and returns
// its URL and the folder of its dumps.
func sink(t testing.TB, args ...string) (url, dir string) {
	t.Helper()
	program := "/usr/sbin/smtp-sink"
	if _, err := os.Stat(program); err != nil {
		t.Fatal("install smtp-sink from the package postfix: `make packages` does")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir = t.TempDir()
	if os.Geteuid() == 0 {
		args = append([]string{"-u", "root"}, args...)
	}
	cmd := exec.Command(program, append(args, addr, "128")...)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if c, err := Dial(ctx, Relay{URL: "smtp://" + addr}); err == nil {
			c.Close()
			return "smtp://" + addr, dir
		}
	}
	t.Fatal("smtp-sink does not answer")
	return "", ""
}

func TestSink(t *testing.T) {
	url, dir := sink(t, "-d", "%M.")
	message := compose(t, example())
	c := dial(t, url)
	for i := range 3 {
		if err := handOver(t, c, to(i), message); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 3 {
		t.Fatalf("%d dumps, %v", len(files), err)
	}
	for _, f := range files {
		dump, err := os.ReadFile(dir + "/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if want := bytes.ReplaceAll(message, []byte("\r\n"), []byte("\n")); !bytes.Contains(dump, want) {
			t.Errorf("the sink has other bytes:\n%s", dump)
		}
	}
}

func TestSinkFaults(t *testing.T) {
	for _, tt := range []struct {
		args     []string
		outcome  Outcome
		schedule Schedule
	}{
		{[]string{"-Q", "."}, Later, RetryRelay},
		{[]string{"-q", "."}, Unknown, RetryDoubt},
		{[]string{"-q", "RCPT"}, Later, RetryRelay},
		{[]string{"-r", "RCPT"}, Later, RetrySoon},
		{[]string{"-r", "."}, Later, RetrySoon},
		{[]string{"-f", "RCPT"}, Later, RetryMended},
		{[]string{"-e"}, Accepted, ""},
		{[]string{"-8", "-E", "-N", "-p"}, Accepted, ""},
	} {
		url, _ := sink(t, tt.args...)
		res := attempt(t, Relay{URL: url, Patience: 10 * time.Second}, nil)
		if v := res.verdict; v.Outcome != tt.outcome || v.Retry != tt.schedule {
			t.Errorf("%v: %+v, %v", tt.args, v, res.err)
		}
	}
}

func BenchmarkSink(b *testing.B) {
	url, _ := sink(b)
	m := example()
	m.Text = strings.Repeat("Мы уведомим вас о существенных изменениях настоящей Политики.\n", 60)
	message, err := Compose(m)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(message)))
	var c *Conn
	for b.Loop() {
		if c == nil || !c.Usable() {
			if c != nil {
				c.Close()
			}
			c = dial(b, url)
		}
		if err := handOver(b, c, to(0), message); err != nil {
			b.Fatal(err)
		}
	}
}
