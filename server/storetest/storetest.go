// Package storetest is what a server.Store promises. A behaviour that is not in
// it is not promised.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vestnik/documents"
	"vestnik/server"
)

// Open gives one more handle on a store, as a further node has it.
type Open func() server.Store

// Run runs the suite. fresh returns how a new, empty store is opened, as often as
// asked.
func Run(t *testing.T, fresh func(*testing.T) Open) {
	open := func(t *testing.T) server.Store { return fresh(t)() }
	for _, c := range []struct {
		name string
		f    func(*testing.T, server.Store)
	}{
		{"StaffCompareAndSet", staffCompareAndSet},
		{"StaffByID", staffByID},
		{"Sessions", sessions},
		{"Tokens", tokens},
		{"LinkIsSpentOnce", linkIsSpentOnce},
		{"SweepKeepsTheLiving", sweepKeepsTheLiving},
		{"AllowCountsOverAll", allowCounts},
		{"SettingsCompareAndSet", settingsCompareAndSet},
		{"AuditsNewestFirst", auditsNewestFirst},
		{"MailsBeyondKeepGo", mailsBeyondKeepGo},
		{"ReturnedValuesAreCopies", returnedValuesAreCopies},
		{"CancelledContextChangesNothing", cancelled},
		{"RosterCompareAndSet", rosterCompareAndSet},
		{"HostileText", hostileText},
		{"HostileKeys", hostileKeys},
		{"OrderIsOfBytes", bytewise},
		{"LargeMail", largeMail},
		{"EveryTimeKeepsMicroseconds", everyTime},
		{"LimitsOfLists", limitsOfLists},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.f(t, open(t))
		})
	}
	for _, c := range nodes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			open := fresh(t)
			c.f(t, [2]server.Store{open(), open()})
		})
	}
	t.Run("DumpAndLoad", func(t *testing.T) { dumpAndLoad(t, open) })
	t.Run("BrokenLoadLeavesNothing", func(t *testing.T) { brokenLoad(t, open) })
}

var day = time.Date(2026, 11, 22, 10, 0, 0, 123456000, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wants(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("-want +got\n%s", d)
	}
}

func person(id string) server.Staff {
	return server.Staff{ID: id, Address: id + "@example.kz", Name: "Әсел", Language: "kk", Roles: []string{"author"}, Created: day, Revision: 1}
}

func staffCompareAndSet(t *testing.T, s server.Store) {
	ctx, one := t.Context(), person("a")
	two := one
	two.Revision = 2
	wants(t, s.PutStaff(ctx, two), documents.ErrConflict)
	_, err := s.Staff(ctx, "a")
	wants(t, err, documents.ErrNotFound)
	must(t, s.PutStaff(ctx, one))
	wants(t, s.PutStaff(ctx, one), documents.ErrExists)
	two.Disabled = true
	must(t, s.PutStaff(ctx, two))
	wants(t, s.PutStaff(ctx, two), documents.ErrConflict)
	got, err := s.Staff(ctx, "a")
	must(t, err)
	equal(t, got, two)
}

// Nothing of a change stays if any of it is refused.
func rosterCompareAndSet(t *testing.T, s server.Store) {
	ctx, token := t.Context(), server.Token{Hash: "h", Name: "n", Created: day}
	stands := func(roster int, staff ...server.Staff) {
		t.Helper()
		o, err := s.Office(ctx)
		must(t, err)
		equal(t, o.Roster, roster)
		equal(t, o.Staff, staff)
		equal(t, o.Settings, server.StoredSettings{Values: map[string]string{}})
	}
	stands(0)
	wants(t, s.ChangeRoster(ctx, 1, []server.Staff{person("a")}, nil), documents.ErrConflict)
	stands(0)
	must(t, s.ChangeRoster(ctx, 0, []server.Staff{person("b"), person("a")}, nil))
	stands(1, person("a"), person("b"))
	wants(t, s.ChangeRoster(ctx, 0, nil, []server.Token{token}), documents.ErrConflict)
	wants(t, s.ChangeRoster(ctx, 1, []server.Staff{person("c"), person("a")}, []server.Token{token}), documents.ErrExists)
	late := person("a")
	late.Revision = 3
	wants(t, s.ChangeRoster(ctx, 1, []server.Staff{person("c"), late}, []server.Token{token}), documents.ErrConflict)
	stands(1, person("a"), person("b"))
	_, err := s.Token(ctx, "h")
	wants(t, err, documents.ErrNotFound)
	must(t, s.PutToken(ctx, token))
	must(t, s.PutStaff(ctx, person("c")))
	stands(3, person("a"), person("b"), person("c"))
}

func race(n int, f func(i int)) {
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { f(i) })
	}
	wait.Wait()
}

func staffByID(t *testing.T, s server.Store) {
	list, err := s.StaffList(t.Context())
	must(t, err)
	if len(list) != 0 {
		t.Fatalf("a new store has staff: %v", list)
	}
	for _, id := range []string{"b", "B", "a"} {
		must(t, s.PutStaff(t.Context(), person(id)))
	}
	list, err = s.StaffList(t.Context())
	must(t, err)
	equal(t, list, []server.Staff{person("B"), person("a"), person("b")})
}

