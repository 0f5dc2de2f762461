// Package storetest is the conformance suite of documents.Store. What is not in
// it is not promised.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vestnik/documents"
)

// Open makes a fresh, empty store and sees to its end. other is the same store as
// another node has it; where an engine serves one process, it may be store itself.
type Open func(t *testing.T) (store, other documents.Store)

// Run runs the suite: first what has to have the engine to itself, to race as hard
// as it can, then the rest side by side.
func Run(t *testing.T, open Open) {
	for _, c := range raceCases {
		t.Run(c.name, func(t *testing.T) { c.run(start(t, open)) })
	}
	for _, c := range slices.Concat(logCases, readCases, draftCases, dumpCases, hostileCases) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(start(t, open))
		})
	}
}

type testCase struct {
	name string
	run  func(suite)
}

// suite is one test with its store.
type suite struct {
	*testing.T
	store, other documents.Store
	open         Open
}

func start(t *testing.T, open Open) suite {
	store, other := open(t)
	return suite{t, store, other, open}
}

// handle takes turns between the nodes.
func (s suite) handle(i int) documents.Store {
	if i%2 == 0 {
		return s.store
	}
	return s.other
}

// empty is another store, which holds nothing.
func (s suite) empty() suite { return start(s.T, s.open) }

func (s suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s suite) wants(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("got error %v, want %v", err, want)
	}
}

func (s suite) equal(got, want any) {
	s.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		s.Errorf("-want +got\n%s", d)
	}
}

func (s suite) bg() context.Context { return s.Context() }

// origin is of a log that may be begun again.
const origin = "example.kz/log" + documents.RehearsalSuffix

// version is number n of a document, in two languages.
func version(document string, n int) documents.Version {
	text := func(lang string) documents.Text {
		return documents.Text{Lang: lang, Title: "Title " + lang, Source: fmt.Sprintf("\ufeff# Title\r\n\n%d. %s <b>&\u2028\n", n, lang),
			Clauses: []documents.Clause{{ID: fmt.Sprintf("c-%08d", n), Number: "1.", Title: "Title", Anchor: "p1", First: 1, Last: 3, Level: 1}}}
	}
	return documents.Version{
		Document: document, Number: n, Prevailing: "ru",
		Texts:     []documents.Text{text("kk"), text("ru")},
		Change:    documents.Change{Class: documents.Notice, Urgent: n%2 == 0, Reason: "Because.", Notes: map[string]documents.Note{"kk": {What: "a"}, "ru": {What: "b", Do: "c"}}},
		Basis:     documents.Basis{Number: "12", Date: "2026-01-31", Signatory: "Director"},
		Effective: documents.Effective{Instant: time.Date(2026, 3, 1, 19, 0, 0, 0, time.UTC), Date: "2026-03-02", Zone: "Asia/Almaty"},
	}
}

func entry(v documents.Version) documents.Entry {
	return documents.Entry{Event: documents.Event{Origin: origin, Kind: documents.Published}, Version: &v}
}

func batch(versions ...documents.Version) documents.Batch {
	b := documents.Batch{Expect: -1, Audit: documents.PublicationAudit{By: "ainur"}}
	for _, v := range versions {
		b.Entries = append(b.Entries, entry(v))
	}
	return b
}

// about is an event that brings no version.
func about(kind documents.Kind, document string, number int) documents.Batch {
	e := documents.Event{Origin: origin, Kind: kind, Document: document, Version: number, ReasonText: "Because of it."}
	return documents.Batch{Expect: -1, Entries: []documents.Entry{{Event: e}}}
}

func (s suite) append(b documents.Batch) []documents.Event {
	s.Helper()
	events, err := s.store.Append(s.bg(), b)
	s.must(err)
	return events
}

func (s suite) last(document string) documents.Seq {
	s.Helper()
	seq, err := s.store.Last(s.bg(), document)
	s.must(err)
	return seq
}

func (s suite) events(document string, after documents.Seq, limit int) []documents.Event {
	s.Helper()
	events, err := s.store.Events(s.bg(), document, after, limit)
	s.must(err)
	return events
}

func document(id string) documents.Document {
	return documents.Document{ID: id, Titles: map[string]string{"ru": "Политика", "kk": "Саясат"}, Prevailing: "ru", Groups: []string{"drivers"}, Revision: 1}
}

func draft(document string, revision int) documents.Draft {
	return documents.Draft{
		Document: document, Revision: revision, Based: 2, State: documents.Editing, Texts: []documents.DraftText{{Lang: "ru", Title: "T", Source: strings.Repeat("word ", revision)}},
		Change: documents.Change{Class: documents.Editorial, Notes: map[string]documents.Note{"ru": {What: "a"}}}, Effective: "2027-01-01",
		SavedBy: "ainur", SavedAt: time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC),
	}
}
