package server

import (
	"context"
	"sync/atomic"
)

// mostWaiting is how many wait for their turn.
const mostWaiting = 64

// gate lets as many do something dear at the same time as it has turns.
type gate struct {
	turns   chan struct{}
	waiting atomic.Int64
}

func newGate(n int) *gate { return &gate{turns: make(chan struct{}, max(1, n))} }

// enter waits for a turn until ctx ends, unless too many do: errBusy.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.turns <- struct{}{}:
		return nil
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > mostWaiting {
		return errBusy
	}
	select {
	case g.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errBusy
	}
}

func (g *gate) leave() { <-g.turns }
