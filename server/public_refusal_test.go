package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"vestnik/documents"
)

// What a reader can only come back for says so, when, and by which link.
func TestRefusalsThatPass(t *testing.T) {
	s := &Server{Config: Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, root: &url.URL{Scheme: "https", Host: "example.kz", Path: "/policies"}, limits: newLimiter()}
	s.present = newPresent(func(context.Context) (known, error) { return known{}, nil }, s.Log)
	s.renderError = (&site{Server: s}).errorPage
	for _, c := range []struct {
		err         error
		status      int
		key, retry  string
		again, said bool
	}{
		{errBusy, 503, "error-busy", "5", true, false},
		{fmt.Errorf("read: %w", documents.ErrAway), 503, "error-away", "60", true, false},
		{errTooMany, 429, "error-429", "60", false, false},
		{errUnavailable, 503, "error-503", "", true, true},
		{errPanic, 500, "error-500", "", false, true},
	} {
		for _, tag := range []string{"kk", "ru", "en"} {
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/privacy/"+tag+"/compare/1...2?view=side", nil)
			s.fail(w, r.WithContext(context.WithValue(r.Context(), requestKey, "ABCD")), c.err)
			words, body := catalogue.In(tag), w.Body.String()
			if w.Code != c.status || w.Header().Get("Retry-After") != c.retry || !strings.Contains(body, "<h1>"+words.T(c.key+"-title")+"</h1>") || !strings.Contains(body, words.T(c.key)) || !strings.Contains(body, `<html lang="`+tag+`"`) {
				t.Errorf("%v in %s: %d, Retry-After %q:\n%s", c.err, tag, w.Code, w.Header().Get("Retry-After"), body)
			}
			if strings.Contains(body, `href="/policies/privacy/`+tag+`/compare/1...2?view=side">`+words.T("error-again")) != c.again || strings.Contains(body, "ABCD") != c.said {
				t.Errorf("%v in %s: the link again, or the number of the request:\n%s", c.err, tag, body)
			}
		}
	}
}
