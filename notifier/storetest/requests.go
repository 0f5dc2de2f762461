package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

func asked(code string, recipient int64) *notifier.Request {
	return &notifier.Request{Code: code, Recipient: recipient, Kind: notifier.RequestObject, State: notifier.RequestOpen, Language: "kk", Received: at, Due: at.Add(time.Hour), Sealed: []byte{0, 1, 255}, Revision: 1}
}

func erasure(code string, recipient int64) *notifier.Request {
	return &notifier.Request{Code: code, Recipient: recipient, Kind: notifier.RequestErase, State: notifier.RequestDone, Language: "ru", Received: at, Settled: at, External: "mac", Revision: 1}
}

func link(hash string) notifier.Token {
	return notifier.Token{Hash: hash, Notice: 7, Recipient: 1, Until: at.Add(time.Hour), Purpose: notifier.LinkAct, Kind: notifier.RequestErase, Sealed: []byte{9, 0}}
}

func doorLetter() notifier.Letter {
	l := letter(at)
	l.Kind = notifier.LetterAct
	return l
}

func act(t *testing.T, s notifier.Store, a notifier.Act) notifier.Request {
	t.Helper()
	return must[notifier.Request](t)(s.Act(ctx, a))
}

func lodge(t *testing.T, s notifier.Store, r *notifier.Request) notifier.Request {
	t.Helper()
	return act(t, s, notifier.Act{Request: r})
}

func ids(rs []notifier.Request) []int64 {
	var out []int64
	for _, r := range rs {
		out = append(out, r.ID)
	}
	return out
}

// requestsComeBack stores one of everything, and reads it in every way.
func requestsComeBack(t *testing.T, s notifier.Store) {
	p := people(t, s, 1)[0]
	p.Revision, p.Key, p.NotMine, p.Corrected = 2, []byte{1, 0, 255}, "mac", map[string]string{"name": "was"}
	r := act(t, s, notifier.Act{Recipient: &p, Request: asked("c1", 1), Tokens: []notifier.Token{link("h")}, Letters: []notifier.Letter{doorLetter(), letter(at)}})
	want := *asked("c1", 1)
	want.ID, want.Received, want.Due = 1, at.UTC().Truncate(time.Microsecond), at.Add(time.Hour).UTC().Truncate(time.Microsecond)
	equal(t, "as stored", r, want)
	equal(t, "by id", must[notifier.Request](t)(s.Request(ctx, 1)), want)
	equal(t, "by code", must[notifier.Request](t)(s.RequestCoded(ctx, "c1")), want)
	equal(t, "listed", must[[]notifier.Request](t)(s.Requests(ctx, notifier.RequestQuery{Limit: 10})), []notifier.Request{want})
	p.RegisteredAt = at.UTC().Truncate(time.Microsecond)
	equal(t, "recipient", must[notifier.Recipient](t)(s.Recipient(ctx, 1)), p)
	equal(t, "named", must[[]notifier.Recipient](t)(s.RecipientsNamed(ctx, []string{"p1"})), []notifier.Recipient{p})
	equal(t, "page", must[[]notifier.Recipient](t)(s.Recipients(ctx, 0, 1)), []notifier.Recipient{p})
	k := link("h")
	k.Until = want.Due
	equal(t, "link", must[notifier.Token](t)(s.Token(ctx, "h")), k)
	due := must[[]notifier.Letter](t)(s.Letters(ctx, at, 10))
	equal(t, "letters", []any{len(due), due[0].Kind, due[0].ID, due[1].ID}, []any{2, notifier.LetterAct, int64(1), int64(2)})
	equal(t, "owed", must[notifier.Owed](t)(s.Owed(ctx)), notifier.Owed{Letters: 2})
	equal(t, "no request", act(t, s, notifier.Act{Spend: "h"}), notifier.Request{})
	_, err := s.Token(ctx, "h")
	is(t, err, documents.ErrNotFound)
}

