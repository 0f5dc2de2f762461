package mail

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vestnik/notifier/mail/mailtest"
)

const (
	postfixMain = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/log
maillog_file_prefixes = %[1]s
myhostname = relay.example.kz
mydestination =
alias_maps =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_host_lookup = native
relayhost = [127.0.0.1]:%[2]s
`
	postfixMaster = `127.0.0.1:%s inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
`
)

// postfix starts a Postfix of its own that hands everything on to next, and returns
// its URL.
func postfix(t *testing.T, next string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("Postfix starts for root only")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir, err := os.MkdirTemp("", "postfix")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	port := func(addr string) string { _, p, _ := net.SplitHostPort(addr); return p }
	for _, name := range []string{"", "etc", "queue", "data"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		os.Chmod(path, 0o755) // its servers are not root
	}
	if out, err := exec.Command("chown", "postfix", filepath.Join(dir, "data")).CombinedOutput(); err != nil {
		t.Fatalf("install Postfix: `make packages` does: %s", out)
	}
	for name, content := range map[string]string{"main.cf": fmt.Sprintf(postfixMain, dir, port(next)), "master.cf": fmt.Sprintf(postfixMaster, port(addr))} {
		if err := os.WriteFile(filepath.Join(dir, "etc", name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	command := func(what string) error {
		out, err := exec.Command("/usr/sbin/postfix", "-c", filepath.Join(dir, "etc"), what).CombinedOutput()
		if err != nil {
			t.Logf("postfix %s: %s", what, out)
		}
		return err
	}
	if err := command("start"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { command("stop") })
	return "smtp://" + addr
}

// TestPostfix: a real relay hands our bytes on as they are, below its own trace, so
// that a signature over them (RFC 6376) still holds behind it.
func TestPostfix(t *testing.T) {
	const count = 2
	arrived := make(chan struct{}, count)
	next := mailtest.New(t, mailtest.Config{Script: func(m mailtest.Moment) mailtest.Step {
		if m.Phase == mailtest.Quit {
			arrived <- struct{}{}
		}
		return mailtest.Step{}
	}})
	url := postfix(t, next.Addr())
	plain := example()
	plain.Text, plain.HTML = "Only text.\n.\n..\n", ""
	long := example()
	long.Headers = []Header{{"Vestnik-Checkpoint", strings.Repeat("c", maxWord)}}
	long.Text += strings.Repeat("Мы сообщим вам об изменениях. ", 3000) + "\n"
	late := time.After(time.Minute)
	for i, m := range []Message{plain, long}[:count] {
		message := compose(t, m)
		c := dial(t, url)
		if err := handOver(t, c, to(i), message); err != nil {
			t.Fatal(err)
		}
		c.Close()
		select {
		case <-arrived:
		case <-late:
			t.Fatal("Postfix handed nothing on")
		}
		all := next.Messages()
		got := all[len(all)-1].Data
		if trace, ok := bytes.CutSuffix(got, message); !ok || !bytes.HasPrefix(trace, []byte("Received: ")) || bytes.Contains(trace, []byte("\r\n\r\n")) {
			t.Errorf("sent was\n%s\nhanded on was\n%s", message, got)
		}
	}
}
