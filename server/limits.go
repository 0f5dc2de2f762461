package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// allow counts, over all nodes, what somebody does who asks for sign-in mails or
// guesses links; errTooMany means not now. It writes to the store, so it is for
// what is rare. A node that finds it too often by itself does not ask: a flood
// writes no more than what is allowed.
func (s *Server) allow(ctx context.Context, key string, every time.Duration, burst int) error {
	if !s.limits.allow(key, every, burst) {
		return errTooMany
	}
	ok, err := s.Store.Allow(ctx, s.limitKey(key), s.now(), every, burst)
	if err != nil {
		return err
	}
	s.sweepLater()
	if !ok {
		return errTooMany
	}
	return nil
}

// limitKey is what the store keeps instead of an address of a person or a client:
// keyed with what all nodes have and the store has not, or whoever reads the store
// could try every IPv4 address.
func (s *Server) limitKey(key string) string {
	mac := hmac.New(sha256.New, s.Notifier.Key)
	mac.Write([]byte("limit\x00" + key))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// sweepAfter is how long, at most, what has ended lies in the store of a node that
// goes on running.
const sweepAfter = 30 * time.Minute

// sweepLater sees to it that what was written now is removed once it has ended.
func (s *Server) sweepLater() {
	l := s.limits
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dirty = true
	if !l.swept {
		l.swept = true
		time.AfterFunc(sweepAfter, s.sweep)
	}
}

// sweep goes on until nothing was written since the last one.
func (s *Server) sweep() {
	l := s.limits
	l.mu.Lock()
	if l.swept = l.dirty; l.swept {
		time.AfterFunc(sweepAfter, s.sweep)
	}
	l.dirty = false
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Store.Sweep(ctx, s.now()); err != nil {
		s.Log.Debug("what has ended is not removed", "err", err)
	}
}

// limiter counts for this node alone. It forgets everybody now and then, so that
// it cannot grow.
type limiter struct {
	mu           sync.Mutex // guards all
	by           map[string]*rate.Limiter
	swept, dirty bool // a sweep is to come; something was written since the last
}

func newLimiter() *limiter { return &limiter{by: map[string]*rate.Limiter{}} }

func (l *limiter) allow(key string, every time.Duration, burst int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.by) > 10_000 {
		clear(l.by)
	}
	one := l.by[key]
	if one == nil {
		one = rate.NewLimiter(rate.Every(every), burst)
		l.by[key] = one
	}
	return one.Allow()
}
