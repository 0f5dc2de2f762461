package notifier

import (
	"math/rand/v2"
	"sync"
	"time"
)

const (
	breakFirst = time.Second
	breakMost  = 5 * time.Minute
	// probeTime is how long one connection may try whether a relay works again,
	// before another one may.
	probeTime = 30 * time.Second
)

// breaker keeps senders from a relay that does not work. Its waits double from
// 1 s to 5 min with full jitter, and after each wait one connection tries.
// Recipients' attempts are not counted meanwhile.
type breaker struct {
	mu    sync.Mutex // guards the rest
	fails int
	until time.Time
	why   string
}

// ready tells whether it is worth asking allow.
func (b *breaker) ready() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fails == 0 || !time.Now().Before(b.until)
}

// allow tells whether the relay may be tried. While it is out of order one
// caller is told so, and must report what came of it.
func (b *breaker) allow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails == 0 {
		return true
	}
	if time.Now().Before(b.until) {
		return false
	}
	b.until = time.Now().Add(probeTime)
	return true
}

func (b *breaker) failed(why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	most := min(breakFirst<<min(b.fails, 20), breakMost)
	b.fails++
	b.until = time.Now().Add(time.Duration(rand.Int64N(int64(most))))
	b.why = why
}

func (b *breaker) worked() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails, b.why = 0, ""
}

func (b *breaker) trouble() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.why
}

// breakers has one breaker for each relay.
type breakers struct {
	mu sync.Mutex // guards m
	m  map[string]*breaker
}

func (b *breakers) of(url string) *breaker {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.m == nil {
		b.m = map[string]*breaker{}
	}
	if b.m[url] == nil {
		b.m[url] = &breaker{}
	}
	return b.m[url]
}
