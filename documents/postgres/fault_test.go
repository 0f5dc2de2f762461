package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/documents/value"
)

func TestCutAndHealed(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	p := c.Proxy()
	db := newCounter(t, c, p.Via(c.Schema()))
	must(t, db.add(t.Context()))
	p.Cut()
	wantAway(t, db.add(t.Context()))
	wantAway(t, db.Ping(t.Context()))
	var n int
	wantAway(t, db.Row(t.Context(), "SELECT 1", nil, &n))
	wantAway(t, db.Query(t.Context(), "SELECT 1", nil, nil))
	_, err := postgres.Open(t.Context(), p.Via(c.URL()), nil)
	wantAway(t, err)
	p.Heal()
	must(t, db.add(t.Context()))
}

func TestResetIsNotSeenBetweenTransactions(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	p := c.Proxy()
	db := newCounter(t, c, p.Via(c.Schema()))
	for range 20 {
		must(t, db.add(t.Context()))
		p.Reset()
	}
}

func TestResetWithinTransaction(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	p := c.Proxy()
	db := newCounter(t, c, p.Via(c.Schema()))
	rounds := 0
	wantAway(t, db.Tx(t.Context(), func(tx pgx.Tx) error {
		rounds++
		_, err := tx.Exec(t.Context(), "INSERT INTO counted VALUES (-1)")
		must(t, err)
		p.Reset()
		_, err = tx.Exec(t.Context(), "INSERT INTO counted VALUES (-2)")
		return err
	}))
	if rounds != 1 {
		t.Fatalf("a transaction whose connection broke ran %d times", rounds)
	}
	var n int
	must(t, db.Row(t.Context(), "SELECT count(*) FROM counted", nil, &n))
	if n != 0 {
		t.Fatalf("%d rows of a broken transaction", n)
	}
}

// TestCommitCutOff: what became of it nobody knows, and the error says so.
func TestCommitCutOff(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	p := c.Proxy()
	db := newCounter(t, c, p.Via(c.Schema()))
	wantAway(t, db.Tx(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "INSERT INTO counted VALUES (-1)")
		p.Cut()
		return err
	}))
	p.Heal()
	must(t, db.add(t.Context()))
}

func TestStalled(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	p := c.Proxy()
	db := newCounter(t, c, p.Via(c.Schema()))
	must(t, db.add(t.Context()))
	p.Stall()
	wantAway(t, db.add(within(t, 200*time.Millisecond)))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	if err := db.add(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, documents.ErrAway) {
		t.Fatalf("who gives up is told %v", err)
	}
	p.Resume()
	eventually(t, func() error { return db.add(within(t, time.Second)) })
}

// TestSilence: nobody has a deadline, and the machine of the database goes on
// acknowledging what it is sent.
func TestSilence(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{})
	p := c.Proxy()
	db := newCounter(t, c, p.Via(c.Schema())+"&statement_timeout=1500")
	start := time.Now()
	wantAway(t, db.Tx(t.Context(), func(tx pgx.Tx) error {
		p.Stall()
		_, err := tx.Exec(t.Context(), "INSERT INTO counted VALUES (-1)")
		return err
	}))
	if took := time.Since(start); took > 4*time.Second {
		t.Fatalf("noticed after %v", took)
	}
	wantAway(t, db.add(t.Context())) // no connection within its time
	p.Resume()
	eventually(t, func() error { return db.add(within(t, time.Second)) })
}

// TestCommitWaits: neither time nor the caller ends a commit.
func TestCommitWaits(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{})
	p := c.Proxy()
	db := newCounter(t, c, p.Via(c.Schema())+"&statement_timeout=1500")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	stalled := make(chan struct{})
	go func() {
		done <- db.Tx(ctx, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO counted VALUES (-1)")
			p.Stall()
			close(stalled)
			return err
		})
	}()
	<-stalled
	cancel()
	select {
	case err := <-done:
		t.Fatalf("a commit was given up: %v", err)
	case <-time.After(3 * time.Second): // longer than a statement may be silent
	}
	p.Resume()
	must(t, <-done)
	var n int
	must(t, db.Row(t.Context(), "SELECT n FROM counted WHERE n = -1", nil, &n))
}

// TestCloseUnderCommit: a program can end though a commit does not.
func TestCloseUnderCommit(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{})
	p := c.Proxy()
	db := newCounter(t, c, p.Via(c.Schema()))
	stalled, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- db.Tx(context.Background(), func(tx pgx.Tx) error {
			_, err := tx.Exec(context.Background(), "INSERT INTO counted VALUES (-1)")
			p.Stall()
			close(stalled)
			return err
		})
	}()
	<-stalled
	wantAway(t, db.Close())
	p.Resume()
	must(t, <-done)
	must(t, db.Close())
	wantAway(t, db.Ping(t.Context()))
}

