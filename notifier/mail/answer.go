package mail

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Answer is what the relay said. As an error it is a refusal, with a code of 400
// and above.
type Answer struct {
	Code     int
	Enhanced string // "5.1.1", or ""
	Text     string // in full, at most 512 bytes, its lines parted by \n; may name the address
	Phase    Phase
}

// Error leaves the text out, so that it can be logged.
func (a *Answer) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the relay answered %s with %d %s", a.Phase, a.Code, a.Enhanced))
}

// String is the answer as the relay gave it.
func (a *Answer) String() string { return strings.TrimSpace(fmt.Sprintf("%d %s", a.Code, a.Text)) }

// Phase is where in the conversation an answer came.
type Phase string

// The phases of a conversation.
const (
	PhaseConnect Phase = "connect"
	PhaseTLS     Phase = "tls"
	PhaseAuth    Phase = "auth"
	PhaseMail    Phase = "mail"
	PhaseRcpt    Phase = "rcpt"
	PhaseData    Phase = "data"
	PhaseDot     Phase = "dot"
)

// What can go wrong besides answers and the network.
var (
	ErrNoTLS    = errors.New("the relay does not offer TLS, and nothing is sent without")
	ErrTLS      = errors.New("no trusted TLS connection to the relay")
	ErrNoAuth   = errors.New("the relay offers no way to sign in that we know (PLAIN, LOGIN)")
	ErrProtocol = errors.New("the relay does not keep to SMTP")
	// ErrNotSent comes from Finish when the final dot did not leave.
	ErrNotSent = errors.New("the message was given up before its end")
	// ErrMessage is a message that may not be sent as it is.
	ErrMessage = errors.New("the message has lines that SMTP does not allow")
)

const maxText = 512

// answer puts the lines of one reply together. Enhanced codes follow RFC 2034 and
// RFC 3463 §2; where class and basic code disagree, the basic code is right.
func answer(phase Phase, code int, lines []string) Answer {
	a := Answer{Code: code, Phase: phase, Text: cut(printable(strings.Join(lines, "\n")), maxText)}
	word, _, _ := strings.Cut(strings.TrimSpace(lines[0]), " ")
	if isEnhanced(word) {
		a.Enhanced = strconv.Itoa(code/100) + word[1:]
	}
	return a
}

func isEnhanced(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 || len(parts[0]) != 1 || !strings.Contains("245", parts[0]) {
		return false
	}
	for _, p := range parts[1:] {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n > 999 || len(p) > 3 {
			return false
		}
	}
	return true
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
