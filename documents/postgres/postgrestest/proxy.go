package postgrestest

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"sync"
	"testing"
)

// Proxy passes TCP connections on to a cluster, or does what networks do.
type Proxy struct {
	t        testing.TB
	to       string
	port     int
	pipes    sync.WaitGroup
	mu       sync.Mutex
	listener net.Listener // nil while it is cut
	conns    map[net.Conn]struct{}
	gate     chan struct{} // closed: bytes pass
}

// Proxy starts one in front of the cluster; it ends with the test.
func (c *Cluster) Proxy() *Proxy {
	c.t.Helper()
	p := &Proxy{t: c.t, to: fmt.Sprintf("127.0.0.1:%d", c.port), port: freePort(c.t), conns: map[net.Conn]struct{}{}, gate: make(chan struct{})}
	p.Heal()
	c.t.Cleanup(func() {
		p.Cut()
		p.Resume()
		p.pipes.Wait()
	})
	return p
}

// Via is address with the proxy for its host.
func (p *Proxy) Via(address string) string {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port))
	return u.String()
}

// Stall lets nothing pass. Connections stay, new ones are taken, and what is
// sent is kept until Resume.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.gate:
		p.gate = make(chan struct{})
	default:
	}
}

// Resume ends a Stall.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.gate:
	default:
		close(p.gate)
	}
}

// Reset ends all connections with RST. New ones are let in.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

// Cut closes all connections and refuses new ones, until Heal.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	for conn := range p.conns {
		_ = conn.Close()
	}
}

// Heal lets everything pass, whatever was before.
func (p *Proxy) Heal() {
	p.t.Helper()
	p.Resume()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		return
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p.port))
	if err != nil {
		p.t.Fatal(err)
	}
	p.listener = l
	p.pipes.Go(func() { p.accept(l) })
}

func (p *Proxy) accept(l net.Listener) {
	for {
		from, err := l.Accept()
		if err != nil {
			return
		}
		p.pipes.Go(func() { p.join(l, from) })
	}
}

// join passes both ways until one side ends.
func (p *Proxy) join(l net.Listener, from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer to.Close()
	if !p.keep(l, from, to) {
		return
	}
	defer p.drop(from, to)
	var back sync.WaitGroup
	back.Go(func() {
		p.pass(from, to)
		_ = from.Close()
		_ = to.Close()
	})
	p.pass(to, from)
	_ = from.Close()
	_ = to.Close()
	back.Wait()
}

// keep notes connections for Reset and Cut, unless they came in before a Cut.
func (p *Proxy) keep(l net.Listener, conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != l {
		return false
	}
	for _, c := range conns {
		p.conns[c] = struct{}{}
	}
	return true
}

func (p *Proxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		delete(p.conns, c)
	}
}

func (p *Proxy) pass(to, from net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		p.wait()
		if _, werr := to.Write(buf[:n]); werr != nil || err != nil {
			return
		}
	}
}

// wait returns while, or once, bytes may pass.
func (p *Proxy) wait() {
	p.mu.Lock()
	gate := p.gate
	p.mu.Unlock()
	<-gate
}
