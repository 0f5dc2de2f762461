// Package storetest is the suite that every engine of the notifier passes. What
// is not in it is not promised.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

var ctx = context.Background()

// at is an instant with a precision that stores do not keep.
var at = time.Date(2026, 11, 22, 10, 0, 0, 123_456_789, time.FixedZone("", 5*3600))

// Run runs every case on a fresh store. open gives two handles of it, as two nodes
// have them; an engine that serves one process gives the same twice.
func Run(t *testing.T, open func(t *testing.T) (a, b notifier.Store)) {
	for _, c := range []struct {
		name string
		f    func(*testing.T, notifier.Store)
	}{
		{"RecipientsGetGrowingNumbers", growingNumbers},
		{"RecipientCompareAndSet", recipientCAS},
		{"RecipientBatchIsAllOrNothing", recipientBatch},
		{"RecipientsHonorAfterAndLimit", recipientPages},
		{"TimesKeepMicroseconds", times},
		{"ImportsNewestFirst", imports},
		{"FollowMovesCursorWithNotices", follow},
		{"FourFollowersFollowOnce", fourFollowers},
		{"NoticeCompareAndSetTakesNoTallies", noticeCAS},
		{"NoticesNewestFirst", noticePages},
		{"RowsThatExistAreLeft", rowsLeft},
		{"TalliesFollowEveryCommit", talliesFollow},
		{"DeliveriesHonorAfterLimitAndState", deliveryPages},
		{"DeliveriesToOnePerson", deliveriesTo},
		{"LeaseHidesUntilFreed", leaseHides},
		{"ExpiredLeaseComesBackAndLateWriteIsRefused", lateWrite},
		{"RenewedLeaseLasts", renew},
		{"ReservedTimeIsSharedByAll", reserve},
		{"DeferredIsNotDueEarly", notDueEarly},
		{"SettleIsAllOrNothing", settleAll},
		{"IntentNeedsASendingNotice", intent},
		{"ManySettleAtOnce", manySettle},
		{"FormsAreKeptOnce", forms},
		{"TokensByHash", tokens},
		{"LettersDueInOrder", letters},
		{"Marks", marks},
		{"OwedCounts", owed},
		{"ClearKeepsMarksAndNumbers", clearAll},
		{"DumpAndLoadAgree", dump},
		{"LoadRefusesAStoreThatIsNotEmpty", loadRefuses},
		{"UnknownIsNotFound", unknown},
		{"LateWriteIsRefusedByKeyAndByEpoch", keyAndEpoch},
		{"LeaseKeepsMicroseconds", leaseMicroseconds},
		{"LettersKeepMicroseconds", letterMicroseconds},
		{"WhatIsDueIsLeased", dueIsLeased},
		{"ExternalIDsAreComparedByByte", byByte},
		{"BytesComeBackVerbatim", verbatim},
		{"WhatCannotBeThereIsNotFound", hostileQuestions},
		{"MegabyteForms", megabyteForms},
		{"MarksAreDumpedByByte", marksByByte},
		{"RequestsComeBack", requestsComeBack},
		{"ActIsAllOrNothing", actIsAllOrNothing},
		{"RequestCompareAndSet", requestCAS},
		{"RequestsByPersonAndState", requestPages},
		{"ErasuresAscend", erasurePages},
		{"EndedLinksGo", endedLinksGo},
		{"NumbersOfRequestsAreNotUsedAgain", requestNumbers},
		{"HostileRequests", hostileRequests},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, _ := open(t)
			c.f(t, s)
		})
	}
	for _, c := range []struct {
		name string
		f    func(t *testing.T, a, b notifier.Store)
	}{
		{"SixSendersNeverShareALease", sixSenders},
		{"BothSeeWhatOneWrote", bothSee},
		{"NumbersBecomeVisibleInOrder", numbersInOrder},
		{"OneWinsAnExternalID", oneWinsID},
		{"OneWinsARevision", oneWinsRevision},
		{"PagesUnderWrites", pagesUnderWrites},
		{"TalliesBalanceAtEveryInstant", talliesBalance},
		{"NoIntentAfterAStop", noIntentAfterStop},
		{"RowsAreMadeOnce", rowsMadeOnce},
		{"ClearLeavesNothingBehind", clearLeavesNothing},
		{"DumpIsOfOneInstant", dumpOfOneInstant},
		{"OneSpendsALink", oneSpendsALink},
		{"OneGetsACode", oneGetsACode},
		{"ErasuresInOrderUnderWrites", erasuresInOrder},
		{"RequestPagesUnderWrites", requestPagesUnderWrites},
		{"ClearWhileOthersAct", clearWhileActing},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, b := open(t)
			c.f(t, a, b)
		})
	}
	for name, f := range map[string]func(t *testing.T, from, to notifier.Store){
		"LoadGivesAnEqualStore": loadEqual, "LoadGivesEqualRequests": loadRequests, "LoadsWhatAnEarlierReleaseDumped": loadEarlier,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, _ := open(t)
			to, _ := open(t)
			f(t, from, to)
		})
	}
}

