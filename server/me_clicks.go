package server

import (
	"crypto/sha256"
	"sync"
	"time"
)

// clicks lets the second of two presses of one button have what came of the first.
// It is for this node alone and for a moment: what must not be done twice the
// notifier refuses.
type clicks struct {
	mu   sync.Mutex
	last map[[sha256.Size]byte]*click // guarded by mu
}

type click struct {
	began time.Time
	done  chan struct{} // closed once what follows is set
	value any
	err   error
}

const (
	acting     = time.Second      // how long people take for an act, at least
	clickLife  = 20 * time.Second // after that it is another act
	mostClicks = 1000
)

func newClicks() *clicks { return &clicks{last: map[[sha256.Size]byte]*click{}} }

// do runs act, or waits for the one with the same key that began a moment ago. What
// failed may be tried again.
func (c *clicks) do(key string, now time.Time, act func() (any, error)) (any, error) {
	hash := sha256.Sum256([]byte(key))
	c.mu.Lock()
	if first := c.last[hash]; first != nil && now.Before(first.began.Add(clickLife)) {
		c.mu.Unlock()
		<-first.done
		return first.value, first.err
	}
	mine := &click{began: now, done: make(chan struct{})}
	c.forget(now)
	c.last[hash] = mine
	c.mu.Unlock()
	defer func() {
		if mine.err != nil {
			c.mu.Lock()
			delete(c.last, hash)
			c.mu.Unlock()
		}
		close(mine.done)
	}()
	mine.err = errPanic // unless act returns
	mine.value, mine.err = act()
	return mine.value, mine.err
}

// forget drops what is over, and all if that is still too much. c.mu is held.
func (c *clicks) forget(now time.Time) {
	for hash, one := range c.last {
		if !now.Before(one.began.Add(clickLife)) {
			delete(c.last, hash)
		}
	}
	if len(c.last) >= mostClicks {
		clear(c.last)
	}
}
