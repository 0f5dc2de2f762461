package notifier

import (
	"context"
	"fmt"
	"time"
)

const (
	sliceTime = 2 * time.Second // what one sender reserves at once, at most
	turnLife  = 10 * time.Second
	shortTurn = 100 * time.Millisecond
	idleTime  = 10 * time.Second // how long a connection is kept open between two messages
)

// turns are the moments at which one sender may send. All senders of all nodes
// reserve slices of the same time, so that together they keep to the rate.
type turns struct {
	rate  int       // messages a minute
	next  time.Time // of the turns that are left
	left  int
	begun time.Time // of the slice, with size turns
	size  int
}

// gap is the time between two messages at a rate.
func gap(rate int) time.Duration { return time.Minute / time.Duration(rate) }

// turn waits until the sender may send, and refuses as refresh does.
func (s *sender) turn(ctx context.Context, t *terms) error {
	for {
		if err := s.refresh(ctx, t, pace); err != nil || t.set.Rate <= 0 {
			return err
		}
		if err := s.reserve(ctx, t.set.Rate); err != nil {
			return err
		}
		wait := time.Until(s.turns.next)
		if wait <= 0 {
			return nil
		}
		if wait > shortTurn {
			if err := s.flush(); err != nil {
				return err
			}
		}
		if wait > idleTime {
			s.line.close()
		}
		rest(ctx, nil, min(wait, pace))
	}
}

// took uses a turn up.
func (t *turns) took() {
	if t.left > 0 {
		t.left--
		t.next = t.next.Add(gap(t.rate))
	}
}

// reserve makes sure that there is a turn. A slice has as many as this sender
// made use of lately in the time of a slice. What it could not use in time is
// void: saved turns would go out in a rush.
func (s *sender) reserve(ctx context.Context, rate int) error {
	t := &s.turns
	if t.rate == rate && t.left > 0 && time.Since(t.next) < turnLife {
		return nil
	}
	size := 1
	if t.rate == rate && t.left == 0 && t.size > 0 {
		each := max(time.Since(t.begun)/time.Duration(t.size), gap(rate), time.Microsecond)
		size = max(1, int(sliceTime/each))
	}
	from, err := s.n.Store.Reserve(ctx, fmt.Sprintf("mails/%d", rate), now(), time.Duration(size)*gap(rate))
	if err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	*t = turns{rate: rate, next: from, left: size, begun: from, size: size}
	return nil
}