// Copy is the suite of two engines: what one dumps the other loads, and dumps
// alike.
func Copy(t *testing.T, from, to, back notifier.Store) {
	fill(t, from)
	fillHostile(t, from)
	want := dumped(t, from)
	ok(t, to.Load(ctx, strings.NewReader(want)))
	equal(t, "the dump of the other engine", dumped(t, to), want)
	ok(t, back.Load(ctx, strings.NewReader(dumped(t, to))))
	equal(t, "the dump of the way back", dumped(t, back), want)
	for _, s := range []notifier.Store{to, back} {
		equal(t, "notices", must[[]notifier.Notice](t)(s.Notices(ctx, 0, 10)), must[[]notifier.Notice](t)(from.Notices(ctx, 0, 10)))
		equal(t, "owed", must[notifier.Owed](t)(s.Owed(ctx)), must[notifier.Owed](t)(from.Owed(ctx)))
		equal(t, "imports", must[[]notifier.ImportReport](t)(s.Imports(ctx, 10)), must[[]notifier.ImportReport](t)(from.Imports(ctx, 10)))
		equal(t, "due", whatIsDue(t, s, 7), whatIsDue(t, from, 7))
		sameRequests(t, s, from)
	}
}

func dumped(t *testing.T, s notifier.Store) string {
	t.Helper()
	var b strings.Builder
	ok(t, s.Dump(ctx, &b))
	return b.String()
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: got %+v, want %+v", what, got, want)
	}
}

func person(id string) notifier.Recipient {
	return notifier.Recipient{ExternalID: id, Address: id + "@example.com", State: notifier.Active, RegisteredAt: at, Revision: 1, Groups: []string{"a"}, Known: map[string]int{"privacy": 2}}
}

// people stores count recipients.
func people(t *testing.T, s notifier.Store, count int) []notifier.Recipient {
	t.Helper()
	var rs []notifier.Recipient
	for i := range count {
		rs = append(rs, person(fmt.Sprintf("p%d", i+1)))
	}
	return must[[]notifier.Recipient](t)(s.PutRecipients(ctx, rs))
}

func growingNumbers(t *testing.T, s notifier.Store) {
	first := people(t, s, 3)
	more := must[[]notifier.Recipient](t)(s.PutRecipients(ctx, []notifier.Recipient{person("x")}))
	equal(t, "numbers", []int64{first[0].Number, first[1].Number, first[2].Number, more[0].Number}, []int64{1, 2, 3, 4})
	got := must[[]notifier.Recipient](t)(s.RecipientsNamed(ctx, []string{"x", "nobody", "p2", ""}))
	equal(t, "named", len(got), 2)
	equal(t, "by number", must[notifier.Recipient](t)(s.Recipient(ctx, 4)).ExternalID, "x")
}

func recipientCAS(t *testing.T, s notifier.Store) {
	r := people(t, s, 1)[0]
	_, err := s.PutRecipients(ctx, []notifier.Recipient{person("p1")})
	is(t, err, documents.ErrExists)
	r.Revision, r.Address = 2, "new@example.com"
	must[[]notifier.Recipient](t)(s.PutRecipients(ctx, []notifier.Recipient{r}))
	r.Address = "late@example.com"
	_, err = s.PutRecipients(ctx, []notifier.Recipient{r})
	is(t, err, documents.ErrConflict)
	equal(t, "address", must[notifier.Recipient](t)(s.Recipient(ctx, 1)).Address, "new@example.com")
	r.Number = 99
	_, err = s.PutRecipients(ctx, []notifier.Recipient{r})
	is(t, err, documents.ErrConflict)
}

