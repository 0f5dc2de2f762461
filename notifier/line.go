package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"vestnik/notifier/mail"
)

// Once the process is to end, a final dot that was sent may wait so long for its
// answer, and its outcome so long to be written.
const (
	drain    = 20 * time.Second
	stopTime = drain + 5*time.Second
)

// errRelay: the relay cannot be used now. Whatever was to be sent is untouched.
var errRelay = errors.New("the relay does not work at present")

// connection is a sender's connection to whichever relay is wanted.
type connection struct {
	n    *Notifier
	url  string
	conn *mail.Conn
}

// to connects to the relay unless it is connected.
func (c *connection) to(ctx context.Context, relay string, set Settings) error {
	if c.conn != nil && c.url == relay && c.conn.Usable() {
		return nil
	}
	c.close()
	b := c.n.breakers.of(relay)
	if !b.allow() {
		return errRelay
	}
	r, err := mail.ParseRelay(relay)
	if err == nil {
		if u, err := url.Parse(set.URL); err == nil {
			r.Hello = u.Hostname()
		}
		c.conn, err = mail.Dial(ctx, r)
	}
	if err != nil {
		if ctx.Err() == nil {
			c.failed(relay, err)
		}
		return errors.Join(errRelay, err)
	}
	c.url = relay
	return nil
}

func (c *connection) failed(relay string, err error) {
	c.n.breakers.of(relay).failed(nameless(err))
	c.n.Log.Warn("relay failed", slog.String("err", nameless(err)))
}

// nameless is an error for logs and status pages. Relays like to repeat the
// recipient's address in their answers.
func nameless(err error) string {
	var answer *mail.Answer
	if errors.As(err, &answer) {
		return fmt.Sprintf("the relay answered %d %s (%s)", answer.Code, answer.Enhanced, answer.Phase)
	}
	if text := err.Error(); !strings.Contains(text, "@") {
		return text
	}
	return "an error that names an address"
}

// begin hands over all but the dot. A relay that broke is noted and left.
func (c *connection) begin(ctx context.Context, from, to mail.Address, message []byte) (*mail.Attempt, error) {
	a, err := c.conn.Begin(ctx, from, to, message)
	switch {
	case err != nil && ctx.Err() != nil:
		c.close() // not the relay's fault
	case err != nil:
		c.heed(err, false)
	}
	return a, err
}

// finish sends the dot. It outlives ctx for a while: what was begun is better
// finished than in doubt.
func (c *connection) finish(ctx context.Context, a *mail.Attempt) (mail.Answer, error) {
	held, cancel := outlive(ctx, drain)
	defer cancel()
	answer, err := a.Finish(held)
	if err == nil {
		c.n.breakers.of(c.url).worked()
	} else {
		c.heed(err, true)
	}
	return answer, err
}

// outlive returns a context that ends d after ctx, or when cancel is called.
func outlive(ctx context.Context, d time.Duration) (held context.Context, cancel func()) {
	held, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			end()
		case <-held.Done():
		}
	})
	return held, func() { stop(); end() }
}

// heed leaves a connection that is broken or that may not be used further.
func (c *connection) heed(err error, afterDot bool) {
	var answer *mail.Answer
	answered := errors.As(err, &answer)
	if mail.Classify(err, afterDot).Break {
		c.failed(c.url, err)
	} else if answered {
		c.n.breakers.of(c.url).worked()
	}
	if !answered || !c.conn.Usable() {
		c.close()
	}
}

// close ends the connection. Inside DATA it leaves nothing behind.
func (c *connection) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}