// actIsAllOrNothing spoils one part of an act after the other.
func actIsAllOrNothing(t *testing.T, s notifier.Store) {
	people(t, s, 2)
	lodge(t, s, asked("taken", 2))
	act(t, s, notifier.Act{Tokens: []notifier.Token{link("here")}})
	ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Tokens: []notifier.Token{{Hash: "notice", Recipient: 1, Until: at.Add(time.Hour)}}}))
	before := snapshot(t, s)
	whole := func() notifier.Act {
		p := must[notifier.Recipient](t)(s.Recipient(ctx, 1))
		p.Revision, p.ExternalID, p.State, p.Address, p.Key = 2, "erased:x", notifier.Erased, "", nil
		return notifier.Act{Now: at, Spend: "here", Recipient: &p, Request: erasure("new", 1), Tokens: []notifier.Token{link("next")}, Letters: []notifier.Letter{doorLetter()}}
	}
	for name, c := range map[string]struct {
		spoil func(*notifier.Act)
		want  error
	}{
		"no such link":            {func(a *notifier.Act) { a.Spend = "gone" }, documents.ErrNotFound},
		"a link in a notice":      {func(a *notifier.Act) { a.Spend = "notice" }, documents.ErrNotFound},
		"a link that ended":       {func(a *notifier.Act) { a.Now = at.Add(time.Hour) }, documents.ErrNotFound},
		"another revision":        {func(a *notifier.Act) { a.Recipient.Revision = 3 }, documents.ErrConflict},
		"nobody":                  {func(a *notifier.Act) { a.Recipient.Number = 9 }, documents.ErrConflict},
		"nobody yet":              {func(a *notifier.Act) { a.Recipient.Number, a.Recipient.Revision = 0, 1 }, documents.ErrConflict},
		"an external id taken":    {func(a *notifier.Act) { a.Recipient.ExternalID = "p2" }, documents.ErrExists},
		"a code taken":            {func(a *notifier.Act) { a.Request.Code = "taken" }, documents.ErrExists},
		"no new request":          {func(a *notifier.Act) { a.Request.Revision = 2 }, documents.ErrConflict},
		"no such request":         {func(a *notifier.Act) { a.Request.ID, a.Request.Revision = 9, 2 }, documents.ErrConflict},
		"another request's code":  {func(a *notifier.Act) { a.Request = asked("c", 2); a.Request.ID, a.Request.Revision = 1, 2 }, documents.ErrConflict},
		"another one's request":   {func(a *notifier.Act) { a.Request = asked("taken", 1); a.Request.ID, a.Request.Revision = 1, 2 }, documents.ErrConflict},
		"an old revision":         {func(a *notifier.Act) { a.Request = asked("taken", 2); a.Request.ID = 1 }, documents.ErrConflict},
		"an erasure in hindsight": {func(a *notifier.Act) { a.Request = erasure("taken", 2); a.Request.ID, a.Request.Revision = 1, 2 }, documents.ErrConflict},
		"no new letter":           {func(a *notifier.Act) { a.Letters[0].ID, a.Letters[0].Revision = 1, 2 }, documents.ErrConflict},
		"a letter's revision":     {func(a *notifier.Act) { a.Letters[0].Revision = 2 }, documents.ErrConflict},
	} {
		a := whole()
		c.spoil(&a)
		r, err := s.Act(ctx, a)
		if !errors.Is(err, c.want) || !reflect.DeepEqual(r, notifier.Request{}) {
			t.Errorf("%s: got %+v, %v, want %v", name, r, err, c.want)
		}
		if after := snapshot(t, s); after != before {
			t.Fatalf("%s left something:\n%s\n%s", name, before, after)
		}
	}
	equal(t, "the next id", act(t, s, whole()).ID, int64(2))
	if after := snapshot(t, s); after == before {
		t.Fatal("a snapshot shows nothing")
	}
	equal(t, "the old name", len(must[[]notifier.Recipient](t)(s.RecipientsNamed(ctx, []string{"p1"}))), 0)
	equal(t, "the new name", len(must[[]notifier.Recipient](t)(s.RecipientsNamed(ctx, []string{"erased:x"}))), 1)
	again := must[[]notifier.Recipient](t)(s.PutRecipients(ctx, []notifier.Recipient{person("p1")}))
	equal(t, "a stranger", again[0].Number, int64(3))
}

// snapshot is all that a store holds, links too.
func snapshot(t *testing.T, s notifier.Store) string {
	t.Helper()
	out := dumped(t, s)
	for _, h := range []string{"here", "next", "notice"} {
		k, err := s.Token(ctx, h)
		out += fmt.Sprintln(h, k, err == nil)
	}
	return out + fmt.Sprint(must[notifier.Owed](t)(s.Owed(ctx)), must[[]notifier.Letter](t)(s.Letters(ctx, at.Add(time.Hour), 100)))
}

func requestCAS(t *testing.T, s notifier.Store) {
	r := lodge(t, s, asked("c", 1))
	r.Revision, r.State, r.By, r.Settled, r.Ground = 2, notifier.RequestRefused, "staff", at, "why"
	r = lodge(t, s, &r)
	equal(t, "settled", r.Settled, at.UTC().Truncate(time.Microsecond))
	equal(t, "stored", must[notifier.Request](t)(s.Request(ctx, r.ID)), r)
	_, err := s.Act(ctx, notifier.Act{Request: &r})
	is(t, err, documents.ErrConflict)
	equal(t, "open", len(must[[]notifier.Request](t)(s.Requests(ctx, notifier.RequestQuery{State: notifier.RequestOpen, Limit: 9}))), 0)
	equal(t, "refused", len(must[[]notifier.Request](t)(s.Requests(ctx, notifier.RequestQuery{State: notifier.RequestRefused, Limit: 9}))), 1)
	// An erasure stays one; its words may go.
	e := lodge(t, s, erasure("e", 1))
	e.Revision, e.Sealed = 2, nil
	lodge(t, s, &e)
	e.Revision, e.State = 3, notifier.RequestOpen
	_, err = s.Act(ctx, notifier.Act{Request: &e})
	is(t, err, documents.ErrConflict)
}

