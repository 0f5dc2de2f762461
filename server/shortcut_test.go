package server_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vestnik/server"
)

// shortcut serves h by a listener of its own.
func (h *house) shortcut(change ...func(*httptest.Server)) (*server.Shortcut, *httptest.Server) {
	h.t.Helper()
	return h.shortcutFor(time.Minute, change...)
}

// shortcutFor is a shortcut after whose answers a connection waits for so long.
func (h *house) shortcutFor(idle time.Duration, change ...func(*httptest.Server)) (*server.Shortcut, *httptest.Server) {
	h.t.Helper()
	s := httptest.NewUnstartedServer(h.server)
	l := h.server.Shortcut(s.Listener, idle)
	s.Listener, s.Config.ConnState = l, l.ConnState
	for _, f := range change {
		f(s)
	}
	s.Start()
	h.t.Cleanup(s.Close)
	return l, s
}

const firstOnConnection = "GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n"

// opened is a connection on which a first request was answered.
func opened(t testing.TB, address string) (*net.TCPConn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r := bufio.NewReader(c)
	io.WriteString(c, firstOnConnection)
	if first, err := answerFrom(r); err != nil || !strings.HasPrefix(first, "200 ") {
		t.Fatal(first, err)
	}
	return c.(*net.TCPConn), r
}

var (
	byShortcut = regexp.MustCompile(`\r\nRequest-Id: [A-Z2-7]{12}\r\n$`)
	perRequest = regexp.MustCompile(`\b[A-Z2-7]{12}\b|Date: [^\r]+`)
)

// answerFrom reads an answer to a GET, in one form whoever wrote it, but for its
// date and name.
func answerFrom(r *bufio.Reader) (string, error) {
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	var b bytes.Buffer
	fmt.Fprintln(&b, resp.StatusCode, resp.Proto, resp.ContentLength, resp.Close, resp.TransferEncoding)
	resp.Header.Write(&b)
	b.Write(body)
	return perRequest.ReplaceAllString(b.String(), "-"), err
}

const lastOnConnection = "GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

// answers are what comes back for pieces, one after the other on a connection,
// until it is closed. It is reset if that was with something unread, which may
// overtake the last answer.
func answers(t testing.TB, address string, pieces ...string) (all []string, reset bool) {
	t.Helper()
	c, r := opened(t, address)
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	for _, piece := range append(pieces, lastOnConnection, lastOnConnection) {
		io.WriteString(c, piece) // which may come after it was closed
	}
	for {
		one, err := answerFrom(r)
		switch {
		case err == nil:
			all = append(all, one)
		case errors.Is(err, syscall.ECONNRESET):
			return all, true
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return all, false
		default:
			t.Fatalf("%q: %v", pieces, err)
		}
	}
}

// asAlways fails if the shortcut answers otherwise than an http.Server alone.
func (h *house) asAlways(t testing.TB, address string, pieces ...string) {
	t.Helper()
	want, reset := answers(t, h.tcp.Listener.Addr().String(), pieces...)
	got, resetToo := answers(t, address, pieces...)
	if n := min(len(got), len(want)); n < len(got) && reset || n < len(want) && resetToo {
		got, want = got[:n], want[:n]
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%q\nhas the answers\n%s\nand without the shortcut\n%s", pieces, strings.Join(got, "\n---\n"), strings.Join(want, "\n---\n"))
	}
}

// warmed is a house with pages that are known.
func warmed(t *testing.T) *house {
	h := staged(t)
	h.get("/").want(200)
	until(t, "pages are ready", h.server.Warm)
	return h
}