func sessions(t *testing.T, s server.Store) {
	ctx := t.Context()
	one := server.Session{Hash: "h", Staff: "a", Created: day, Expires: day.Add(time.Hour)}
	must(t, s.DeleteSession(ctx, "h"))
	must(t, s.PutSession(ctx, one))
	got, err := s.Session(ctx, "h")
	must(t, err)
	equal(t, got, one)
	must(t, s.DeleteSession(ctx, "h"))
	_, err = s.Session(ctx, "h")
	wants(t, err, documents.ErrNotFound)
}

func tokens(t *testing.T, s server.Store) {
	ctx := t.Context()
	a := server.Token{Hash: "a", Name: "sync", Staff: "local", Role: "publisher", Created: day}
	b := server.Token{Hash: "b", Name: "site", Staff: "local", Role: "auditor", Created: day}
	must(t, s.PutToken(ctx, b))
	must(t, s.PutToken(ctx, a))
	a.Revoked = true
	must(t, s.PutToken(ctx, a))
	got, err := s.Token(ctx, "a")
	must(t, err)
	equal(t, got, a)
	list, err := s.Tokens(ctx)
	must(t, err)
	equal(t, list, []server.Token{a, b})
	_, err = s.Token(ctx, "c")
	wants(t, err, documents.ErrNotFound)
}

func linkIsSpentOnce(t *testing.T, s server.Store) {
	link := server.Link{Hash: "h", Staff: "a", Purpose: "sign-in", Next: "/desk/", Expires: day}
	must(t, s.PutLink(t.Context(), link))
	got, err := s.Link(t.Context(), "h")
	must(t, err)
	equal(t, got, link)
	got, err = s.SpendLink(t.Context(), "h")
	must(t, err)
	equal(t, got, link)
	_, err = s.SpendLink(t.Context(), "h")
	wants(t, err, documents.ErrNotFound)
	_, err = s.Link(t.Context(), "h")
	wants(t, err, documents.ErrNotFound)
}

func sweepKeepsTheLiving(t *testing.T, s server.Store) {
	ctx := t.Context()
	for name, expires := range map[string]time.Time{"old": day.Add(-time.Second), "new": day.Add(time.Second)} {
		must(t, s.PutLink(ctx, server.Link{Hash: name, Expires: expires}))
		must(t, s.PutSession(ctx, server.Session{Hash: name, Expires: expires}))
	}
	must(t, s.Sweep(ctx, day))
	_, err := s.Link(ctx, "old")
	wants(t, err, documents.ErrNotFound)
	_, err = s.Session(ctx, "old")
	wants(t, err, documents.ErrNotFound)
	_, err = s.Link(ctx, "new")
	must(t, err)
	_, err = s.Session(ctx, "new")
	must(t, err)
	must(t, s.Sweep(ctx, day.Add(time.Second)))
	_, err = s.Link(ctx, "new")
	must(t, err)
}

func allowCounts(t *testing.T, s server.Store) {
	allow := func(key string, now time.Time) bool {
		ok, err := s.Allow(t.Context(), key, now, time.Minute, 3)
		must(t, err)
		return ok
	}
	var allowed atomic.Int32
	race(8, func(int) {
		if allow("a", day) {
			allowed.Add(1)
		}
	})
	equal(t, allowed.Load(), int32(3))
	equal(t, allow("b", day), true)
	ok, err := s.Allow(t.Context(), "never", day, time.Minute, 0)
	must(t, err)
	equal(t, ok, false)
	equal(t, allow("a", day.Add(59*time.Second)), false)
	equal(t, allow("a", day.Add(time.Minute)), true)
	equal(t, allow("a", day.Add(time.Minute)), false)
	must(t, s.Sweep(t.Context(), day.Add(time.Minute)))
	equal(t, allow("a", day.Add(time.Minute)), false)
	must(t, s.Sweep(t.Context(), day.Add(time.Hour)))
	equal(t, allow("a", day.Add(time.Hour)), true)
}

func settingsCompareAndSet(t *testing.T, s server.Store) {
	ctx := t.Context()
	values, revision, err := s.Settings(ctx)
	must(t, err)
	if len(values) != 0 || revision != 0 {
		t.Fatalf("a new store has settings %v, revision %d", values, revision)
	}
	wants(t, s.PutSettings(ctx, map[string]string{"bin": "1"}, 1), documents.ErrConflict)
	must(t, s.PutSettings(ctx, map[string]string{"bin": "1"}, 0))
	wants(t, s.PutSettings(ctx, map[string]string{"bin": "2"}, 0), documents.ErrConflict)
	must(t, s.PutSettings(ctx, map[string]string{"zone": "UTC"}, 1))
	values, revision, err = s.Settings(ctx)
	must(t, err)
	equal(t, values, map[string]string{"zone": "UTC"})
	equal(t, revision, 2)
}

