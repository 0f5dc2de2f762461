package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
)

// Message is what Compose needs. Everything that people typed is plain text.
type Message struct {
	ID       string // without angle brackets; the same on each retry
	Date     time.Time
	From     string // name and address
	To       Address
	ToName   string
	ReplyTo  string // name and address; "" for none
	Subject  string
	Text     string
	HTML     string   // "" for a message of text only
	Language string   // Content-Language: "kk, ru" for two
	Headers  []Header // Vestnik-Checkpoint and the like; values are checked
}

// Header is an additional header field.
type Header struct{ Name, Value string }

// Compose renders m as CRLF bytes in ASCII, deterministically: the same Message
// gives the same bytes. White space in header values is folded to single spaces.
// A value with a control character, or one that would be read as a field of
// another kind, is refused.
func Compose(m Message) ([]byte, error) {
	msg, err := draft(m)
	if err != nil {
		return nil, fmt.Errorf("compose: %w", err)
	}
	var b bytes.Buffer
	b.Grow(4096 + (len(m.Text)+len(m.HTML))*3/2)
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("compose: %w", err)
	}
	return b.Bytes(), nil
}

func draft(m Message) (*gomail.Msg, error) {
	if !isMessageID(m.ID) {
		return nil, errors.New("the Message-ID is malformed")
	}
	if m.Date.IsZero() {
		return nil, errors.New("the message has no date")
	}
	boundary := boundaryFor(m.ID)
	if strings.Contains(m.Text, boundary) || strings.Contains(m.HTML, boundary) {
		return nil, errors.New("the text contains the boundary of its parts")
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(boundary),
		gomail.WithEncoding(gomail.EncodingB64))
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.Date.UTC())
	if err := addPeople(msg, m); err != nil {
		return nil, err
	}
	if err := addFields(msg, m); err != nil {
		return nil, err
	}
	return msg, addParts(msg, m)
}

func addPeople(msg *gomail.Msg, m Message) error {
	from, err := person(m.From)
	if err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	msg.FromMailAddress(from)
	to, err := ParseAddress(m.To.String())
	if err != nil {
		return fmt.Errorf("recipient: %w", err)
	}
	name, err := oneLine(m.ToName)
	if err != nil {
		return fmt.Errorf("recipient: %w", err)
	}
	msg.ToMailAddress(&netmail.Address{Name: name, Address: to.String()})
	if m.ReplyTo == "" {
		return nil
	}
	reply, err := person(m.ReplyTo)
	if err != nil {
		return fmt.Errorf("reply-to: %w", err)
	}
	msg.ReplyToMailAddress(reply)
	return nil
}

// person parses a name and address and checks both.
func person(s string) (*netmail.Address, error) {
	p, err := netmail.ParseAddress(s)
	if err != nil {
		return nil, errors.New("the sender has the form Name <name@example.kz>")
	}
	a, err := ParseAddress(p.Address)
	if err != nil {
		return nil, err
	}
	name, err := oneLine(p.Name)
	return &netmail.Address{Name: name, Address: a.String()}, err
}

// Sender returns the address in a name and address.
func Sender(s string) (Address, error) {
	p, err := person(s)
	if err != nil {
		return Address{}, err
	}
	return ParseAddress(p.Address)
}

func addFields(msg *gomail.Msg, m Message) error {
	fields := []Header{{"Subject", m.Subject}, {"Content-Language", m.Language}}
	seen := map[string]bool{}
	for _, h := range m.Headers {
		name := textproto.CanonicalMIMEHeaderKey(h.Name)
		if !isFieldName(name) || isOurs(name) || seen[name] {
			return fmt.Errorf("the header %q cannot be added", h.Name)
		}
		seen[name] = true
		fields = append(fields, Header{name, h.Value})
	}
	// RFC 3834 §5: nobody's holiday notice answers this mail.
	for _, h := range []Header{{"Auto-Submitted", "auto-generated"}, {"X-Auto-Response-Suppress", "OOF, AutoReply"}} {
		if !seen[h.Name] {
			fields = append(fields, h)
		}
	}
	for _, h := range fields {
		value, err := oneLine(h.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
		if value != "" {
			msg.SetGenHeader(gomail.Header(h.Name), value)
		}
	}
	return nil
}

func addParts(msg *gomail.Msg, m Message) error {
	text, html := Body(m.Text), Body(m.HTML)
	if text == "" {
		return errors.New("the message has no text")
	}
	msg.SetBodyString(gomail.TypeTextPlain, text, gomail.WithPartEncoding(encodingFor(text)))
	if html != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, html, gomail.WithPartEncoding(encodingFor(html)))
	}
	return nil
}

// encodingFor picks the shorter one: quoted-printable trebles every letter that is
// not ASCII, base64 adds a third to everything.
func encodingFor(s string) gomail.Encoding {
	wide := 0
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			wide++
		}
	}
	if 2*wide > len(s)*3/8 {
		return gomail.EncodingB64
	}
	return gomail.EncodingQP
}

// Body is s as Compose puts it into a part: lines end with CRLF, and what is not text
// is dropped. What is so already it returns as it is.
func Body(s string) string {
	if isBody(s) {
		return s
	}
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return strings.ReplaceAll(s, "\n", "\r\n")
}

func isBody(s string) bool {
	if s != "" && !strings.HasSuffix(s, "\r\n") || !utf8.ValidString(s) {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\n' && (i == 0 || s[i-1] != '\r'), c == '\r' && s[i+1] != '\n', c < ' ' && c != '\t' && c != '\n' && c != '\r':
			return false
		case c == 0x7F, c == 0xC2 && s[i+1] < 0xA0: // U+0080 to U+009F
			return false
		}
	}
	return true
}

// maxWord keeps a header line that cannot be folded within RFC 5322's 998.
const maxWord = 900

// oneLine checks a header value and folds its white space.
func oneLine(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", errors.New("the value is not UTF-8")
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || isBidi(r) }) {
		return "", errors.New("the value contains a line break or another control character")
	}
	if strings.Contains(s, "=?") {
		return "", errors.New("the value contains the mark of an encoded word, =?")
	}
	words := strings.Fields(s)
	for _, w := range words {
		if len(w) > maxWord {
			return "", errors.New("the value contains a word that is too long for a header")
		}
	}
	return strings.Join(words, " "), nil
}

// isBidi tells the characters that override or isolate the direction of writing.
func isBidi(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

func isFieldName(s string) bool {
	if s == "" || len(s) > 60 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return true
}

// isOurs names the fields that Compose writes itself or that would change who
// sends, who receives, or how the parts are read.
func isOurs(name string) bool {
	switch name {
	case "From", "Sender", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date", "Message-Id",
		"Mime-Version", "Return-Path", "Received", "Dkim-Signature":
		return true
	}
	return strings.HasPrefix(name, "Content-") || strings.HasPrefix(name, "Resent-")
}

func isMessageID(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && len(s) <= 250 && checkLocal(local) == nil && isDomain(strings.ToLower(domain))
}

func boundaryFor(id string) string {
	sum := sha256.Sum256([]byte("vestnik boundary\n" + id))
	return hex.EncodeToString(sum[:18])
}