// requests are put together from what is plain and what is not, whole or cut.
var requests = rapid.Custom(func(t *rapid.T) string {
	pick := func(name string, plain string, others ...string) string {
		if rapid.IntRange(0, 3).Draw(t, name) > 0 {
			return plain
		}
		return rapid.SampledFrom(others).Draw(t, name)
	}
	end := pick("end", "\r\n", "\n", "\r", "\r\r\n", " \r\n", "\x00\r\n")
	line := pick("method", "GET", "OPTIONS", "POST", "get", " GET", "PRI") + pick("space", " ", "  ", "\t") +
		pick("target", "/privacy/ru", "/privacy/kk", "/", "/privacy/ru?x=1", "/privacy/ru?", "/privacy/ru?view=list", "/privacy/r%75", "//privacy/ru", "/privacy/../privacy/ru", "http://x/privacy/ru", "*", "/privacy/ru#top", "privacy/ru", "/nothing", "/privacy/ru?q=а", "/feed") +
		pick("version", " HTTP/1.1", " HTTP/1.0", " HTTP/1.1 ", " HTTP/2.0", "") + end
	head := line + pick("host", "Host: x"+end, "", "Host: x"+end+"Host: x"+end, "Host:"+end, "Host: a/b"+end, "Host : x"+end, "host:x"+end)
	for range rapid.IntRange(0, 3).Draw(t, "fields") {
		head += rapid.SampledFrom([]string{"Accept-Encoding: gzip", "Accept-Encoding: br, gzip;q=0", "accept-encoding:  gzip ", "Accept-Encoding: identity", "Accept-Language: kk", "Accept-Language: ru,en;q=0.5",
			"If-None-Match: *", "If-None-Match: \"x\"", "If-None-Match: W/\"x\", *", "If-Modified-Since: Mon, 23 Nov 2026 01:31:20 GMT", "Range: bytes=0-9", "Connection: keep-alive", "Connection: close", "connection: Close, x", "Cookie: a=b", "User-Agent: x", "User-Agent: é",
			"Content-Length: 0", "Content-Length: 3", "Content-Length: -1", "Transfer-Encoding: chunked", "Transfer-Encoding: x", "Expect: 100-continue", "Upgrade: h2c", "Trailer: x", " folded: yes", "\tfolded", "X", "X:", ": x", "X-a_b: c", "X Y: z", "Origin: http://evil.example", "X-Forwarded-For: 203.0.113.7"}).Draw(t, "field") + end
	}
	head += pick("blank", end, "\r\n", "\n", "", "\r\n\r\n", "\r\nabc") // the last two leave something for the next
	if rapid.IntRange(0, 9).Draw(t, "cut") > 0 || head == "" {
		return head
	}
	return head[:rapid.IntRange(0, len(head)).Draw(t, "at")]
})

// What comes in and goes out is the same with the shortcut and without.
func TestShortcutIsAsAlways(t *testing.T) {
	h := warmed(t)
	_, s := h.shortcut()
	address := s.Listener.Addr().String()
	rapid.Check(t, func(rt *rapid.T) {
		h.t = t
		h.asAlways(t, address, rapid.SliceOfN(requests, 1, 4).Draw(rt, "requests")...)
	})
}

// talk asks on a connection and reads the whole answer, head first.
func talk(t *testing.T, c net.Conn, r *bufio.Reader, request string) (head, body string) {
	t.Helper()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	_, err := io.WriteString(c, request)
	must(t, err)
	for !strings.HasSuffix(head, "\r\n\r\n") {
		line, err := r.ReadString('\n')
		must(t, err)
		head += line
	}
	head = strings.TrimSuffix(head, "\r\n")
	if m := regexp.MustCompile(`Content-Length: (\d+)`).FindStringSubmatch(head); m != nil {
		n, err := strconv.Atoi(m[1])
		must(t, err)
		b := make([]byte, n)
		_, err = io.ReadFull(r, b)
		must(t, err)
		body = string(b)
	}
	return head, body
}

const plainRequest = "GET /privacy/ru HTTP/1.1\r\nHost: x\r\n"

// What is plain is answered by the shortcut, also after what is not; each request
// is in the log and the metrics as any other.
func TestShortcutAnswersKeptPages(t *testing.T) {
	h := warmed(t)
	_, s := h.shortcut()
	c, r := opened(t, s.Listener.Addr().String())
	asked := 0
	taken := func(field string) (head string) {
		until(t, "the shortcut answers", func() bool { // once a second somebody else asks the store
			asked++
			head, _ = talk(t, c, r, plainRequest+field+"\r\n")
			return byShortcut.MatchString(head)
		})
		return head
	}
	tag := regexp.MustCompile(`Etag: (.*)\r`).FindStringSubmatch(taken(""))[1]
	if head := taken("If-None-Match: " + tag + "\r\n"); !strings.HasPrefix(head, "HTTP/1.1 304 ") {
		t.Fatal(head)
	}
	if head, _ := talk(t, c, r, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"); !strings.HasPrefix(head, "HTTP/1.1 404 ") || byShortcut.MatchString(head) {
		t.Fatal(head)
	}
	if head := taken("Accept-Encoding: gzip\r\n"); !strings.Contains(head, "Content-Encoding: gzip") {
		t.Fatal(head)
	}
	until(t, "each request is in the log and the metrics", func() bool { // which come after the answer
		counted := 0
		for _, m := range regexp.MustCompile(`_count\{route="GET /\{document}/\{lang}",status="\d+"} (\d+)`).FindAllStringSubmatch(h.get("/metrics").body, -1) {
			n, err := strconv.Atoi(m[1])
			must(t, err)
			counted += n
		}
		return counted == asked && strings.Count(h.log.String(), `method=GET route="GET /{document}/{lang}" status=`) == asked
	})
}

