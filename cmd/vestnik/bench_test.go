package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"vestnik/documents"
)

// discard is a ResponseWriter that costs nothing itself.
type discard struct {
	header http.Header
	status int
	bytes  int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { d.bytes += len(b); return len(b), nil }

// sampleHouse is an installation with the sample policy, born open as a demo is.
func sampleHouse(b *testing.B) *tale {
	b.Helper()
	in, err := openInstallation(b.Context(), folder(filepath.Join(b.TempDir(), "data")), true, options{demo: true, loopback: true, url: "http://127.0.0.1:8080"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.close() })
	t := &tale{service: &service{installation: in}, client: localClient(in.server.Local(), func() error { return nil })}
	b.Cleanup(func() { t.client.close() })
	for _, step := range []func() error{
		func() error { return t.settle(b.Context()) },
		func() error { return t.moveIn(b.Context()) },
		func() error { return t.publish(b.Context()) },
	} {
		if err := step(); err != nil {
			b.Fatal(err)
		}
	}
	return t
}

// A page that was asked for before, from memory to the writer.
func BenchmarkPage(b *testing.B) {
	t := sampleHouse(b)
	for _, c := range []struct {
		name, path, encoding string
		again                bool
		status               int
	}{
		{"200", "/privacy/ru", "", false, 200},
		{"200-gzip", "/privacy/ru", "gzip", false, 200},
		{"200-br", "/privacy/ru", "br", false, 200},
		{"304", "/privacy/ru", "gzip", true, 304},
		{"compare", "/privacy/ru/compare/1...2", "", false, 200},
	} {
		b.Run(c.name, func(b *testing.B) {
			r, err := http.NewRequest("GET", "http://127.0.0.1:8080"+c.path, nil)
			if err != nil {
				b.Fatal(err)
			}
			if c.encoding != "" {
				r.Header.Set("Accept-Encoding", c.encoding)
			}
			w := &discard{header: http.Header{}}
			t.server.ServeHTTP(w, r)
			if c.again {
				r.Header.Set("If-None-Match", w.header.Get("Etag"))
			}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				w.status, w.bytes = 200, 0
				t.server.ServeHTTP(w, r)
			}
			if w.status != c.status {
				b.Fatalf("status %d, want %d", w.status, c.status)
			}
			b.ReportMetric(float64(w.bytes), "bytes")
		})
	}
}

// A version in one act, synced to disk.
func BenchmarkPublish(b *testing.B) {
	t := sampleHouse(b)
	texts, err := sampleTexts("0002")
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		d := documents.Draft{Change: documents.Change{Class: documents.Editorial, Reason: "A benchmark."}}
		d.Effective = time.Now().AddDate(1, 0, n).Format(time.DateOnly) // after the one before
		for tag, source := range texts {
			d.Texts = append(d.Texts, documents.DraftText{Lang: tag, Source: fmt.Sprintf("%s\n\n7. %d\n", source, n)})
		}
		if _, err := t.library.Publish(b.Context(), documents.Publication{Document: samplePolicy, Draft: &d, Based: -1}, local); err != nil {
			b.Fatal(err)
		}
	}
}
