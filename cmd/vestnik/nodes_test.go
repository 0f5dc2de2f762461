package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Four nodes tell 5,000 people and publish, while one after the other is killed at
// random and started again: nobody is missed, a second copy goes only to those who
// were in doubt, the sum is true throughout, and the log is whole.
func TestNodesKilled(t *testing.T) {
	const people, size, strokes = 5000, 4, 30
	relay := newRecorder(t)
	f := newFleet(t, size, "smtp://"+relay.addr, people)
	for _, n := range f.nodes {
		n.start()
	}
	seq := f.tell(people)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all sync.WaitGroup
	count, seen := make([]int, len(others)), &witness{}
	for i, document := range others {
		r := rand.New(rand.NewPCG(5, uint64(i)))
		all.Go(func() {
			count[i] = publishing(ctx, t, document, func() *client {
				n := one(r, f.nodes)
				seen.look(n)
				return n.client()
			}, func(error) {})
		})
	}
	began := time.Now()
	kills := f.strike(relay, strokes, people/strokes, func() { f.balanced(seq) })
	f.settled(seq, time.Minute)
	t.Logf("%d kills, at rest after %s", kills, time.Since(began))
	stop()
	all.Wait()
	f.balanced(seq)
	f.judge(relay, seq, people, kills*4) // one for each connection of each that was killed
	f.agree(seen)
	f.logHolds(map[string]int{others[0]: count[0], others[1]: count[1]}, seen)
}

// strike kills a node at random, or starts it again, over and over, and ends with
// all of them running. It returns how many were killed.
func (f *fleet) strike(relay *recorder, strokes, most int, after func()) (kills int) {
	r := rand.New(rand.NewPCG(6, 7))
	for range strokes {
		relay.await(r.IntN(most))
		<-time.After(time.Duration(r.IntN(3000)) * time.Microsecond)
		if n := one(r, f.nodes); n.cmd == nil {
			n.start()
		} else {
			n.end(syscall.SIGKILL)
			kills++
		}
		after()
	}
	for _, n := range f.nodes {
		if n.cmd == nil {
			n.start()
		}
	}
	return kills
}

// agree demands that all nodes serve the same checkpoint in the end.
func (f *fleet) agree(w *witness) {
	f.t.Helper()
	same := until(20*time.Second, func() bool {
		var all []string
		for _, n := range f.nodes {
			all = append(all, string(w.look(n)))
		}
		slices.Sort(all)
		return len(slices.Compact(all)) == 1 && all[0] != ""
	})
	if !same {
		f.t.Error("the nodes do not agree about the log")
	}
}
