package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
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

// erasuresInOrder follows erasures, as a node does for its own list, while others
// act.
func erasuresInOrder(t *testing.T, a, b notifier.Store) {
	const writers, rounds = 8, 30
	seen := following(t, writers, func(w int) {
		for i := range rounds {
			code := fmt.Sprintf("%d-%d", w, i)
			r := erasure(code, int64(w+1))
			if i%3 == 0 {
				r = asked(code, int64(w+1))
			}
			if _, err := []notifier.Store{a, b}[w%2].Act(ctx, notifier.Act{Request: r, Letters: []notifier.Letter{doorLetter()}}); err != nil {
				t.Error(err)
			}
		}
	}, func(after int64) []int64 { return ids(must[[]notifier.Request](t)(b.Erasures(ctx, after, 10))) })
	equal(t, "seen", seen, writers*rounds*2/3)
}

// requestPagesUnderWrites turns pages while others ask and answer: what was there
// before, and is not answered meanwhile, is seen once.
func requestPagesUnderWrites(t *testing.T, a, b notifier.Store) {
	const count = 120
	for i := range count {
		lodge(t, a, asked(fmt.Sprint("c", i), int64(1+i%2)))
	}
	stop := meanwhile(t, func(i int64) error {
		_, err1 := a.Act(ctx, notifier.Act{Request: asked(fmt.Sprint("late", i), 1+i%2)})
		r, err2 := a.Request(ctx, 1+i*4%count) // those of one person are answered
		r.Revision, r.State = r.Revision+1, []notifier.RequestState{notifier.RequestDone, notifier.RequestOpen}[i/(count/4)%2]
		_, err3 := a.Act(ctx, notifier.Act{Request: &r})
		return errors.Join(err1, err2, err3)
	})
	for range 3 {
		equal(t, "all", backTo(t, b, notifier.RequestQuery{}, 1, count), count)
		equal(t, "of one", backTo(t, b, notifier.RequestQuery{Recipient: 2}, 1, count), count/2)
		equal(t, "open of one", backTo(t, b, notifier.RequestQuery{Recipient: 2, State: notifier.RequestOpen}, 1, count), count/2)
		equal(t, "open", backTo(t, b, notifier.RequestQuery{State: notifier.RequestOpen}, 2, count), count/2)
	}
	stop()
}

// backTo counts what pages show, of ids up to a number and of every step-th, and
// fails where a page goes forth.
func backTo(t *testing.T, s notifier.Store, q notifier.RequestQuery, step, upTo int64) int {
	t.Helper()
	seen := 0
	q.Limit = 7
	for {
		page := ids(must[[]notifier.Request](t)(s.Requests(ctx, q)))
		for _, id := range page {
			if q.Before != 0 && id >= q.Before {
				t.Fatalf("%d is not below %d", id, q.Before)
			}
			if q.Before = id; id <= upTo && id%step == 0 {
				seen++
			}
		}
		if len(page) == 0 {
			return seen
		}
	}
}

// fillRequests is the part of fill that the door stores.
func fillRequests(t *testing.T, s notifier.Store) {
	t.Helper()
	p := must[notifier.Recipient](t)(s.Recipient(ctx, 2))
	p.Revision, p.Key, p.NotMine, p.Corrected = 2, []byte("\x00key\xff"), "mac", map[string]string{"name": "was"}
	act(t, s, notifier.Act{Recipient: &p, Request: asked("c1", 2), Tokens: []notifier.Token{link("acts")}})
	lodge(t, s, erasure("c2", 3))
}

// sameRequests compares every answer that two stores give.
func sameRequests(t *testing.T, got, want notifier.Store) {
	t.Helper()
	all := must[[]notifier.Request](t)(want.Requests(ctx, notifier.RequestQuery{Limit: 100}))
	equal(t, "requests", must[[]notifier.Request](t)(got.Requests(ctx, notifier.RequestQuery{Limit: 100})), all)
	oldestFirst := slices.Clone(all)
	slices.Reverse(oldestFirst)
	for _, r := range all {
		q := notifier.RequestQuery{Recipient: r.Recipient, State: r.State, Limit: 100}
		equal(t, "one by one", ids(must[[]notifier.Request](t)(got.Requests(ctx, q))), selected(oldestFirst, q))
		equal(t, "by code", must[notifier.Request](t)(got.RequestCoded(ctx, r.Code)), r)
	}
	equal(t, "erasures", must[[]notifier.Request](t)(got.Erasures(ctx, 0, 100)), must[[]notifier.Request](t)(want.Erasures(ctx, 0, 100)))
}

