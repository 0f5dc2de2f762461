package server

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
