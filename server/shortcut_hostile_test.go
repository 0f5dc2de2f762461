package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"vestnik/server"
)

// However many pages are asked for, there are few files, and room for connections;
// what nobody has any more makes room for others.
func TestShortcutFilesAreBounded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there are no files in memory")
	}
	h := warmed(t)
	long, pages := bytes.Repeat([]byte("policy "), 10<<10), 0
	files := func() (n int) {
		open, _ := filepath.Glob("/proc/self/fd/*")
		for _, name := range open {
			if to, err := os.Readlink(name); err == nil && strings.Contains(to, "memfd:page") {
				n++
			}
		}
		return n
	}
	keep := func() {
		pages++
		h.server.Keep(fmt.Sprintf("/long/%d", pages), long)
	}
	for range 2000 {
		keep()
	}
	if n := files(); n > 512 {
		t.Errorf("%d files are open", n)
	}
	until(t, "there is room again", func() bool {
		runtime.GC()
		before := files()
		keep()
		return files() > before
	})
}

// Below the path of -url, and beside it, everything is as always.
func TestShortcutBelow(t *testing.T) {
	h := staged(t, func(c *server.Config) { c.URL += "/policies"; c.Settings.URL = c.URL })
	h.get("/policies/").want(200)
	until(t, "pages are ready", h.server.Warm)
	_, s := h.shortcut()
	for _, target := range []string{"/policies/privacy/ru", "/privacy/ru", "/policies", "/policies/", "/policiesX/privacy/ru", "/policies//privacy/ru", "/policies/policies/privacy/ru", "/policies/policies", "//policies/privacy/ru", "policies/privacy/ru"} {
		one := "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"
		for range 3 {
			h.asAlways(t, s.Listener.Addr().String(), one, one)
		}
	}
}

// held is a server whose /held waits until the test says go, and tells when it
// was left.
func held(t *testing.T, h *house) (address string, came, left, goOn chan struct{}) {
	came, left, goOn = make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{})
	_, s := h.shortcut(func(s *httptest.Server) {
		s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/held" {
				h.server.ServeHTTP(w, r)
				return
			}
			came <- struct{}{}
			select {
			case <-goOn:
				io.WriteString(w, "went on")
			case <-r.Context().Done():
				left <- struct{}{}
			}
		})
	})
	return s.Listener.Addr().String(), came, left, goOn
}

const heldRequest = "GET /held HTTP/1.1\r\nHost: x\r\n\r\n"

// Who leaves while being answered is noticed.
func TestShortcutTellsWhoLeaves(t *testing.T) {
	address, came, left, _ := held(t, warmed(t))
	for _, leave := range []func(*net.TCPConn) error{(*net.TCPConn).Close, (*net.TCPConn).CloseWrite, reset} {
		c, _ := opened(t, address)
		io.WriteString(c, heldRequest)
		<-came
		must(t, leave(c))
		select {
		case <-left:
		case <-time.After(20 * time.Second):
			t.Fatal("nobody was told")
		}
	}
}

func reset(c *net.TCPConn) error {
	if err := c.SetLinger(0); err != nil {
		return err
	}
	return c.Close()
}

// What comes while something else is answered has its turn, to the last byte,
// however it is cut.
func TestShortcutComesEarly(t *testing.T) {
	h := warmed(t)
	address, came, _, goOn := held(t, h)
	next := plainRequest + "\r\n"
	for _, cut := range []int{1, 2, 3, 4, 5, len(next) - 1, len(next)} {
		c, r := opened(t, address)
		c.SetDeadline(time.Now().Add(20 * time.Second))
		io.WriteString(c, heldRequest)
		<-came
		io.WriteString(c, next[:cut])
		goOn <- struct{}{}
		if one, err := answerFrom(r); err != nil || !strings.HasSuffix(one, "went on") {
			t.Fatal(one, err)
		}
		io.WriteString(c, next[cut:])
		for range 2 {
			if one, err := answerFrom(r); err != nil || !strings.HasPrefix(one, "200 ") || !strings.Contains(one, "</html>") {
				t.Fatalf("cut at %d: %v, %s", cut, err, one)
			}
			io.WriteString(c, next)
		}
	}
}

// Who leaves in the middle of an answer is in the log as everybody is, without a
// failure and without an address.
func TestLeavingIsNoFailure(t *testing.T) {
	h := warmed(t)
	for path, status := range map[string]int{"/privacy/ru": 200, "/no-such/ru": 404, "/desk/sign-in": 200, "/healthz": 200, "/api/v1/documents": 200} {
		before := len(h.log.String())
		func() {
			defer func() {
				if p := recover(); p != nil && p != http.ErrAbortHandler {
					t.Error(path, p)
				}
			}()
			h.server.ServeHTTP(&gone{ResponseRecorder: httptest.NewRecorder()}, httptest.NewRequest("GET", path, nil))
		}()
		if log := h.log.String()[before:]; !strings.Contains(log, fmt.Sprintf("status=%d", status)) || strings.Contains(log, "ERROR") || strings.Contains(log, "203.0.113.7") {
			t.Errorf("%s: %s", path, log)
		}
	}
}

// gone cannot be written to.
type gone struct{ *httptest.ResponseRecorder }

func (*gone) Write([]byte) (int, error) {
	return 0, &net.OpError{Op: "write", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(203, 0, 113, 7)}, Err: io.ErrClosedPipe}
}
