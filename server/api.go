package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"vestnik/documents"
)

const apiPrefix = "/api/v1"

func isAPI(path string) bool { return path == "/api" || strings.HasPrefix(path, "/api/") }

func (s *Server) apiRoutes(m *mux) {}

func (s *Server) localHandler() http.Handler { return http.NotFoundHandler() }

// Problem is an answer of application/problem+json (RFC 9457).
type Problem struct {
	Type   string `json:"type" doc:"What kind of problem it is, relative to the server"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty" doc:"One sentence that says what to do"`
	Field  string `json:"field,omitempty" doc:"The input that was refused"`
	Code   string `json:"code,omitempty" doc:"A stable name of the reason"`
}

func problem(err error, request string) *Problem {
	p := &Problem{Type: "about:blank", Status: status(err)}
	p.Title = http.StatusText(p.Status)
	var invalid *documents.InvalidError
	if errors.As(err, &invalid) {
		p.Field, p.Code, p.Detail = invalid.Field, invalid.Code, invalid.Reason
	}
	return p
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
