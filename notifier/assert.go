package notifier

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// errForeign: somebody else's words stand in a message. It never leaves.
var errForeign = errors.New("the message holds somebody else's address or link")

var (
	linkForm    = regexp.MustCompile(`/me/([A-Za-z0-9_-]{20,})`)
	wordDecoder = new(mime.WordDecoder)
)

// assertOwn reads a composed message as its recipient will, and refuses it if
// it has an address that is neither theirs nor public, in the form that it was
// made from, or the link of somebody else. One mailing of this kind once went
// out with the addresses of up to 7,617 others in each body.
func assertOwn(message []byte, public map[string]bool, whose personal, id, token string) error {
	text, err := readable(message)
	if err != nil {
		return fmt.Errorf("read the composed message: %w", err)
	}
	own := maps.Collect(addresses(whose.To + " " + whose.Account + " " + id)) // cut in the same way
	for a := range addresses(text) {
		if !own[a] && !public[a] {
			return errForeign
		}
	}
	for _, m := range linkForm.FindAllStringSubmatch(text, -1) {
		if m[1] != token {
			return errForeign
		}
	}
	return nil
}

// public is every address that stands in a form, and so concerns no recipient.
func (f form) public() map[string]bool {
	out := map[string]bool{}
	for _, s := range []string{f.From, f.ReplyTo, f.Subject, f.Text, f.HTML} {
		maps.Insert(out, addresses(s))
	}
	return out
}

// addresses yields whatever stands around an @, in lower case.
func addresses(s string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		for at, end := strings.IndexByte(s, '@'), 0; at >= 0; {
			start := end + strings.LastIndexFunc(s[end:at], isEdge)
			if start < end { // nothing in between
				start = end
			} else {
				_, size := utf8.DecodeRuneInString(s[start:])
				start += size
			}
			stop := strings.IndexFunc(s[at+1:], isEdge)
			if stop < 0 {
				stop = len(s)
			} else {
				stop += at + 1
			}
			if !yield(strings.ToLower(strings.Trim(s[start:stop], ".!&=")), true) {
				return
			}
			end = stop
			next := strings.IndexByte(s[end:], '@')
			if next < 0 {
				return
			}
			at = end + next
		}
	}
}

// isEdge tells what ends an address in a text.
func isEdge(c rune) bool {
	return unicode.IsSpace(c) || strings.ContainsRune(`<>"'(),:;[]{}«»“”/?#`, c)
}

// readable is a message's header and parts, decoded.
func readable(message []byte) (string, error) {
	m, err := netmail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	out.Grow(len(message))
	for name, values := range m.Header {
		for _, v := range values {
			if d, err := wordDecoder.DecodeHeader(v); err == nil {
				v = d
			}
			fmt.Fprintf(&out, "%s: %s\n", name, v)
		}
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(kind, "multipart/") {
		err := decodeInto(&out, m.Header.Get("Content-Transfer-Encoding"), m.Body)
		return out.String(), err
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		if err := decodeInto(&out, p.Header.Get("Content-Transfer-Encoding"), p); err != nil {
			return "", err
		}
	}
}

func decodeInto(out *bytes.Buffer, encoding string, r io.Reader) error {
	switch strings.ToLower(encoding) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	_, err := out.ReadFrom(r)
	return err
}
