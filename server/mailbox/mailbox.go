// Package mailbox is the SMTP server of the built-in mailbox: it takes mail on
// loopback and hands it to whoever keeps it. A message is answered with 250 only
// when it is kept, so that the notifier's ledger means the same here as with a
// relay. Nothing is ever sent on.
package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"
)

// Limits of the mailbox.
const (
	maxMessage    = 10 << 20 // bytes
	maxRecipients = 10
	maxConns      = 64
	idle          = time.Minute // for one command, and for one message
	keepTime      = 30 * time.Second
)

// Mail is a message that has come in. Raw is as it was sent, with CRLF.
type Mail struct {
	At      time.Time
	From    string // envelope
	To      []string
	Subject string
	Raw     []byte
}

// Server takes mail. Its zero value is not usable; see New.
type Server struct {
	keep func(context.Context, Mail) error
	log  *slog.Logger
	smtp *smtp.Server

	mu      sync.Mutex
	closed  bool
	keeping sync.WaitGroup
}

// New makes a Server. keep returns nil once the message is stored durably; it may
// be called from several goroutines at once.
func New(keep func(ctx context.Context, m Mail) error, log *slog.Logger) *Server {
	s := &Server{keep: keep, log: log}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	s.smtp.Domain = "mailbox.localhost"
	s.smtp.MaxMessageBytes = maxMessage
	s.smtp.MaxRecipients = maxRecipients
	s.smtp.ReadTimeout = idle
	s.smtp.WriteTimeout = idle
	s.smtp.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	return s
}

// Serve takes mail on l until Close, and then returns nil. Anything but loopback is
// refused: the server knows no passwords.
func (s *Server) Serve(l net.Listener) error {
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		l.Close()
		return fmt.Errorf("mailbox: %s is not a loopback address", l.Addr())
	}
	err := s.smtp.Serve(netutil.LimitListener(l, maxConns))
	if err != nil && s.isClosed() {
		return nil
	}
	return err
}

// Close hangs up and waits until no message is being kept any more.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.smtp.Close()
	s.keeping.Wait()
	if errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// begin counts a message that is going to be kept, unless Close has begun.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.keeping.Add(1)
	}
	return !s.closed
}

// session is one connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	from   string
	to     []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }

// Data keeps one message. When it cannot be read to its end the connection is
// closed, because what follows would be taken for commands.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if errors.Is(err, smtp.ErrDataTooLarge) {
		return smtp.ErrDataTooLarge
	}
	if err != nil {
		s.conn.Conn().Close()
		return err
	}
	if !s.server.begin() {
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "the mailbox is closing"}
	}
	defer s.server.keeping.Done()
	ctx, cancel := context.WithTimeout(context.Background(), keepTime)
	defer cancel()
	m := Mail{At: time.Now(), From: s.from, To: s.to, Raw: raw}
	if v, err := Parse(raw); err == nil {
		m.Subject = v.Subject
	}
	if err := s.server.keep(ctx, m); err != nil {
		s.server.log.Error("mailbox: a message could not be kept", "error", err)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "the message could not be kept; try again later"}
	}
	return nil
}
