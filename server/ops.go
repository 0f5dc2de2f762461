package server

func (s *Server) opsRoutes(m *mux) {}
