package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vestnik/documents"
)

// balancer hands each request to the next node, as deploy/Caddyfile has it: to
// another one where the connection is refused, and again where it broke if the
// request may be repeated.
type balancer struct {
	hosts   []string
	next    atomic.Int64
	retried atomic.Int64
	http    http.Transport
}

func newBalancer(t *testing.T, nodes []*node) (b *balancer, at string) {
	b = &balancer{}
	for _, n := range nodes {
		b.hosts = append(b.hosts, n.addr)
	}
	srv := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: "node"})
			r.SetXForwarded()
			r.Out.Host = r.In.Host
		},
		Transport: b,
	})
	t.Cleanup(func() { srv.Close(); b.http.CloseIdleConnections() })
	return b, srv.URL
}

func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	again := r.Method == http.MethodGet || r.Header.Get("Idempotency-Key") != ""
	for end := time.Now().Add(10 * time.Second); ; b.retried.Add(1) {
		try := r.Clone(r.Context())
		try.URL.Host = b.hosts[int(b.next.Add(1))%len(b.hosts)]
		try.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := b.http.RoundTrip(try)
		var op *net.OpError
		refused := errors.As(err, &op) && op.Op == "dial"
		if err == nil || !refused && !again || time.Now().After(end) || r.Context().Err() != nil {
			return resp, err
		}
		<-time.After(20 * time.Millisecond)
	}
}

// reading asks for pages until ctx ends. Every answer must be whole and good.
func reading(ctx context.Context, t *testing.T, at string) (count int) {
	paths := []string{"/privacy/ru", "/cookies/ru", "/cookies/register", "/log/checkpoint", "/api/v1/events?after=0"}
	for ; ctx.Err() == nil; count++ {
		path := paths[count%len(paths)]
		resp, err := http.Get(at + path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return count
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s, %v: %.200s", path, resp.Status, err, b)
			return count
		}
	}
	return count
}

// Two nodes are stopped and started in turn, as an upgrade does it, while people
// read, versions are published and mail goes out: no request is lost, nobody gets
// a second copy, and what a node had in hand is the other one's at once.
func TestNodesRestartedInTurn(t *testing.T) {
	const people = 2000
	relay := newRecorder(t)
	f := newFleet(t, 2, "smtp://"+relay.addr, people)
	f.nodes[0].command("settings", "rate=12000") // or a fast machine had nothing left to hand back
	for _, n := range f.nodes {
		n.flags = append(n.flags, "-drain", "200ms")
		n.start()
	}
	b, at := newBalancer(t, f.nodes)
	t.Setenv("VESTNIK_TOKEN", strings.TrimSpace(f.nodes[0].command("token", "-role", "publisher", "-name", "pipeline")))
	c, err := remoteClient(at)
	if err != nil {
		t.Fatal(err)
	}
	seq := f.tell(people)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	var reads atomic.Int64
	published := 0
	for range 3 {
		all.Go(func() { reads.Add(int64(reading(ctx, t, at))) })
	}
	all.Go(func() {
		published = publishing(ctx, t, others[0], func() *client { return c }, func(err error) { t.Errorf("a publication was lost: %v", err) })
	})
	rounds := 0
	for ; rounds < 8 && f.figures(seq).Accepted < people/2; rounds++ {
		relay.await(people / 40)
		n := f.nodes[rounds%2]
		n.end(syscall.SIGTERM)
		n.start()
	}
	f.handedBack(seq)
	stop()
	all.Wait()
	f.settled(seq, time.Minute)
	f.judge(relay, seq, people, 0)
	f.logHolds(map[string]int{others[0]: published}, &witness{})
	t.Logf("%d restarts, %d pages, %d publications, %d tries again", rounds, reads.Load(), published, b.retried.Load())
}

// handedBack stops all nodes while mail is still owed, and demands that none keeps
// anything for itself.
func (f *fleet) handedBack(seq documents.Seq) {
	f.t.Helper()
	for _, n := range f.nodes {
		n.end(syscall.SIGTERM)
	}
	if f.figures(seq).Open == 0 {
		f.t.Error("everybody was told before the nodes stopped: this shows nothing")
	}
	if held := f.cluster.Query(f.t, "SELECT chunk || ' until ' || until FROM "+f.schema+".chunks WHERE until > now()"); len(held) > 0 {
		f.t.Errorf("chunks are still leased: %s", held)
	}
	for _, n := range f.nodes {
		n.start()
	}
}
