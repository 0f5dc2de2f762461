package storetest

import (
	"context"
	"errors"
	"time"

	"vestnik/documents"
)

var logCases = []testCase{
	{"AppendAndRead", appendAndRead},
	{"FirstSeqIsOne", firstSeqIsOne},
	{"StaleNumberConflicts", staleNumberConflicts},
	{"StaleExpectConflicts", staleExpectConflicts},
	{"RefusedAppendLeavesNoEvent", refusedAppendLeavesNoEvent},
	{"EventOfMissingVersionIsErrNotFound", eventOfMissingVersion},
	{"EventsHonorAfterAndLimit", eventsHonorAfterAndLimit},
	{"KeyIsIdempotent", keyIsIdempotent},
	{"BatchMakesDocument", batchMakesDocument},
	{"AuditOfBatch", auditOfBatch},
	{"WaitReturnsAtOnceWhenBehind", waitReturnsAtOnce},
	{"WaitWakes", waitWakes},
	{"WaitHonorsContext", waitHonorsContext},
	{"Restart", restart},
	{"RefusedRestartChangesNothing", refusedRestart},
	{"LastingLogIsNotRestarted", lastingLog},
	{"AnotherOriginConflicts", anotherOrigin},
}

func appendAndRead(s suite) {
	want := version("privacy", 1)
	events := s.append(batch(want))
	got, err := s.store.Version(s.bg(), "privacy", 1)
	s.must(err)
	e, err := s.store.Event(s.bg(), 1)
	s.must(err)
	s.equal(events, []documents.Event{e})
	want.Seq, want.PublishedAt = 1, e.Time
	s.equal(got, want)

	again := documents.Event{Origin: origin, Kind: documents.Published}
	documents.Seal(&again, &want, 1, time.Time{}, e.Time)
	s.equal(string(e.Bytes), string(again.Bytes))
	s.equal(e, again)
}

func firstSeqIsOne(s suite) {
	s.equal(s.last(""), documents.Seq(0))
	s.equal(s.append(batch(version("a", 1)))[0].Seq, documents.Seq(1))
	s.equal(s.append(batch(version("b", 1)))[0].Seq, documents.Seq(2))
	s.equal([]documents.Seq{s.last(""), s.last("a"), s.last("b"), s.last("c")}, []documents.Seq{2, 1, 2, 0})
}

func staleNumberConflicts(s suite) {
	s.append(batch(version("a", 1)))
	for _, n := range []int{0, 1, 3} {
		_, err := s.store.Append(s.bg(), batch(version("a", n)))
		s.wants(err, documents.ErrConflict)
	}
	s.equal(s.last(""), documents.Seq(1))
}

func staleExpectConflicts(s suite) {
	s.append(batch(version("b", 1)))
	b := batch(version("a", 1))
	b.Expect = 1 // of another document
	_, err := s.store.Append(s.bg(), b)
	s.wants(err, documents.ErrConflict)
	b.Expect = 0
	s.append(b)
	b = about(documents.Withdrawn, "a", 1)
	b.Expect = 2
	s.append(b)
	_, err = s.store.Append(s.bg(), b)
	s.wants(err, documents.ErrConflict)
	s.equal(s.last(""), documents.Seq(3))
}

func refusedAppendLeavesNoEvent(s suite) {
	b := batch(version("a", 1), version("a", 3))
	d := document("a")
	b.Document, b.Key = &d, "key"
	_, err := s.store.Append(s.bg(), b)
	s.wants(err, documents.ErrConflict)
	s.equal(s.last(""), documents.Seq(0))
	_, err = s.store.Version(s.bg(), "a", 1)
	s.wants(err, documents.ErrNotFound)
	_, err = s.store.Document(s.bg(), "a")
	s.wants(err, documents.ErrNotFound)
	_, err = s.store.Used(s.bg(), "key")
	s.wants(err, documents.ErrNotFound)
	s.equal(s.append(batch(version("a", 1)))[0].Seq, documents.Seq(1))
}

func eventOfMissingVersion(s suite) {
	_, err := s.store.Append(s.bg(), about(documents.Withdrawn, "a", 1))
	s.wants(err, documents.ErrNotFound)
	s.equal(s.last(""), documents.Seq(0))
}

func eventsHonorAfterAndLimit(s suite) {
	for n := 1; n <= 3; n++ {
		s.append(batch(version("a", n)))
		s.append(batch(version("ab", n)))
	}
	s.equal(seqs(s.events("", 0, 10)), []documents.Seq{1, 2, 3, 4, 5, 6})
	s.equal(seqs(s.events("", 2, 2)), []documents.Seq{3, 4})
	s.equal(seqs(s.events("", 6, 2)), []documents.Seq(nil))
	s.equal(seqs(s.events("a", 0, 10)), []documents.Seq{1, 3, 5})
	s.equal(seqs(s.events("a", 1, 1)), []documents.Seq{3})
	s.equal(seqs(s.events("ab", 3, 10)), []documents.Seq{4, 6})
	s.equal(seqs(s.events("b", 0, 10)), []documents.Seq(nil))
}

func seqs(events []documents.Event) (out []documents.Seq) {
	for _, e := range events {
		out = append(out, e.Seq)
	}
	return out
}

