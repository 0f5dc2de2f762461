package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// A connection is given up after so many messages or so long: relays limit both.
const (
	maxMessages = 100
	maxAge      = 5 * time.Minute
)

// Conn is one connection to the relay, for one goroutine.
type Conn struct {
	*wire
	at     endpoint
	ext    map[string]string // EHLO keywords in upper case
	born   time.Time
	begun  int
	open   *Attempt // inside DATA
	dirty  bool     // a transaction was begun and not ended: RSET first
	peer   string
	cipher string
}

// Dial connects, negotiates TLS and authenticates. A failure is an *Answer or an
// error of the network; nothing was handed over.
func Dial(ctx context.Context, r Relay) (*Conn, error) {
	at, err := r.endpoint()
	if err != nil {
		return nil, err
	}
	socket, err := r.connect(ctx, at)
	if err != nil {
		return nil, err
	}
	c := &Conn{wire: newWire(socket, r), at: at, born: time.Now()}
	c.peer = fmt.Sprintf("%s [%s]", r.Host(), socket.RemoteAddr())
	if err := c.until(ctx)(c.negotiate()); err != nil {
		c.socket.Close()
		return nil, err
	}
	return c, nil
}

func (c *Conn) greet() error {
	_, _, err := c.hear(PhaseConnect, waitCommand, "2")
	return err
}

func (c *Conn) negotiate() error {
	if c.at.security == implicitTLS {
		if err := c.handshake(); err != nil {
			return err
		}
	}
	if err := c.greet(); err != nil {
		return err
	}
	if err := c.hello(); err != nil {
		return err
	}
	if c.at.security == startTLS {
		if err := c.startTLS(); err != nil {
			return err
		}
	}
	if c.at.user == "" {
		return nil
	}
	return c.authenticate()
}

// hello says EHLO, or HELO to a relay that does not know it (RFC 5321 §3.2).
func (c *Conn) hello() error {
	name, err := c.relay.hello()
	if err != nil {
		return err
	}
	_, lines, err := c.ask(PhaseConnect, waitCommand, "2", "EHLO "+name)
	if a := (*Answer)(nil); errors.As(err, &a) && (a.Code == 500 || a.Code == 502) {
		lines = nil
		_, _, err = c.ask(PhaseConnect, waitCommand, "2", "HELO "+name)
	}
	if err != nil {
		return err
	}
	c.ext = map[string]string{}
	for i, l := range lines {
		if i == 0 {
			continue
		}
		keyword, args, _ := strings.Cut(strings.Replace(strings.ToUpper(l), "AUTH=", "AUTH ", 1), " ")
		c.ext[keyword] = strings.TrimSpace(c.ext[keyword] + " " + args)
	}
	return nil
}

func (c *Conn) offers(keyword string) bool {
	_, ok := c.ext[keyword]
	return ok
}

// startTLS refuses to go on in the clear. What came in clear after the relay's
// consent was put there by somebody else.
func (c *Conn) startTLS() error {
	if !c.offers("STARTTLS") {
		return ErrNoTLS
	}
	if _, _, err := c.ask(PhaseTLS, waitCommand, "2", "STARTTLS"); err != nil {
		return err
	}
	if c.in.Buffered() > 0 {
		return fmt.Errorf("%w: something in clear follows the answer to STARTTLS", ErrTLS)
	}
	if err := c.handshake(); err != nil {
		return err
	}
	return c.hello()
}

func (c *Conn) handshake() error {
	t := tls.Client(c.net, c.relay.tlsConfig(c.at.host))
	t.SetDeadline(time.Now().Add(c.relay.wait(waitCommand)))
	if err := t.Handshake(); err != nil {
		if isNetwork(err) {
			return err
		}
		return fmt.Errorf("%w: %w", ErrTLS, err)
	}
	t.SetDeadline(time.Time{})
	s := t.ConnectionState()
	c.cipher = tls.VersionName(s.Version) + " " + tls.CipherSuiteName(s.CipherSuite)
	c.use(t)
	return nil
}

// isNetwork tells a lost connection from a peer that is not to be trusted.
func isNetwork(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// Usable tells whether another Begin may follow.
func (c *Conn) Usable() bool {
	return !c.dead && c.open == nil && c.begun < maxMessages && time.Since(c.born) < maxAge &&
		c.quiet(PhaseConnect) == nil
}

// Evidence names the relay, with the network address that answered, and the TLS
// version and cipher, "" without.
func (c *Conn) Evidence() (relay, tls string) { return c.peer, c.cipher }

// Close says QUIT between messages; inside DATA it closes the socket and says
// nothing. It waits for the farewell only briefly.
func (c *Conn) Close() error {
	if c.dead || c.open != nil {
		c.dead = true
		return c.socket.Close()
	}
	c.relay.Patience = c.relay.wait(waitQuit) // for writing too
	c.ask(PhaseConnect, waitQuit, "2", "QUIT")
	c.dead = true
	return c.net.Close()
}
