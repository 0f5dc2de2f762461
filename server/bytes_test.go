package server

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/andybalholm/brotli"
)

func tagged(t *testing.T, cache, encoding, none string) *http.Response {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", encoding)
	r.Header.Set("If-None-Match", none)
	if cache != "" {
		w.Header().Set("Cache-Control", cache)
	}
	if err := serveTagged(w, r, "text/html; charset=utf-8", []byte(strings.Repeat("policy ", 1000))); err != nil {
		t.Fatal(err)
	}
	return w.Result()
}

func TestTagIsOfTheBytesSent(t *testing.T) {
	for encoding, open := range map[string]func(io.Reader) (io.Reader, error){
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	} {
		resp := tagged(t, "", encoding, "")
		if got := resp.Header.Get("Content-Encoding"); got != encoding {
			t.Fatalf("encoding is %q, want %q", got, encoding)
		}
		var sent strings.Builder
		plain, err := open(io.TeeReader(resp.Body, &sent))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(plain)
		if err != nil || len(text) != 7000 {
			t.Fatalf("%s: %d bytes, %v", encoding, len(text), err)
		}
		sum := sha256.Sum256([]byte(sent.String()))
		tag := `"` + hex.EncodeToString(sum[:16]) + `"`
		if resp.Header.Get("ETag") != tag || resp.Header.Get("Cache-Control") != "no-cache" || resp.Header.Get("Vary") != "Accept-Encoding" {
			t.Fatalf("%s: headers are %v, the tag should be %s", encoding, resp.Header, tag)
		}
		for _, none := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			if again := tagged(t, "", encoding, none); again.StatusCode != http.StatusNotModified || again.Header.Get("ETag") != tag {
				t.Errorf("%s: If-None-Match %s gives %d", encoding, none, again.StatusCode)
			}
		}
	}
}

func TestPersonalPagesAreNotCompressed(t *testing.T) {
	for _, c := range []struct{ cache, accept string }{{"no-store", "br, gzip"}, {"private", "gzip"}, {"", "br;q=0, identity"}, {"", "x"}} {
		if got := tagged(t, c.cache, c.accept, "").Header.Get("Content-Encoding"); got != "" {
			t.Errorf("Cache-Control %q, Accept-Encoding %q: encoded as %s", c.cache, c.accept, got)
		}
	}
}

func TestForwardedHeadersCountFromProxiesOnly(t *testing.T) {
	trusted, err := prefixes([]string{"10.0.0.0/8", "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{trusted: trusted}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.7:1", "198.51.100.1", "203.0.113.7"},
		{"10.0.0.1:1", "", "10.0.0.1"},
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "1.1.1.1, 198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "198.51.100.1, 192.0.2.1", "198.51.100.1"},
		{"[::ffff:10.0.0.1]:1", "198.51.100.1", "198.51.100.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		if got := s.client(r); got != c.want {
			t.Errorf("from %s, forwarded for %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
	if _, err := prefixes([]string{"proxy.example"}); err == nil {
		t.Error("a name was taken for a proxy's address")
	}
}

func TestPanicIsAnAnswer(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	s.renderError = plainError
	h := s.identified(s.logged(s.recovered(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }))))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || w.Header().Get("Request-Id") == "" {
		t.Fatalf("answer is %d %s", w.Code, w.Body)
	}
}

func TestFullDiskIsSaid(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, full := range []error{
		fmt.Errorf("append: %w", &fs.PathError{Op: "write", Path: "vestnik.db", Err: syscall.ENOSPC}),
		fmt.Errorf("append: %w", fmt.Errorf("file resize error: %s", &fs.PathError{Op: "truncate", Path: "vestnik.db", Err: syscall.EFBIG})),
	} {
		var p *Problem
		if err := s.refuse(t.Context(), "publish-version", full); !errors.As(err, &p) || p.Status != 503 || p.Type != "/problems/disk-full" || strings.Contains(p.Detail, "vestnik.db") {
			t.Fatalf("refused with %+v", p)
		}
	}
	if s.now().Unix()-s.full.Load() > 60 {
		t.Fatal("the health does not learn of it")
	}
}

func TestAnswersNameNobody(t *testing.T) {
	for answer, want := range map[string]string{
		"250 2.0.0 Ok: queued as 4F1": "250 2.0.0 Ok: queued as 4F1",
		"550 5.1.1 <aigerim.k+x@example.kz>: User unknown; RCPT TO:<aigerim.k+x@example.kz>": "550 5.1.1 <•••@example.kz>: User unknown; RCPT TO:<•••@example.kz>",
		"550 no айгерим@example.kz here":                                                     "550 no •••@example.kz here",
	} {
		if got := nameless(answer); got != want {
			t.Errorf("%q is shown as %q", answer, got)
		}
	}
}

func TestLimitsAreForHouseholds(t *testing.T) {
	for host, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "::ffff:203.0.113.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "": "",
	} {
		if got := household(host); got != want {
			t.Errorf("%q counts as %q, want %q", host, got, want)
		}
	}
}
