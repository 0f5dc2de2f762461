package server

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// asked is what a request for a page is known by before it was looked at: all that
// any kept answer depends on, as the client wrote it.
type asked struct{ path, query, language, coding string }

// longest is how long, in bytes, what a client wrote may be to be remembered.
const longest = 200

// front has answers with their whole heads, so that what is asked for often passes
// no route: see Shortcut. Who is not answered from here is answered as all are, and
// by that is here for the next.
type front struct {
	ready *bounded[asked, *ready]
	lent  atomic.Int64 // bytes in files, also of answers that are still going out or not yet collected
}

func newFront() *front { return &front{ready: newBounded[asked, *ready](mostReady)} }

// copied is up to how many bytes it is cheaper to copy a body for each client than
// to have the kernel send it from where it lies.
const copied = 32 << 10

// lasting is a long body in a file in memory, while there is room for one; or nil.
// Nobody closes it: somebody may be reading slowly. That is for its finalizer.
func (f *front) lasting(body []byte) *os.File {
	size := int64(len(body))
	if size <= copied {
		return nil
	}
	if f.lent.Add(size) > mostLent {
		f.lent.Add(-size)
		return nil
	}
	file := inMemory(body)
	if file == nil {
		f.lent.Add(-size)
		return nil
	}
	runtime.AddCleanup(file, func(size int64) { f.lent.Add(-size) }, size)
	return file
}

// ready is an answer as it was given before.
type ready struct {
	page      cachedPage
	state     string                      // of all that it depends on
	whole     []byte                      // its head, but for date, id of the request, and the empty line
	unchanged []byte                      // that of a 304
	file      *os.File                    // of a long body; may be nil
	route     string                      // in quotes
	took      map[int]prometheus.Observer // by status
}

// answer is the page that was asked for, if it is known and still true.
func (f *front) answer(a asked, language, state string, now time.Time) *ready {
	one, ok := f.ready.get(a)
	if !ok {
		a.language = negotiates + language
		one, ok = f.ready.get(a)
	}
	if !ok || one.state != state || !one.page.holds(now) {
		return nil
	}
	return one
}

// negotiates begins the language of what depends on one: also on none.
const negotiates = "Accept-Language: "

// remember is for kept, once all of the header stands.
func (v *visit) remember(page cachedPage, h http.Header) {
	if v.away != nil || v.rehearsal() || v.r.URL.RawPath != "" {
		return
	}
	a := asked{path: v.r.URL.Path, query: v.r.URL.RawQuery, coding: coding(v.r.Header.Get("Accept-Encoding"))}
	if slices.Contains(h["Vary"], "Accept-Language") {
		a.language = negotiates + v.r.Header.Get("Accept-Language")
	}
	if max(len(a.path)+len(a.query), len(a.language)) > longest {
		return
	}
	if had, ok := v.front.ready.get(a); ok && had.state == v.known.state && &had.page.body.tag[0] == &page.body.tag[0] {
		return
	}
	h = maps.Clone(h)
	delete(h, "Request-Id")
	one := &ready{page: page, state: v.known.state, whole: head(http.StatusOK, h), file: v.front.lasting(page.body.bytes), route: strconv.Quote(v.r.Pattern), took: map[int]prometheus.Observer{}}
	unchanged(h)
	one.unchanged = head(http.StatusNotModified, h)
	for _, status := range []int{http.StatusOK, http.StatusNotModified} {
		one.took[status] = v.metrics.of(v.r.Pattern, status)
	}
	v.front.ready.put(a, one, len(page.body.bytes)+2048)
}

// head is how an answer begins, without the empty line.
func head(status int, h http.Header) []byte {
	b := bytes.NewBuffer(fmt.Appendf(nil, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status)))
	_ = h.Write(b) // into memory
	return b.Bytes()
}

// unchanged leaves of a header what a 304 says (RFC 9110, section 15.4.5): what the
// client has may take the rest from what it came with.
func unchanged(h http.Header) {
	maps.DeleteFunc(h, func(name string, _ []string) bool { return !slices.Contains(ofUnchanged, name) })
}

var ofUnchanged = []string{"Access-Control-Allow-Origin", "Cache-Control", "Date", "Etag", "Request-Id", "Vary"}
