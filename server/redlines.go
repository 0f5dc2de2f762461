package server

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"vestnik/documents/redline"
)

const (
	comparesMost = time.Minute     // how long one comparison may take
	comparesWait = 4 * time.Second // how long whoever asked for it waits: less than readsFor
	busyAfter    = 5 * time.Second // when to ask again
)

// errBusy: a comparison is not made yet, and many are; it is worth asking again.
var errBusy = fmt.Errorf("comparing: %w", errUnavailable)

// redlines are the comparisons of versions. Versions never change, so one that was
// made stays true; it is made once, however many ask for it at the same time.
type redlines struct {
	made    *bounded[string, *redline.Redline]
	flights flights[*redline.Redline]
	gate    *gate
}

func newRedlines() *redlines {
	return &redlines{made: newBounded[string, *redline.Redline](mostRedlines), gate: newGate(runtime.GOMAXPROCS(0))}
}

// redline compares two versions in a language, or says errBusy: then the work goes
// on, and who asks again finds it done.
func (s *Server) redline(ctx context.Context, document string, from, to int, tag string) (*redline.Redline, error) {
	key := fmt.Sprintf("%s %s %d %d %s", s.Library.LogOrigin(), document, from, to, tag)
	if known, ok := s.redlines.made.get(key); ok {
		return known, nil
	}
	wait, cancel := context.WithTimeout(ctx, comparesWait)
	defer cancel()
	red, err := s.redlines.flights.do(wait, key, comparesMost, func(ctx context.Context) (*redline.Redline, error) {
		if err := s.redlines.gate.enter(ctx); err != nil {
			return nil, err
		}
		defer s.redlines.gate.leave()
		red, err := s.Library.Compare(ctx, document, from, to, tag)
		if err == nil {
			s.redlines.made.put(key, red, weight(red))
		}
		return red, err
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = errBusy
	}
	return red, err
}

// weight is about how many bytes a redline holds, with the two parsed texts behind
// it: measured, see BenchmarkRedlineWeight.
func weight(r *redline.Redline) int {
	n := 4096
	for _, e := range r.Changes {
		n += 2048
		for _, s := range e.Spans {
			n += 64 + 8*len(s.Text)
		}
	}
	return n
}
