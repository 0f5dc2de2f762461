package main

import (
	"testing"
	"time"
)

// A node that was started without the relay of the others leaves telling people to
// them: what it put into its own mailbox would count as accepted and reach nobody.
func TestNodeWithoutRelay(t *testing.T) {
	const people = 400
	relay := newRecorder(t)
	f := newFleet(t, 2, "smtp://"+relay.addr, people)
	f.nodes[1].flags = nil
	for _, n := range f.nodes {
		n.start()
	}
	seq := f.tell(people)
	f.settled(seq, time.Minute)
	f.judge(relay, seq, people, 0)
}