// What the http.Server has not used up is never taken for the beginning of a
// request, whatever it looks like.
func TestShortcutWaitsForItsTurn(t *testing.T) {
	h := warmed(t)
	_, s := h.shortcut()
	for _, before := range []string{
		fmt.Sprintf("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", len(plainRequest)), // without the last line end
		"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 49\r\n\r\n",
		"GET /nothing HTTP/1.1\r\nHost: x\r\nX-Cut: ",
		"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\n",
		"GET /nothing HTTP/1.1\nHost: x\n\nGET /nothing HTTP/1.1\r\nX: y\r\n\r\n",
	} {
		for range 10 { // what is sent in pieces may come in one
			h.asAlways(t, s.Listener.Addr().String(), before, plainRequest+"\r\n", plainRequest+"\r\n")
		}
	}
}

// Who goes on after an answer by the shortcut has the time that everybody has: for
// the next request, and for the rest of a head.
func TestShortcutKeepsTime(t *testing.T) {
	h := warmed(t)
	_, s := h.shortcutFor(2*time.Second, func(s *httptest.Server) {
		s.Config.ReadHeaderTimeout, s.Config.IdleTimeout = 50*time.Millisecond, time.Hour
	})
	for _, goesOn := range []string{"", plainRequest} {
		c, r := opened(t, s.Listener.Addr().String())
		until(t, "the shortcut answers", func() bool {
			head, _ := talk(t, c, r, plainRequest+"\r\n")
			return byShortcut.MatchString(head)
		})
		_, err := io.WriteString(c, goesOn)
		must(t, err)
		if _, err := io.ReadAll(r); err != nil {
			t.Fatalf("after %q it waits for ever: %v", goesOn, err)
		}
	}
}

var long = bytes.Repeat([]byte("policy "), 2<<20) // more than Linux takes for somebody who does not read

// beginsLong tells whether the shortcut answers with long, of which the first line
// is read then.
func (h *house) beginsLong(c net.Conn, r *bufio.Reader) bool {
	h.t.Helper()
	h.get("/").want(200)
	h.server.Keep("/long", long)
	_, err := io.WriteString(c, "GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
	must(h.t, err)
	line, err := r.ReadString('\n')
	must(h.t, err)
	if line != "HTTP/1.1 200 OK\r\n" {
		_, _ = talk(h.t, c, r, "")
		return false
	}
	return true
}

// A stop lets what is being answered go out, and answers no more.
func TestShortcutEnds(t *testing.T) {
	h := warmed(t)
	l, s := h.shortcut()
	c, r := opened(t, s.Listener.Addr().String())
	until(t, "a long answer begins", func() bool { return h.beginsLong(c, r) })
	other, from := opened(t, s.Listener.Addr().String())
	ended := make(chan error, 1)
	go func() { ended <- l.Shutdown(t.Context(), s.Config) }()
	until(t, "nobody is taken any more", func() bool {
		c, err := net.Dial("tcp", s.Listener.Addr().String())
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	if head, _ := talk(t, other, from, plainRequest+"\r\n"); byShortcut.MatchString(head) {
		t.Error("it goes on answering")
	}
	if _, body := talk(t, c, r, ""); body != string(long) {
		t.Fatalf("%d bytes of %d came", len(body), len(long))
	}
	must(t, <-ended)
}

// Who never reads keeps a stop from its end for no longer than it has time.
func TestShortcutEndsInTime(t *testing.T) {
	h := warmed(t)
	l, s := h.shortcut()
	c, r := opened(t, s.Listener.Addr().String())
	until(t, "a long answer begins", func() bool { return h.beginsLong(c, r) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_ = l.Shutdown(ctx, s.Config)
	if _, err := io.Copy(io.Discard, r); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("it is still being answered: %v", err)
	}
}
