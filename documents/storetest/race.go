package storetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"vestnik/documents"
)

// raceCases run alone.
var raceCases = []testCase{
	{"TailNeverSkips", tailNeverSkips},
	{"PagesNeverSkip", pagesNeverSkip},
	{"OneWinnerPerNumber", oneWinnerPerNumber},
	{"OneWinnerPerRevision", oneWinnerPerRevision},
	{"OneWinnerPerDocument", oneWinnerPerDocument},
	{"OneWinnerPerState", oneWinnerPerState},
	{"SavingVoidsApprovals", savingVoidsApprovals},
	{"KeyRaceStoresOnce", keyRaceStoresOnce},
	{"OneRestart", oneRestart},
	{"DumpIsOfOneInstant", dumpIsOfOneInstant},
}

// race lets n callers, who take turns between the nodes, do the same at once.
func (s suite) race(n int, do func(i int, store documents.Store) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	gate := make(chan struct{})
	for i := range errs {
		all.Go(func() {
			<-gate
			errs[i] = do(i, s.handle(i))
		})
	}
	close(gate)
	all.Wait()
	return errs
}

// oneWins checks that one of the callers won, and the others lost to it.
func (s suite) oneWins(errs []error, lost error) {
	s.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			s.wants(err, lost)
		}
	}
	s.equal(won, 1)
}

func oneWinnerPerNumber(s suite) {
	for n := 1; n <= 5; n++ {
		s.oneWins(s.race(8, func(_ int, store documents.Store) error {
			_, err := store.Append(s.bg(), batch(version("a", n)))
			return err
		}), documents.ErrConflict)
		s.equal(s.last(""), documents.Seq(n))
	}
}

func oneWinnerPerRevision(s suite) {
	for n := 1; n <= 5; n++ {
		saved := make([]documents.Draft, 8)
		errs := s.race(8, func(i int, store documents.Store) error {
			saved[i] = draft("a", n)
			saved[i].SavedBy = fmt.Sprint("author ", i)
			return store.SaveDraft(s.bg(), saved[i])
		})
		s.oneWins(errs, documents.ErrConflict)
		got, err := s.store.Draft(s.bg(), "a", 0)
		s.must(err)
		for i, err := range errs {
			if err == nil {
				s.equal(got, saved[i])
			}
		}
	}
}

func oneWinnerPerDocument(s suite) {
	for n, lost := range map[int]error{1: documents.ErrExists, 2: documents.ErrConflict} {
		id := fmt.Sprint("a", n)
		if n == 2 {
			s.must(s.store.PutDocument(s.bg(), document(id)))
		}
		s.oneWins(s.race(8, func(i int, store documents.Store) error {
			d := document(id)
			d.Revision = n
			if i >= 4 || n == 2 {
				return store.PutDocument(s.bg(), d)
			}
			b := batch(version(id, 1))
			b.Document = &d
			_, err := store.Append(s.bg(), b)
			return err
		}), lost)
	}
}

func oneWinnerPerState(s suite) {
	for n := 1; n <= 5; n++ {
		s.must(s.store.SaveDraft(s.bg(), draft("a", n)))
		s.oneWins(s.race(8, func(_ int, store documents.Store) error {
			return store.SetState(s.bg(), "a", n, documents.Editing, documents.InReview, "")
		}), documents.ErrConflict)
	}
}