func keyIsIdempotent(s suite) {
	b := batch(version("a", 1), version("a", 2))
	b.Key, b.Request = "key", documents.SHA256([]byte("request"))
	first := s.append(b)
	s.equal(s.append(b), first)
	s.equal(s.last(""), documents.Seq(2))
	used, err := s.store.Used(s.bg(), "key")
	s.must(err)
	s.equal(used, documents.UsedKey{Key: "key", Request: b.Request, First: 1, Last: 2})
	b.Request = documents.SHA256([]byte("another"))
	_, err = s.store.Append(s.bg(), b)
	s.wants(err, documents.ErrKeyReused)
	s.equal(s.last(""), documents.Seq(2))
}

func batchMakesDocument(s suite) {
	b, d := batch(version("a", 1)), document("a")
	b.Document = &d
	s.append(b)
	got, err := s.store.Document(s.bg(), "a")
	s.must(err)
	s.equal(got, d)
	b.Entries = []documents.Entry{entry(version("a", 2))}
	_, err = s.store.Append(s.bg(), b)
	s.wants(err, documents.ErrExists)
	s.equal(s.last(""), documents.Seq(1))
}

func auditOfBatch(s suite) {
	s.append(batch(version("a", 1)))
	b := batch(version("a", 2), version("a", 3))
	b.Audit = documents.PublicationAudit{By: "dana", Revision: 4, Alone: true, Approvals: []documents.Approval{{Document: "a", Revision: 4, By: "erlan", At: time.Date(2026, 1, 1, 0, 0, 0, 1000, time.UTC)}}}
	events := s.append(b)
	want := b.Audit
	want.Seq, want.At = 2, events[0].Time
	for _, seq := range []documents.Seq{2, 3} {
		got, err := s.store.Audit(s.bg(), seq)
		s.must(err)
		s.equal(got, want)
	}
	for _, seq := range []documents.Seq{0, 4} {
		_, err := s.store.Audit(s.bg(), seq)
		s.wants(err, documents.ErrNotFound)
	}
}

func waitReturnsAtOnce(s suite) {
	s.append(batch(version("a", 1)))
	s.must(s.store.Wait(s.bg(), 0))
}

func waitWakes(s suite) {
	woken := make(chan error)
	for range 3 {
		go func() { woken <- s.other.Wait(s.bg(), 1) }()
	}
	s.append(batch(version("a", 1)))
	select {
	case err := <-woken:
		s.Fatalf("woken by the event that it had seen: %v", err)
	default:
	}
	s.append(batch(version("a", 2)))
	for range 3 {
		s.must(<-woken)
	}
}

func waitHonorsContext(s suite) {
	ctx, cancel := context.WithCancel(s.bg())
	woken := make(chan error)
	go func() { woken <- s.store.Wait(ctx, 0) }()
	cancel()
	s.wants(<-woken, context.Canceled)
}

func restart(s suite) {
	d := document("a")
	s.must(s.store.PutDocument(s.bg(), d))
	s.must(s.store.SaveDraft(s.bg(), draft("a", 1)))
	b := batch(version("a", 1), version("a", 2))
	b.Key = "key"
	s.append(b)
	s.append(batch(version("b", 1)))

	b = batch(version("b", 1))
	b.Entries[0].Event.Origin = "example.kz/lasting"
	events, err := s.store.Restart(s.bg(), b)
	s.must(err)
	s.equal(events[0].Origin, "example.kz/lasting")
	s.equal(s.events("", 0, 10), events)
	s.equal([]documents.Seq{s.last(""), s.last("a"), s.last("b")}, []documents.Seq{1, 0, 1})
	_, err = s.store.Version(s.bg(), "a", 1)
	s.wants(err, documents.ErrNotFound)
	_, err = s.store.Used(s.bg(), "key")
	s.wants(err, documents.ErrNotFound)
	kept, err := s.store.Draft(s.bg(), "a", 0)
	s.must(err)
	s.equal(kept, draft("a", 1))
	got, err := s.store.Document(s.bg(), "a")
	s.must(err)
	s.equal(got, d)
	b = batch(version("a", 1))
	b.Entries[0].Event.Origin = "example.kz/lasting"
	s.equal(s.append(b)[0].Seq, documents.Seq(2))
}

func refusedRestart(s suite) {
	s.append(batch(version("a", 1)))
	before := s.events("", 0, 10)
	if _, err := s.store.Restart(s.bg(), batch(version("a", 2))); !errors.Is(err, documents.ErrConflict) {
		s.Errorf("got %v", err)
	}
	s.equal(s.events("", 0, 10), before)
}

func lastingLog(s suite) {
	b := batch(version("a", 1))
	b.Entries[0].Event.Origin = "example.kz/lasting"
	events := s.append(b)
	_, err := s.store.Restart(s.bg(), batch(version("a", 1)))
	s.wants(err, documents.ErrConflict)
	s.equal(s.events("", 0, 10), events)
}

func anotherOrigin(s suite) {
	s.append(batch(version("a", 1)))
	b := batch(version("a", 2))
	b.Entries[0].Event.Origin = "example.kz/lasting"
	_, err := s.store.Append(s.bg(), b)
	s.wants(err, documents.ErrConflict)
	s.equal(s.last(""), documents.Seq(1))
}
