package server

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"vestnik/documents"
)

// effect is a version that takes effect, or took, later than it was published.
type effect struct {
	At       time.Time
	Document string
	Version  int
}

// calendar knows when which version takes effect, as far as the log says so. It
// reads a document anew when the log has something new about it.
type calendar struct {
	mu   sync.Mutex // guards all below
	read documents.Seq
	by   map[string]dates
}

// dates are those of one document.
type dates struct {
	instants []time.Time // when another version may come into force, or go
	effects  []effect
	latest   time.Time // of its events
}

// due is where now stands among the instants of all documents.
type due struct {
	passed, next time.Time // zero: none
	latest       time.Time // event of the log: a clock that went back is not believed
}

// holds tells whether no instant came between, or lies ahead again because the
// clock was set back.
func (d due) holds(clock time.Time) bool {
	now := latest(clock, d.latest)
	return (d.next.IsZero() || now.Before(d.next)) && !now.Before(d.passed)
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// at reads what the log has up to last, and tells where now stands. What was read
// stays read if ctx ends.
func (c *calendar) at(ctx context.Context, l *documents.Library, all []documents.Document, last documents.Seq) (due, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.follow(ctx, l, all, last); err != nil {
		return due{}, err
	}
	return c.now(time.Now()), nil
}

// calendarBatch is how many events are asked for at once.
const calendarBatch = 500

func (c *calendar) follow(ctx context.Context, l *documents.Library, all []documents.Document, last documents.Seq) error {
	if c.by == nil || last < c.read {
		c.by, c.read = map[string]dates{}, last
	}
	for c.read < last {
		events, err := l.Events(ctx, "", c.read, calendarBatch)
		if err != nil {
			return err
		}
		for _, e := range events {
			delete(c.by, e.Document)
			c.read = e.Seq
		}
		if len(events) == 0 {
			break
		}
	}
	for _, d := range all {
		if _, ok := c.by[d.ID]; ok {
			continue
		}
		t, err := l.Timeline(ctx, d.ID, time.Time{})
		if err != nil {
			return err
		}
		c.by[d.ID] = datesOf(t)
	}
	return nil
}

func datesOf(t documents.Timeline) (out dates) {
	for _, s := range t.Versions {
		out.instants = append(out.instants, s.Effective.Instant)
		if s.Withdrawn {
			out.instants = append(out.instants, s.WithdrawnAt)
		}
	}
	for _, s := range effectsOf(t) {
		out.effects = append(out.effects, effect{s.Effective.Instant, t.Document, s.Number})
	}
	if n := len(t.Events); n > 0 {
		out.latest = t.Events[n-1].Time
	}
	slices.SortFunc(out.instants, time.Time.Compare)
	return out
}

// effectsOf are the versions that come into force later than they were published,
// as far as is known: one that was withdrawn before never does, and one that another
// replaces at the same instant neither.
func effectsOf(t documents.Timeline) (out []documents.Standing) {
	for _, s := range t.Versions {
		if !s.Effective.Instant.After(s.Published) {
			continue
		}
		if in, ok := t.InForce(s.Effective.Instant); ok && in.Number == s.Number {
			out = append(out, s)
		}
	}
	return out
}

// now is where an instant stands. mu is held.
func (c *calendar) now(clock time.Time) (d due) {
	for _, one := range c.by {
		d.latest = latest(d.latest, one.latest)
	}
	now := latest(clock.Round(0), d.latest)
	for _, one := range c.by {
		i, _ := slices.BinarySearchFunc(one.instants, now, func(at, now time.Time) int {
			if at.After(now) {
				return 1
			}
			return -1
		})
		if i > 0 {
			d.passed = latest(d.passed, one.instants[i-1])
		}
		if i < len(one.instants) {
			d.next = sooner(d.next, one.instants[i])
		}
	}
	return d
}

// between lists what took effect after one instant and not after another, in that
// order.
func (c *calendar) between(after, until time.Time) (out []effect) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, document := range slices.Sorted(maps.Keys(c.by)) {
		for _, e := range c.by[document].effects {
			if e.At.After(after) && !e.At.After(until) {
				out = append(out, e)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b effect) int { return a.At.Compare(b.At) })
	return out
}
