package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

func TestTx(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := newCounter(t, c, c.Schema()+"&pool_max_conns=2")
	mine := errors.New("mine")
	for range 5 { // the pool keeps its connections
		err := db.Tx(t.Context(), func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO counted VALUES (7)")
			must(t, err)
			return mine
		})
		if err != mine {
			t.Fatal(err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.Tx(t.Context(), func(tx pgx.Tx) error { panic("in a transaction") })
		}()
	}
	var n int
	if err := db.Row(t.Context(), "SELECT n FROM counted", nil, &n); !errors.Is(err, documents.ErrNotFound) {
		t.Fatal(err)
	}
	must(t, db.add(t.Context()))
	_, err := db.Exec(t.Context(), "INSERT INTO counted VALUES (1)")
	if !postgres.Taken(err) || errors.Is(err, documents.ErrAway) {
		t.Fatal(err)
	}
	err = db.Query(t.Context(), "SELECT n FROM counted", nil, func(rows pgx.Rows) error { return mine })
	if err != mine {
		t.Fatal(err)
	}
	rows, err := db.Exec(t.Context(), "DELETE FROM counted")
	if rows != 1 || err != nil {
		t.Fatal(rows, err)
	}
}

// TestDeadlock: two who stand in each other's way both get through.
func TestDeadlock(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{Settings: map[string]string{"deadlock_timeout": "20ms"}})
	db := newCounter(t, c, c.Schema())
	_, err := db.Exec(t.Context(), "INSERT INTO counted VALUES (0), (1)")
	must(t, err)
	var all, met sync.WaitGroup
	met.Add(2)
	var rounds [2]int
	for w := range rounds {
		all.Go(func() {
			if err := db.Tx(t.Context(), func(tx pgx.Tx) error {
				rounds[w]++
				for i := range 2 {
					if _, err := tx.Exec(t.Context(), "SELECT n FROM counted WHERE n = $1 FOR UPDATE", (w+i)%2); err != nil {
						return err
					}
					if i == 0 && rounds[w] == 1 {
						met.Done()
						met.Wait()
					}
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if rounds[0]+rounds[1] < 3 {
		t.Fatal("nobody stood in another's way")
	}
}

// TestRounds: what reads a dump runs once, for its reader cannot begin again.
func TestRounds(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := open(t, c.Schema())
	rounds := 0
	fail := func(tx pgx.Tx) error {
		rounds++
		_, err := tx.Exec(t.Context(), "DO $$ BEGIN RAISE EXCEPTION 'for a test' USING ERRCODE = '40P01'; END $$")
		return err
	}
	for _, run := range []struct {
		tx   func(context.Context, func(pgx.Tx) error) error
		ctx  context.Context
		want int
	}{{db.Tx, t.Context(), 8}, {db.Tx, postgres.Patient(t.Context()), 1}, {db.Snapshot, t.Context(), 1}} {
		rounds = 0
		wantAway(t, run.tx(run.ctx, fail))
		if rounds != run.want {
			t.Fatalf("%d rounds, want %d", rounds, run.want)
		}
	}
}

// TestPoolExhausted: who finds no free connection in time is told so.
func TestPoolExhausted(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := open(t, c.Schema()+"&pool_max_conns=1")
	must(t, db.Tx(t.Context(), func(pgx.Tx) error {
		wantAway(t, db.Ping(within(t, 50*time.Millisecond)))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := db.Ping(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, documents.ErrAway) {
			t.Fatal(err)
		}
		return nil
	}))
	must(t, db.Ping(t.Context()))
}

func TestTimeOfStatements(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := open(t, c.Schema()+"&statement_timeout=200")
	long := func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "SELECT pg_sleep(0.5)")
		return err
	}
	wantAway(t, db.Tx(t.Context(), long))
	must(t, db.Tx(postgres.Patient(t.Context()), long))
	must(t, db.Snapshot(t.Context(), long))
	wantAway(t, db.Tx(t.Context(), long))
}

// TestSnapshot sees one instant and writes nothing.
func TestSnapshot(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := newCounter(t, c, c.Schema())
	must(t, db.add(t.Context()))
	must(t, db.Snapshot(t.Context(), func(tx pgx.Tx) error {
		for range 2 {
			var n int
			must(t, tx.QueryRow(t.Context(), "SELECT count(*) FROM counted").Scan(&n))
			if n != 1 {
				t.Fatalf("%d rows", n)
			}
			must(t, db.add(t.Context()))
		}
		return nil
	}))
	wantAway(t, db.Snapshot(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "DELETE FROM counted")
		return err
	}))
}

// TestSynchronousCommitWaits: a commit waits for a standby that is slow, longer
// than a statement may take.
func TestSynchronousCommitWaits(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{})
	db := newCounter(t, c, c.Schema()+"&statement_timeout=1000")
	s := c.Standby()
	must(t, db.add(t.Context()))
	s.Stop()
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- db.add(ctx) }()
	eventually(t, func() error {
		if c.Query(t, "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'SyncRep'")[0] == "0" {
			return errors.New("the commit does not wait yet")
		}
		return nil
	})
	cancel()
	select {
	case err := <-done:
		t.Fatalf("the commit was given up: %v", err)
	case <-time.After(2 * time.Second):
	}
	s.Run()
	must(t, <-done)
}

// TestHolderStandsStill: a node that stands still in the middle of a transaction
// loses its locks before those who wait for them give up.
func TestHolderStandsStill(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	still, other := newCounter(t, c, url), open(t, url)
	must(t, still.add(t.Context()))
	lock := func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE counted SET n = n")
		return err
	}
	held, through, over := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		over <- still.Tx(t.Context(), func(tx pgx.Tx) error {
			err := lock(tx)
			close(held)
			<-through
			return err
		})
	}()
	<-held
	err := other.Tx(t.Context(), lock)
	close(through)
	must(t, err)
	wantAway(t, <-over)
}
