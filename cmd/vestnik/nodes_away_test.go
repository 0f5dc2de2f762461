package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

// busy is a fleet that tells everybody and publishes, until it is stopped.
type busy struct {
	*fleet
	seq   documents.Seq
	seen  *witness
	count []int
	stop  context.CancelFunc
	all   sync.WaitGroup

	gate    sync.Mutex // held while nobody may publish
	waiting atomic.Int32
}

// quiet keeps everybody from publishing while do runs.
func (b *busy) quiet(do func()) {
	b.t.Helper()
	b.gate.Lock()
	defer b.gate.Unlock()
	if !until(time.Minute, func() bool { return b.waiting.Load() == int32(len(b.count)) }) {
		b.t.Fatal("publishing does not pause")
	}
	do()
}

// admitted waits until anybody may publish.
func (b *busy) admitted() {
	b.waiting.Add(1)
	b.gate.Lock()
	defer b.gate.Unlock()
	b.waiting.Add(-1)
}

func (f *fleet) busy(people int) *busy {
	for _, n := range f.nodes {
		n.start()
	}
	b := &busy{fleet: f, seq: f.tell(people), seen: &witness{}, count: make([]int, len(others))}
	ctx, stop := context.WithCancel(f.t.Context())
	b.stop = stop
	for i, document := range others {
		r := rand.New(rand.NewPCG(8, uint64(i)))
		b.all.Go(func() {
			b.count[i] = publishing(ctx, f.t, document, func() *client {
				b.admitted()
				n := one(r, f.nodes)
				b.seen.look(n)
				return n.client()
			}, func(error) {})
		})
	}
	return b
}

// rests stops publishing, waits until everybody is told, and judges.
func (b *busy) rests(relay *recorder, people, doubts int) {
	b.t.Helper()
	b.stop()
	b.all.Wait()
	b.settled(b.seq, 90*time.Second)
	b.balanced(b.seq)
	b.judge(relay, b.seq, people, doubts)
	b.agree(b.seen)
	b.logHolds(map[string]int{others[0]: b.count[0], others[1]: b.count[1]}, b.seen)
}

// readyz is the status that a balancer sees.
func (n *node) readyz() int {
	resp, err := http.Get("http://" + n.addr + "/readyz")
	if err != nil {
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

func (f *fleet) allReady(want int) {
	f.t.Helper()
	for _, n := range f.nodes {
		if !until(30*time.Second, func() bool { return n.readyz() == want }) {
			f.t.Fatalf("/readyz never answers %d:\n%s", want, n.log.String())
		}
		if n.get("/healthz") == nil {
			f.t.Error("a node whose database is away is not alive")
		}
	}
}

// The primary dies while publications are acknowledged and mail goes out, and its
// synchronous standby takes over: what was acknowledged is there, and every
// checkpoint that anybody saw is extended.
func TestPrimaryDies(t *testing.T) {
	const people = 1500
	relay := newRecorder(t)
	primary := postgrestest.Start(t, postgrestest.Options{Durable: true})
	standby := primary.Standby()
	f := newFleetOn(t, primary, postgrestest.Join(primary.Schema(), standby), 2, "smtp://"+relay.addr, people)
	b := f.busy(people)
	relay.await(people / 4)
	primary.Kill()
	f.allReady(http.StatusServiceUnavailable)
	standby.Promote()
	f.cluster = standby
	f.allReady(http.StatusOK)
	relay.await(people / 4)
	b.rests(relay, people, 2*4) // one for each connection of each node
}

// A network between nodes and database that stalls, resets and cuts: nothing is
// lost or doubled, /readyz says how it is, and what readers have seen stays.
func TestNetworkFails(t *testing.T) {
	t.Parallel() // it waits for nodes to give up and to find back
	const people, strokes = 3000, 8
	relay := newRecorder(t)
	c := postgrestest.Start(t, postgrestest.Options{Durable: true})
	p, address := c.Proxy(), c.Schema()
	f := newFleetOn(t, c, p.Via(address), 2, "smtp://"+relay.addr, people)
	direct, err := postgres.Open(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { direct.Close() })
	f.db.Close()
	f.db = direct
	b := f.busy(people)
	for i := range strokes {
		relay.await(people / (2 * strokes))
		switch i % 4 {
		case 0:
			p.Stall()
			f.allReady(http.StatusServiceUnavailable)
			p.Resume()
		case 1:
			p.Reset()
		case 2:
			p.Cut()
			f.allReady(http.StatusServiceUnavailable)
			p.Heal()
		case 3:
			b.quiet(func() { f.fromMemory(p) })
		}
		f.allReady(http.StatusOK)
		f.balanced(b.seq)
	}
	b.rests(relay, people, strokes*2*4)
}

// fromMemory demands of all nodes that they go on showing a page that they know
// while the database is away, and since when it could not be checked.
func (f *fleet) fromMemory(p *postgrestest.Proxy) {
	f.t.Helper()
	for _, n := range f.nodes {
		if page := string(n.get("/privacy/ru")); !strings.Contains(page, "дней") || strings.Contains(page, "aged") {
			f.t.Errorf("the page is %.300s", page)
		}
	}
	p.Cut()
	defer p.Heal()
	f.allReady(http.StatusServiceUnavailable)
	for _, n := range f.nodes {
		if page := string(n.get("/privacy/ru")); !strings.Contains(page, "дней") || !strings.Contains(page, "aged") {
			f.t.Errorf("the page that readers have seen is gone: %.300s", page)
		}
	}
}
