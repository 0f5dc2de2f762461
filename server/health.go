package server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Health is how the service is. Ready means that it can answer readers; a relay
// that is down is a fault, but takes no page away.
type Health struct {
	Ready     bool     `json:"ready"`
	Faults    []string `json:"faults" doc:"What is wrong, in sentences"`
	Version   string   `json:"version"`
	Rehearsal bool     `json:"rehearsal"`
	Events    int64    `json:"events" doc:"In the log"`
	Behind    int64    `json:"behind" doc:"Events that the notifier has not followed yet"`
	Open      int64    `json:"open" doc:"Deliveries"`
	InDoubt   int64    `json:"in_doubt"`
	Letters   int64    `json:"letters" doc:"That wait"`
	Held      string   `json:"held,omitempty" doc:"Why nothing is sent at all"`
}

// patience is how long a probe waits for each part.
const patience = 5 * time.Second

// fullFor is how long a full disk is spoken of after a write last met it.
const fullFor = 5 * time.Minute

// health asks every part. Errors are named by part; their text goes to the log
// only, for it may hold addresses of machines.
func (s *Server) health(ctx context.Context) Health {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	h := Health{Ready: true, Faults: []string{}, Version: s.Version, Rehearsal: s.rehearsal()}
	fault := func(part string, fatal bool, err error) bool {
		s.noteFull(err)
		if err == nil || isFull(err) {
			return err != nil // said below, once
		}
		s.Log.Error("not healthy", "part", part, "err", err)
		h.Faults = append(h.Faults, fmt.Sprintf("The %s does not answer as it should; the log of the service says why.", part))
		h.Ready = h.Ready && !fatal
		return true
	}
	_, err := s.book.Read(ctx)
	fault("store of settings and staff", true, err)
	last, err := s.Library.Last(ctx, "")
	if h.Events = int64(last); !fault("store of documents", true, err) && s.Tree != nil {
		_, err = s.Tree.Checkpoint(ctx)
		fault("log", true, err)
	}
	if st, err := s.Notifier.Status(ctx); !fault("notifier", false, err) {
		h.Behind, h.Open, h.InDoubt, h.Letters = st.Behind, st.Open, st.InDoubt, st.Letters
		if st.Relay != "" {
			h.Faults = append(h.Faults, "The mail relay: "+st.Relay)
		}
		fault("notifier", false, st.Failed)
	}
	if at := s.full.Load(); s.now().Unix()-at < int64(fullFor.Seconds()) {
		h.Faults = append(h.Faults, "The disk is full: nothing can be written.")
	}
	if h.Held, err = s.Notifier.Held(ctx); !fault("notifier's hold", false, err) && h.Held != "" {
		h.Faults = append(h.Faults, "Sending is held: "+h.Held)
	}
	return h
}

// opsRoutes are for the machines that look after this one. Strangers learn only
// whether it lives and is ready: details, like the metrics, are for loopback, or
// for a token where the listener or a proxy can be reached from outside.
func (s *Server) opsRoutes(m *mux) {
	m.handle("GET /healthz", func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		_, err := w.Write([]byte("ok\n"))
		return err
	})
	m.handle("GET /readyz", s.readyz)
	m.handle("GET /metrics", func(w http.ResponseWriter, r *http.Request) error {
		if !s.insider(r) {
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
	if !s.insider(r) {
		return writeJSON(w, code, map[string]bool{"ready": h.Ready})
	}
	return writeJSON(w, code, h)
}

// insider: a direct caller on this machine, or the bearer of a token. What comes
// through a proxy on this machine is not from this machine.
func (s *Server) insider(r *http.Request) bool {
	if given := r.Header.Get("Authorization"); given != "" {
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