func recipientBatch(t *testing.T, s notifier.Store) {
	people(t, s, 1)
	_, err := s.PutRecipients(ctx, []notifier.Recipient{person("new"), person("p1")})
	is(t, err, documents.ErrExists)
	equal(t, "stored", len(must[[]notifier.Recipient](t)(s.Recipients(ctx, 0, 10))), 1)
}

func recipientPages(t *testing.T, s notifier.Store) {
	people(t, s, 5)
	got := must[[]notifier.Recipient](t)(s.Recipients(ctx, 2, 2))
	equal(t, "page", []int64{got[0].Number, got[1].Number}, []int64{3, 4})
	got[0].Groups[0], got[0].Known["privacy"] = "scribble", 99
	again := must[notifier.Recipient](t)(s.Recipient(ctx, 3))
	equal(t, "a copy", []any{again.Groups[0], again.Known["privacy"]}, []any{"a", 2})
}

func times(t *testing.T, s notifier.Store) {
	p := people(t, s, 1)[0]
	want := time.Date(2026, 11, 22, 5, 0, 0, 123_456_000, time.UTC)
	p.Revision, p.Asked = 2, []time.Time{at}
	must[[]notifier.Recipient](t)(s.PutRecipients(ctx, []notifier.Recipient{p}))
	equal(t, "asked", must[notifier.Recipient](t)(s.Recipient(ctx, 1)).Asked, []time.Time{want})
	equal(t, "registered", must[notifier.Recipient](t)(s.Recipient(ctx, 1)).RegisteredAt, want)
	d := row(1, 1)
	d.Next, d.Date, d.Evidence.At = at, at, at
	ok(t, s.PutNotice(ctx, notice(1), []notifier.Delivery{d}))
	got := must[notifier.Delivery](t)(s.Delivery(ctx, 1, 1))
	equal(t, "delivery", []time.Time{got.Next, got.Date, got.Evidence.At}, []time.Time{want, want, want})
	x := must[notifier.Notice](t)(s.Notice(ctx, 1))
	equal(t, "notice", []time.Time{x.Published, x.Effective}, []time.Time{want, {}})
}

func imports(t *testing.T, s notifier.Store) {
	for _, source := range []string{"first", "second", "third"} {
		ok(t, s.PutImport(ctx, notifier.ImportReport{Source: source, At: at, Digest: documents.SHA256([]byte(source)), Refused: []notifier.RefusedRow{{Row: 2, Reason: "why"}}}))
	}
	got := must[[]notifier.ImportReport](t)(s.Imports(ctx, 2))
	equal(t, "sources", []string{got[0].Source, got[1].Source}, []string{"third", "second"})
	equal(t, "digest", got[0].Digest, documents.SHA256([]byte("third")))
	equal(t, "refused", got[0].Refused, []notifier.RefusedRow{{Row: 2, Reason: "why"}})
}

func marks(t *testing.T, s notifier.Store) {
	equal(t, "missing", must[string](t)(s.Mark(ctx, "url")), "")
	ok(t, s.SetMark(ctx, "url", "https://a.example"))
	ok(t, s.SetMark(ctx, "url", "https://b.example"))
	equal(t, "mark", must[string](t)(s.Mark(ctx, "url")), "https://b.example")
}

func unknown(t *testing.T, s notifier.Store) {
	_, err := s.Recipient(ctx, 1)
	is(t, err, documents.ErrNotFound)
	_, err = s.Notice(ctx, 1)
	is(t, err, documents.ErrNotFound)
	_, err = s.Delivery(ctx, 1, 1)
	is(t, err, documents.ErrNotFound)
	_, err = s.Token(ctx, "none")
	is(t, err, documents.ErrNotFound)
	_, err = s.Form(ctx, documents.Digest{1})
	is(t, err, documents.ErrNotFound)
	_, _, err = s.Lease(ctx, 1, "a", at, at.Add(time.Hour), 10)
	is(t, err, documents.ErrNotFound)
	_, err = s.PutLetter(ctx, notifier.Letter{ID: 5, Revision: 2})
	is(t, err, documents.ErrConflict)
}