func auditsNewestFirst(t *testing.T, s server.Store) {
	ctx := t.Context()
	for i := range 5 {
		must(t, s.Audit(ctx, server.AuditEntry{ID: 99, At: day, By: "a", What: fmt.Sprint(i), More: map[string]string{"k": "v"}}))
	}
	what := func(before int64, limit int) (out string) {
		list, err := s.Audits(ctx, before, limit)
		must(t, err)
		for _, e := range list {
			out += fmt.Sprintf("%d:%s ", e.ID, e.What)
		}
		return out
	}
	equal(t, what(0, 2), "5:4 4:3 ")
	equal(t, what(4, 10), "3:2 2:1 1:0 ")
	equal(t, what(1, 10), "")
	equal(t, what(1000, 1), "5:4 ")
}

func mailsBeyondKeepGo(t *testing.T, s server.Store) {
	ctx := t.Context()
	for i := range 5 {
		must(t, s.PutMail(ctx, server.StoredMail{At: day, From: "f", To: []string{"t"}, Subject: fmt.Sprint(i), Size: 3, Raw: []byte("raw")}, 3))
	}
	list, err := s.Mails(ctx, 0, 10)
	must(t, err)
	if len(list) != 3 || list[0].Subject != "4" || list[0].ID != 5 || list[0].Raw != nil {
		t.Fatalf("mails are %+v", list)
	}
	m, err := s.Mail(ctx, 5)
	must(t, err)
	equal(t, string(m.Raw), "raw")
	_, err = s.Mail(ctx, 2)
	wants(t, err, documents.ErrNotFound)
}

func returnedValuesAreCopies(t *testing.T, s server.Store) {
	ctx := t.Context()
	must(t, s.PutMail(ctx, server.StoredMail{Raw: []byte("raw")}, 3))
	m, err := s.Mail(ctx, 1)
	must(t, err)
	m.Raw[0] = 'X'
	m, err = s.Mail(ctx, 1)
	must(t, err)
	equal(t, string(m.Raw), "raw")
}

func cancelled(t *testing.T, s server.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.PutStaff(ctx, person("a")); err == nil {
		t.Fatal("a cancelled write was taken")
	}
	_, err := s.Staff(t.Context(), "a")
	wants(t, err, documents.ErrNotFound)
}

func fill(t *testing.T, s server.Store) {
	ctx := t.Context()
	must(t, s.PutStaff(ctx, person("a")))
	must(t, s.PutToken(ctx, server.Token{Hash: "h", Name: "n", Role: "author", Created: day, Revoked: true}))
	must(t, s.PutSettings(ctx, map[string]string{"zone": "UTC"}, 0))
	must(t, s.Audit(ctx, server.AuditEntry{At: day, What: "w"}))
	for range 3 {
		must(t, s.PutMail(ctx, server.StoredMail{At: day, Subject: "s", Raw: []byte{0, 255}}, 2))
	}
	must(t, s.PutSession(ctx, server.Session{Hash: "session-hash", Expires: day}))
	must(t, s.PutLink(ctx, server.Link{Hash: "link-hash", Expires: day}))
}

func dumpAndLoad(t *testing.T, open func(*testing.T) server.Store) {
	ctx, from, to := t.Context(), open(t), open(t)
	fill(t, from)
	var first, second bytes.Buffer
	must(t, from.Dump(ctx, &first))
	if s := first.String(); strings.Contains(s, "session-hash") || strings.Contains(s, "link-hash") {
		t.Fatal("a dump holds sessions or links")
	}
	must(t, to.Load(ctx, bytes.NewReader(first.Bytes())))
	must(t, to.Dump(ctx, &second))
	equal(t, second.String(), first.String())
	wants(t, to.Load(ctx, bytes.NewReader(first.Bytes())), documents.ErrExists)
	must(t, to.Audit(ctx, server.AuditEntry{What: "next"}))
	must(t, to.PutMail(ctx, server.StoredMail{Subject: "next"}, 9))
	audits, err := to.Audits(ctx, 0, 1)
	must(t, err)
	mails, err := to.Mails(ctx, 0, 1)
	must(t, err)
	if audits[0].ID != 2 || mails[0].ID != 4 {
		t.Fatalf("numbers after a load go on at %d and %d, want 2 and 4", audits[0].ID, mails[0].ID)
	}
}

func brokenLoad(t *testing.T, open func(*testing.T) server.Store) {
	ctx, from, to := t.Context(), open(t), open(t)
	fill(t, from)
	var dump bytes.Buffer
	must(t, from.Dump(ctx, &dump))
	tails := []string{"{", `{"unknown":{}}`, `{}`}
	for line := range strings.Lines(dump.String()) {
		tails = append(tails, line)
	}
	for _, tail := range tails {
		if err := to.Load(ctx, strings.NewReader(dump.String()+tail)); err == nil || errors.Is(err, documents.ErrExists) {
			t.Fatalf("a dump that ends in %q: %v", tail, err)
		}
	}
	var after bytes.Buffer
	must(t, to.Dump(ctx, &after))
	equal(t, after.String(), "")
}
