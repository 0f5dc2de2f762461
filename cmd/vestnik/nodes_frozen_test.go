package main

import (
	"io"
	"log"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"vestnik/notifier"
)

// freezing is a recorder that calls freeze, once, when it has the beginning of a
// message after so many others.
type freezing struct {
	recording
	once   *sync.Once
	after  int
	freeze func()
	inside *atomic.Int32 // messages that have begun and not ended
}

func (f *freezing) Data(r io.Reader) error {
	f.inside.Add(1)
	defer f.inside.Add(-1)
	return f.recording.Data(begun{r, f})
}

// begun is a message whose first bytes are there.
type begun struct {
	io.Reader
	*freezing
}

func (b begun) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.mu.Lock()
	enough := len(b.copies) >= b.after
	b.mu.Unlock()
	if n > 0 && enough {
		b.once.Do(b.freeze)
	}
	return n, err
}

// A node that stands still in the middle of its attempts (SIGSTOP, a machine that
// is moved or swaps) for longer than its leases last, and then goes on, sends
// nothing that others have sent meanwhile, but for what was in doubt.
func TestNodeFrozen(t *testing.T) {
	t.Parallel() // it waits for leases to end
	const people = 600
	relay, inside := newRecorder(t), &atomic.Int32{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := newFleet(t, 2, "smtp://"+l.Addr().String(), people)
	first, second := f.nodes[0], f.nodes[1]
	frozen, once := make(chan struct{}), &sync.Once{}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &freezing{recording{recorder: relay}, once, 50, func() {
			first.cmd.Process.Signal(syscall.SIGSTOP)
			close(frozen)
		}, inside}, nil
	}))
	srv.ErrorLog = log.New(io.Discard, "", 0)
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })

	first.start()
	seq := f.tell(people)
	select {
	case <-frozen:
	case <-time.After(30 * time.Second):
		t.Fatal("no message began")
	}
	second.start()
	began := time.Now()
	if !until(50*time.Second, func() bool { // all that may be sent is: the leases are over
		return f.figures(seq).Open == int64(len(f.deliveries(seq, notifier.InDoubt))) && f.figures(seq).Due == people
	}) {
		t.Fatalf("the other node does not take over: %+v\n%s", f.figures(seq), second.log.String())
	}
	t.Logf("taken over after %s, %d in doubt, %d messages not ended", time.Since(began), len(f.deliveries(seq, notifier.InDoubt)), inside.Load())
	f.settled(seq, 20*time.Second)
	f.balanced(seq)

	first.cmd.Process.Signal(syscall.SIGCONT)
	if !until(30*time.Second, func() bool { return first.get("/readyz") != nil && inside.Load() == 0 }) {
		t.Fatalf("the node does not find back:\n%s", first.log.String())
	}
	f.balanced(seq)
	f.judge(relay, seq, people, 4)
	for _, n := range f.nodes {
		n.end(syscall.SIGTERM)
	}
	f.judge(relay, seq, people, 4) // nothing was written, or sent, on the way out
}