// savingVoidsApprovals lets approvals, a return and the next save race. Whoever
// was let in before the save has changed the revision, whoever came after it has
// not, and the new revision begins anew.
func savingVoidsApprovals(s suite) {
	s.must(s.store.SaveDraft(s.bg(), draft("a", 1)))
	for n := 1; n <= 10; n++ {
		errs := s.race(8, func(i int, store documents.Store) error {
			switch i {
			case 5:
				return store.SaveDraft(s.bg(), draft("a", n+1))
			case 6, 7:
				return store.SetState(s.bg(), "a", n, documents.Editing, documents.Returned, "Shorter.")
			}
			return store.Approve(s.bg(), documents.Approval{Document: "a", Revision: n, By: fmt.Sprint("approver ", i)})
		})
		s.must(errs[5])
		approved := 0
		for i, err := range errs {
			if err != nil {
				s.wants(err, documents.ErrConflict)
			} else if i < 5 {
				approved++
			}
		}
		list, err := s.store.Approvals(s.bg(), "a", n)
		s.must(err)
		s.equal(len(list), approved)
		before, err := s.store.Draft(s.bg(), "a", n)
		s.must(err)
		s.equal(before.State, stands(approved > 0, errs[6] == nil || errs[7] == nil))
		if errs[6] == nil && errs[7] == nil {
			s.Error("the draft was returned twice")
		}
		now, err := s.store.Draft(s.bg(), "a", 0)
		s.must(err)
		s.equal(now, draft("a", n+1))
	}
}

// stands is the state after approvals, or a return which only a draft that is not
// approved can be given, or both in the one order that is possible.
func stands(approved, returned bool) documents.State {
	switch {
	case approved:
		return documents.Approved
	case returned:
		return documents.Returned
	}
	return documents.Editing
}

func keyRaceStoresOnce(s suite) {
	b := batch(version("a", 1))
	b.Key = "key"
	out := make([][]documents.Event, 8)
	for _, err := range s.race(8, func(i int, store documents.Store) (err error) {
		out[i], err = store.Append(s.bg(), b)
		return err
	}) {
		s.must(err)
	}
	for _, events := range out {
		s.equal(events, s.events("", 0, 10))
	}
	s.equal(s.last(""), documents.Seq(1))
}

// oneRestart lets two open to the public while others still rehearse: one does, and
// nothing of the rehearsal comes after it.
func oneRestart(s suite) {
	for range 5 {
		s := s.empty()
		s.append(batch(version("a", 1), version("b", 1)))
		errs := s.race(8, func(i int, store documents.Store) error {
			if i < 6 {
				_, err := store.Append(s.bg(), about("novelty", "a", 1))
				return err
			}
			b := batch(version("a", 1))
			b.Entries[0].Event.Origin = "example.kz/lasting"
			_, err := store.Restart(s.bg(), b)
			return err
		})
		s.oneWins(errs[6:], documents.ErrConflict)
		for _, err := range errs[:6] {
			if err != nil {
				s.wants(err, documents.ErrConflict)
			}
		}
		events := s.events("", 0, 100)
		s.equal(seqs(events), []documents.Seq{1})
		s.equal(events[0].Origin, "example.kz/lasting")
		_, err := s.other.Version(s.bg(), "b", 1)
		s.wants(err, documents.ErrNotFound)
	}
}

// dumpIsOfOneInstant dumps while others write: each dump must fit together.
func dumpIsOfOneInstant(s suite) {
	stop := make(chan struct{})
	var all sync.WaitGroup
	defer all.Wait()
	defer close(stop)
	for w := range 4 {
		all.Go(func() {
			id := string(rune('a' + w))
			for n := 1; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				b := batch(version(id, n))
				b.Key = fmt.Sprint(id, n)
				if _, err := s.handle(w).Append(s.bg(), b); err != nil {
					s.Error(err)
					return
				}
			}
		})
	}
	for seen := documents.Seq(0); seen < 40; seen = s.last("") {
		s.fits(s.dump(s.other))
	}
}

// fits expects a dump to hold one version, audit and key for each event.
func (s suite) fits(dump []byte) {
	s.Helper()
	var count struct{ versions, events, audits, keys documents.Seq }
	for dec := json.NewDecoder(bytes.NewReader(dump)); ; {
		var r documents.Record
		err := dec.Decode(&r)
		if errors.Is(err, io.EOF) {
			break
		}
		s.must(err)
		switch {
		case r.Version != nil:
			count.versions++
		case r.Event != nil:
			count.events++
			s.equal(r.Event.Seq, count.events)
		case r.Audit != nil:
			count.audits++
		case r.Key != nil:
			count.keys++
		}
	}
	n := count.events
	s.equal([]documents.Seq{count.versions, count.audits, count.keys}, []documents.Seq{n, n, n})
}
