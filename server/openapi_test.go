package server_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// contract is the served description. Every answer that a test of this package
// gets from the API is held to it, see house.local.
type contract struct {
	once   sync.Once
	doc    *openapi3.T
	router routers.Router
}

func (h *house) describe() *contract {
	h.t.Helper()
	c := &h.contract
	c.once.Do(func() {
		a := call(h.t, h.tcp.Client(), "GET", h.tcp.URL+"/api/v1/openapi.json", "").want(200)
		var err error
		c.doc, err = openapi3.NewLoader().LoadFromData([]byte(a.body))
		must(h.t, err)
		c.doc.Servers = openapi3.Servers{{URL: "/api/v1"}}
		c.router, err = legacy.NewRouter(c.doc)
		must(h.t, err)
	})
	return c
}

// conforms fails the test if the answer is not what the description says.
func (h *house) conforms(method, path string, a answer) {
	h.t.Helper()
	u, err := url.Parse("/api/v1" + path)
	must(h.t, err)
	req := &http.Request{Method: method, URL: u, Header: http.Header{}}
	route, params, err := h.describe().router.FindRoute(req)
	if err != nil {
		if a.status != 404 && a.status != 405 {
			h.t.Fatalf("%s %s is served and not described: %v", method, path, err)
		}
		return
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader([]byte(a.body))),
		Options: &openapi3filter.Options{MultiError: true, ExcludeResponseBody: !strings.HasSuffix(a.header.Get("Content-Type"), "/json") && !strings.HasSuffix(a.header.Get("Content-Type"), "+json")},
	}
	if err := openapi3filter.ValidateResponse(h.t.Context(), in); err != nil {
		h.t.Fatalf("%s %s answers %d, not as described: %v", method, path, a.status, err)
	}
}

func TestDescriptionIsValid(t *testing.T) {
	h := newHouse(t)
	doc := h.describe().doc
	must(t, doc.Validate(t.Context()))
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatalf("it is OpenAPI %s", doc.OpenAPI)
	}
	for name := range doc.Components.Schemas {
		if strings.HasPrefix(name, "Error") {
			t.Errorf("the schema %s is of no answer of ours", name)
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Summary == "" || op.Responses.Value("default") == nil || op.Security == nil {
				t.Errorf("%s %s lacks a summary, its problems, or who may call it", method, path)
			}
		}
	}
}

// The promised operations are all there, by their promised names.
func TestPromisedOperations(t *testing.T) {
	doc := newHouse(t).describe().doc
	for _, promised := range strings.Split(`PUT /documents/{id}
POST /documents/{id}/versions
POST /documents/{id}/import
GET /documents/{id}/versions
GET /documents/{id}/versions/{n}
GET /documents/{id}/in-force
GET /documents/{id}/compare/{range}
GET /documents/{id}/clauses/{clause}
GET /documents/{id}/fragment/{lang}
GET /events
PUT /recipients/{external_id}
GET /recipients/{external_id}
DELETE /recipients/{external_id}
GET /recipients
POST /recipients:import
GET /recipients/{external_id}/notices
GET /notices
GET /notices/{seq}
GET /notices/{seq}/deliveries
POST /notices/{seq}/stop
POST /notices/{seq}/resume
POST /notices/{seq}/cancel
GET /settings
PUT /settings
POST /open
GET /backup
POST /check
GET /status`, "\n") {
		method, path, _ := strings.Cut(promised, " ")
		if item := doc.Paths.Value(path); item == nil || item.GetOperation(method) == nil {
			t.Errorf("%s is not there", promised)
		}
	}
}

// Whatever is described and not for anyone refuses strangers, and every act
// refuses an auditor, before it looks at the body.
func TestRoles(t *testing.T) {
	h := newHouse(t)
	h.published("policy")
	auditor := h.token("auditor", "a")
	var first struct {
		Texts map[string]struct{ Clauses []struct{ ID string } }
	}
	h.remote("", "GET", "/documents/policy/versions/1", "").want(200, &first)
	fill := strings.NewReplacer("{id}", "policy", "{clause}", first.Texts["en"].Clauses[0].ID, "{n}", "1", "{seq}", "1", "{external_id}", "u1", "{name}", "a", "{range}", "1...1", "{lang}", "en")
	open := 0
	for path, item := range h.describe().doc.Paths.Map() {
		for method, op := range item.Operations() {
			at := fill.Replace(path)
			if len(*op.Security) == 2 {
				open++
				h.remote("", method, at, "").want(200)
				h.remote("forged", method, at, "").refused(401, "unauthorized")
				continue
			}
			h.remote("", method, at, "no JSON").refused(401, "unauthorized")
			h.remote("forged", method, at, "no JSON").refused(401, "unauthorized")
			if method != "GET" {
				h.remote(auditor, method, at, "no JSON").refused(403, "forbidden")
			}
		}
	}
	if open != 10 {
		t.Errorf("%d operations are open to anyone, want 10", open)
	}
	publisher := h.token("publisher", "p")
	for _, path := range []string{"/settings", "/staff", "/tokens", "/audit"} {
		h.remote(publisher, "GET", path, "").refused(403, "forbidden")
		h.remote(auditor, "GET", path, "").want(200)
	}
	for _, path := range []string{"/recipients?format=csv", "/recipients/u1", "/backup"} {
		h.remote(auditor, "GET", path, "").refused(403, "forbidden")
	}
}
