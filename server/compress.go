package server

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// compress encodes body as the client allows. Personal pages, which are
// no-store, stay as they are: what is secret in them must not share a
// compressor with what a stranger can put there.
func compress(r *http.Request, contentType string, body []byte, cache string) ([]byte, string) {
	if len(body) < 1024 || strings.Contains(cache, "no-store") || strings.Contains(cache, "private") || !compressible(contentType) {
		return body, ""
	}
	accept := r.Header.Get("Accept-Encoding")
	var out bytes.Buffer
	switch {
	case accepts(accept, "br"):
		w := brotli.NewWriterLevel(&out, 5)
		_, _ = w.Write(body) // into memory
		_ = w.Close()
		return out.Bytes(), "br"
	case accepts(accept, "gzip"):
		w := gzip.NewWriter(&out)
		_, _ = w.Write(body)
		_ = w.Close()
		return out.Bytes(), "gzip"
	}
	return body, ""
}

func compressible(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	switch t {
	case "application/json", "application/atom+xml", "application/xml", "image/svg+xml", "text/javascript", "application/problem+json":
		return true
	}
	return strings.HasPrefix(t, "text/")
}

// accepts tells whether an Accept-Encoding header names coding with a weight
// above 0.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}
