package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// vanished is how long a machine may acknowledge nothing before its connections
// are given up.
const vanished = 20 * time.Second

// line is a connection on which the other side may be silent for so long, even
// if its machine answers and nobody who waits has a deadline.
type line struct {
	net.Conn
	mu      sync.Mutex
	silence time.Duration // 0: for ever
	foreign bool          // pgx set a deadline, for a context that ended
}

// dial makes lines that notice within half a minute that the other machine is
// gone, by keepalive while nothing is sent and by the lack of acknowledgements
// otherwise.
func dial(silence time.Duration) pgconn.DialFunc {
	d := &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 3},
		Control:         control,
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &line{Conn: conn, silence: silence}, nil
	}
}

// wait sets how long the database may be silent on conn from now on.
func wait(conn *pgx.Conn, silence time.Duration) {
	c := conn.PgConn().Conn()
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	if l, ok := c.(*line); ok {
		l.allow(silence)
	}
}

func (l *line) allow(silence time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.silence = silence
	if silence == 0 && !l.foreign {
		_ = l.Conn.SetDeadline(time.Time{})
	}
}

// extend begins the time anew. Any byte in either direction does, so that a long
// COPY is not taken for silence.
func (l *line) extend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.silence > 0 && !l.foreign {
		_ = l.Conn.SetDeadline(time.Now().Add(l.silence))
	}
}

func (l *line) Read(p []byte) (int, error) {
	l.extend()
	n, err := l.Conn.Read(p)
	return n, l.over(err)
}

func (l *line) Write(p []byte) (int, error) {
	l.extend()
	n, err := l.Conn.Write(p)
	return n, l.over(err)
}

// over hangs up when the silence took too long, for pgx would read once more.
func (l *line) over(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.foreign && errors.Is(err, os.ErrDeadlineExceeded) {
		_ = l.Conn.Close()
	}
	return err
}

// SetDeadline is what pgx calls when a context ends, and with no time afterwards.
func (l *line) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.foreign = !t.IsZero()
	return l.Conn.SetDeadline(t)
}
