package server_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/server"
)

// What took effect while no node ran stands once in the audit trail, however many
// nodes start at once, and however often.
func TestEffectsAreToldOnce(t *testing.T) {
	t.Parallel()
	h := staged(t)
	soon := time.Now().Add(700 * time.Millisecond)
	draft := draftOf(2, documents.Editorial, soon.UTC().Format(time.RFC3339Nano))
	draft.Document = "terms"
	by := documents.Actor{Name: "local"}
	_, err := h.library.Create(t.Context(), documents.Document{ID: "terms", Prevailing: "ru", Titles: map[string]string{"ru": "Условия", "kk": "Шарттар", "en": "Terms"}}, by)
	must(t, err)
	_, err = h.library.Publish(t.Context(), documents.Publication{Document: "terms", Draft: draft, Based: -1}, by)
	must(t, err)
	for range 3 {
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 4 {
			node, err := server.New(h.server.Config)
			must(t, err)
			all.Go(func() { node.Run(ctx) })
		}
		until(t, "it is told", func() bool { return effects(t, h) > 0 })
		stop()
		all.Wait()
	}
	if n := effects(t, h); n != 1 {
		t.Errorf("told %d times", n)
	}
	mark, err := h.server.Notifier.Store.Mark(t.Context(), "effects")
	must(t, err)
	if !strings.HasPrefix(mark, soon.UTC().Format("2006-01-02T15:04:05")) {
		t.Errorf("the cursor is %s", mark)
	}
}

func effects(t *testing.T, h *house) (n int) {
	all, err := h.store.Audits(t.Context(), 0, 1000)
	must(t, err)
	for _, e := range all {
		if e.What == "version.effective" && e.On == "terms/1" {
			n++
		}
	}
	return n
}

// The same answer comes from in front of the routes as from behind them.
func TestFrontAnswersAlike(t *testing.T) {
	t.Parallel()
	h := warmed(t) // a page that is made ready is encoded once more, and smaller
	for _, path := range []string{"/", "/privacy/ru", "/privacy/ru?view=x", "/privacy/feed.atom", "/sitemap.xml", "/privacy/ru/compare/1...2"} {
		for _, encoding := range []string{"br", "gzip", "identity"} {
			first := h.get(path, "Accept-Encoding", encoding, "Accept-Language", "kk").want(200)
			again := h.get(path, "Accept-Encoding", encoding, "Accept-Language", "kk", "Range", "bytes=0-9").want(200)
			for _, a := range []answer{first, again} {
				a.header.Del("Request-Id")
				a.header.Del("Date")
			}
			if first.body != again.body || toJSON(t, first.header) != toJSON(t, again.header) {
				t.Errorf("%s %s: %v, then %v", path, encoding, first.header, again.header)
			}
			if first.header.Get("Content-Length") == "" || first.header.Get("ETag") == "" {
				t.Errorf("%s: header %v", path, first.header)
			}
			h.get(path, "Accept-Encoding", encoding, "Accept-Language", "kk", "If-None-Match", first.header.Get("ETag")).want(304)
			head := call(t, h.browser(), "HEAD", h.tcp.URL+path, "", "Accept-Encoding", encoding, "Accept-Language", "kk").want(200)
			if head.body != "" || head.header.Get("ETag") != first.header.Get("ETag") || head.header.Get("Content-Length") != first.header.Get("Content-Length") {
				t.Errorf("HEAD %s: %v", path, head.header)
			}
		}
	}
	kk, ru := h.get("/", "Accept-Language", "kk"), h.get("/", "Accept-Language", "ru")
	if kk.body == ru.body || kk.body == h.get("/").body {
		t.Error("readers of one language get the page of another")
	}
}
