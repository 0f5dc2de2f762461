package notifier_test

import (
	"fmt"
	"testing"
	"time"

	"vestnik/documents"
	docpg "vestnik/documents/pgstore"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/notifier"
	"vestnik/notifier/pgstore"
)

// database is one process's connection.
func database(t testing.TB, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// overPostgres is a house over url, and one notifier for each node's own URL.
func overPostgres(t testing.TB, url string, senders int, nodes ...string) (*house, []*notifier.Notifier) {
	t.Helper()
	db := database(t, url)
	if err := db.Migrate(t.Context(), docpg.Room(), pgstore.Room()); err != nil {
		t.Fatal(err)
	}
	h := houseOver(t, docpg.New(db), pgstore.New(db), nil)
	var all []*notifier.Notifier
	for i, at := range nodes {
		own := database(t, at)
		c := h.config
		c.Store, c.Library, c.Node, c.Machine, c.Senders = pgstore.New(own), library(docpg.New(own)), fmt.Sprint("node ", i), "", senders
		n, err := notifier.New(c)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return h, all
}

// everybody demands one mail for each of the crowd and a ledger that says so.
func (h *house) everybody(e documents.Event, count int) {
	h.t.Helper()
	copies := map[string]int{}
	for _, m := range h.relay.taken() {
		copies[m.to]++
	}
	for i := range count {
		if to := fmt.Sprintf("u%d@example.com", i+1); copies[to] != 1 {
			h.t.Errorf("%s has %d copies", to, copies[to])
		}
	}
	want := notifier.Figures{Due: int64(count), Accepted: int64(count)}
	if x := h.notice(e.Seq); x.Figures != want || x.Closing == nil || *x.Closing != want || x.ClosedSeq == 0 || x.Languages["ru"] != int64(count) {
		h.t.Errorf("notice %+v, closing %+v", x, x.Closing)
	}
	if o, err := h.store.Owed(ctx); err != nil || o != (notifier.Owed{}) {
		h.t.Errorf("owed %+v, %v", o, err)
	}
	h.balanced()
}

func TestTwoNodesOverPostgres(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	h, nodes := overPostgres(t, url, 4, url, url)
	h.crowd(2000)
	e := h.publish("Вторая.", nil)
	var stops []func() time.Duration
	for _, n := range nodes {
		stops = append(stops, start(t, n))
	}
	h.closed(e.Seq)
	for _, stop := range stops {
		if took := stop(); took > 10*time.Second {
			t.Errorf("the end took %s", took)
		}
	}
	h.everybody(e, 2000)
}

// The database dies, and the ways to it are cut, reset and stalled, while two
// nodes send: nobody is missed and nobody gets a second copy, for both live on and
// know what they did.
func TestPostgresGoesAwayWhileNodesSend(t *testing.T) {
	const count = 1500
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	proxies := []*postgrestest.Proxy{c.Proxy(), c.Proxy()}
	h, nodes := overPostgres(t, url, 3, proxies[0].Via(url), proxies[1].Via(url))
	h.crowd(count)
	e := h.publish("Вторая.", nil)
	var stops []func() time.Duration
	for _, n := range nodes {
		stops = append(stops, start(t, n))
	}
	accepted := func() int64 { return h.notice(e.Seq).Figures.Accepted }
	faults := []struct{ begin, end func() }{
		{proxies[0].Cut, proxies[0].Heal},
		{proxies[1].Reset, func() {}},
		{proxies[0].Stall, proxies[0].Resume},
		{c.Kill, c.Run},
		{func() { proxies[0].Cut(); proxies[1].Cut() }, func() { proxies[0].Heal(); proxies[1].Heal() }},
	}
	for i, f := range faults {
		part := int64(count * (i + 1) / (len(faults) + 2))
		h.until("a part of it", func() bool { return accepted() >= part })
		f.begin()
		time.Sleep(300 * time.Millisecond) // how long it lasts
		f.end()
	}
	h.closed(e.Seq)
	for _, stop := range stops {
		stop()
	}
	h.everybody(e, count)
}
