package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"vestnik/documents"
	"vestnik/notifier"
)

// recorder is a relay that outlives the program under test and remembers each
// message that it promised to deliver.
type recorder struct {
	addr   string
	mu     sync.Mutex
	copies map[string]int      // by recipient
	ids    map[string][]string // Message-IDs by recipient
	got    chan struct{}       // one for each message, dropped when nobody listens
}

func newRecorder(t *testing.T) *recorder {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{addr: l.Addr().String(), copies: map[string]int{}, ids: map[string][]string{}, got: make(chan struct{}, 1)}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &recording{recorder: r}, nil }))
	srv.ErrorLog = log.New(io.Discard, "", 0) // killed clients are the point
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return r
}

type recording struct {
	*recorder
	to string
}

func (s *recording) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *recording) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }
func (s *recording) Reset()                                    {}
func (s *recording) Logout() error                             { return nil }
func (s *recording) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err // a connection that broke before the final dot
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.copies[s.to]++
	s.ids[s.to] = append(s.ids[s.to], m.Header.Get("Message-Id"))
	select {
	case s.got <- struct{}{}:
	default:
	}
	return nil
}

// program is a `vestnik serve` that may be killed.
type program struct {
	t    *testing.T
	dir  string
	addr string
	args []string
	cmd  *exec.Cmd
	log  bytes.Buffer
}

// start runs it until it answers. It may take over what a killed one left.
func (p *program) start() {
	p.t.Helper()
	p.log.Reset()
	p.cmd = exec.Command(plainProgram(p.t), append([]string{"serve", "-data", p.dir, "-addr", p.addr}, p.args...)...)
	p.cmd.Stderr = &p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if resp, err := http.Get("http://" + p.addr + "/healthz"); err == nil {
			resp.Body.Close()
			return
		}
		<-time.After(5 * time.Millisecond)
	}
	p.t.Fatalf("serve does not answer:\n%s", p.log.String())
}

func (p *program) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// client speaks through the socket, as commands do.
func (p *program) client() *client { return socketClient(folder(p.dir)) }

