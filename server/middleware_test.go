package server_test

import (
	"net/http"
	"strings"
	"testing"

	"vestnik/server"
)

func TestEveryAnswerIsSecured(t *testing.T) {
	h := newHouse(t)
	h.published("policy")
	call(t, h.browser(), "GET", h.tcp.URL+"/", "").want(200)
	until(t, "pages are ready", h.server.Warm)
	for _, path := range []string{"/policy/ru", "/policy/feed.atom", "/healthz", "/api/v1/documents", "/nothing/here/at/all/or/so", "/desk/nothing"} {
		a := call(t, h.browser(), "GET", h.tcp.URL+path, "")
		for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "", "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "", "Request-Id": ""} {
			if got := a.header.Get(name); got == "" || !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

// The log has patterns; what stands in a path may be a person or a token.
func TestLogHasNoPersonalData(t *testing.T) {
	h := newHouse(t)
	secret := h.token("publisher", "p")
	h.remote(secret, "GET", "/recipients/aigul-77?note=private", "")
	call(t, h.browser(), "GET", h.tcp.URL+"/me/personal-token", "")
	call(t, h.browser(), "WEIRD", h.tcp.URL+"/healthz", "")
	log := h.log.String()
	for _, word := range []string{"aigul-77", "private", "personal-token", "WEIRD", secret} {
		if strings.Contains(log, word) {
			t.Errorf("the log has %q:\n%s", word, log)
		}
	}
	if !strings.Contains(log, "/recipients/{external_id}") {
		t.Errorf("the log lacks the route:\n%s", log)
	}
}

func TestPathOfURL(t *testing.T) {
	h := newHouse(t, func(c *server.Config) { c.URL = "https://site.example/policies" })
	for _, base := range []string{"/policies", ""} {
		call(t, h.browser(), "GET", h.tcp.URL+base+"/api/v1/documents", "").want(200)
	}
	if to := call(t, h.browser(), "GET", h.tcp.URL+"/policies", "").want(301).header.Get("Location"); to != "/policies/" {
		t.Fatalf("leads to %q", to)
	}
	call(t, h.browser(), "GET", h.tcp.URL+"/policiesx/api/v1/documents", "").want(404)
}

func TestDetailsAreForInsiders(t *testing.T) {
	h := newHouse(t)
	client := h.browser()
	call(t, client, "GET", h.tcp.URL+"/healthz", "").want(200)
	call(t, client, "GET", h.tcp.URL+"/metrics", "", "X-Forwarded-For", "203.0.113.7").want(401)
	if body := call(t, client, "GET", h.tcp.URL+"/readyz", "", "X-Forwarded-For", "203.0.113.7").want(200).body; strings.TrimSpace(body) != `{"ready":true}` {
		t.Fatalf("a stranger learns %s", body)
	}
	call(t, client, "GET", h.tcp.URL+"/metrics", "", "X-Forwarded-For", "203.0.113.7", "Authorization", "Bearer "+h.token("auditor", "prometheus")).want(200)
}

func TestMetricsAndReadiness(t *testing.T) {
	h := newHouse(t)
	h.published("policy")
	body := call(t, h.browser(), "GET", h.tcp.URL+"/metrics", "").want(200).body
	for _, line := range []string{"vestnik_ready 1", "vestnik_log_events 1", `vestnik_http_request_seconds_count{route="POST /api/v1/documents/{id}/versions",status="201"} 1`} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("the metrics lack %q", line)
		}
	}
	var ready struct {
		Ready  bool
		Events int
	}
	call(t, h.browser(), "GET", h.tcp.URL+"/readyz", "").want(200, &ready)
	if !ready.Ready || ready.Events != 1 {
		t.Fatalf("ready is %+v", ready)
	}
	must(t, h.db.Close())
	call(t, h.browser(), "GET", h.tcp.URL+"/readyz", "").want(http.StatusServiceUnavailable, &ready)
	if ready.Ready {
		t.Fatal("ready without a store")
	}
	call(t, h.browser(), "GET", h.tcp.URL+"/healthz", "").want(200)
}
