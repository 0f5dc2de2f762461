package mailtest

import (
	"crypto/tls"
	"net"
	"sync"
	"testing"
	"time"
)

// Config of New. The zero Config is a plain relay that takes everything.
type Config struct {
	Script     Script
	Extensions []string         // lines of the answer to EHLO; nil: SIZE, 8BITMIME, ENHANCEDSTATUSCODES
	TLS        *tls.Certificate // offers STARTTLS
	Implicit   bool             // TLS from the first byte instead
	MaxTLS     uint16           // the highest version; 0: any
	User       string           // offers AUTH PLAIN and LOGIN, and demands it before MAIL
	Password   string
}

// Message is a message that the server has taken.
type Message struct {
	Conn int
	From string
	To   []string
	Data []byte // without dot-stuffing and final dot
	TLS  bool
}

// Server is the running server.
type Server struct {
	config   Config
	listener net.Listener
	wg       sync.WaitGroup

	mu       sync.Mutex
	changed  *sync.Cond // a connection has ended
	conns    map[net.Conn]bool
	closed   bool
	accepted int
	counts   map[Phase]int
	messages []Message
	broken   [][]byte
	commands []string
}

// New starts a server on loopback and stops it at the end of the test.
func New(t testing.TB, c Config) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if c.Script == nil {
		c.Script = func(Moment) Step { return Step{} }
	}
	if c.Extensions == nil {
		c.Extensions = []string{"SIZE 10485760", "8BITMIME", "ENHANCEDSTATUSCODES"}
	}
	s := &Server{config: c, listener: l, conns: map[net.Conn]bool{}, counts: map[Phase]int{}}
	s.changed = sync.NewCond(&s.mu)
	s.wg.Go(s.serve)
	t.Cleanup(s.Close)
	return s
}

// Close stops listening, hangs up and waits for the connections to end.
func (s *Server) Close() {
	s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// HungUp waits until no connection is open any more, and fails the test if a client
// keeps one.
func (s *Server) HungUp(t testing.TB) {
	t.Helper()
	limit := time.AfterFunc(10*time.Second, s.changed.Broadcast)
	defer limit.Stop()
	deadline := time.Now().Add(10 * time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.conns) > 0 {
		if !time.Now().Before(deadline) {
			t.Fatalf("mailtest: %d connections are still open", len(s.conns))
		}
		s.changed.Wait()
	}
}

// Addr is host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL is the server as a relay that needs no TLS.
func (s *Server) URL() string { return "smtp://" + s.Addr() }

// Messages returns what was taken so far.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Broken returns what came of messages whose final dot never came.
func (s *Server) Broken() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.broken...)
}

// Copies counts the messages taken by recipient.
func (s *Server) Copies() map[string]int {
	copies := map[string]int{}
	for _, m := range s.Messages() {
		for _, to := range m.To {
			copies[to]++
		}
	}
	return copies
}

// Commands returns the command lines of all connections, without message bodies.
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.commands...)
}

// Open counts the connections that are open.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func (s *Server) serve() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			c.Close()
			return
		}
		s.accepted++
		n := s.accepted
		s.conns[c] = true
		s.mu.Unlock()
		s.wg.Go(func() {
			(&session{server: s, n: n, raw: c}).run()
			c.Close()
			s.mu.Lock()
			delete(s.conns, c)
			s.changed.Broadcast()
			s.mu.Unlock()
		})
	}
}

// step asks the script.
func (s *Server) step(n int, phase Phase, arg string) Step {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[phase]++
	return s.config.Script(Moment{Conn: n, Nth: s.counts[phase], Phase: phase, Arg: arg})
}

func (s *Server) heard(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, line)
}

func (s *Server) lost(body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = append(s.broken, body)
}

func (s *Server) take(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
}
