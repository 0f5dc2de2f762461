package mail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The waits of RFC 5321 §4.5.3.2. The answer to the dot gets two minutes more than
// the standard asks, because giving up too early makes a second copy.
const (
	waitConnect = 30 * time.Second
	waitCommand = 5 * time.Minute
	waitData    = 2 * time.Minute
	waitBlock   = 3 * time.Minute
	waitDot     = 12 * time.Minute
	waitQuit    = 5 * time.Second
	waitUnasked = 100 * time.Millisecond
)

// maxReply bounds one reply, all lines together.
const maxReply = 64 << 10

// wire carries lines and replies. After an error it is dead.
type wire struct {
	socket net.Conn
	net    net.Conn // the socket, or TLS over it
	in     *bufio.Reader
	out    *bufio.Writer
	relay  Relay
	dead   bool
}

func newWire(c net.Conn, r Relay) *wire {
	w := &wire{socket: c, relay: r}
	w.use(c)
	return w
}

// use continues the conversation over c. What was read ahead is forgotten.
func (w *wire) use(c net.Conn) {
	w.net = c
	w.in = bufio.NewReader(c)
	w.out = bufio.NewWriterSize(timedWriter{w}, 16<<10)
}

// timedWriter gives each block its own deadline.
type timedWriter struct{ w *wire }

const block = 64 << 10

func (t timedWriter) Write(p []byte) (n int, err error) {
	for chunk := range slices.Chunk(p, block) {
		t.w.net.SetWriteDeadline(time.Now().Add(t.w.relay.wait(waitBlock)))
		m, err := t.w.net.Write(chunk)
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// until closes the socket when ctx ends. The function that it returns must be
// called at the end of the operation and gives the error to return.
func (w *wire) until(ctx context.Context) func(error) error {
	stop := context.AfterFunc(ctx, func() { w.socket.Close() })
	return func(err error) error {
		if stop() {
			return err
		}
		w.dead = true
		if err != nil && !isAnswer(err) {
			return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		}
		return err
	}
}

func isAnswer(err error) bool {
	var a *Answer
	return errors.As(err, &a)
}

// ask sends one line and reads its reply. A reply whose first digit is not in want
// is an error.
func (w *wire) ask(phase Phase, limit time.Duration, want string, line string) (Answer, []string, error) {
	if err := w.quiet(phase); err != nil {
		return Answer{}, nil, err
	}
	if err := w.send([]byte(line + "\r\n")); err != nil {
		return Answer{}, nil, err
	}
	return w.hear(phase, limit, want)
}

func (w *wire) send(p []byte) error {
	_, err := w.out.Write(p)
	if err == nil {
		err = w.out.Flush()
	}
	if err != nil {
		w.dead = true
	}
	return err
}

// hear reads one reply. 421 ends the conversation whenever it comes (RFC 5321
// §3.8).
func (w *wire) hear(phase Phase, limit time.Duration, want string) (Answer, []string, error) {
	w.net.SetReadDeadline(time.Now().Add(w.relay.wait(limit)))
	code, lines, err := w.reply()
	if err != nil {
		w.dead = true
		return Answer{}, nil, err
	}
	a := answer(phase, code, lines)
	w.dead = w.dead || code == 421
	switch {
	case strings.Contains(want, strconv.Itoa(code/100)):
		return a, lines, nil
	case code >= 400:
		return a, lines, &a
	}
	w.dead = true
	return a, lines, fmt.Errorf("%w: %d in phase %s", ErrProtocol, code, phase)
}

func (w *wire) reply() (code int, lines []string, err error) {
	budget := maxReply
	for {
		line, err := w.line(&budget)
		if err != nil {
			return 0, nil, err
		}
		c, text, last, ok := parseReply(line)
		if !ok || lines != nil && c != code {
			return 0, nil, fmt.Errorf("%w: malformed reply", ErrProtocol)
		}
		code, lines = c, append(lines, text)
		if last {
			return code, lines, nil
		}
	}
}

// line reads one line. Of one that is far longer than allowed it keeps the
// beginning.
func (w *wire) line(budget *int) (string, error) {
	var head []byte
	for {
		part, err := w.in.ReadSlice('\n')
		if *budget -= len(part); *budget < 0 {
			return "", fmt.Errorf("%w: endless reply", ErrProtocol)
		}
		if head == nil {
			head = bytes.Clone(part)
		}
		switch {
		case err == nil:
			return string(bytes.TrimRight(head, "\r\n")), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		}
	}
}

// parseReply understands "250 text", "250-text" and a bare "250" (RFC 5321 §4.2).
func parseReply(line string) (code int, text string, last, ok bool) {
	if len(line) < 3 || strings.Trim(line[:3], "0123456789") != "" {
		return 0, "", false, false
	}
	code, _ = strconv.Atoi(line[:3])
	if code < 200 || code > 599 {
		return 0, "", false, false
	}
	if len(line) == 3 {
		return code, "", true, true
	}
	return code, line[4:], line[3] == ' ', line[3] == ' ' || line[3] == '-'
}

// quiet makes sure that the relay has said nothing unasked: after that, answers
// could be taken for those of another question. What it says may be its farewell.
func (w *wire) quiet(phase Phase) error {
	if w.dead {
		return net.ErrClosed
	}
	if w.in.Buffered() == 0 && !pending(w.net) {
		return nil
	}
	w.net.SetReadDeadline(time.Now().Add(waitUnasked))
	if _, err := w.in.Peek(1); errors.Is(err, os.ErrDeadlineExceeded) {
		return nil // a TLS record without data, such as a session ticket
	}
	_, _, err := w.hear(phase, waitUnasked, "")
	w.dead = true
	return err
}
