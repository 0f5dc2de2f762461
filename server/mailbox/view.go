package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

// Bounds of what is shown of a message, which anybody may have written.
const (
	maxRead   = 3 << 20   // bytes of a message
	maxHeader = 256 << 10 // bytes of a message's header
	maxFields = 200
	maxValue  = 8 << 10 // bytes of one field
	maxText   = 1 << 20 // bytes of one part
	maxParts  = 50
	maxDepth  = 5
)

// View is a message for people. All strings are UTF-8 without control characters;
// HTML is the sender's own and not to be trusted.
type View struct {
	Subject string
	From    string
	To      string
	Date    time.Time // zero if the message states none that can be read
	Headers []Header  // in the message's order
	Text    string
	HTML    string
	Parts   int  // leaves, those not shown included
	Cut     bool // something was left out
}

// Header is one header field, decoded.
type Header struct{ Name, Value string }

var errEnough = errors.New("enough")

// Parse reads a message. It shows what can be shown: unknown charsets and
// encodings, broken parts and whatever exceeds the bounds are no error. Without a
// readable header there is nothing to show, and that is one.
func Parse(raw []byte) (View, error) {
	v := View{Cut: len(raw) > maxRead}
	raw = raw[:min(len(raw), maxRead)]
	entity, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: maxHeader})
	if entity == nil {
		return View{}, fmt.Errorf("message: %w", err)
	}
	v.header(entity.Header)
	if err := entity.Walk(v.part); err != nil {
		v.Cut = true
	}
	return v, nil
}

func (v *View) header(h message.Header) {
	for f := h.Fields(); f.Next(); {
		if len(v.Headers) == maxFields {
			v.Cut = true
			break
		}
		value, err := f.Text()
		if err != nil {
			value = f.Value()
		}
		v.Headers = append(v.Headers, Header{clean(f.Key()), v.cut(clean(value), maxValue)})
	}
	v.Subject, v.From, v.To = v.first("Subject"), v.first("From"), v.first("To")
	if date, err := (&mail.Header{Header: h}).Date(); err == nil {
		v.Date = date
	}
}

func (v *View) first(name string) string {
	for _, h := range v.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// part takes the first text and the first HTML part that is no attachment.
func (v *View) part(path []int, e *message.Entity, _ error) error {
	if len(path) > maxDepth || v.Parts == maxParts {
		return errEnough
	}
	kind, _, err := e.Header.ContentType()
	if err != nil {
		kind = "text/plain" // RFC 2045 §5.2
	}
	if strings.HasPrefix(kind, "multipart/") {
		return nil
	}
	v.Parts++
	if disposition, _, _ := e.Header.ContentDisposition(); disposition == "attachment" {
		return nil
	}
	switch {
	case kind == "text/plain" && v.Text == "":
		v.Text = v.text(e.Body)
	case kind == "text/html" && v.HTML == "":
		v.HTML = v.text(e.Body)
	}
	return nil
}

// text reads as much as can be decoded.
func (v *View) text(r io.Reader) string {
	b, err := io.ReadAll(io.LimitReader(r, maxText+1))
	v.Cut = v.Cut || err != nil
	s := strings.ReplaceAll(string(b), "\r\n", "\n")
	return v.cut(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")), maxText)
}

func (v *View) cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	v.Cut = true
	return strings.ToValidUTF8(s[:n], "")
}

// clean makes one line of a header value, without what could disguise it.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}
