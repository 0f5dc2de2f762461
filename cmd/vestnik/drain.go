package main

import (
	"net/http"
	"strings"
	"time"
)

// drain lets a proxy see that this process is about to stop, while it still
// answers: its probes say no, and each answer ends its connection, so that none is cut
// on which the proxy is just sending the next request.
func (sv *service) drain(long time.Duration) {
	sv.leaving.Store(true)
	sv.short.End()
	if long > 0 {
		sv.log.Info("stopping; requests are still answered", "for", long)
		<-time.After(long)
	}
}

// public is what a listener serves.
func (sv *service) public(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !sv.leaving.Load() {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Connection", "close")
		if !strings.HasSuffix(r.URL.Path, "/readyz") && !strings.HasSuffix(r.URL.Path, "/healthz") {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusServiceUnavailable)
		w.Write([]byte(`{"ready":false}` + "\n"))
	})
}
