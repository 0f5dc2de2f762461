package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	warmMost = 600             // pages
	warmFor  = 2 * time.Minute // all of them
)

// warmth makes the pages that most readers want as soon as what they depend on has
// changed, whether they were asked for or not, in each encoding: if the store goes
// away then, they are there. It is started by Run or by a visit, and ends by
// itself.
type warmth struct {
	pages http.Handler // the public ones

	mu   sync.Mutex // guards all below
	made string     // the state that they were made from, or are being made
	busy bool
	stop context.CancelFunc // of what is being made; nil: nothing ever was
	done chan struct{}      // closed when that is over
}

// end stops what is being made, and waits until it asks the store no more.
func (w *warmth) end() {
	w.mu.Lock()
	stop, done := w.stop, w.done
	w.mu.Unlock()
	if stop != nil {
		stop()
		<-done
	}
}

type bestKey struct{}

// wantsBest: nobody waits for this page, so it may be as small as can be.
func wantsBest(ctx context.Context) bool { return ctx.Value(bestKey{}) != nil }

// warm sees to it that the pages are made from state.
func (s *Server) warm(state string) {
	w := s.warmth
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy || w.made == state {
		return
	}
	w.made, w.busy = state, true
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), bestKey{}, true), warmFor)
	done := make(chan struct{})
	w.stop, w.done = cancel, done
	go func() {
		defer close(done)
		defer cancel()
		all := s.makeWanted(ctx)
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.busy = false; !all {
			w.made = ""
		}
	}()
}

// makeWanted asks for the pages, one after the other, and tells whether it got
// through.
func (s *Server) makeWanted(ctx context.Context) bool {
	paths, err := s.wanted(ctx)
	if err != nil {
		return false
	}
	began, _ := s.present.last()
	for _, path := range paths[:min(len(paths), warmMost)] {
		for _, coding := range []string{"br", "gzip", ""} {
			k, away := s.present.last()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
			if err != nil || away != nil || ctx.Err() != nil || k.state != began.state {
				return false
			}
			r.Header.Set("Accept-Encoding", coding)
			s.warmth.pages.ServeHTTP(&statusProbe{header: http.Header{}}, r)
		}
	}
	return true
}

// wanted are, in this order: the pages of the site, each document in each language,
// what changed last in it, and what programs fetch.
func (s *Server) wanted(ctx context.Context) ([]string, error) {
	k, _ := s.present.last()
	var first, changes, feeds []string
	for _, tag := range interfaceLanguages(k.settings) {
		for _, path := range []string{"/", "/register", "/verify", "/why"} {
			first = append(first, path+"?lang="+tag)
		}
	}
	all, err := s.Library.Documents(ctx)
	for _, d := range all {
		at := "/" + url.PathEscape(d.ID)
		pair, err := s.lastPair(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		first, feeds = append(first, at), append(feeds, at+"/feed.atom")
		for _, tag := range ordered(d.Titles, k.settings.Languages) {
			below := at + "/" + url.PathEscape(tag)
			first, feeds = append(first, below), append(feeds, below+"/feed.atom")
			if pair != "" {
				changes = append(changes, below+"/compare/"+pair)
			}
		}
	}
	return append(append(append(first, "/sitemap.xml"), changes...), feeds...), err
}

// lastPair is what readers of the newest version will compare.
func (s *Server) lastPair(ctx context.Context, document string) (string, error) {
	t, err := s.Library.Timeline(ctx, document, time.Time{})
	if err != nil {
		return "", err
	}
	for i := len(t.Versions) - 1; i >= 0; i-- {
		newest := t.Versions[i]
		if newest.Withdrawn {
			continue
		}
		before, ok := predecessor(t, newest)
		if !ok || newest.Withheld || before.Withheld {
			return "", nil
		}
		return fmt.Sprintf("%d...%d", before.Number, newest.Number), nil
	}
	return "", nil
}
