package server

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestClicks(t *testing.T) {
	c, now, ran := newClicks(), time.Unix(1000, 0), 0
	act := func() (any, error) { ran++; return ran, nil }
	for i, step := range []struct {
		key   string
		after time.Duration
		want  int
	}{{"a", 0, 1}, {"a", time.Second, 1}, {"b", time.Second, 2}, {"a", clickLife, 3}, {"a", clickLife + time.Second, 3}} {
		if got, err := c.do(step.key, now.Add(step.after), act); err != nil || got != step.want {
			t.Errorf("step %d gives %v, %v", i, got, err)
		}
	}
	failing := errors.New("no")
	if _, err := c.do("c", now, func() (any, error) { return nil, failing }); err != failing {
		t.Errorf("the failure is %v", err)
	}
	if got, err := c.do("c", now, act); err != nil || got != 4 {
		t.Errorf("after a failure it gives %v, %v", got, err)
	}
	for i := range 3 * mostClicks {
		c.do(fmt.Sprint("x", i), now, act)
	}
	if len(c.last) > mostClicks {
		t.Errorf("%d are remembered", len(c.last))
	}
}

func TestClicksTogether(t *testing.T) {
	c, now := newClicks(), time.Unix(1000, 0)
	var mu sync.Mutex
	ran := 0
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			got, err := c.do("same", now, func() (any, error) {
				mu.Lock()
				defer mu.Unlock()
				ran++
				return ran, nil
			})
			if err != nil || got != 1 {
				t.Errorf("one got %v, %v", got, err)
			}
		})
	}
	all.Wait()
}

func TestClicksAfterPanic(t *testing.T) {
	c, now := newClicks(), time.Unix(1000, 0)
	func() {
		defer func() { recover() }()
		c.do("a", now, func() (any, error) { panic("gone") })
	}()
	if got, err := c.do("a", now, func() (any, error) { return 1, nil }); err != nil || got != 1 {
		t.Errorf("after a panic it gives %v, %v", got, err)
	}
}
