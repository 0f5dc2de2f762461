package server

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// sent is a body as it goes over the wire, with what the header says of those very
// bytes. The values are shared by all answers and never written to.
type sent struct {
	bytes       []byte
	coding      string   // "br", "gzip", or "" for none
	tag, length []string // ETag and Content-Length
}

// coding is what a client who accepts this takes of what we offer.
func coding(accept string) string {
	for _, one := range []string{"br", "gzip"} {
		if accepts(accept, one) {
			return one
		}
	}
	return ""
}

const (
	quick     = 5         // brotli, for somebody who waits
	thorough  = 10        // an eighth smaller, in ten times as long
	mostQuiet = 512 << 10 // what is larger takes seconds
)

// encode encodes body, where that is worth it; best means that nobody waits.
func encode(coding, contentType string, body []byte, best bool) sent {
	var out bytes.Buffer
	switch {
	case len(body) < 1024 || !compressible(contentType):
		coding = ""
	case coding == "br":
		level := quick
		if best && len(body) <= mostQuiet {
			level = thorough
		}
		w := brotli.NewWriterLevel(&out, level)
		_, _ = w.Write(body) // into memory
		_ = w.Close()
	case coding == "gzip":
		w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // costs next to nothing more
		_, _ = w.Write(body)
		_ = w.Close()
	}
	if coding != "" {
		body = bytes.Clone(out.Bytes()) // without what the buffer has in reserve
	}
	sum := sha256.Sum256(body)
	return sent{body, coding, []string{`"` + hex.EncodeToString(sum[:16]) + `"`}, []string{strconv.Itoa(len(body))}}
}

// decoded is the body as it was before it was encoded.
func (s sent) decoded() []byte {
	var r io.Reader = bytes.NewReader(s.bytes)
	switch s.coding {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		r, _ = gzip.NewReader(r) // we wrote it
	}
	body, _ := io.ReadAll(r) // from memory
	return body
}

// head sets what the header says of s.
func (s sent) head(h http.Header, contentType string) {
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	h.Add("Vary", "Accept-Encoding")
	h.Set("Content-Type", contentType)
	h["Etag"], h["Content-Length"] = s.tag, s.length
	if s.coding != "" {
		h.Set("Content-Encoding", s.coding)
	}
}

// write answers with s, or with 304 if the client has these very bytes. A Range is
// not heeded, as it may be: the answer is the whole.
func (s sent) write(w http.ResponseWriter, r *http.Request) error {
	if matches(r.Header["If-None-Match"], s.tag[0]) {
		unchanged(w.Header())
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(s.bytes)
	return err
}

func (s sent) serve(w http.ResponseWriter, r *http.Request, contentType string) error {
	s.head(w.Header(), contentType)
	return s.write(w, r)
}

// serveTagged encodes and serves. Personal pages, which are no-store, stay as they
// are: what is secret in them must not share a compressor with what a stranger can
// put there.
func serveTagged(w http.ResponseWriter, r *http.Request, contentType string, body []byte) error {
	taken := coding(r.Header.Get("Accept-Encoding"))
	if c := w.Header().Get("Cache-Control"); strings.Contains(c, "no-store") || strings.Contains(c, "private") {
		taken = ""
	}
	return encode(taken, contentType, body, false).serve(w, r, contentType)
}

func matches(given []string, tag string) bool {
	for _, line := range given {
		for one := range strings.SplitSeq(line, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
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
