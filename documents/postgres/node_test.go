package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

// others fails unless db comes to see n other nodes.
func others(t *testing.T, db *postgres.DB, n int) {
	t.Helper()
	eventually(t, func() error {
		got, err := db.Others(t.Context())
		if err == nil && got != n {
			return fmt.Errorf("%d others, want %d", got, n)
		}
		return err
	})
}

func TestNodes(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url, p := c.Schema(), c.Proxy()
	a, b, command, elsewhere := open(t, url), open(t, p.Via(url)), open(t, url), open(t, c.Schema())
	others(t, command, 0)
	must(t, a.Present(t.Context()))
	must(t, a.Present(t.Context()))
	if n, err := command.Others(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	others(t, a, 0)
	must(t, b.Present(t.Context()))
	must(t, elsewhere.Present(t.Context()))
	others(t, a, 1)
	others(t, b, 1)
	others(t, command, 2)
	p.Cut()
	others(t, a, 0)
	p.Heal()
	others(t, a, 1) // counted anew by itself
	must(t, b.Present(t.Context()))
	must(t, b.Close())
	others(t, a, 0)
	c.Stop()
	c.Run()
	others(t, command, 1)
	p.Cut()
	wantAway(t, func() error {
		db := open(t, url)
		c.Stop()
		return db.Present(within(t, 100*time.Millisecond))
	}())
}

func TestSkew(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := open(t, c.Schema())
	if skew, err := db.Skew(t.Context()); err != nil || skew.Abs() > time.Second {
		t.Fatal(skew, err)
	}
}

func TestBell(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url, p := c.Schema(), c.Proxy()
	a, b, elsewhere := open(t, url), open(t, p.Via(url)), open(t, c.Schema())
	ring := func(db *postgres.DB) {
		t.Helper()
		must(t, db.Migrate(t.Context()))
		must(t, db.Tx(t.Context(), func(tx pgx.Tx) error { return postgres.Ring(t.Context(), tx) }))
	}
	must(t, a.Present(t.Context())) // they hear
	must(t, b.Present(t.Context()))
	must(t, elsewhere.Present(t.Context()))
	here, there, silent := a.Bell(), b.Bell(), elsewhere.Bell()
	ring(a)
	<-here
	<-there
	select {
	case <-silent:
		t.Fatal("the bell of another installation rings")
	case <-time.After(300 * time.Millisecond):
	}
	// What was not heard meanwhile is rung afterwards.
	missed := b.Bell()
	p.Cut()
	ring(a)
	p.Heal()
	<-missed
}

func TestAwait(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db := open(t, c.Schema())
	must(t, db.Migrate(t.Context()))
	must(t, db.Present(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Await(ctx, db.Bell()); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	start := time.Now()
	must(t, db.Await(t.Context(), db.Bell()))
	if took := time.Since(start); took < 900*time.Millisecond {
		t.Fatalf("nobody rang, after %v", took)
	}
	start = time.Now()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				bell := db.Bell()
				if err := db.Tx(t.Context(), func(tx pgx.Tx) error { return postgres.Ring(t.Context(), tx) }); err != nil {
					t.Error(err)
				}
				if err := db.Await(t.Context(), bell); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if took := time.Since(start); took > 25*time.Second {
		t.Fatalf("50 rings took %v: they are not heard", took)
	}
}

// TestCloseAtOnce: also while the database is stalled, or away.
func TestCloseAtOnce(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	for _, fault := range []func(*postgrestest.Proxy){(*postgrestest.Proxy).Stall, (*postgrestest.Proxy).Cut, (*postgrestest.Proxy).Heal} {
		p := c.Proxy()
		db := open(t, p.Via(c.Schema()))
		must(t, db.Present(t.Context()))
		fault(p)
		start := time.Now()
		must(t, db.Close())
		if took := time.Since(start); took > 3*time.Second {
			t.Fatalf("closing took %v", took)
		}
	}
}
