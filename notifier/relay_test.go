package notifier_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// got is one message that the relay took.
type got struct {
	from, to string
	raw      string
}

// relay is a real SMTP server that records what it takes. Each hook, if set,
// is asked before its step; drop closes the socket instead of answering.
type relay struct {
	mu    sync.Mutex
	mails []got
	rcpt  func(to string) error
	data  func(to string) error // before the dot is answered; errTaken: it is taken nevertheless
	url   string
	conns int
}

// errDrop closes the connection instead of answering; errTaken does so after
// the message was taken.
var (
	errDrop  = errors.New("drop")
	errTaken = errors.New("drop after taking")
)

func newRelay(t testing.TB) *relay {
	t.Helper()
	r := &relay{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.conns++
		return &session{relay: r, conn: c}, nil
	}))
	s.Domain, s.ErrorLog = "relay.test", silent{}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	r.url = "smtp://" + l.Addr().String()
	return r
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func (r *relay) taken() []got {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]got(nil), r.mails...)
}

// to counts what was taken for an address.
func (r *relay) to(address string) []got {
	var out []got
	for _, m := range r.taken() {
		if m.to == address {
			out = append(out, m)
		}
	}
	return out
}

func (r *relay) on(rcpt, data func(to string) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rcpt, r.data = rcpt, data
}

func (r *relay) hook(f func(string) error, to string) error {
	if f == nil {
		return nil
	}
	return f(to)
}

type session struct {
	relay    *relay
	conn     *smtp.Conn
	from, to string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	s.relay.mu.Lock()
	f := s.relay.rcpt
	s.relay.mu.Unlock()
	return s.answer(s.relay.hook(f, to))
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.relay.mu.Lock()
	f := s.relay.data
	s.relay.mu.Unlock()
	err = s.relay.hook(f, s.to)
	if err == nil || errors.Is(err, errTaken) {
		s.relay.mu.Lock()
		s.relay.mails = append(s.relay.mails, got{s.from, s.to, string(raw)})
		s.relay.mu.Unlock()
	}
	return s.answer(err)
}

func (s *session) answer(err error) error {
	if errors.Is(err, errDrop) || errors.Is(err, errTaken) {
		s.conn.Conn().Close()
	}
	return err
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func header(raw, name string) string {
	for line := range strings.SplitSeq(raw, "\r\n") {
		if line == "" {
			break
		}
		if v, ok := strings.CutPrefix(line, name+": "); ok {
			return v
		}
	}
	return ""
}
