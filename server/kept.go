package server

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// spot is the place in an answer for what says how old it is: behind which words,
// and in which HTML.
type spot struct{ after, html string }

var (
	// Nothing that anyone typed stands before these.
	inPage  = spot{"<main id=\"main\" class=\"wide\" tabindex=\"-1\">\n", "<div class=\"callout aged\" role=\"status\"><p><strong>%s</strong> %s</p></div>\n"}
	inEmbed = spot{"</h2>\n", "<p role=\"status\"><strong>%s</strong> %s</p>\n"}
	// noSpot is for what has its time in itself, such as a feed.
	noSpot = spot{}
)

// fill puts into body that it cannot be checked, and since when.
func (s spot) fill(body []byte, why, since string) []byte {
	i := bytes.Index(body, []byte(s.after))
	if s.after == "" || i < 0 {
		return body
	}
	i += len(s.after)
	return slices.Concat(body[:i], fmt.Appendf(nil, s.html, html.EscapeString(why), html.EscapeString(since)), body[i:])
}

// cachedPage is an answer in one encoding, and when it is true: not before it was
// made, for a clock may go back.
type cachedPage struct {
	body        sent
	from, until time.Time // until is zero: for ever
	best        bool      // it could not be smaller
}

func (c cachedPage) holds(now time.Time) bool {
	return !now.Before(c.from) && (c.until.IsZero() || now.Before(c.until))
}

// pageCache holds answers by key.
type pageCache = bounded[string, cachedPage]

func newPageCache(most int) *pageCache { return newBounded[string, cachedPage](most) }

func pageAt(p *pageCache, key string, now time.Time) (cachedPage, bool) {
	page, ok := p.get(key)
	return page, ok && page.holds(now)
}

func keepPage(p *pageCache, key string, page cachedPage) {
	p.put(key, page, len(key)+len(page.body.bytes)+512)
}

// pageQueries are the queries that some kept page reads; others make no other page.
var pageQueries = []string{"before", "document", "kind", "view"}

// key names an answer by all that it depends on: address, language of the interface
// if it speaks it, last event, settings, titles, what took effect. What is not in it
// is the build, which is this process.
func (v *visit) key(kind, tag string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q", kind, v.r.URL.Path)
	if v.r.URL.RawQuery != "" {
		given := v.r.URL.Query()
		for _, name := range pageQueries {
			fmt.Fprintf(&b, " %q", given.Get(name))
		}
	}
	fmt.Fprintf(&b, " %s %s %t", tag, v.known.state, v.rehearsal())
	return b.String()
}

// kept answers with what build makes and until when that stays true, from memory
// while nothing that it depends on has changed. What is kept is what was sent,
// encoded.
func (v *visit) kept(w http.ResponseWriter, contentType string, where spot, build func() ([]byte, time.Time, error)) error {
	taken := coding(v.r.Header.Get("Accept-Encoding"))
	if v.rehearsal() {
		taken = "" // staff read it: see serveTagged
	}
	name := v.key(contentType, "")
	if where != noSpot {
		name = v.key(contentType, v.w.Lang)
	}
	if v.away != nil {
		return v.asKnown(w, name, contentType, where, taken)
	}
	page, err := v.made(name, taken, contentType, build)
	if err != nil {
		return err
	}
	page.body.head(w.Header(), contentType)
	v.remember(page, w.Header())
	return page.body.write(w, v.r)
}

// made is a page in an encoding, built and encoded once for all who want it now.
func (v *visit) made(name, taken, contentType string, build func() ([]byte, time.Time, error)) (cachedPage, error) {
	key, best := name+" "+taken, wantsBest(v.ctx)
	if page, ok := pageAt(v.cache, key, v.now); ok && (page.best || !best) {
		return page, nil
	}
	wait, cancel := context.WithTimeout(v.ctx, comparesWait)
	defer cancel()
	if !v.compares() {
		wait = v.ctx
	}
	page, err := v.builds.do(wait, fmt.Sprint(key, best), buildsMost, func(ctx context.Context) (cachedPage, error) {
		plain, err := v.plain(ctx, name, contentType, build)
		if err != nil || taken == "" {
			return plain, err
		}
		page := cachedPage{encode(taken, contentType, plain.body.bytes, best), plain.from, plain.until, best}
		keepPage(v.cache, key, page)
		return page, nil
	})
	if v.compares() && wait.Err() == context.DeadlineExceeded && err != nil {
		err = errBusy
	}
	return page, err
}

// buildsMost is how long a page may take, after whoever asked for it gave up.
const buildsMost = time.Minute

// compares tells whether the page is a comparison of versions, which may take long
// without anything being wrong.
func (v *visit) compares() bool { return v.r.PathValue("range") != "" }

// plain is a page as it was built. The visit is in the hands of build, which goes on
// when whoever came has left.
func (v *visit) plain(ctx context.Context, name, contentType string, build func() ([]byte, time.Time, error)) (cachedPage, error) {
	if page, ok := pageAt(v.cache, name+" ", v.now); ok {
		return page, nil
	}
	from := v.now.Round(0).Add(-freshFor) // by the clock on the wall; others came a moment before
	return v.builds.do(ctx, "build "+name, buildsMost, func(ctx context.Context) (cachedPage, error) {
		if !v.compares() {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, readsFor)
			defer cancel()
		}
		v.ctx = ctx
		body, until, err := build()
		if err != nil {
			if ctx.Err() != nil {
				err = fmt.Errorf("%w: %w", documents.ErrAway, err)
			}
			return cachedPage{}, err
		}
		page := cachedPage{encode("", contentType, body, true), from, until, true}
		keepPage(v.cache, name+" ", page)
		return page, nil
	})
}

// asKnown answers with what was kept while the store was there, if it is still
// true as far as that was known, and says so in the answer.
func (v *visit) asKnown(w http.ResponseWriter, key, contentType string, where spot, taken string) error {
	told := fmt.Sprintf("%s %s %d", key, taken, v.known.at.UnixNano())
	page, ok := pageAt(v.aged, told, v.now)
	if !ok {
		had, ok := v.had(key)
		if !ok {
			return v.away
		}
		body := where.fill(had.body.decoded(), v.w.T("aged"), v.w.T("aged-since", "moment", lang.Moment(v.w.Lang, v.known.at.In(v.zone))))
		page = cachedPage{encode(taken, contentType, body, false), had.from, had.until, false}
		keepPage(v.aged, told, page)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Age", strconv.Itoa(max(0, int(v.now.Sub(v.known.at).Seconds()))))
	return page.body.serve(w, v.r, contentType)
}

// had is a kept answer in whichever encoding somebody asked for it.
func (v *visit) had(key string) (cachedPage, bool) {
	for _, coding := range []string{"", "br", "gzip"} {
		if page, ok := pageAt(v.cache, key+" "+coding, v.now); ok {
			return page, true
		}
	}
	return cachedPage{}, false
}

// remembered is kept for what is no answer by itself.
func (v *visit) remembered(kind string, build func() ([]byte, time.Time, error)) (sent, error) {
	key := v.key(kind, "")
	page, ok := pageAt(v.cache, key, v.now)
	switch {
	case ok:
		return page.body, nil
	case v.away != nil:
		return sent{}, v.away
	}
	body, until, err := build()
	if err != nil {
		return sent{}, err
	}
	keepPage(v.cache, key, cachedPage{sent{bytes: body}, v.now.Round(0).Add(-freshFor), until, true})
	return sent{bytes: body}, nil
}
