package server

import (
	"net/http"
	"net/url"
	"time"
)

// Warm tells whether all wanted pages were made from what was known last.
func (s *Server) Warm() bool {
	s.warmth.mu.Lock()
	defer s.warmth.mu.Unlock()
	return !s.warmth.busy && s.warmth.made != ""
}

// MakeNothing keeps the server from making pages before somebody asks for them.
func (s *Server) MakeNothing() {
	s.warmth.mu.Lock()
	defer s.warmth.mu.Unlock()
	s.warmth.busy = true
}

// Keep has a page of a body ready at path, as if it had been asked for. Somebody
// asked for another one just now.
func (s *Server) Keep(path string, body []byte) {
	state, _ := s.present.glance(time.Now())
	page := cachedPage{body: encode("", "text/plain", body, true)}
	h := http.Header{}
	page.body.head(h, "text/plain")
	v := &visit{site: &site{Server: s}, r: &http.Request{URL: &url.URL{Path: path}, Pattern: "GET " + path}, known: known{state: state}}
	v.remember(page, h)
}
