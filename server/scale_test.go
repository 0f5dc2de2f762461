package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	documentsbolt "vestnik/documents/boltstore"
	"vestnik/notifier"
	notifierbolt "vestnik/notifier/boltstore"
	"vestnik/server"
	serverbolt "vestnik/server/boltstore"
)

// fill imports it all.
func (s scale) fill(tb testing.TB, l *documents.Library) {
	tb.Helper()
	for i := range s.documents - 2 {
		p := newProse(uint64(i))
		text := p.body(fmt.Sprintf("Правила услуги %d", i+1), 20)
		s.move(tb, l, fmt.Sprintf("service-%02d", i+1), 5, func() string { text.amend(p, 2); return text.String() })
	}
	p := newProse(1000)
	rules := p.body("Общие правила", s.clauses)
	s.move(tb, l, "rules", s.versions, func() string { rules.amend(p, 2); return rules.String() })
	long := p.body("Свод условий", s.long/370)
	s.move(tb, l, "code", 2, func() string { long.amend(p, 400); return long.String() })
}

// move imports a history in parts, as nobody imports two thousand versions at once.
func (s scale) move(tb testing.TB, l *documents.Library, id string, versions int, next func() string) {
	tb.Helper()
	first := time.Now().UTC().AddDate(0, 0, -versions)
	for n := 0; n < versions; {
		h := documents.History{Document: id, Prevailing: "ru", Zone: "Asia/Almaty"}
		for ; n < versions && len(h.Versions) < 250; n++ {
			h.Versions = append(h.Versions, documents.ImportedVersion{Number: n + 1, Effective: first.AddDate(0, 0, n).Format(time.DateOnly),
				Class: documents.Editorial, Reason: "Уточнены формулировки.", Texts: []documents.DraftText{{Lang: "ru", Source: next()}}})
		}
		if _, err := l.Import(tb.Context(), h, documents.Actor{Name: "local"}); err != nil {
			tb.Fatal(err)
		}
	}
}

// hall is a file that holds a lot.
type hall struct {
	db   *bbolt.DB
	size scale
}