func loadRequests(t *testing.T, from, to notifier.Store) {
	fill(t, from)
	mail := doorLetter()
	mail.Args = map[string]string{"url": "secret-url"}
	act(t, from, notifier.Act{Tokens: []notifier.Token{link("secret-hash")}, Letters: []notifier.Letter{mail}})
	text := dumped(t, from)
	if strings.Contains(text, "secret-") {
		t.Error("a link that acts is in a dump")
	}
	acts := `{"token":{"hash":"smuggled","notice":7,"recipient":1,"until":"2030-01-01T00:00:00Z","purpose":"act","kind":"erase"}}` + "\n"
	ok(t, to.Load(ctx, strings.NewReader(text+acts)))
	sameRequests(t, to, from)
	equal(t, "recipient", must[notifier.Recipient](t)(to.Recipient(ctx, 2)), must[notifier.Recipient](t)(from.Recipient(ctx, 2)))
	for _, hash := range []string{"secret-hash", "smuggled"} {
		_, err := to.Token(ctx, hash)
		is(t, err, documents.ErrNotFound)
	}
	_, err := to.Act(ctx, notifier.Act{Request: asked("c1", 1)})
	is(t, err, documents.ErrExists)
	r := must[notifier.Request](t)(to.Request(ctx, 1))
	r.Revision, r.State = 2, notifier.RequestDone
	lodge(t, to, &r)
	equal(t, "the next id", lodge(t, to, asked("new", 1)).ID, int64(3))
}

// loadEarlier loads what a release dumped that knew of no requests.
func loadEarlier(t *testing.T, from, to notifier.Store) {
	people(t, from, 2)
	must[notifier.Letter](t)(from.PutLetter(ctx, letter(at)))
	text := dumped(t, from)
	earlier := strings.Replace(text, `,"last_request":0`, "", 1)
	if earlier == text {
		t.Fatal("the dump does not say which request was the last")
	}
	ok(t, to.Load(ctx, strings.NewReader(earlier)))
	equal(t, "dump", dumped(t, to), text)
	equal(t, "the first id", lodge(t, to, asked("c", 1)).ID, int64(1))
}

func requestNumbers(t *testing.T, s notifier.Store) {
	fill(t, s)
	ok(t, s.Clear(ctx))
	equal(t, "requests", len(must[[]notifier.Request](t)(s.Requests(ctx, notifier.RequestQuery{Limit: 9}))), 0)
	equal(t, "of one", len(must[[]notifier.Request](t)(s.Requests(ctx, notifier.RequestQuery{Recipient: 2, Limit: 9}))), 0)
	equal(t, "open", len(must[[]notifier.Request](t)(s.Requests(ctx, notifier.RequestQuery{State: notifier.RequestOpen, Limit: 9}))), 0)
	equal(t, "erasures", len(must[[]notifier.Request](t)(s.Erasures(ctx, 0, 9))), 0)
	_, err1 := s.RequestCoded(ctx, "c1")
	_, err2 := s.Token(ctx, "acts")
	_, err3 := s.Request(ctx, 1)
	for _, err := range []error{err1, err2, err3} {
		is(t, err, documents.ErrNotFound)
	}
	equal(t, "the next id", lodge(t, s, asked("c1", 1)).ID, int64(3))
}

func hostileRequests(t *testing.T, s notifier.Store) {
	p := people(t, s, 1)[0]
	p.Revision, p.ExternalID, p.NotMine, p.Corrected = 2, hostile, hostile, map[string]string{hostile: hostile}
	r := asked(hostile, 1)
	r.Kind, r.State, r.Language, r.By, r.Ground, r.External = hostile, hostile, hostile, hostile, hostile, hostile
	k := link(hostile)
	k.Kind = hostile
	stored := act(t, s, notifier.Act{Recipient: &p, Request: r, Tokens: []notifier.Token{k}})
	equal(t, "by code", must[notifier.Request](t)(s.RequestCoded(ctx, hostile)), stored)
	equal(t, "by state", must[[]notifier.Request](t)(s.Requests(ctx, notifier.RequestQuery{State: hostile, Limit: 9})), []notifier.Request{stored})
	equal(t, "ground", stored.Ground, hostile)
	got := must[notifier.Recipient](t)(s.Recipient(ctx, 1))
	equal(t, "recipient", []any{got.ExternalID, got.NotMine, got.Corrected}, []any{hostile, hostile, map[string]string{hostile: hostile}})
	equal(t, "link", must[notifier.Token](t)(s.Token(ctx, hostile)).Kind, notifier.RequestKind(hostile))
	for _, q := range []string{"", "\x00", "\xff\xfe", "'", strings.Repeat("x", 1<<20)} {
		_, err := s.RequestCoded(ctx, q)
		is(t, err, documents.ErrNotFound)
		_, err = s.Act(ctx, notifier.Act{Now: at, Spend: q + "y"})
		is(t, err, documents.ErrNotFound)
		if q != "" {
			equal(t, "in no state", len(must[[]notifier.Request](t)(s.Requests(ctx, notifier.RequestQuery{State: notifier.RequestState(q), Limit: 9}))), 0)
		}
	}
	for _, id := range []int64{0, -1, 2, 1 << 62} {
		_, err := s.Request(ctx, id)
		is(t, err, documents.ErrNotFound)
	}
	if _, err := s.Act(ctx, notifier.Act{Request: asked("", 1)}); err == nil {
		t.Error("a request without a code was stored")
	}
}
