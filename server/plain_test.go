package server

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

// What is plain, net/http reads alike, to the last byte and for nothing else.
func FuzzPlainly(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /a/b...c?view=list HTTP/1.1\r\nhost: [::1]:80\r\naccept-encoding:gzip, br;q=0.5 \r\nCONNECTION: Keep-Alive\r\nif-none-match: \"x\", W/\"y\"\r\nCookie: a=b\r\n\r\n",
		"GET /\r\n HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
		"GET //x HTTP/1.1\r\nHost: x\r\nX:y\r\n\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, head string) {
		p, ok := plainly(head)
		if !ok {
			return
		}
		rest := bufio.NewReader(strings.NewReader(head))
		r, err := http.ReadRequest(rest)
		if err != nil || rest.Buffered() > 0 {
			t.Fatalf("%q: %v, and %d bytes are left", head, err, rest.Buffered())
		}
		h := r.Header
		if got := (bareGet{r.URL.Path, r.URL.RawQuery, h.Get("Accept-Encoding"), h.Get("Accept-Language"), strings.Join(h["If-None-Match"], ",")}); got != p {
			t.Errorf("%q is %q, and to net/http %q", head, p, got)
		}
		if r.Method != "GET" || r.Proto != "HTTP/1.1" || r.URL.RawPath != "" || r.Close || r.ContentLength != 0 || len(r.TransferEncoding)+len(r.Trailer) > 0 || h.Get("Expect") != "" {
			t.Errorf("%q is more than plain: %+v", head, r)
		}
	})
}

// A browser's request, and one that came through a proxy, are plain.
func TestPlainly(t *testing.T) {
	const common = "GET /privacy/kk HTTP/1.1\r\nHost: policies.example.kz\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,*/*;q=0.8\r\nAccept-Language: kk,ru;q=0.8\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" +
		"Connection: keep-alive\r\nCookie: a=b\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nsec-ch-ua: \"Chromium\";v=\"142\"\r\nIf-None-Match: \"abc\"\r\n"
	want := bareGet{"/privacy/kk", "", "gzip, deflate, br, zstd", "kk,ru;q=0.8", `"abc"`}
	for _, head := range []string{common, common + "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nVia: 1.1 Caddy\r\n"} {
		if p, ok := plainly(head + "\r\n"); !ok || p != want {
			t.Errorf("%q is %v, %t", head, p, ok)
		}
	}
	for _, field := range []string{"", "Connection: close", "Connection: upgrade", "Content-Length: 0", "Transfer-Encoding: chunked", "Host: y", "Accept-Encoding: br", "Expect: 100-continue", "Range: bytes=0-1", "X: é", "X: a\tb", "X : y", " X: y", "X"} {
		if p, ok := plainly(common + field + "\r\n" + "\r\n"); ok {
			t.Errorf("plain with %q: %v", field, p)
		}
	}
}