// hall fills a file through a Library.
func (s scale) hall(tb testing.TB) *hall {
	tb.Helper()
	db, err := bbolt.Open(filepath.Join(tb.TempDir(), "vestnik.db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	h := &hall{db, s}
	one := h.anew(tb)
	s.fill(tb, one.Library)
	return h
}

// anew is a server that has just begun: nothing is in its memory, and it makes no
// page before somebody asks.
func (h *hall) anew(tb testing.TB) *once {
	tb.Helper()
	texts, err1 := documentsbolt.New(h.db)
	people, err2 := notifierbolt.New(h.db)
	store, err3 := serverbolt.New(h.db)
	reads := &versionReads{Store: texts}
	book := &server.SettingsBook{Store: store, Relay: "smtp://127.0.0.1:1", URL: scaleURL, From: "post@example.kz"}
	library := documents.NewLibrary(documents.Config{Store: reads, Origin: "example.kz/log", Rules: book.Rules})
	told, err4 := notifier.New(notifier.Config{Store: people, Library: library, Settings: book.Notifier, Key: bytes.Repeat([]byte{7}, 32), Node: "test", Log: slog.New(slog.DiscardHandler)})
	s, err5 := server.New(server.Config{Store: store, Library: library, Notifier: told, Settings: book, URL: scaleURL, Loopback: true})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		tb.Fatal(err)
	}
	s.MakeNothing()
	return &once{s, reads}
}

// once is a server and what it reads.
type once struct {
	*server.Server
	reads *versionReads
}

const scaleURL = "http://127.0.0.1:8080"

// versionReads counts the versions that are read whole.
type versionReads struct {
	documents.Store
	n atomic.Int64
}

func (r *versionReads) Version(ctx context.Context, document string, number int) (documents.Version, error) {
	r.n.Add(1)
	return r.Store.Version(ctx, document, number)
}

// scalePage is an address, and what of it stays small however much there is.
type scalePage struct {
	path    string
	reads   int64  // versions that are read whole, at most
	entry   string // what there are few of: pages, not all
	entries int    // at most
	heavy   bool   // its text alone weighs more than a page may
}

// scalePages are those that readers and programs ask for; clause is one that every
// version changes.
func scalePages(s scale, clause string) []scalePage {
	v, day := s.versions, time.Now().AddDate(0, 0, -s.versions/2).Format(time.DateOnly)
	row, line := `<th scope="row">`, `<li id="c-`
	between := fmt.Sprintf("/compare/%d...%d", v-90, v)
	return []scalePage{
		{path: "/", entry: `class="status `, entries: s.documents}, {path: "/register", entry: "/log/proof/", entries: 200}, {path: "/rules/register", entry: "/log/proof/", entries: 200},
		{path: "/sitemap.xml"}, {path: "/rules/feed.atom", reads: 40, entry: "<entry>", entries: 20}, {path: "/rules/ru/feed.atom", reads: 40, entry: "<entry>", entries: 20},
		{path: "/rules/ru", reads: 101, entry: line, entries: 100}, {path: fmt.Sprintf("/rules/ru/v/%d", v), reads: 101, entry: row, entries: 8}, {path: "/rules/ru/v/1", reads: 1},
		{path: "/rules/ru/on/" + day, reads: 101, entry: row, entries: 8}, {path: "/rules/ru?q=%D1%81%D1%80%D0%BE%D0%BA", reads: 101},
		{path: "/rules/ru/versions", entry: row, entries: 100}, {path: fmt.Sprintf("/rules/ru/versions?before=%d", v/2), entry: row, entries: 100},
		{path: fmt.Sprintf("/rules/ru/compare/1...%d", v), reads: 3}, {path: fmt.Sprintf("/rules/ru/compare/%d...%d", v-1, v), reads: 2},
		{path: fmt.Sprintf("/rules/ru/compare/1...%d?view=side", v), reads: 3}, {path: fmt.Sprintf("/rules/ru/compare/1...%d?unfold=all", v), reads: 3}, {path: "/rules/ru" + between, reads: 95},
		{path: "/rules/ru/clause/" + clause, reads: 23, entry: "/rules/ru/compare/", entries: 21}, {path: fmt.Sprintf("/rules/ru/clause/%s?before=%d", clause, v/2), reads: 23},
		{path: "/embed/rules/ru", reads: 1},
		{path: "/code/ru", reads: 1, heavy: true}, {path: "/code/ru?q=%D1%81%D1%80%D0%BE%D0%BA", reads: 1, heavy: true}, {path: "/code/ru/compare/1...2", reads: 2}, {path: "/code/ru/compare/1...2?unfold=all", reads: 2, heavy: true},
		{path: "/code/ru/feed.atom", reads: 2, entry: "<entry>", entries: 2}, {path: "/embed/code/ru", reads: 1, heavy: true},
	}
}

// firstClause is the id of the clause that every version of the document changes.
func (h *hall) firstClause(tb testing.TB) string {
	tb.Helper()
	v, err := h.anew(tb).Library.Version(tb.Context(), "rules", h.size.versions)
	if err != nil {
		tb.Fatal(err)
	}
	for _, c := range v.Texts[0].Clauses {
		if c.Number == "1.1." {
			return c.ID
		}
	}
	tb.Fatal("it is gone")
	return ""
}

// visited asks for a page, again while it is being made.
func visited(tb testing.TB, h http.Handler, path, encoding string) *httptest.ResponseRecorder {
	tb.Helper()
	for range 60 {
		r := httptest.NewRequestWithContext(tb.Context(), "GET", scaleURL+path, nil)
		r.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusServiceUnavailable {
			if w.Code != http.StatusOK {
				tb.Fatalf("%s: %d", path, w.Code)
			}
			return w
		}
	}
	tb.Fatalf("%s is always busy", path)
	return nil
}

// mostWeight is what a page may weigh compressed, in bytes, without style and
// scripts.
const mostWeight = 45_000

// However many versions, clauses and documents there are, a page reads few versions
// and lists few entries, and weighs no more than a page may.
func TestPagesOfMany(t *testing.T) {
	t.Parallel()
	s := scale{versions: 350, clauses: 60, documents: 12, long: 300_000}
	h := s.hall(t)
	for _, p := range scalePages(s, h.firstClause(t)) {
		one := h.anew(t)
		body := visited(t, one, p.path, "").Body.String()
		if n := one.reads.n.Load(); n > p.reads {
			t.Errorf("%s reads %d versions, more than %d", p.path, n, p.reads)
		}
		if n := strings.Count(body, p.entry); p.entry != "" && (n > p.entries || n == 0) {
			t.Errorf("%s has %d of %s, not up to %d", p.path, n, p.entry, p.entries)
		}
		if n := visited(t, one, p.path, "br").Body.Len(); n > mostWeight && !p.heavy {
			t.Errorf("%s weighs %d bytes", p.path, n)
		}
	}
}

// What pages cost where there are two thousand versions, the first time in a process
// and again: go test ./server -run NONE -bench Scale -benchtime 1x. Filling takes
// half a minute.
func BenchmarkScale(b *testing.B) {
	h := huge.hall(b)
	for _, p := range scalePages(huge, h.firstClause(b)) {
		b.Run(p.path, func(b *testing.B) {
			var cpu, took, again time.Duration
			var page *httptest.ResponseRecorder
			for b.Loop() {
				one := h.anew(b)
				before, began := spent(b), time.Now()
				page = visited(b, one, p.path, "br")
				took, cpu = took+time.Since(began), cpu+spent(b)-before
				began = time.Now()
				visited(b, one, p.path, "br")
				again += time.Since(began)
			}
			n := float64(b.N)
			b.ReportMetric(float64(cpu.Milliseconds())/n, "first-cpu-ms")
			b.ReportMetric(float64(took.Milliseconds())/n, "first-ms")
			b.ReportMetric(float64(again.Microseconds())/n, "again-µs")
			b.ReportMetric(float64(page.Body.Len()), "br-bytes")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// spent is the processor's time of this process so far.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
