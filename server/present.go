package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"vestnik/documents"
)

const (
	// freshFor is how old what a page depends on may be: so soon a node shows what
	// another one wrote, and so often it asks while it is asked.
	freshFor = time.Second
	// answersIn is how long the store may take to say it; one that takes longer is
	// away.
	answersIn = 2 * time.Second
	// awayFor is how long it is taken to be still away without having been asked:
	// longer than a question and the pause before it, so that nobody waits while
	// there are requests.
	awayFor = 5 * time.Second
)

// known is what every page depends on, besides its address.
type known struct {
	at       time.Time // just before the store was asked; zero: it never answered
	settings Settings
	last     documents.Seq // of the log
	titles   int           // the sum of the revisions of all documents, of which none ever goes
	due      due           // what took effect last, and what is next
	epoch    int           // how often the log was found shorter than before
	state    string        // names all of this, but for when
}

// present is the last known state of the store. It is asked for on demand, by one
// at a time: when nobody asks, nothing runs.
type present struct {
	ask func(context.Context) (known, error)
	log *slog.Logger

	mu      sync.Mutex // guards all below
	known   known
	seen    int       // the turn that known has seen
	turn    int       // grows when something was changed through this node
	away    error     // why the store is away; nil if it answered last
	asked   time.Time // when it last answered, or did not
	running *question
	bell    chan struct{} // closed, and made anew, by expire
}

func newPresent(ask func(context.Context) (known, error), log *slog.Logger) *present {
	return &present{ask: ask, log: log, bell: make(chan struct{})}
}

// question is one that is under way.
type question struct {
	done chan struct{} // closed once err holds
	turn int
	err  error
}

// get returns what is known, no older than most and after all changes that were
// made through this node before. If the store is away it is the last that was
// known, with the error, which wraps documents.ErrAway; who asks while that is
// known does not wait.
func (p *present) get(ctx context.Context, most time.Duration) (known, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	want, from := p.turn, time.Now()
	for {
		if p.away == nil && p.seen >= want && p.known.fresh(from, most) {
			return p.known, nil
		}
		if p.away != nil && time.Since(p.asked) < awayFor {
			if time.Since(p.asked) >= freshFor {
				p.start()
			}
			return p.known, p.away
		}
		q := p.start()
		if err := p.wait(ctx, q); err != nil || q.turn >= want {
			return p.known, err
		}
	}
}

// glance is the state of what is known, if that is fresh, without asking.
func (p *present) glance(now time.Time) (state string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known.state, p.away == nil && p.seen >= p.turn && p.known.fresh(now, freshFor)
}

// fresh tells whether k is no older than most, and nothing took effect since.
func (k *known) fresh(now time.Time, most time.Duration) bool {
	return !k.at.IsZero() && now.Sub(k.at) < most && k.due.holds(now)
}

// wait lets go of mu until q is answered.
func (p *present) wait(ctx context.Context, q *question) error {
	p.mu.Unlock()
	defer p.mu.Lock()
	select {
	case <-q.done:
		return q.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start begins a question unless one is under way. mu is held.
func (p *present) start() *question {
	if p.running == nil {
		p.running = &question{done: make(chan struct{}), turn: p.turn}
		go p.answer(p.running)
	}
	return p.running
}

// answer asks the store. It is nobody's request: one who goes away leaves the
// question to the others.
func (p *present) answer(q *question) {
	ctx, cancel := context.WithTimeout(context.Background(), answersIn)
	defer cancel()
	k, err := p.ask(ctx)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", documents.ErrAway, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running, p.asked, q.err = nil, time.Now(), err
	p.note(err)
	if err == nil {
		k.epoch = p.known.epoch
		if k.last < p.known.last {
			k.epoch++
		}
		k.state = fmt.Sprintf("%d %d %d %d %d", k.epoch, k.last, k.settings.Revision, k.titles, k.due.passed.UnixNano())
		p.known, p.seen = k, q.turn
	}
	close(q.done)
}

// note keeps why the store is away, and logs when that begins and ends.
func (p *present) note(err error) {
	was := p.away
	p.away = nil
	if isAway(err) {
		p.away = err
	}
	switch {
	case was == nil && p.away != nil:
		p.log.Error("the store is away; known pages are served from memory", "err", err)
	case was != nil && err == nil:
		p.log.Info("the store answers again")
	}
}

// expire says that something was, or may have been, changed through this node:
// whoever asks from now on sees it.
func (p *present) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn++
	close(p.bell)
	p.bell = make(chan struct{})
}

// changed is closed at the next change through this node.
func (p *present) changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bell
}

// last is what is known, however old, and why the store is away, without asking
// or waiting.
func (p *present) last() (known, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known, p.away
}

// isAway: the store cannot be reached, or may not be written to.
func isAway(err error) bool { return errors.Is(err, documents.ErrAway) }

// survey asks the store for what every page depends on.
func (s *Server) survey(ctx context.Context) (known, error) {
	k := known{at: time.Now()}
	var err error
	if k.last, err = s.Library.Last(ctx, ""); err != nil {
		return k, fmt.Errorf("log: %w", err)
	}
	if k.settings, err = s.book.Read(ctx); err != nil {
		return k, err
	}
	all, err := s.Library.Documents(ctx)
	if err != nil {
		return k, err
	}
	for _, d := range all {
		k.titles += d.Revision
	}
	k.due, err = s.calendar.at(ctx, s.Library, all, k.last)
	return k, err
}

// Changed tells the server that this process changed the store by another way
// than the server's own doors: the next page shows it.
func (s *Server) Changed() { s.present.expire() }
