package server

import (
	"net/http"
	"strings"
)

// bareGet is a request for nothing but a page, of which all that matters to a kept
// one was read.
type bareGet struct{ path, query, encoding, language, match string }

// plainly reads the head of a GET of HTTP/1.1 (RFC 9112), and only of one that
// everybody reads alike: each line ends in CR LF and holds printable ASCII, no field
// that matters comes twice, none is about a body or the connection. Whatever is not
// so, or not known to be, is false.
func plainly(head string) (p bareGet, ok bool) {
	rest, ok := strings.CutPrefix(head, "GET ")
	target, rest, found := strings.Cut(rest, " HTTP/1.1\r\n")
	if !ok || !found {
		return p, false
	}
	p.path, p.query, _ = strings.Cut(target, "?")
	if !strings.HasPrefix(p.path, "/") || !holds(p.path, "/._~-") || !holds(p.query, "/._~-=&%+,:") {
		return p, false
	}
	hosts := 0
	for rest != "\r\n" {
		var line string
		if line, rest, found = strings.Cut(rest, "\r\n"); !found {
			return p, false
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.Trim(value, " ")
		if name == "" || value == "" || !holds(name, "-") || !printable(value) {
			return p, false
		}
		switch http.CanonicalHeaderKey(name) {
		case "Host":
			hosts++
			ok = holds(value, ".:-[]")
		case "Accept-Encoding":
			ok = once(&p.encoding, value)
		case "Accept-Language":
			ok = once(&p.language, value)
		case "If-None-Match":
			ok = once(&p.match, value)
		case "Connection":
			ok = strings.EqualFold(value, "keep-alive")
		case "Content-Length", "Transfer-Encoding", "Trailer", "Te", "Expect", "Upgrade", "Http2-Settings", "Proxy-Connection", "Keep-Alive", "Range":
			ok = false
		}
		if !ok {
			return p, false
		}
	}
	return p, hosts == 1
}

func once(field *string, value string) bool {
	first := *field == ""
	*field = value
	return first
}

// holds tells whether s has letters and digits of ASCII alone, and what is in others.
func holds(s, others string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && strings.IndexByte(others, s[i]) < 0 {
			return false
		}
	}
	return true
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