func TestKilledAndStarted(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := newCounter(t, c, c.Schema())
	must(t, db.add(t.Context()))
	c.Kill()
	wantAway(t, db.add(t.Context()))
	c.Run()
	must(t, db.add(t.Context()))
	c.Stop()
	wantAway(t, db.add(t.Context()))
	c.Run()
	must(t, db.add(t.Context()))
}

func TestDemoted(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := newCounter(t, c, c.Schema())
	must(t, db.add(t.Context()))
	must(t, db.Ping(t.Context()))
	c.Demote()
	wantAway(t, db.Ping(t.Context()))
	wantAway(t, db.add(t.Context()))
	c.Reinstate()
	must(t, db.add(t.Context()))
}

// TestSwitchover: nobody dies, another one is in charge, and nobody who writes
// notices. The bell and the presence follow.
func TestSwitchover(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	s := c.Standby()
	url := postgrestest.Join(c.Schema(), s)
	db := newCounter(t, c, url)
	must(t, db.Present(t.Context()))
	must(t, db.add(t.Context()))
	c.Demote()
	s.Promote()
	must(t, db.add(t.Context()))
	observer := open(t, url)
	others(t, observer, 1)
	must(t, db.Present(t.Context()))
	bell := db.Bell()
	must(t, observer.Tx(t.Context(), func(tx pgx.Tx) error { return postgres.Ring(t.Context(), tx) }))
	<-bell
}

// TestFailover: the primary dies while many write. The standby that takes over
// has everything that was acknowledged.
func TestFailover(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	s := c.Standby()
	url := postgrestest.Join(c.Schema(), s)
	db := newCounter(t, c, url)
	acknowledged := make(chan int, 100000)
	failed := make(chan error, 100)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for w := range 8 {
		go func() {
			for n := w; ctx.Err() == nil; n += 8 {
				err := db.Tx(ctx, func(tx pgx.Tx) error {
					_, err := tx.Exec(ctx, "INSERT INTO counted VALUES ($1)", n)
					return err
				})
				if err != nil {
					failed <- err
					return
				}
				acknowledged <- n
			}
		}()
	}
	var kept []int
	for range 200 {
		kept = append(kept, <-acknowledged)
	}
	c.Kill()
	for range 8 {
		wantAway(t, <-failed)
	}
	s.Promote()
	start := time.Now()
	eventually(t, func() error {
		_, err := db.Exec(t.Context(), "INSERT INTO counted VALUES (-1)")
		return err
	})
	t.Logf("written again %v after the promotion", time.Since(start))
	close(acknowledged)
	for n := range acknowledged {
		kept = append(kept, n)
	}
	for _, n := range kept {
		must(t, db.Row(t.Context(), "SELECT n FROM counted WHERE n = $1", []any{n}, &n))
	}
}

// TestOthersErrors: what a caller's own reader failed with is not the database's.
func TestOthersErrors(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := open(t, c.Schema())
	err := db.Tx(t.Context(), func(pgx.Tx) error { return fmt.Errorf("read a dump: %w", io.ErrUnexpectedEOF) })
	if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, documents.ErrAway) {
		t.Fatal(err)
	}
}

func TestWhatTheServerSays(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := open(t, c.Schema())
	for state, want := range map[string]error{
		"53100": syscall.ENOSPC, "53300": documents.ErrAway, "53200": documents.ErrAway, "57014": documents.ErrAway, "57P03": documents.ErrAway,
		"08006": documents.ErrAway, "25006": documents.ErrAway, "58030": documents.ErrAway, "XX001": value.ErrDamaged,
	} {
		_, err := db.Exec(t.Context(), "DO $$ BEGIN RAISE EXCEPTION 'for a test' USING ERRCODE = '"+state+"'; END $$")
		if !errors.Is(err, want) {
			t.Errorf("%s is %v, want %v", state, err, want)
		}
	}
}

// TestTooMany: a database that is full of connections is away, not broken.
func TestTooMany(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{Settings: map[string]string{"max_connections": "8", "superuser_reserved_connections": "3", "max_wal_senders": "0"}})
	r := c.Role(c.Schema(), true)
	db := open(t, r.URL+"&pool_max_conns=1")
	eventually(t, func() error {
		conn, err := pgx.Connect(t.Context(), r.URL)
		if err != nil {
			return nil
		}
		t.Cleanup(func() { conn.Close(context.Background()) })
		return errors.New("there is room")
	})
	_, err := postgres.Open(t.Context(), r.URL, nil)
	wantAway(t, err)
	must(t, db.Ping(t.Context()))
}