// fill stores some of everything.
func fill(t *testing.T, s notifier.Store) {
	t.Helper()
	people(t, s, 3)
	ok(t, s.PutImport(ctx, notifier.ImportReport{Source: "file", At: at}))
	ok(t, s.Follow(ctx, notifier.Followed{From: 0, To: 7, Notices: []notifier.Notice{notice(7)}, Marks: map[string]string{"held": "why"}}))
	x := notice(7)
	x.Revision = 2
	ok(t, s.PutNotice(ctx, x, []notifier.Delivery{row(7, 1), row(7, 2)}))
	d := row(7, 1)
	d.State, d.Language, d.Revision, d.Next = notifier.Accepted, "kk+ru", 2, time.Time{}
	d.History = []notifier.Moved{{At: at, From: notifier.Waiting, To: notifier.Accepted}}
	form := []byte("form")
	d.Evidence = notifier.Evidence{Relay: "relay", Answer: "250 ok", At: at, Digest: documents.SHA256(form), Form: documents.SHA256(form)}
	ok(t, s.Settle(ctx, notifier.Settlement{Now: at, Deliveries: []notifier.Delivery{d}, Forms: [][]byte{form},
		Tokens: []notifier.Token{{Hash: "h", Notice: 7, Recipient: 1, Until: at}}}))
	must[notifier.Letter](t)(s.PutLetter(ctx, letter(at)))
	fillRequests(t, s)
}

func dump(t *testing.T, s notifier.Store) {
	fill(t, s)
	var a, b bytes.Buffer
	ok(t, s.Dump(ctx, &a))
	ok(t, s.Dump(ctx, &b))
	equal(t, "a second dump", b.String(), a.String())
	equal(t, "lines", strings.Count(a.String(), "\n"), 1+3+1+1+2+1+1+1+2+1)
}

func loadRefuses(t *testing.T, s notifier.Store) {
	fill(t, s)
	var b bytes.Buffer
	ok(t, s.Dump(ctx, &b))
	is(t, s.Load(ctx, &b), documents.ErrExists)
}

func loadEqual(t *testing.T, from, to notifier.Store) {
	fill(t, from)
	var a, b bytes.Buffer
	ok(t, from.Dump(ctx, &a))
	dumped := a.String()
	if err := to.Load(ctx, strings.NewReader(dumped+"{broken")); err == nil {
		t.Fatal("a broken dump was loaded")
	}
	ok(t, to.Load(ctx, &a))
	ok(t, to.Dump(ctx, &b))
	equal(t, "dump", b.String(), dumped)
	equal(t, "tallies", must[notifier.Notice](t)(to.Notice(ctx, 7)), must[notifier.Notice](t)(from.Notice(ctx, 7)))
	equal(t, "owed", must[notifier.Owed](t)(to.Owed(ctx)), must[notifier.Owed](t)(from.Owed(ctx)))
	_, due, err := to.Lease(ctx, 7, "a", at, at.Add(time.Hour), 10)
	ok(t, err)
	equal(t, "due", len(due), 1)
	more := must[[]notifier.Recipient](t)(to.PutRecipients(ctx, []notifier.Recipient{person("new")}))
	equal(t, "the next number", more[0].Number, int64(4))
}

func clearAll(t *testing.T, s notifier.Store) {
	fill(t, s)
	ok(t, s.Clear(ctx))
	equal(t, "cursor", must[documents.Seq](t)(s.Cursor(ctx)), documents.Seq(0))
	equal(t, "recipients", len(must[[]notifier.Recipient](t)(s.Recipients(ctx, 0, 10))), 0)
	equal(t, "notices", len(must[[]notifier.Notice](t)(s.Notices(ctx, 0, 10))), 0)
	equal(t, "owed", must[notifier.Owed](t)(s.Owed(ctx)), notifier.Owed{})
	equal(t, "mark", must[string](t)(s.Mark(ctx, "held")), "why")
	again := must[[]notifier.Recipient](t)(s.PutRecipients(ctx, []notifier.Recipient{person("p1")}))
	equal(t, "the next number", again[0].Number, int64(4))
}
