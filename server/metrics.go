package server

import "time"

type metrics struct{}

func newMetrics(s *Server) *metrics { return &metrics{} }

func (m *metrics) observe(route string, status int, took time.Duration) {}
