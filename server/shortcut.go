package server

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Shortcut is a listener for an http.Server. Its connections answer plain requests
// for kept pages themselves, while the http.Server waits for the next request: what
// that does for each costs several times as much as such an answer. Whatever is not
// plainly that, and what comes first on a connection, is for the http.Server, as it
// came.
type Shortcut struct {
	net.Listener
	server *Server
	idle   time.Duration
	over   atomic.Bool
	dated  atomic.Pointer[dated]
	going  sync.RWMutex // each answer holds it for reading
}

// Shortcut listens with l; idle is the IdleTimeout of the http.Server.
func (s *Server) Shortcut(l net.Listener, idle time.Duration) *Shortcut {
	return &Shortcut{Listener: l, server: s, idle: idle}
}

// End leaves all further requests to the http.Server.
func (l *Shortcut) End() { l.over.Store(true) }

// Shutdown is for once, and stops to, to which our connections seem idle: it takes
// no more of them, lets what is being answered go out, and shuts to down, all while
// ctx lasts.
func (l *Shortcut) Shutdown(ctx context.Context, to *http.Server) error {
	l.End()
	l.Close()
	out := make(chan struct{})
	go func() { l.going.Lock(); close(out) }()
	select {
	case <-out:
	case <-ctx.Done():
	}
	return to.Shutdown(ctx)
}

// dated is what answers of one second say of when they were made.
type dated struct {
	second int64 // Unix
	line   []byte
}

func (l *Shortcut) date(now time.Time) []byte {
	d := l.dated.Load()
	if d == nil || d.second != now.Unix() {
		d = &dated{now.Unix(), now.UTC().AppendFormat(nil, "Date: "+http.TimeFormat+"\r\n")}
		l.dated.Store(d)
	}
	return d.line
}

func (l *Shortcut) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return &shortConn{TCPConn: tcp, of: l}, err
	}
	return c, err
}

// ConnState is for the field of the http.Server.
func (l *Shortcut) ConnState(c net.Conn, state http.ConnState) {
	if c, ok := c.(*shortConn); ok && state == http.StateIdle && c.whole {
		c.idle, c.given = true, 0
	}
}

// shortConn is read from by one goroutine of the http.Server at a time.
type shortConn struct {
	*net.TCPConn
	of     *Shortcut
	early  bool // first came before the answer to what was before it was out
	first  [1]byte
	idle   bool      // the http.Server waits for a request, and has nothing left of what it was given
	given  int       // how many pieces it was given since
	whole  bool      // there was one, which was a request's head
	until  time.Time // what the reader waits for at most, if we said so
	answer []byte    // the head of the last one
}

func (c *shortConn) Read(p []byte) (int, error) {
	if len(p) == 1 && c.whole && !c.idle {
		return c.watch()
	}
	for {
		n, err := c.next(p)
		if !c.idle || err != nil {
			return c.give(p[:n], err)
		}
		if known, err := c.answered(p[:n]); err != nil {
			return 0, err
		} else if !known {
			return c.give(p[:n], nil)
		}
	}
}

// watch is the read by which the http.Server learns that a client leaves that it is
// answering. If the next request comes instead, that waits until this read is over.
func (c *shortConn) watch() (int, error) {
	n, err := c.TCPConn.Read(c.first[:])
	if n == 0 {
		return 0, err
	}
	c.early = true
	raw, err := c.SyscallConn()
	if err == nil {
		err = raw.Read(func(uintptr) bool { return false })
	}
	return 0, err
}

func (c *shortConn) next(p []byte) (int, error) {
	if !c.early {
		return c.TCPConn.Read(p)
	}
	c.early = false
	n, err := c.TCPConn.Read(p[copy(p, c.first[:]):])
	return n + 1, err
}

// give notes what the http.Server gets. It takes as the end of a head the first line
// that is empty, with or without a carriage return.
func (c *shortConn) give(p []byte, err error) (int, error) {
	if len(p) > 0 {
		c.given++
		c.whole = c.given == 1 && bytes.Index(p, []byte("\n\r\n")) == len(p)-3 && !bytes.Contains(p, []byte("\n\n"))
		c.idle = false
	}
	return len(p), err
}

// answered tells whether p was a request for a page that is kept, which then has
// its answer.
func (c *shortConn) answered(p []byte) (bool, error) {
	began := time.Now()
	asks, ok := plainly(string(p))
	if !ok || !c.of.going.TryRLock() {
		return false, nil
	}
	defer c.of.going.RUnlock()
	s := c.of.server
	one := s.at(asks, began)
	if one == nil || c.of.over.Load() {
		return false, nil
	}
	if c.until.Sub(began) < c.of.idle-time.Second {
		c.until = began.Add(c.of.idle)
		if err := c.SetReadDeadline(c.until); err != nil {
			return true, err
		}
	}
	id, status := newRequestID(), http.StatusOK
	if matches([]string{asks.match}, one.page.body.tag[0]) {
		status = http.StatusNotModified
	}
	sent, err := c.send(one, status, id, began)
	s.account(one.took[status], served{id, http.MethodGet, one.route, status, sent}, began)
	return true, err
}

// at is the page that is asked for, if it is ready and true.
func (s *Server) at(asks bareGet, now time.Time) *ready {
	if s.rehearsal() {
		return nil
	}
	state, ok := s.present.glance(now)
	if !ok {
		return nil
	}
	path, _ := strings.CutPrefix(asks.path, s.base())
	return s.front.answer(asked{path: path, query: asks.query, coding: coding(asks.encoding)}, asks.language, state, now)
}

// send sends one and tells how much of the body went out.
func (c *shortConn) send(one *ready, status int, id string, now time.Time) (int64, error) {
	head, body := one.whole, one.page.body.bytes
	if status == http.StatusNotModified {
		head, body = one.unchanged, nil
	}
	c.answer = append(append(append(c.answer[:0], head...), c.of.date(now)...), "Request-Id: "...)
	c.answer = append(append(c.answer, id...), "\r\n\r\n"...)
	var n int64
	var err error
	switch {
	case body == nil:
		_, err = c.Write(c.answer)
		return 0, err
	case one.file != nil:
		n, err = sendFile(c.TCPConn, c.answer, one.file, len(body))
	default:
		n, err = (&net.Buffers{c.answer, body}).WriteTo(c.TCPConn)
	}
	return max(0, n-int64(len(c.answer))), err
}
