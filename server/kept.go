package server

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strconv"
	"time"

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

// key names an answer by all that it depends on but time: address, language of the
// interface if it speaks it, last event, settings, titles. The queries are those
// that some page reads; others make no other page.
func (v *visit) key(kind, tag string) string {
	q := v.r.URL.Query()
	return fmt.Sprintf("%s %q %q %s %s %s %t", kind, v.r.URL.Path, q.Get("before"), viewAsked(v.r), tag, v.known.state, v.rehearsal())
}

// kept answers with what build makes and until when that stays true, from memory
// while nothing that it depends on has changed. What is kept is what was sent,
// encoded.
func (v *visit) kept(w http.ResponseWriter, contentType string, where spot, build func() ([]byte, time.Time, error)) error {
	taken := coding(v.r)
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
	key := name + " " + taken
	page, ok := v.cache.get(key, v.now)
	if !ok {
		body, until, err := build()
		if err != nil {
			return err
		}
		page = cachedPage{key, encode(taken, contentType, body), until}
		v.cache.put(page)
	}
	return page.body.serve(w, v.r, contentType)
}

// asKnown answers with what was kept while the store was there, if it is still
// true as far as that was known, and says so in the answer.
func (v *visit) asKnown(w http.ResponseWriter, key, contentType string, where spot, taken string) error {
	told := fmt.Sprintf("%s %s %d", key, taken, v.known.at.UnixNano())
	page, ok := v.aged.get(told, v.now)
	if !ok {
		had, ok := v.had(key)
		if !ok {
			return v.away
		}
		body := where.fill(had.body.decoded(), v.w.T("aged"), v.w.T("aged-since", "moment", lang.Moment(v.w.Lang, v.known.at.In(v.zone))))
		page = cachedPage{told, encode(taken, contentType, body), had.until}
		v.aged.put(page)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Age", strconv.Itoa(max(0, int(v.now.Sub(v.known.at).Seconds()))))
	return page.body.serve(w, v.r, contentType)
}

// had is a kept answer in whichever encoding somebody asked for it.
func (v *visit) had(key string) (cachedPage, bool) {
	for _, coding := range []string{"", "br", "gzip"} {
		if page, ok := v.cache.get(key+" "+coding, v.now); ok {
			return page, true
		}
	}
	return cachedPage{}, false
}

// remembered is kept for what is no answer by itself.
func (v *visit) remembered(kind string, build func() ([]byte, time.Time, error)) (sent, error) {
	key := v.key(kind, "")
	page, ok := v.cache.get(key, v.now)
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
	v.cache.put(cachedPage{key, sent{bytes: body}, until})
	return sent{bytes: body}, nil
}
