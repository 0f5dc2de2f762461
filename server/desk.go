package server

// deskRoutes registers the desk.
func (s *Server) deskRoutes(m *mux) {}
