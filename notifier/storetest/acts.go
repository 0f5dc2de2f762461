package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

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

// oneGetsACode: what nobody may have twice.
func oneGetsACode(t *testing.T, a, b notifier.Store) {
	var won atomic.Int64
	each(16, func(i int) {
		_, err := []notifier.Store{a, b}[i%2].Act(ctx, notifier.Act{Request: asked("same", int64(i+1))})
		if err == nil {
			won.Add(1)
		} else if !errors.Is(err, documents.ErrExists) {
			t.Error(err)
		}
	})
	equal(t, "winners", won.Load(), int64(1))
	r := must[notifier.Request](t)(b.RequestCoded(ctx, "same"))
	equal(t, "requests", must[[]notifier.Request](t)(a.Requests(ctx, notifier.RequestQuery{Limit: 9})), []notifier.Request{r})
}

// clearWhileActing: whoever acts meanwhile acts before or after, and nothing of an
// act stays without the rest.
func clearWhileActing(t *testing.T, a, b notifier.Store) {
	for round := range 3 {
		var acting sync.WaitGroup
		for w := range 4 {
			acting.Go(func() {
				s := []notifier.Store{a, b}[w%2]
				for i := range 10 {
					if err := actAlone(s, fmt.Sprintf("%d-%d-%d", round, w, i)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		err := b.Clear(ctx)
		acting.Wait()
		ok(t, err)
		letters := must[notifier.Owed](t)(a.Owed(ctx)).Letters
		equal(t, "letters and requests", int(letters), len(must[[]notifier.Request](t)(b.Requests(ctx, notifier.RequestQuery{Limit: 1000}))))
	}
}

// actAlone makes a person, asks, and does; a Clear may come between any two.
func actAlone(s notifier.Store, name string) error {
	rs, err := s.PutRecipients(ctx, []notifier.Recipient{person(name)})
	if err != nil {
		return err
	}
	if _, err := s.Act(ctx, notifier.Act{Now: at, Tokens: []notifier.Token{link(name)}}); err != nil {
		return err
	}
	rs[0].Revision = 2
	_, err = s.Act(ctx, notifier.Act{Now: at, Spend: name, Recipient: &rs[0], Request: erasure(name, rs[0].Number), Letters: []notifier.Letter{doorLetter()}})
	if errors.Is(err, documents.ErrNotFound) || errors.Is(err, documents.ErrConflict) {
		return nil
	}
	return err
}
