package storetest

import (
	"errors"
	"fmt"
	"maps"
	"sync/atomic"
	"testing"

	"vestnik/documents"
	"vestnik/server"
)

// nodes are what several nodes promise each other. Each test gets two handles.
var nodes = []struct {
	name string
	f    func(t *testing.T, both [2]server.Store)
}{
	{"LinkIsSpentOnceByTwoNodes", linkSpentByTwo},
	{"OneWinnerPerRevisionOfTwoNodes", staffPutByTwo},
	{"SomebodyIsLeft", somebodyIsLeft},
	{"SettingsOfTwoNodesAllCount", settingsOfTwo},
	{"AllowCountsOverTwoNodes", allowOfTwo},
	{"AuditsAppearInOrder", auditsInOrder},
	{"MailsOfTwoNodes", mailsOfTwo},
	{"WhatOneNodeWroteTheOtherSees", seenAtOnce},
}

const racers = 16

func linkSpentByTwo(t *testing.T, both [2]server.Store) {
	for round := range 5 {
		hash := fmt.Sprint(round)
		must(t, both[0].PutLink(t.Context(), server.Link{Hash: hash, Expires: day}))
		var won atomic.Int32
		race(racers, func(i int) {
			if _, err := both[i%2].SpendLink(t.Context(), hash); err == nil {
				won.Add(1)
			} else if !errors.Is(err, documents.ErrNotFound) {
				t.Error(err)
			}
		})
		equal(t, won.Load(), int32(1))
	}
}

func staffPutByTwo(t *testing.T, both [2]server.Store) {
	for revision := 1; revision <= 5; revision++ {
		var won atomic.Int32
		race(racers, func(i int) {
			one := person("a")
			one.Revision, one.Name = revision, fmt.Sprint(i)
			if err := both[i%2].PutStaff(t.Context(), one); err == nil {
				won.Add(1)
			} else if !errors.Is(err, documents.ErrConflict) && !errors.Is(err, documents.ErrExists) {
				t.Error(err)
			}
		})
		equal(t, won.Load(), int32(1))
	}
}

// somebodyIsLeft shuts out everybody at once, but the last one.
func somebodyIsLeft(t *testing.T, both [2]server.Store) {
	for i := range racers {
		must(t, both[0].PutStaff(t.Context(), person(fmt.Sprint(i))))
	}
	race(racers, func(i int) {
		for shut(t, both[i%2], fmt.Sprint(i)) {
		}
	})
	list, err := both[1].StaffList(t.Context())
	must(t, err)
	left := 0
	for _, one := range list {
		if !one.Disabled {
			left++
		}
	}
	equal(t, left, 1)
}

// shut disables id with a token, unless nobody else were left. It returns true if
// another one was faster.
func shut(t *testing.T, s server.Store, id string) (again bool) {
	o, err := s.Office(t.Context())
	if err != nil {
		t.Error(err)
		return false
	}
	var me server.Staff
	others := 0
	for _, one := range o.Staff {
		if one.ID == id {
			me = one
		} else if !one.Disabled {
			others++
		}
	}
	if others == 0 {
		return false
	}
	me.Disabled, me.Revision = true, me.Revision+1
	err = s.ChangeRoster(t.Context(), o.Roster, []server.Staff{me}, []server.Token{{Hash: id, Revoked: true}})
	if err != nil && !errors.Is(err, documents.ErrConflict) {
		t.Error(err)
	}
	return errors.Is(err, documents.ErrConflict)
}

func settingsOfTwo(t *testing.T, both [2]server.Store) {
	add := func(s server.Store, name string) error {
		values, revision, err := s.Settings(t.Context())
		if err != nil {
			return err
		}
		values = maps.Clone(values)
		values[name] = name
		return s.PutSettings(t.Context(), values, revision)
	}
	race(racers, func(i int) {
		err := documents.ErrConflict
		for errors.Is(err, documents.ErrConflict) {
			err = add(both[i%2], fmt.Sprint(i))
		}
		if err != nil {
			t.Error(err)
		}
	})
	values, revision, err := both[0].Settings(t.Context())
	must(t, err)
	equal(t, len(values), racers)
	equal(t, revision, racers)
}

func allowOfTwo(t *testing.T, both [2]server.Store) {
	var allowed atomic.Int32
	race(racers, func(i int) {
		ok, err := both[i%2].Allow(t.Context(), "a", day, anHour, 5)
		if err != nil {
			t.Error(err)
		}
		if ok {
			allowed.Add(1)
		}
	})
	equal(t, allowed.Load(), int32(5))
}

// auditsInOrder: whoever sees an entry sees all before it, while others append.
func auditsInOrder(t *testing.T, both [2]server.Store) {
	const writers, each = 8, 20
	done := make(chan struct{})
	go func() {
		defer close(done)
		race(writers, func(i int) {
			for range each {
				if err := both[i%2].Audit(t.Context(), server.AuditEntry{At: day, By: fmt.Sprint(i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}()
	defer func() { <-done }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		if n := auditPages(t, both[1], writers*each); !running {
			equal(t, n, int64(writers*each))
		}
	}
}

// auditPages reads all in small pages and returns the first, newest number.
func auditPages(t *testing.T, s server.Store, most int) (newest int64) {
	t.Helper()
	before := int64(0)
	for {
		page, err := s.Audits(t.Context(), before, 7)
		must(t, err)
		if before == 0 && len(page) > 0 {
			newest, before = page[0].ID, page[0].ID+1
		}
		for _, e := range page {
			if e.ID != before-1 {
				t.Fatalf("after %d comes %d", before, e.ID)
			}
			before = e.ID
		}
		if len(page) == 0 || newest > int64(most) {
			if before > 1 {
				t.Fatalf("of %d the last is %d", newest, before)
			}
			return newest
		}
	}
}

func mailsOfTwo(t *testing.T, both [2]server.Store) {
	race(racers, func(i int) {
		if err := both[i%2].PutMail(t.Context(), server.StoredMail{At: day, Raw: []byte("raw")}, 5); err != nil {
			t.Error(err)
		}
	})
	list, err := both[0].Mails(t.Context(), 0, 100)
	must(t, err)
	var ids []int64
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	equal(t, ids, []int64{16, 15, 14, 13, 12})
}

func seenAtOnce(t *testing.T, both [2]server.Store) {
	ctx := t.Context()
	must(t, both[0].PutSession(ctx, server.Session{Hash: "h", Expires: day}))
	_, err := both[1].Session(ctx, "h")
	must(t, err)
	must(t, both[1].DeleteSession(ctx, "h"))
	_, err = both[0].Session(ctx, "h")
	wants(t, err, documents.ErrNotFound)
	must(t, both[0].PutToken(ctx, server.Token{Hash: "t"}))
	must(t, both[1].PutToken(ctx, server.Token{Hash: "t", Revoked: true}))
	token, err := both[0].Token(ctx, "t")
	must(t, err)
	equal(t, token.Revoked, true)
	must(t, both[0].PutSettings(ctx, map[string]string{"bin": "1"}, 0))
	o, err := both[1].Office(ctx)
	must(t, err)
	equal(t, o.Settings, server.StoredSettings{Values: map[string]string{"bin": "1"}, Revision: 1})
}
