package server

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	warmMost = 200         // pages
	warmFor  = time.Minute // all of them
)

// warmth makes the pages that most readers want as soon as what they depend on has
// changed, whether they were asked for or not: if the store goes away then, they
// are there. It is started by a visit and ends by itself.
type warmth struct {
	pages http.Handler // the public ones

	mu   sync.Mutex // guards all below
	made string     // the state that they were made from, or are being made
	busy bool
}

// warm sees to it that the pages are made from state.
func (p *site) warm(state string) {
	w := p.warmth
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy || w.made == state {
		return
	}
	w.made, w.busy = state, true
	go func() {
		all := p.makeWanted()
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.busy = false; !all {
			w.made = ""
		}
	}()
}

// makeWanted asks for the pages, one after the other, and tells whether it got
// through.
func (p *site) makeWanted() bool {
	ctx, cancel := context.WithTimeout(context.Background(), warmFor)
	defer cancel()
	paths, err := p.wanted(ctx)
	if err != nil {
		return false
	}
	for _, path := range paths[:min(len(paths), warmMost)] {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		if _, away := p.present.last(); err != nil || away != nil || ctx.Err() != nil {
			return false
		}
		r.Header.Set("Accept-Encoding", "br")
		p.warmth.pages.ServeHTTP(&statusProbe{header: http.Header{}}, r)
	}
	return true
}

// wanted are the list of documents, and each of them in each language.
func (p *site) wanted(ctx context.Context) ([]string, error) {
	k, _ := p.present.last()
	var out []string
	for _, tag := range interfaceLanguages(k.settings) {
		out = append(out, "/?lang="+tag)
	}
	all, err := p.Library.Documents(ctx)
	for _, d := range all {
		at := "/" + url.PathEscape(d.ID)
		out = append(out, at)
		for _, tag := range ordered(d.Titles, k.settings.Languages) {
			out = append(out, at+"/"+url.PathEscape(tag))
		}
	}
	return out, err
}
