package mail

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
)

// Attempt is one message up to its final dot. Begin has said MAIL, RCPT, DATA and
// written the body: the relay has promised nothing, and closing the socket
// leaves nothing behind.
type Attempt struct{ c *Conn }

// Begin hands over everything but the final dot. Its error means certainly not
// delivered.
func (c *Conn) Begin(ctx context.Context, from, to Address, message []byte) (*Attempt, error) {
	if c.open != nil {
		return nil, fmt.Errorf("begin: another message is not finished")
	}
	if err := checkLines(message); err != nil {
		return nil, err
	}
	if err := checkEnvelope(from, to); err != nil {
		return nil, err
	}
	c.begun++
	if err := c.until(ctx)(c.begin(from, to, message)); err != nil {
		return nil, err
	}
	c.open = &Attempt{c}
	return c.open, nil
}

func (c *Conn) begin(from, to Address, message []byte) error {
	mail, err := c.mailCommand(from, message)
	if err != nil {
		return err
	}
	if c.dirty {
		if _, _, err := c.ask(PhaseMail, waitCommand, "2", "RSET"); err != nil {
			c.dead = true
			return fmt.Errorf("%w: RSET refused", ErrProtocol)
		}
		c.dirty = false
	}
	if _, _, err := c.ask(PhaseMail, waitCommand, "2", mail); err != nil {
		return err
	}
	c.dirty = true
	if _, _, err := c.ask(PhaseRcpt, waitCommand, "2", "RCPT TO:"+to.path()); err != nil {
		return err
	}
	if _, _, err := c.ask(PhaseData, waitData, "3", "DATA"); err != nil {
		return err
	}
	return c.body(message)
}

// mailCommand asks for 8BITMIME only if the message needs it, and refuses here
// what the relay has already said it would refuse (RFC 1870 §6.1).
func (c *Conn) mailCommand(from Address, message []byte) (string, error) {
	line := "MAIL FROM:" + from.path()
	if limit, err := strconv.Atoi(c.ext["SIZE"]); err == nil && limit > 0 && len(message) > limit {
		return "", &Answer{Code: 552, Enhanced: "5.3.4", Phase: PhaseMail,
			Text: fmt.Sprintf("5.3.4 the message has %d octets, and the relay takes %d", len(message), limit)}
	}
	if c.offers("SIZE") {
		line += " SIZE=" + strconv.Itoa(len(message))
	}
	if isASCII(message) {
		return line, nil
	}
	if !c.offers("8BITMIME") {
		return "", &Answer{Code: 554, Enhanced: "5.6.3", Phase: PhaseMail, Text: "5.6.3 the relay takes no 8-bit messages"}
	}
	return line + " BODY=8BITMIME", nil
}

// body writes the message, dots doubled, and not the final dot. If the relay hung
// up meanwhile, its last words say more than the broken pipe.
func (c *Conn) body(message []byte) error {
	stuffed := bytes.ReplaceAll(message, []byte("\r\n."), []byte("\r\n.."))
	if message[0] == '.' {
		stuffed = append([]byte{'.'}, stuffed...)
	}
	err := c.send(stuffed)
	if err == nil {
		return c.quiet(PhaseData)
	}
	if _, _, last := c.hear(PhaseData, waitUnasked, ""); isAnswer(last) {
		return last
	}
	return err
}

// Finish sends the final dot and waits for the answer. An error that is not an
// *Answer means that the outcome is unknown, except ErrNotSent: the relay had hung
// up before the dot. When ctx ends Finish gives up waiting, and the outcome is
// unknown too.
func (a *Attempt) Finish(ctx context.Context) (Answer, error) {
	c := a.c
	if c.open != a {
		return Answer{}, fmt.Errorf("%w: finished before", ErrNotSent)
	}
	c.open = nil
	if err := ctx.Err(); err != nil {
		c.dead = true
		return Answer{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	if err := c.quiet(PhaseData); err != nil {
		c.dead = true
		return Answer{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	done := c.until(ctx)
	answer, err := c.dot()
	return answer, done(err)
}

// dot ends the message. If the dot could not be written whole, the relay cannot
// have read it.
func (c *Conn) dot() (Answer, error) {
	if err := c.send([]byte(".\r\n")); err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	answer, _, err := c.hear(PhaseDot, waitDot, "2")
	c.dirty = false
	return answer, err
}

// checkLines refuses bare CR and LF, which relays read differently (message
// smuggling), NUL, and lines over 998 octets (RFC 5322 §2.1.1).
func checkLines(message []byte) error {
	if !bytes.HasSuffix(message, []byte("\r\n")) || bytes.IndexByte(message, 0) >= 0 {
		return ErrMessage
	}
	for len(message) > 0 {
		i := bytes.IndexByte(message, '\n')
		if i < 1 || i > 999 || bytes.IndexByte(message[:i], '\r') != i-1 {
			return ErrMessage
		}
		message = message[i+1:]
	}
	return nil
}

// checkEnvelope checks the addresses again: they may not come from ParseAddress.
func checkEnvelope(from, to Address) error {
	if from != (Address{}) && !from.valid() {
		return &Answer{Code: 553, Enhanced: "5.1.7", Phase: PhaseMail, Text: "5.1.7 the sender's address is malformed"}
	}
	if !to.valid() {
		return &Answer{Code: 553, Enhanced: "5.1.3", Phase: PhaseRcpt, Text: "5.1.3 the address is malformed"}
	}
	return nil
}

func isASCII(p []byte) bool {
	for _, b := range p {
		if b >= 0x80 {
			return false
		}
	}
	return true
}
