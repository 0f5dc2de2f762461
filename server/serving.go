package server

import (
	"context"
	"errors"
	"runtime"
	"time"

	"vestnik/documents"
)

// serving is what a Server needs to answer the public quickly.
type serving struct {
	calendar calendar
	redlines *redlines
	builds   flights[cachedPage]
	front    *front
	// dear is what is made for one reader alone, or seldom: searches, unfolded
	// comparisons, histories of clauses.
	dear      *gate
	happened  flights[documents.Since]
	happening *gate
}

func newServing() *serving {
	return &serving{redlines: newRedlines(), front: newFront(), dear: newGate(runtime.GOMAXPROCS(0)), happening: newGate(1)}
}

const (
	lookAgain = time.Minute     // how long Run sleeps at most: the clock on the wall may be set
	tryAgain  = 5 * time.Second // after something failed
)

// Run keeps the pages of this node ready until ctx ends: after each event, change
// of the settings and instant at which a version takes effect. It notes what took
// effect, also while no node ran.
func (s *Server) Run(ctx context.Context) error {
	defer s.warmth.end()
	for ctx.Err() == nil {
		bell := s.present.changed()
		k, err := s.present.get(ctx, freshFor)
		pause := tryAgain
		if err == nil && !s.rehearsal() {
			s.warm(k.state)
			err = s.tellEffects(ctx, k.due)
		}
		switch {
		case err == nil:
			pause = untilNext(k.due, time.Now())
		case ctx.Err() == nil && !isAway(err) && !errors.Is(err, errElsewhere):
			s.Log.Error("pages are not kept ready", "err", err)
		}
		s.rest(ctx, k.last, bell, pause)
	}
	return nil
}

func untilNext(d due, now time.Time) time.Duration {
	if d.next.IsZero() {
		return lookAgain
	}
	return min(lookAgain, max(0, d.next.Sub(now)))
}

// rest waits for the first of: a pause, an event after last, a change through this
// node, the end of ctx.
func (s *Server) rest(ctx context.Context, last documents.Seq, bell <-chan struct{}, pause time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	event := make(chan struct{})
	go func() {
		defer close(event)
		if s.Library.Wait(ctx, last) != nil {
			<-ctx.Done() // a store that is away answers at once
		}
	}()
	select {
	case <-bell:
	case <-event:
	}
	cancel()
	<-event
}
