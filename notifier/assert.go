package notifier

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"regexp"
	"strings"
)

// errForeign: somebody else's words stand in a message. It never leaves.
var errForeign = errors.New("the message holds somebody else's address or link")

var (
	addressForm = regexp.MustCompile(`[^\s<>"'(),:;\[\]{}«»“”]+@[^\s<>"'(),:;\[\]{}«»“”/?#]+`)
	linkForm    = regexp.MustCompile(`/me/([A-Za-z0-9_-]{20,})`)
	wordDecoder = new(mime.WordDecoder)
)

// assertOwn reads a composed message as its recipient will, and refuses it if
// it has an address that is neither theirs nor in the form that it was made
// from, or the link of somebody else. One mailing of this kind once went out
// with the addresses of up to 7,617 others in each body.
func assertOwn(message []byte, f form, to, id, token string) error {
	text, err := readable(message)
	if err != nil {
		return fmt.Errorf("read the composed message: %w", err)
	}
	public := map[string]bool{}
	for _, s := range []string{f.From, f.ReplyTo, f.Subject, f.Text, f.HTML} {
		for _, a := range addressForm.FindAllString(s, -1) {
			public[trimmed(a)] = true
		}
	}
	for _, a := range addressForm.FindAllString(text, -1) {
		if a = trimmed(a); a != strings.ToLower(to) && a != strings.ToLower(id) && !public[a] {
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

func trimmed(a string) string { return strings.ToLower(strings.Trim(a, ".!&=")) }

// readable is a message's header and parts, decoded.
func readable(message []byte) (string, error) {
	m, err := netmail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return "", err
	}
	var out strings.Builder
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

func decodeInto(out *strings.Builder, encoding string, r io.Reader) error {
	switch strings.ToLower(encoding) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	_, err := io.Copy(out, r)
	return err
}