func (p *program) command(args ...string) string {
	p.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(plainProgram(p.t), append(args, "-data", p.dir)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("vestnik %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

func newProgram(t *testing.T, args ...string) *program {
	p := &program{t: t, dir: filepath.Join(t.TempDir(), "data"), addr: freeAddr(t), args: args}
	p.command("settings", "organisation=Example", "postal=Almaty", "reply-to=a@example.kz", "hold=0")
	first := filepath.Join(t.TempDir(), "0001.ru.md")
	if err := os.WriteFile(first, []byte("# Политика\n\n1. Данные\n\n1.1. Десять дней.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.command("import", "-document", "privacy", first)
	t.Cleanup(func() {
		if p.cmd != nil && p.cmd.ProcessState == nil {
			p.kill()
		}
	})
	return p
}

// A program that is killed while it publishes has published or has not; asking
// again with the same key makes it exactly once.
func TestKilledWhilePublishing(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	seed := rand.New(rand.NewPCG(1, 2))
	for round := range 50 {
		p.start()
		body := publication{Class: "editorial", Texts: map[string]string{"ru": fmt.Sprintf("# Политика\n\n1. Данные\n\n1.1. %d дней.\n", round)}}
		key := fmt.Sprintf("round-%d", round)
		done := make(chan error, 1)
		go func() {
			done <- p.client().callKeyed(t.Context(), "POST", "/documents/privacy/versions", key, body, nil)
		}()
		<-time.After(time.Duration(seed.IntN(12_000)) * time.Microsecond)
		p.kill()
		acknowledged := <-done == nil
		p.start()
		var made published
		if err := p.client().callKeyed(t.Context(), "POST", "/documents/privacy/versions", key, body, &made); err != nil {
			t.Fatalf("round %d: asked again: %v", round, err)
		}
		if made.Version != round+2 {
			t.Fatalf("round %d (acknowledged: %t): version %d, want %d", round, acknowledged, made.Version, round+2)
		}
		p.kill()
	}
	if out := p.command("check"); !strings.Contains(out, "No fault") {
		t.Error(out)
	}
}

// 2,000 people are told while the program is killed 50 times: nobody is missed,
// and a second copy goes only to those whose attempt was in doubt.
func TestKilledWhileTelling(t *testing.T) {
	const people, kills = 2000, 50
	relay := newRecorder(t)
	p := newProgram(t, "-smtp", "smtp://"+relay.addr, "-from", "a@example.kz")
	p.start()
	p.command("open")
	p.command("recipients", "import", writePeople(t, people))
	body := publication{Class: "notice", Texts: map[string]string{"ru": "# Политика\n\n1. Данные\n\n1.1. Двадцать дней.\n"},
		Notes: map[string]note{"ru": {What: "Срок.", Whom: "Всех.", Means: "Дольше."}}}
	n := int64(people)
	body.Recipients = &n
	var made published
	if err := p.client().callKeyed(t.Context(), "POST", "/documents/privacy/versions", "k", body, &made); err != nil {
		t.Fatal(err)
	}
	seed := rand.New(rand.NewPCG(3, 4))
	for range kills {
		relay.await(seed.IntN(people / kills))
		<-time.After(time.Duration(seed.IntN(3000)) * time.Microsecond)
		p.kill()
		balances(t, p.dir, made.Seq)
		p.start()
	}
	settleDoubts(t, p, made.Seq)
	relay.judge(t, p.dir, made.Seq, people, kills*4)
}

// await returns after n more messages, or when none came for a while.
func (r *recorder) await(n int) {
	for range n {
		select {
		case <-r.got:
		case <-time.After(time.Second):
			return
		}
	}
}

func writePeople(t *testing.T, n int) string {
	var b strings.Builder
	for i := range n {
		line, _ := json.Marshal(map[string]any{"external_id": fmt.Sprintf("u%d", i), "address": fmt.Sprintf("p%d@example.kz", i), "language": "ru", "registered_at": "2024-01-01T00:00:00Z"})
		fmt.Fprintf(&b, "%s\n", line)
	}
	path := filepath.Join(t.TempDir(), "people.ndjson")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// opened runs use on the stores of a program that does not run.
func opened(t *testing.T, dir string, use func(*stores)) {
	t.Helper()
	s, err := openStores(folder(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	use(s)
}

func balances(t *testing.T, dir string, seq int64) {
	t.Helper()
	opened(t, dir, func(s *stores) {
		n, err := s.notifier.Notice(t.Context(), documents.Seq(seq))
		if err != nil {
			return // killed before it was followed
		}
		counted := notifier.Figures{}
		for _, d := range allDeliveries(t, s, seq) {
			counted.Due++
			switch d.State {
			case notifier.Accepted:
				counted.Accepted++
			case notifier.Failed:
				counted.Failed++
			case notifier.Excluded:
				counted.Excluded++
			case notifier.Covered:
				counted.Covered++
			default:
				counted.Open++
			}
		}
		if n.Figures != counted {
			t.Fatalf("the ledger says %+v, its rows %+v", n.Figures, counted)
		}
	})
}

func allDeliveries(t *testing.T, s *stores, seq int64) (all []notifier.Delivery) {
	t.Helper()
	for after := int64(0); ; {
		page, err := s.notifier.Deliveries(t.Context(), documents.Seq(seq), after, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		all, after = append(all, page...), page[len(page)-1].Recipient
	}
}

// settleDoubts lets the wait of those in doubt be over and the program finish and
// stop.
func settleDoubts(t *testing.T, p *program, seq int64) {
	t.Helper()
	for range 5 {
		quiet(t, p, seq)
		p.stop()
		left := 0
		opened(t, p.dir, func(s *stores) { left = hasten(t, s, seq) })
		if left == 0 {
			return
		}
		p.start()
	}
	t.Fatal("some stay in doubt for ever")
}

// hasten ends the wait of those in doubt, and says how many there are.
func hasten(t *testing.T, s *stores, seq int64) (left int) {
	t.Helper()
	for _, d := range allDeliveries(t, s, seq) {
		if d.State != notifier.InDoubt {
			continue
		}
		left++
		d.Next, d.Revision = time.Now().UTC().Truncate(time.Microsecond), d.Revision+1
		if err := s.notifier.Settle(t.Context(), notifier.Settlement{Now: time.Now(), Deliveries: []notifier.Delivery{d}}); err != nil {
			t.Fatal(err)
		}
	}
	return left
}

// quiet waits until nothing is open but what stays in doubt.
func quiet(t *testing.T, p *program, seq int64) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	var last, n noticeJSON
	for unchanged := 0; unchanged < 20; unchanged++ {
		<-time.After(50 * time.Millisecond)
		if err := p.client().call(t.Context(), "GET", fmt.Sprintf("/notices/%d", seq), nil, &n); err != nil {
			t.Fatal(err)
		}
		if n.Figures.Open == 0 {
			return
		}
		if n.Figures != last.Figures {
			last, unchanged = n, 0
		}
		if time.Now().After(deadline) {
			t.Fatalf("the notice does not come to rest: %+v\n%s", n.Figures, p.log.String())
		}
	}
}

func (r *recorder) judge(t *testing.T, dir string, seq int64, people, most int) {
	t.Helper()
	opened(t, dir, func(s *stores) {
		all := allDeliveries(t, s, seq)
		if len(all) != people {
			t.Errorf("%d deliveries, want %d", len(all), people)
		}
		doubted := 0
		for _, d := range all {
			rec, err := s.notifier.Recipient(t.Context(), d.Recipient)
			if err != nil {
				t.Fatal(err)
			}
			if d.Attempts > 1 { // nobody was refused, so only a doubt makes another attempt
				doubted++
			}
			r.oneJudged(t, rec.Address, d)
		}
		if doubted > most {
			t.Errorf("%d of %d were in doubt; one for each connection at each kill makes %d at most", doubted, people, most)
		}
		t.Logf("%d of %d were in doubt once", doubted, people)
	})
}

func (r *recorder) oneJudged(t *testing.T, address string, d notifier.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	copies := r.copies[address]
	switch {
	case d.State != notifier.Accepted:
		t.Errorf("recipient %d is %s", d.Recipient, d.State)
	case copies == 0:
		t.Errorf("recipient %d was never mailed", d.Recipient)
	case copies > d.Attempts:
		t.Errorf("recipient %d got %d copies in %d attempts", d.Recipient, copies, d.Attempts)
	}
	for _, id := range r.ids[address] {
		if id != r.ids[address][0] {
			t.Errorf("recipient %d got different Message-IDs", d.Recipient)
		}
	}
}
