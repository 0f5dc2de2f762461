package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// client speaks to an installation: over TCP with a token, through the socket
// of the process that serves it, or to a server inside this very process. Every
// command that needs an installation is one call of the same API.
type client struct {
	http  *http.Client
	base  string // ends before /documents
	token string
	close func() error
}

func remoteClient(server string) (*client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, usagef("-server %q is no address; write https://policies.example.kz", server)
	}
	if hasPassword(server) {
		return nil, usagef("-server takes no password; put a token into VESTNIK_TOKEN")
	}
	token := os.Getenv("VESTNIK_TOKEN")
	if token == "" {
		return nil, errors.New("-server needs a token in the variable VESTNIK_TOKEN; `vestnik token` makes one")
	}
	return &client{http: &http.Client{}, base: strings.TrimRight(server, "/") + "/api/v1", token: token, close: func() error { return nil }}, nil
}

// socketClient reaches the process that serves the folder.
func socketClient(d folder) *client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return dialSocket(ctx, d.socket()) }
	return &client{
		http:  &http.Client{Transport: &http.Transport{DialContext: dial}},
		base:  "http://vestnik.localhost/api/v1",
		close: func() error { return nil },
	}
}

// localClient serves h to itself. close ends the server and then what it stands on.
func localClient(h http.Handler, closing func() error) *client {
	pipe := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: h}
	go srv.Serve(pipe)
	return &client{
		http: &http.Client{Transport: &http.Transport{DialContext: pipe.dial, DisableCompression: true}},
		base: "http://vestnik.localhost/api/v1",
		close: func() error {
			srv.Close()
			return closing()
		},
	}
}

// pipeListener is a listener whose connections never leave the process.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error   { close(p.done); return nil }
func (p *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func (p *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// call sends in as JSON (nil: no body) and fills out (nil: ignored).
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	return c.callKeyed(ctx, method, path, "", in, out)
}

func (c *client) callKeyed(ctx context.Context, method, path, key string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	answer, err := c.stream(ctx, method, path, header, body)
	if err != nil {
		return err
	}
	defer answer.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, answer)
		return err
	}
	if err := json.NewDecoder(answer).Decode(out); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	return nil
}

// stream sends body as it is and returns the body of a good answer.
func (c *client) stream(ctx context.Context, method, path string, header http.Header, body io.Reader) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unreachable(err)
	}
	if resp.StatusCode < 300 {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	return nil, problem(resp)
}

// unreachable leaves out the address of a server that lies in this process.
func unreachable(err error) error {
	var u *url.Error
	if errors.As(err, &u) && strings.Contains(u.URL, "vestnik.localhost") {
		return fmt.Errorf("the process that serves this folder does not answer: %w", u.Err)
	}
	return err
}

// refusal is what the API answered instead.
type refusal struct {
	Status int            `json:"status"`
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Detail string         `json:"detail"`
	More   map[string]any `json:"-"`
}

func (r *refusal) Error() string {
	switch {
	case r.Detail != "" && r.Status >= 500:
		return strings.TrimSuffix(r.Title, ".") + ". " + r.Detail
	case r.Detail != "":
		return r.Detail
	}
	return fmt.Sprintf("the server answered %d %s", r.Status, r.Title)
}

// problem reads application/problem+json (RFC 9457).
func problem(resp *http.Response) error {
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	r := &refusal{}
	if json.Unmarshal(b, r) != nil || r.Status == 0 {
		r = &refusal{Status: resp.StatusCode, Title: http.StatusText(resp.StatusCode)}
	}
	json.Unmarshal(b, &r.More)
	return r
}
