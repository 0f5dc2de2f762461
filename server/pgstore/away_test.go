package pgstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/server"
	"vestnik/server/pgstore"
)

// call is one method of the store.
type call struct {
	name   string
	writes bool
	f      func(ctx context.Context, s server.Store) error
}

var day = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func calls() []call {
	return []call{
		{"Staff", false, func(ctx context.Context, s server.Store) error { _, err := s.Staff(ctx, "a"); return err }},
		{"StaffList", false, func(ctx context.Context, s server.Store) error { _, err := s.StaffList(ctx); return err }},
		{"Office", false, func(ctx context.Context, s server.Store) error { _, err := s.Office(ctx); return err }},
		{"Session", false, func(ctx context.Context, s server.Store) error { _, err := s.Session(ctx, "h"); return err }},
		{"Token", false, func(ctx context.Context, s server.Store) error { _, err := s.Token(ctx, "h"); return err }},
		{"Tokens", false, func(ctx context.Context, s server.Store) error { _, err := s.Tokens(ctx); return err }},
		{"Link", false, func(ctx context.Context, s server.Store) error { _, err := s.Link(ctx, "h"); return err }},
		{"Settings", false, func(ctx context.Context, s server.Store) error { _, _, err := s.Settings(ctx); return err }},
		{"Audits", false, func(ctx context.Context, s server.Store) error { _, err := s.Audits(ctx, 0, 9); return err }},
		{"Mails", false, func(ctx context.Context, s server.Store) error { _, err := s.Mails(ctx, 0, 9); return err }},
		{"Mail", false, func(ctx context.Context, s server.Store) error { _, err := s.Mail(ctx, 1); return err }},
		{"Dump", false, func(ctx context.Context, s server.Store) error { return s.Dump(ctx, io.Discard) }},
		{"ChangeRoster", true, func(ctx context.Context, s server.Store) error {
			return s.ChangeRoster(ctx, 2, []server.Staff{{ID: "c", Revision: 1}}, nil)
		}},
		{"PutStaff", true, func(ctx context.Context, s server.Store) error {
			return s.PutStaff(ctx, server.Staff{ID: "b", Revision: 1})
		}},
		{"PutSession", true, func(ctx context.Context, s server.Store) error { return s.PutSession(ctx, server.Session{Hash: "i"}) }},
		{"DeleteSession", true, func(ctx context.Context, s server.Store) error { return s.DeleteSession(ctx, "h") }},
		{"PutToken", true, func(ctx context.Context, s server.Store) error { return s.PutToken(ctx, server.Token{Hash: "i"}) }},
		{"PutLink", true, func(ctx context.Context, s server.Store) error { return s.PutLink(ctx, server.Link{Hash: "i"}) }},
		{"SpendLink", true, func(ctx context.Context, s server.Store) error { _, err := s.SpendLink(ctx, "h"); return err }},
		{"Allow", true, func(ctx context.Context, s server.Store) error {
			_, err := s.Allow(ctx, "k", day, time.Second, 1)
			return err
		}},
		{"Sweep", true, func(ctx context.Context, s server.Store) error { return s.Sweep(ctx, day) }},
		{"PutSettings", true, func(ctx context.Context, s server.Store) error { return s.PutSettings(ctx, nil, 1) }},
		{"Audit", true, func(ctx context.Context, s server.Store) error { return s.Audit(ctx, server.AuditEntry{What: "w"}) }},
		{"PutMail", true, func(ctx context.Context, s server.Store) error { return s.PutMail(ctx, server.StoredMail{}, 9) }},
		{"Load", true, func(ctx context.Context, s server.Store) error { return s.Load(ctx, strings.NewReader("{}")) }},
	}
}

func fill(t *testing.T, s server.Store) {
	t.Helper()
	ctx := t.Context()
	err := errors.Join(s.PutStaff(ctx, server.Staff{ID: "a", Revision: 1}), s.PutToken(ctx, server.Token{Hash: "h"}),
		s.PutSession(ctx, server.Session{Hash: "h", Expires: day}), s.PutLink(ctx, server.Link{Hash: "h", Expires: day}),
		s.PutSettings(ctx, map[string]string{"bin": "1"}, 0), s.Audit(ctx, server.AuditEntry{What: "w"}), s.PutMail(ctx, server.StoredMail{}, 9))
	if err != nil {
		t.Fatal(err)
	}
}

// A database that died is away, for every method and soon; once it is back the
// same store works, and has all that it had.
func TestKilledAndBack(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{Durable: true})
	s := pgstore.New(connect(t, migrated(t, c)))
	fill(t, s)
	before := dump(t, s)
	c.Kill()
	for _, one := range calls() {
		began := time.Now()
		if err := one.f(t.Context(), s); !errors.Is(err, documents.ErrAway) {
			t.Errorf("%s of a dead database: %v", one.name, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %v", one.name, took)
		}
	}
	c.Run()
	back(t, s)
	if after := dump(t, s); after != before {
		t.Fatalf("it held\n%sand holds\n%s", before, after)
	}
	for _, one := range calls() {
		if one.name == "Load" {
			continue
		}
		if err := one.f(t.Context(), s); err != nil {
			t.Errorf("%s after the return: %v", one.name, err)
		}
	}
}

func dump(t *testing.T, s server.Store) string {
	t.Helper()
	var out bytes.Buffer
	if err := s.Dump(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// back waits until s answers again.
func back(t *testing.T, s server.Store) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-tick.C {
		_, err := s.Office(t.Context())
		if err == nil {
			return
		}
		if !errors.Is(err, documents.ErrAway) || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// A database that may only be read is away for who writes, and answers readers.
func TestReadOnly(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	s := pgstore.New(connect(t, migrated(t, c)))
	fill(t, s)
	c.Demote()
	for _, one := range calls() {
		err := one.f(t.Context(), s)
		if one.writes != errors.Is(err, documents.ErrAway) || !one.writes && err != nil {
			t.Errorf("%s of a database that may only be read: %v", one.name, err)
		}
	}
	c.Reinstate()
	if err := s.Audit(t.Context(), server.AuditEntry{What: "w"}); err != nil {
		t.Fatal(err)
	}
}

// Killed while eight append: each entry that was acknowledged is there, once, and
// the numbers have no gap.
func TestKilledWhileAppending(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{Durable: true})
	address := migrated(t, c)
	both := [2]server.Store{pgstore.New(connect(t, address)), pgstore.New(connect(t, address))}
	const writers = 8
	acknowledged := make([][]string, writers)
	enough, ended := make(chan struct{}), make(chan int, writers)
	var count atomic.Int32
	for i := range writers {
		go func() {
			defer func() { ended <- i }()
			for n := 0; ; n++ {
				what := fmt.Sprint(i, " ", n)
				if err := both[i%2].Audit(t.Context(), server.AuditEntry{At: day, What: what}); err != nil {
					if !errors.Is(err, documents.ErrAway) {
						t.Error(err)
					}
					return
				}
				acknowledged[i] = append(acknowledged[i], what)
				if count.Add(1) == 100 {
					close(enough)
				}
			}
		}()
	}
	<-enough
	c.Kill()
	for range writers {
		<-ended
	}
	c.Run()
	back(t, both[0])
	list, err := both[0].Audits(t.Context(), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for i, e := range list {
		times[e.What]++
		if e.ID != int64(len(list)-i) {
			t.Fatalf("number %d stands where %d should", e.ID, len(list)-i)
		}
	}
	for _, mine := range acknowledged {
		for _, what := range mine {
			if times[what] != 1 {
				t.Errorf("%q was acknowledged and is there %d times", what, times[what])
			}
		}
	}
}
