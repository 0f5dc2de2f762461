package server

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vestnik/documents"
)

// oracle answers what a test lets it; silent: only once its context ends.
type oracle struct {
	asked  atomic.Int64
	last   atomic.Int64
	silent atomic.Bool
	takes  time.Duration
	fails  error
}

func (o *oracle) ask(ctx context.Context) (known, error) {
	k := known{at: time.Now(), last: documents.Seq(o.last.Load())}
	o.asked.Add(1)
	if o.silent.Load() {
		<-ctx.Done()
		return k, ctx.Err()
	}
	time.Sleep(o.takes)
	return k, o.fails
}

func presence(o *oracle) *present {
	return newPresent(o.ask, slog.New(slog.DiscardHandler))
}

func TestStateIsAskedOnceASecondByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Millisecond}
		p := presence(o)
		began := time.Now()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				for time.Since(began) < 10*time.Second {
					if k, err := p.get(t.Context(), freshFor); err != nil || time.Since(k.at) > freshFor+o.takes {
						t.Errorf("a state of %s ago: %v", time.Since(k.at), err)
					}
					time.Sleep(7 * time.Millisecond)
				}
			})
		}
		all.Wait()
		if n := o.asked.Load(); n < 10 || n > 11 {
			t.Errorf("asked %d times in 10 seconds", n)
		}
		time.Sleep(time.Hour)
		if n := o.asked.Load(); n > 11 {
			t.Error("it asks although nobody wants to know")
		}
	})
}

// A question that began before a change does not answer whoever comes after it.
func TestOwnChangesAreSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: 100 * time.Millisecond}
		p := presence(o)
		go p.get(t.Context(), freshFor)
		time.Sleep(50 * time.Millisecond)
		o.last.Store(7)
		p.expire()
		if k, err := p.get(t.Context(), freshFor); err != nil || k.last != 7 {
			t.Errorf("last is %d: %v", k.last, err)
		}
		o.last.Store(8)
		if k, _ := p.get(t.Context(), freshFor); k.last != 7 {
			t.Error("what is fresh is asked for again")
		}
		p.expire()
		if k, _ := p.get(t.Context(), freshFor); k.last != 8 || k.epoch != 0 {
			t.Errorf("last is %d in epoch %d", k.last, k.epoch)
		}
		o.last.Store(2)
		p.expire()
		if k, _ := p.get(t.Context(), freshFor); k.epoch != 1 {
			t.Error("a log that became shorter goes unnoticed")
		}
	})
}

func TestNobodyWaitsForAStoreThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{}
		p := presence(o)
		o.last.Store(3)
		known, err := p.get(t.Context(), freshFor)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		o.silent.Store(true)
		began := time.Now()
		if _, err := p.get(t.Context(), freshFor); !isAway(err) || time.Since(began) != answersIn {
			t.Fatalf("after %s: %v", time.Since(began), err)
		}
		o.asked.Store(0)
		p.expire() // an act that failed
		for range 1000 {
			began := time.Now()
			k, err := p.get(t.Context(), freshFor)
			if !isAway(err) || k.at != known.at || k.last != 3 || time.Since(began) != 0 {
				t.Fatalf("after %s: %+v, %v", time.Since(began), k, err)
			}
			time.Sleep(30 * time.Millisecond)
		}
		if n := o.asked.Load(); n < 9 || n > 30 { // each takes two seconds
			t.Errorf("asked %d times in 30 seconds", n)
		}
		o.silent.Store(false)
		o.last.Store(4)
		time.Sleep(answersIn)
		p.get(t.Context(), freshFor) // starts a question
		synctest.Wait()
		if k, err := p.get(t.Context(), freshFor); err != nil || k.last != 4 {
			t.Errorf("last is %d: %v", k.last, err)
		}
	})
}

// After a long silence nobody knows whether the store is still away.
func TestAwayIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{fails: documents.ErrAway}
		p := presence(o)
		if _, err := p.get(t.Context(), freshFor); !isAway(err) {
			t.Fatal(err)
		}
		o.fails = nil
		time.Sleep(time.Hour)
		if _, err := p.get(t.Context(), freshFor); err != nil {
			t.Error(err)
		}
	})
}

// Whoever leaves takes the question from nobody, and other faults are no absence.
func TestQuestionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &oracle{takes: time.Second}
		p := presence(o)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := p.get(ctx, freshFor); !errors.Is(err, context.DeadlineExceeded) || isAway(err) {
			t.Error(err)
		}
		if _, err := p.get(t.Context(), freshFor); err != nil || o.asked.Load() != 1 {
			t.Errorf("asked %d times: %v", o.asked.Load(), err)
		}
		broken := errors.New("broken")
		o.fails = broken
		p.expire()
		if _, err := p.get(t.Context(), freshFor); err != broken {
			t.Error(err)
		}
		if _, away := p.last(); away != nil {
			t.Error("a fault is taken for an absence")
		}
	})
}
