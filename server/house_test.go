package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	documentsbolt "vestnik/documents/boltstore"
	"vestnik/notifier"
	notifierbolt "vestnik/notifier/boltstore"
	"vestnik/server"
	serverbolt "vestnik/server/boltstore"
)

// house is a whole server over a real file, with both of its doors.
type house struct {
	t       *testing.T
	server  *server.Server
	store   server.Store
	library *documents.Library
	tcp     *httptest.Server
	socket  *httptest.Server
	log     *syncBuffer
	db      *bbolt.DB

	contract contract
}

// syncBuffer is a log that requests write and a test reads.
type syncBuffer struct {
	journal *server.Journal // which writes here
	mu      sync.Mutex
	buf     bytes.Buffer // guarded by mu
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.journal.Flush()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func newHouse(t *testing.T, change ...func(*server.Config)) *house {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "vestnik.db"), 0o600, &bbolt.Options{NoSync: true})
	must(t, err)
	t.Cleanup(func() { db.Close() })
	h := &house{t: t, log: &syncBuffer{}, db: db}
	h.log.journal = server.NewJournal(h.log)
	log := slog.New(slog.NewTextHandler(h.log.journal, nil))
	texts, err := documentsbolt.New(db)
	must(t, err)
	people, err := notifierbolt.New(db)
	must(t, err)
	h.store, err = serverbolt.New(db)
	must(t, err)
	var inner http.Handler
	h.tcp = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r) }))
	t.Cleanup(h.tcp.Close)
	book := &server.SettingsBook{Store: h.store, Relay: "smtp://127.0.0.1:1", URL: h.tcp.URL, From: "post@example.kz"}
	h.library = documents.NewLibrary(documents.Config{Store: texts, Origin: "example.kz/log", Rules: book.Rules, Log: log})
	told, err := notifier.New(notifier.Config{Store: people, Library: h.library, Settings: book.Notifier, Key: bytes.Repeat([]byte{7}, 32), Node: "test", Log: log})
	must(t, err)
	c := server.Config{Store: h.store, Library: h.library, Notifier: told, Settings: book, URL: h.tcp.URL, Loopback: true, Version: "1.2.3", Log: log, Journal: h.log.journal}
	for _, f := range change {
		f(&c)
	}
	h.server, err = server.New(c)
	must(t, err)
	inner = h.server
	h.socket = httptest.NewServer(h.server.Local())
	t.Cleanup(h.socket.Close)
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// want fails unless the status is the given one, and fills out from the body.
func (a answer) want(status int, out ...any) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	for _, o := range out {
		if err := json.Unmarshal([]byte(a.body), o); err != nil {
			a.t.Fatalf("%v in %s", err, a.body)
		}
	}
	return a
}

type problem struct {
	Type, Title, Detail, Field, Code string
	Status                           int
	Due                              *int64
	Scheduled                        []struct{ Number int }
	Refused                          []struct{ Row int }
}

// refused is want for a problem.
func (a answer) refused(status int, kind string) problem {
	a.t.Helper()
	var p problem
	a.want(status, &p)
	if p.Type != "/problems/"+kind || p.Status != status || a.header.Get("Content-Type") != "application/problem+json" {
		a.t.Fatalf("problem %q of type %q with status %d, want %s: %s", p.Type, a.header.Get("Content-Type"), p.Status, kind, a.body)
	}
	return p
}

// call sends a request to base. header is name, value, name, value.
func call(t *testing.T, client *http.Client, method, address, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	must(t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return send(t, client, req)
}

func send(t *testing.T, client *http.Client, req *http.Request) answer {
	t.Helper()
	resp, err := client.Do(req)
	must(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	must(t, err)
	return answer{t, resp.StatusCode, resp.Header, string(b)}
}

// local calls the API through the socket's door.
func (h *house) local(method, path, body string, header ...string) answer {
	h.t.Helper()
	a := call(h.t, h.socket.Client(), method, h.socket.URL+"/api/v1"+path, body, header...)
	h.conforms(method, path, a)
	return a
}

// remote calls the API over TCP with a token, or without if it is "".
func (h *house) remote(token, method, path, body string, header ...string) answer {
	h.t.Helper()
	if token != "" {
		header = append(header, "Authorization", "Bearer "+token)
	}
	a := call(h.t, h.tcp.Client(), method, h.tcp.URL+"/api/v1"+path, body, header...)
	h.conforms(method, path, a)
	return a
}

// token makes one on the socket.
func (h *house) token(role, name string) string {
	h.t.Helper()
	var made struct{ Token string }
	h.local("POST", "/tokens", toJSON(h.t, map[string]string{"role": role, "name": name})).want(201, &made)
	return made.Token
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return string(b)
}

// browser keeps cookies and follows no redirects.
func (h *house) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	must(h.t, err)
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// invite makes a member of staff and returns id and sign-in link.
func (h *house) invite(address string, roles ...string) (id, link string) {
	h.t.Helper()
	var made struct{ ID, URL string }
	h.local("POST", "/staff", toJSON(h.t, map[string]any{"address": address, "roles": roles})).want(201, &made)
	return made.ID, made.URL
}

// signedIn is a browser in which the holder of link is signed in.
func (h *house) signedIn(link string) *http.Client {
	h.t.Helper()
	b := h.browser()
	call(h.t, b, "POST", link, "").want(303)
	return b
}

func (h *house) hasSession(b *http.Client) bool {
	u, err := url.Parse(h.tcp.URL)
	must(h.t, err)
	return len(b.Jar.Cookies(u)) > 0
}

// run lets work go on beside the test, until its end.
func (h *house) run(work func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
}

// installation stands for what only cmd can do.
func installation() server.Installation {
	rehearsal := true
	return server.Installation{
		Open:      func(context.Context, documents.Actor) error { rehearsal = false; return nil },
		Rehearsal: func() bool { return rehearsal },
		Backup: func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, "the dumps")
			return err
		},
		Check: func(context.Context, func(done, of int)) ([]string, error) {
			return []string{"A fault was found."}, nil
		},
	}
}
