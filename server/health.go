package server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Health is how the service is. Ready means that the store answers, so that all
// can be done that this node does; a relay that is down is a fault, but takes
// nothing away from readers.
type Health struct {
	Ready     bool     `json:"ready"`
	Faults    []string `json:"faults" doc:"What is wrong, in sentences"`
	Reading   string   `json:"reading,omitempty" doc:"Where pages come from while the store is away"`
	Node      string   `json:"node,omitempty"`
	Version   string   `json:"version"`
	Schema    string   `json:"schema,omitempty" doc:"Of the store"`
	Skew      string   `json:"skew,omitempty" doc:"How far this machine's clock is ahead of the store's"`
	Rehearsal bool     `json:"rehearsal"`
	Events    int64    `json:"events" doc:"In the log"`
	Behind    int64    `json:"behind" doc:"Events that the notifier has not followed yet"`
	Open      int64    `json:"open" doc:"Deliveries"`
	InDoubt   int64    `json:"in_doubt"`
	Letters   int64    `json:"letters" doc:"That wait"`
	Held      string   `json:"held,omitempty" doc:"Why nothing is sent at all"`
	away      bool
	age       time.Duration // of what is known
}

const (
	// patience is how long a probe waits for all parts.
	patience = 5 * time.Second
	// fullFor is how long a full disk is spoken of after a write last met it.
	fullFor = 5 * time.Minute
	// skewMost is how wrong the clock may be: versions take effect by it.
	skewMost = 5 * time.Second
)

// health asks every part, all at once. While the store is away there is nothing
// to ask.
func (s *Server) health(ctx context.Context) Health {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c := &checkup{Server: s, ctx: ctx, Health: Health{Ready: true, Faults: []string{}, Node: s.Node, Version: s.Version, Rehearsal: s.rehearsal()}}
	k, err := s.present.get(ctx, 0)
	c.Events, c.away = int64(k.last), isAway(err)
	if !k.at.IsZero() {
		c.age = max(0, time.Since(k.at))
	}
	switch {
	case c.away:
		c.Ready, c.Faults = false, append(c.Faults, "The store does not answer: nothing can be changed or sent until it does.")
		c.Reading = "nothing is known yet"
		if !k.at.IsZero() {
			c.Reading = "from memory, as of " + k.at.UTC().Format(time.RFC3339)
		}
	case !c.fault("store", true, err):
		c.parts()
	}
	if at := s.full.Load(); s.now().Unix()-at < int64(fullFor.Seconds()) {
		c.Faults = append(c.Faults, "The disk is full: nothing can be written.")
	}
	slices.Sort(c.Faults)
	return c.Health
}

// checkup is a health in the making.
type checkup struct {
	*Server
	ctx context.Context

	mu sync.Mutex // guards Health while the parts are asked
	Health
}

// parts asks what the store alone does not tell.
func (c *checkup) parts() {
	var all sync.WaitGroup
	for _, part := range []func(){c.tree, c.notifier, c.held, c.clock, c.schema} {
		all.Go(part)
	}
	all.Wait()
}

// fault notes what is wrong with a part, and tells whether anything is. Errors are
// named by part; their text goes to the log only, for it may hold addresses of
// machines.
func (c *checkup) fault(part string, fatal bool, err error) bool {
	c.noteFull(err)
	if err == nil || isFull(err) {
		return err != nil // said once, by health
	}
	c.Log.Error("not healthy", "part", part, "err", err)
	c.say(fmt.Sprintf("The %s does not answer as it should; the log of the service says why.", part))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Ready = c.Ready && !fatal
	return true
}

func (c *checkup) say(sentence string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Faults = append(c.Faults, sentence)
}

func (c *checkup) tree() {
	if c.Tree != nil {
		_, err := c.Tree.Checkpoint(c.ctx)
		c.fault("log", true, err)
	}
}

func (c *checkup) notifier() {
	st, err := c.Notifier.Status(c.ctx)
	if c.fault("notifier", false, err) {
		return
	}
	c.fault("notifier", false, st.Failed)
	if st.Relay != "" {
		c.say("The mail relay: " + st.Relay)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Behind, c.Open, c.InDoubt, c.Letters = st.Behind, st.Open, st.InDoubt, st.Letters
}

func (c *checkup) held() {
	held, err := c.Notifier.Held(c.ctx)
	if c.fault("notifier's hold", false, err) || held == "" {
		return
	}
	c.say("Sending is held: " + held)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Held = held
}

func (c *checkup) clock() {
	if c.Install.Skew == nil {
		return
	}
	skew, err := c.Install.Skew(c.ctx)
	if c.fault("clock of the store", false, err) {
		return
	}
	if skew.Abs() > skewMost {
		c.say(fmt.Sprintf("The clock of this machine is %s off that of the store: set it, for versions take effect by it.", skew.Abs().Round(time.Second)))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Skew = skew.Round(time.Millisecond).String()
}

func (c *checkup) schema() {
	if c.Install.Schema == nil {
		return
	}
	schema, err := c.Install.Schema(c.ctx)
	c.fault("schema of the store", false, err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Schema = schema
}

// opsRoutes are for the machines that look after this one. /healthz: the process
// lives, and serves what it knows. /readyz: it can do all of its work. A load
// balancer sends requests to nodes that are ready, and if none is, to all that
// live: when the database is lost to all nodes, readers still get from each what it
// knows. Strangers learn only whether it lives and is ready: details, like the
// metrics, are for loopback, or for a token where the listener or a proxy can be
// reached from outside.
func (s *Server) opsRoutes(m *mux) {
	m.handle("GET /healthz", func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		_, err := w.Write([]byte("ok\n"))
		return err
	})
	m.handle("GET /readyz", s.readyz)
	m.handle("GET /metrics", func(w http.ResponseWriter, r *http.Request) error {
		if _, err := s.present.last(); !s.insider(r, err != nil) {
			return errUnauthorized
		}
		s.metrics.handler.ServeHTTP(w, r)
		return nil
	})
}

func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	h := s.health(r.Context())
	code := http.StatusOK
	if !h.Ready {
		code = http.StatusServiceUnavailable
	}
	ctx, cancel := context.WithTimeout(r.Context(), answersIn)
	defer cancel()
	if !s.insider(r.WithContext(ctx), h.away) {
		return writeJSON(w, code, map[string]bool{"ready": h.Ready})
	}
	return writeJSON(w, code, h)
}

// insider: a direct caller on this machine, or the bearer of a token, which cannot
// be looked up while the store is away. What comes through a proxy on this machine
// is not from this machine.
func (s *Server) insider(r *http.Request, away bool) bool {
	if given := r.Header.Get("Authorization"); given != "" && !away {
		_, err := s.tokenActor(r.Context(), given)
		return err == nil
	}
	for _, name := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
