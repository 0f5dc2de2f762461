package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"

	"vestnik/server/mailbox"
)

// postbox is a relay that keeps what it takes.
type postbox struct {
	addr string
	mu   sync.Mutex
	got  map[string][][]byte // messages by recipient
	any  chan struct{}       // closed and replaced at each message
}

func newPostbox(addr string) (*postbox, func() error, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	b := &postbox{addr: l.Addr().String(), got: map[string][][]byte{}, any: make(chan struct{})}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &posting{postbox: b}, nil }))
	go srv.Serve(l)
	return b, srv.Close, nil
}

type posting struct {
	*postbox
	to []string
}

func (p *posting) Mail(string, *smtp.MailOptions) error      { return nil }
func (p *posting) Rcpt(to string, _ *smtp.RcptOptions) error { p.to = append(p.to, to); return nil }
func (p *posting) Reset()                                    { p.to = nil }
func (p *posting) Logout() error                             { return nil }
func (p *posting) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, to := range p.to {
		p.got[to] = append(p.got[to], b)
	}
	close(p.any)
	p.any = make(chan struct{})
	return nil
}

// await returns once there are n messages, each to one person.
func (b *postbox) await(n int) error {
	late := time.After(time.Minute)
	for {
		b.mu.Lock()
		have, next := 0, b.any
		for _, of := range b.got {
			have += len(of)
		}
		b.mu.Unlock()
		if have == n {
			return nil
		}
		select {
		case <-next:
		case <-late:
			return fmt.Errorf("%d messages came, not %d", have, n)
		}
	}
}

// only is the one message that somebody got, as a mail program shows it.
func (b *postbox) only(t *testing.T, to string) mailbox.View {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.got[to]) != 1 {
		t.Fatalf("%s got %d messages, want 1", to, len(b.got[to]))
	}
	v, err := mailbox.Parse(b.got[to][0])
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// relaySlot is where a script keeps its relay.
type relaySlot struct{ box *postbox }

// relay: starts a relay; its address is $RELAY from then on.
func scriptRelay(ts *testscript.TestScript, _ bool, _ []string) {
	box, stop, err := newPostbox("127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { stop() })
	ts.Value("relay").(*relaySlot).box = box
	ts.Setenv("RELAY", "smtp://"+box.addr)
}

// mails N: until the relay has N messages, which must then be all. What each
// person got is in mail/ADDRESS, the subject first and then the text.
func scriptMails(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	box := ts.Value("relay").(*relaySlot).box
	ts.Check(box.await(n))
	box.mu.Lock()
	defer box.mu.Unlock()
	ts.Check(os.MkdirAll(ts.MkAbs("mail"), 0o700))
	for to, messages := range box.got {
		var text strings.Builder
		for _, raw := range messages {
			v, err := mailbox.Parse(raw)
			ts.Check(err)
			fmt.Fprintf(&text, "%s\n\n%s\n", v.Subject, v.Text)
		}
		ts.Check(os.WriteFile(filepath.Join(ts.MkAbs("mail"), to), []byte(text.String()), 0o600))
	}
}

// unchanged FOLDER FILE: the first time it records in FILE all that the stores of
// an installation hold, afterwards it demands the same.
func scriptUnchanged(ts *testscript.TestScript, _ bool, args []string) {
	var o options
	if name := ts.Getenv(testStore); name != "" {
		o.store = database{ts.Getenv(strings.TrimPrefix(name, "env:")), name}
	}
	s, err := openFor(context.Background(), folder(ts.MkAbs(args[0])), false, o)
	ts.Check(err)
	defer s.close()
	var now bytes.Buffer
	for _, r := range s.rooms() {
		ts.Check(r.dump(context.Background(), &now))
	}
	file := ts.MkAbs(args[1])
	before, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		ts.Check(os.WriteFile(file, now.Bytes(), 0o600))
		return
	}
	ts.Check(err)
	if !bytes.Equal(before, now.Bytes()) {
		ts.Fatalf("something in %s was changed: %d bytes, before %d", args[0], now.Len(), len(before))
	}
}

// until REGEXP COMMAND...: runs it again and again, until it prints that. It may
// fail before, as about a notice that no node has followed yet.
func scriptUntil(ts *testscript.TestScript, _ bool, args []string) {
	want, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(time.Minute); ; {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			ts.Fatalf("%s does not print %s: %v", strings.Join(args[1:], " "), args[0], err)
		}
	}
}

// people FILE N: writes N recipients as NDJSON, who registered just now.
func scriptPeople(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"external_id":"p%d","address":"p%d@example.kz","language":"ru","registered_at":%q}`+"\n", i, i, time.Now().UTC().Format(time.RFC3339Nano))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}

// send [-status N] [-H NAME:VALUE] METHOD URL [BODY]: the answer is in the file
// body, a cookie that it sets in $COOKIE.
func scriptSend(ts *testscript.TestScript, _ bool, args []string) {
	status, header := "200", http.Header{}
	for len(args) > 1 && strings.HasPrefix(args[0], "-") {
		if args[0] == "-status" {
			status = args[1]
		} else {
			name, value, _ := strings.Cut(args[1], ":")
			header.Set(name, strings.TrimSpace(value))
		}
		args = args[2:]
	}
	req, err := http.NewRequest(args[0], args[1], strings.NewReader(strings.Join(args[2:], " ")))
	ts.Check(err)
	req.Header = header
	resp, err := http.DefaultTransport.RoundTrip(req)
	ts.Check(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("body"), b, 0o600))
	for _, c := range resp.Cookies() {
		ts.Setenv("COOKIE", c.Name+"="+c.Value)
	}
	if strconv.Itoa(resp.StatusCode) != status {
		ts.Fatalf("%s %s answered %s, not %s:\n%s", args[0], args[1], resp.Status, status, b)
	}
}

// field NAME KEY: a member of the JSON object in the file body as a variable.
func scriptField(ts *testscript.TestScript, _ bool, args []string) {
	var o map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("body")), &o))
	ts.Setenv(args[0], fmt.Sprint(o[args[1]]))
}

// setenv NAME FILE: the trimmed content of a file as a variable.
func scriptSetenv(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}
