package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"vestnik/documents"
	documentspg "vestnik/documents/pgstore"
	"vestnik/notifier"
	notifierpg "vestnik/notifier/pgstore"
)

// store is the notifier's, beside the nodes.
func (f *fleet) store() *notifierpg.Store { return notifierpg.New(f.db) }

// balanced compares the tallies with the rows, as of one instant.
func (f *fleet) balanced(seq documents.Seq) {
	f.t.Helper()
	wrong := f.cluster.Query(f.t, fmt.Sprintf(`SELECT concat_ws(' ', state, 'rows', rows.n, 'tally', tally.n)
		FROM (SELECT state, count(*) n FROM %[1]s.deliveries WHERE notice = %[2]d GROUP BY 1) rows
		FULL JOIN (SELECT state, sum(n) n FROM %[1]s.tallies WHERE notice = %[2]d GROUP BY 1 HAVING sum(n) <> 0) tally USING (state)
		WHERE rows.n IS DISTINCT FROM tally.n`, f.schema, seq))
	if len(wrong) > 0 {
		f.t.Errorf("the ledger does not balance: %s", wrong)
	}
}

func (f *fleet) figures(seq documents.Seq) notifier.Figures {
	f.t.Helper()
	x, err := f.store().Notice(context.Background(), seq)
	if errors.Is(err, documents.ErrNotFound) {
		return notifier.Figures{Open: 1} // not followed yet
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return x.Figures
}

func (f *fleet) deliveries(seq documents.Seq, states ...notifier.DeliveryState) (all []notifier.Delivery) {
	f.t.Helper()
	for after := int64(0); ; {
		page, err := f.store().Deliveries(context.Background(), seq, after, 1000, states...)
		if err != nil {
			f.t.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		all, after = append(all, page...), page[len(page)-1].Recipient
	}
}

// settled waits until nothing is open, and ends the wait of those in doubt.
func (f *fleet) settled(seq documents.Seq, patience time.Duration) {
	f.t.Helper()
	done := until(patience, func() bool {
		for _, d := range f.deliveries(seq, notifier.InDoubt) {
			if d.Next.Before(time.Now().Add(time.Minute)) {
				continue // its outcome is about to be written, or it goes again
			}
			d.Next, d.Revision = time.Now().UTC().Truncate(time.Microsecond), d.Revision+1
			err := f.store().Settle(context.Background(), notifier.Settlement{Now: time.Now(), Deliveries: []notifier.Delivery{d}})
			if err != nil && !errors.Is(err, documents.ErrConflict) {
				f.t.Fatal(err)
			}
		}
		return f.figures(seq).Open == 0
	})
	if !done {
		f.t.Fatalf("the notice does not come to rest: %+v\n%s", f.figures(seq), f.running()[0].log.String())
	}
}

// judge demands of each of so many people one copy, and another only for what was
// in doubt, which at most most may have been.
func (f *fleet) judge(relay *recorder, seq documents.Seq, people, most int) {
	f.t.Helper()
	all, doubted, copies := f.deliveries(seq), 0, 0
	if len(all) != people {
		f.t.Errorf("%d deliveries, want %d", len(all), people)
	}
	relay.mu.Lock()
	defer relay.mu.Unlock()
	for _, d := range all {
		r, err := f.store().Recipient(context.Background(), d.Recipient)
		if err != nil {
			f.t.Fatal(err)
		}
		if d.Attempts > 1 { // nobody was refused, so only a doubt makes another attempt
			doubted++
		}
		got := relay.copies[r.Address]
		copies += got
		if d.State != notifier.Accepted || got == 0 || got > d.Attempts {
			f.t.Errorf("recipient %d is %s after %d attempts and has %d copies", d.Recipient, d.State, d.Attempts, got)
		}
		for _, id := range relay.ids[r.Address] {
			if id != relay.ids[r.Address][0] {
				f.t.Errorf("recipient %d got different Message-IDs", d.Recipient)
			}
		}
	}
	f.t.Logf("%d people, %d copies, %d in doubt once", people, copies, doubted)
	if doubted > most {
		f.t.Errorf("%d were in doubt, %d at most may have been", doubted, most)
	}
}

// witness keeps the checkpoints that nodes served.
type witness struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (w *witness) look(n *node) []byte {
	c := n.get("/log/checkpoint")
	w.mu.Lock()
	defer w.mu.Unlock()
	if c != nil {
		if w.seen == nil {
			w.seen = map[string]bool{}
		}
		w.seen[string(c)] = true
	}
	return c
}

// logHolds demands of the log no gap, each version of count in it once, and that
// it extends each checkpoint that anybody saw.
func (f *fleet) logHolds(count map[string]int, w *witness) {
	f.t.Helper()
	var hashes stored
	times := map[string]int{}
	for after := documents.Seq(0); ; {
		events, err := documentspg.New(f.db).Events(context.Background(), "", after, 500)
		if err != nil {
			f.t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			if after++; e.Seq != after {
				f.t.Fatalf("event %d stands in the place of event %d", e.Seq, after)
			}
			if e.Kind == documents.Published {
				times[fmt.Sprint(e.Document, " ", e.Version)]++
			}
			more, err := tlog.StoredHashes(int64(e.Seq)-1, e.Bytes, hashes)
			if err != nil {
				f.t.Fatal(err)
			}
			hashes = append(hashes, more...)
		}
	}
	for document, n := range count {
		for i := range n {
			if key := fmt.Sprint(document, " ", i+2); times[key] != 1 {
				f.t.Errorf("%s is in the log %d times", key, times[key])
			}
		}
		if key := fmt.Sprint(document, " ", n+2); times[key] != 0 {
			f.t.Errorf("%s is in the log, and nobody asked for it", key)
		}
	}
	for c := range w.seen {
		hashes.extend(f.t, c)
	}
	f.t.Logf("%d publications, %d checkpoints seen", count[others[0]]+count[others[1]], len(w.seen))
}

// stored are the hashes of a log.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) (out []tlog.Hash, err error) {
	for _, i := range indexes {
		out = append(out, s[i])
	}
	return out, nil
}

// extend demands that a checkpoint is one of this log.
func (s stored) extend(t testing.TB, checkpoint string) {
	t.Helper()
	lines := strings.Split(checkpoint, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || tlog.StoredHashIndex(0, size-1) >= int64(len(s)) {
		t.Errorf("the log does not reach this checkpoint (%v):\n%s", err, checkpoint)
		return
	}
	root, err := tlog.TreeHash(size, s)
	if err != nil || base64.StdEncoding.EncodeToString(root[:]) != lines[2] {
		t.Errorf("the log does not extend this checkpoint (%v):\n%s", err, checkpoint)
	}
}