// requestPages asks in every combination, and compares with a filter of all.
func requestPages(t *testing.T, s notifier.Store) {
	states := []notifier.RequestState{notifier.RequestOpen, notifier.RequestDone, notifier.RequestRefused}
	var all []notifier.Request
	for i := range 40 {
		r := asked(fmt.Sprint("c", i), int64(1+i%3))
		r.State = states[i%5%3]
		all = append(all, lodge(t, s, r))
	}
	for recipient := range int64(5) {
		for _, state := range append(states, "", "unknown", "ope", "opens") {
			for _, before := range []int64{0, 1, 2, 17, 40, 41, 1000} {
				for _, limit := range []int{1, 3, 100} {
					q := notifier.RequestQuery{Recipient: recipient, State: state, Before: before, Limit: limit}
					equal(t, fmt.Sprintf("%+v", q), ids(must[[]notifier.Request](t)(s.Requests(ctx, q))), selected(all, q))
				}
			}
		}
	}
}

// selected does by hand what an index is for.
func selected(all []notifier.Request, q notifier.RequestQuery) []int64 {
	var out []int64
	for i := len(all) - 1; i >= 0 && len(out) < q.Limit; i-- {
		r := all[i]
		if (q.Recipient == 0 || r.Recipient == q.Recipient) && (q.State == "" || r.State == q.State) && (q.Before == 0 || r.ID < q.Before) {
			out = append(out, r.ID)
		}
	}
	return out
}

func erasurePages(t *testing.T, s notifier.Store) {
	for i := range 9 {
		code := fmt.Sprint("c", i)
		open := erasure(code, 1)
		open.State = notifier.RequestOpen
		lodge(t, s, []*notifier.Request{asked(code, 1), erasure(code, int64(i)), open}[i%3])
	}
	equal(t, "all", ids(must[[]notifier.Request](t)(s.Erasures(ctx, 0, 10))), []int64{2, 5, 8})
	equal(t, "behind", ids(must[[]notifier.Request](t)(s.Erasures(ctx, 2, 1))), []int64{5})
	equal(t, "at the end", len(must[[]notifier.Request](t)(s.Erasures(ctx, 8, 10))), 0)
	equal(t, "its person", must[[]notifier.Request](t)(s.Erasures(ctx, 0, 1))[0].External, "mac")
}

// endedLinksGo: an act clears away what ended, and nothing else.
func endedLinksGo(t *testing.T, s notifier.Store) {
	until := func(hash string, end time.Time) notifier.Token { k := link(hash); k.Until = end; return k }
	act(t, s, notifier.Act{Tokens: []notifier.Token{until("early", at), until("late", at.Add(time.Minute)), until("moved", at)}})
	act(t, s, notifier.Act{Tokens: []notifier.Token{until("moved", at.Add(time.Hour)), {Hash: "notice", Recipient: 1, Until: at}}})
	here := func(want string) {
		t.Helper()
		var got []string
		for _, h := range []string{"early", "late", "moved", "notice"} {
			if _, err := s.Token(ctx, h); err == nil {
				got = append(got, h)
			}
		}
		equal(t, "links", strings.Join(got, " "), want)
	}
	act(t, s, notifier.Act{})
	here("early late moved notice")
	act(t, s, notifier.Act{Now: at.Add(-time.Second)})
	here("early late moved notice")
	act(t, s, notifier.Act{Now: at})
	here("late moved notice")
	act(t, s, notifier.Act{Now: at.Add(time.Minute)})
	here("moved notice")
	act(t, s, notifier.Act{Now: at.Add(time.Minute), Spend: "moved"})
	here("notice")
}

// oneSpendsALink: of sixteen who have the same link one acts.
func oneSpendsALink(t *testing.T, a, b notifier.Store) {
	people(t, a, 1)
	for round := range 8 {
		act(t, a, notifier.Act{Tokens: []notifier.Token{link("h")}})
		var won atomic.Int64
		each(16, func(i int) {
			s := []notifier.Store{a, b}[i%2]
			r, err := s.Act(ctx, notifier.Act{Now: at, Spend: "h", Request: erasure(fmt.Sprint(round, "-", i), 1), Letters: []notifier.Letter{doorLetter()}})
			switch {
			case err == nil && r.ID == int64(round+1):
				won.Add(1)
			case !errors.Is(err, documents.ErrNotFound):
				t.Errorf("request %d: %v", r.ID, err)
			}
		})
		equal(t, "winners", won.Load(), int64(1))
	}
	equal(t, "requests", len(must[[]notifier.Request](t)(b.Requests(ctx, notifier.RequestQuery{Limit: 100}))), 8)
	equal(t, "letters", must[notifier.Owed](t)(b.Owed(ctx)).Letters, int64(8))
}
