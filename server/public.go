package server

// publicRoutes registers the public pages.
func (s *Server) publicRoutes(m *mux) {}
