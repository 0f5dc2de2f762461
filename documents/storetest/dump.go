package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"vestnik/documents"
)

var dumpCases = []testCase{
	{"DumpAndLoadKeepAll", dumpAndLoad},
	{"DumpAndLoadKeepLogRoot", dumpAndLoadKeepLogRoot},
	{"LoadRefusesAFullStore", loadRefusesAFullStore},
	{"BrokenLoadLeavesNothing", brokenLoad},
	{"LoadRefusesAGapInTheLog", loadRefusesAGap},
	{"LoadedTimeIsNotFallenBehind", loadedTime},
	{"LoadsRace", loadsRace},
	{"EmptyDump", emptyDump},
}

// fill puts something of everything into the store.
func (s suite) fill() {
	s.must(s.store.PutDocument(s.bg(), document("a")))
	b, d := batch(version("b", 1), version("b", 2)), document("b")
	b.Document, b.Key, b.Request = &d, "key", documents.SHA256([]byte("request"))
	s.append(b)
	for n := 1; n <= 2; n++ {
		s.must(s.store.SaveDraft(s.bg(), draft("a", n)))
		s.append(batch(version("a", n)))
	}
	s.must(s.store.SetState(s.bg(), "a", 2, documents.Editing, documents.InReview, ""))
	s.must(s.store.Approve(s.bg(), documents.Approval{Document: "a", Revision: 2, Digest: draft("a", 2).Digest(), By: "dana", At: draft("a", 2).SavedAt}))
	s.append(about(documents.Withdrawn, "a", 2))
	restored := about(documents.Restored, "", 0)
	restored.Entries[0].Event.LostFirst, restored.Entries[0].Event.LostLast = 3, 4
	s.append(restored)
	s.append(about("novelty", "b", 1))
}

func (s suite) dump(from documents.Store) []byte {
	s.Helper()
	var b bytes.Buffer
	s.must(from.Dump(s.bg(), &b))
	return b.Bytes()
}

func dumpAndLoad(s suite) {
	s.fill()
	dump := s.dump(s.store)
	moved := s.empty()
	other := moved.store
	s.must(other.Load(s.bg(), bytes.NewReader(dump)))
	s.equal(string(s.dump(other)), string(dump))
	s.equal(moved.events("", 0, 100), s.events("", 0, 100))
	s.equal(moved.events("a", 0, 100), s.events("a", 0, 100))
	want, err := s.store.Draft(s.bg(), "a", 0)
	s.must(err)
	got, err := other.Draft(s.bg(), "a", 0)
	s.must(err)
	s.equal(got, want)
	// The log goes on where it was, and the key still counts.
	b := batch(version("b", 1), version("b", 2))
	b.Key, b.Request = "key", documents.SHA256([]byte("request"))
	s.equal(len(moved.append(b)), 2)
	s.equal(moved.append(batch(version("a", 3)))[0].Seq, s.last("")+1)
}

func (s suite) root(store documents.Store) tlog.Hash {
	s.Helper()
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, hashes[i])
		}
		return out, nil
	})
	n := int64(0)
	for _, e := range (suite{T: s.T, store: store}).events("", 0, 1000) {
		more, err := tlog.StoredHashes(n, e.Bytes, read)
		s.must(err)
		hashes = append(hashes, more...)
		n++
	}
	root, err := tlog.TreeHash(n, read)
	s.must(err)
	return root
}

func dumpAndLoadKeepLogRoot(s suite) {
	s.fill()
	other := s.empty().store
	s.must(other.Load(s.bg(), bytes.NewReader(s.dump(s.store))))
	s.equal(s.root(other), s.root(s.store))
}

func loadRefusesAFullStore(s suite) {
	s.fill()
	dump := s.dump(s.store)
	other := s.empty().store
	s.must(other.PutDocument(s.bg(), document("z")))
	s.wants(other.Load(s.bg(), bytes.NewReader(dump)), documents.ErrExists)
	_, err := other.Document(s.bg(), "a")
	s.wants(err, documents.ErrNotFound)
}

func brokenLoad(s suite) {
	s.fill()
	dump := s.dump(s.store)
	other := s.empty().store
	for _, broken := range [][]byte{dump[:len(dump)-20], append(bytes.Clone(dump), "{}\n"...), append(bytes.Clone(dump), `{"novelty":{}}`...)} {
		if err := other.Load(s.bg(), bytes.NewReader(broken)); err == nil {
			s.Fatal("a broken dump was loaded")
		}
		s.equal(string(s.dump(other)), "")
	}
	ctx, cancel := context.WithCancel(s.bg())
	cancel()
	s.wants(other.Load(ctx, bytes.NewReader(dump)), context.Canceled)
	s.must(other.Load(s.bg(), bytes.NewReader(dump)))
}

// sealed is event n of a log, from another clock.
func sealed(n documents.Seq, now time.Time) []byte {
	e := documents.Event{Origin: origin, Kind: "novelty"}
	documents.Seal(&e, nil, n, time.Time{}, now)
	b, err := json.Marshal(documents.Record{Event: &e})
	if err != nil {
		panic(err) // unreachable: an event can be JSON
	}
	return append(b, '\n')
}

func loadRefusesAGap(s suite) {
	now := time.Now()
	for _, dump := range [][]byte{sealed(2, now), slices.Concat(sealed(1, now), sealed(3, now)), slices.Concat(sealed(1, now), sealed(1, now))} {
		if err := s.store.Load(s.bg(), bytes.NewReader(dump)); err == nil {
			s.Error("a log with a gap was loaded")
		}
	}
	s.equal(s.last(""), documents.Seq(0))
}

// loadedTime: a log that comes from a clock which was ahead waits for ours.
func loadedTime(s suite) {
	ahead := time.Date(2100, 1, 1, 0, 0, 0, 123456000, time.UTC)
	s.must(s.store.Load(s.bg(), bytes.NewReader(sealed(1, ahead))))
	e := s.append(batch(version("a", 1)))[0]
	s.equal(e.Time, ahead)
	s.equal(s.append(batch(version("a", 2)))[0].Time, ahead)
	_, err := s.store.Restart(s.bg(), batch(version("a", 1)))
	s.must(err)
	if e := s.events("", 0, 1)[0]; !e.Time.Before(ahead) {
		s.Errorf("a new log begins at %v", e.Time)
	}
}

// loadsRace: of loads and of those who write meanwhile, one is first, and a load
// is refused by whatever was.
func loadsRace(s suite) {
	dump := slices.Concat(sealed(1, time.Now()), sealed(2, time.Now()))
	errs := s.race(8, func(i int, store documents.Store) error {
		switch i {
		case 4:
			return store.PutDocument(s.bg(), document("a"))
		case 5:
			return store.SaveDraft(s.bg(), draft("a", 1))
		}
		return store.Load(s.bg(), bytes.NewReader(dump))
	})
	s.must(errs[4])
	s.must(errs[5])
	loaded := documents.Seq(0)
	for i, err := range errs {
		switch {
		case i == 4 || i == 5:
		case err == nil:
			loaded += 2
		default:
			s.wants(err, documents.ErrExists)
		}
	}
	s.equal(s.last(""), loaded)
	if loaded > 2 {
		s.Error("two loads of one store")
	}
}

func emptyDump(s suite) {
	s.equal(string(s.dump(s.store)), "")
	s.must(s.store.Load(s.bg(), strings.NewReader("")))
}
