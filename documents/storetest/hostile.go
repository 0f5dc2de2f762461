package storetest

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"

	"vestnik/documents"
)

var hostileCases = []testCase{
	{"AnyTextIsKept", anyTextIsKept},
	{"KeysAreBytes", keysAreBytes},
	{"NoSuchIdentifier", noSuchIdentifier},
	{"GreatestNumbers", greatestNumbers},
	{"CancelledContextChangesNothing", cancelledContext},
}

// hostile is UTF-8 that a quoting, an encoding, an escape or a locale may spoil.
const hostile = "\x00';--\"\\\x01\u2028\ufeff\u0000$1 %s {service}\r\n\u202e\ufffe\ufffd\U0010ffff a\u0301 á <b>&amp;"

// anyTextIsKept: the Library refuses most of it; the engines do not have to know.
func anyTextIsKept(s suite) {
	doc := document("a")
	doc.Titles["ru"], doc.Groups = hostile, []string{hostile, ""}
	s.must(s.store.PutDocument(s.bg(), doc))
	d := draft("a", 1)
	d.Texts[0] = documents.DraftText{Lang: "ru", Title: hostile, Source: hostile}
	d.Comment, d.SavedBy, d.Effective = hostile, hostile, hostile
	s.must(s.store.SaveDraft(s.bg(), d))
	v := version("a", 1)
	v.Texts[0].Title, v.Texts[0].Source, v.Texts[0].Clauses[0].Title = hostile, hostile, hostile
	v.Change.Reason, v.Change.Notes["ru"], v.Basis.Signatory = hostile, documents.Note{What: hostile}, hostile
	b := batch(v)
	b.Audit.By = hostile
	event := s.append(b)[0]
	a := documents.Approval{Document: "a", Revision: 1, By: hostile}
	s.must(s.store.Approve(s.bg(), a))
	s.must(s.store.SetState(s.bg(), "a", 1, documents.Approved, documents.Returned, hostile+hostile))
	d.State, d.Comment = documents.Returned, hostile+hostile
	v.Seq, v.PublishedAt = event.Seq, event.Time

	moved := s.empty()
	s.must(moved.store.Load(s.bg(), bytes.NewReader(s.dump(s.store))))
	for _, s := range []suite{s, moved} {
		gotDoc, err := s.store.Document(s.bg(), "a")
		s.must(err)
		gotDraft, err := s.store.Draft(s.bg(), "a", 0)
		s.must(err)
		gotVersion, err := s.store.Version(s.bg(), "a", 1)
		s.must(err)
		gotAudit, err := s.store.Audit(s.bg(), 1)
		s.must(err)
		gotApprovals, err := s.store.Approvals(s.bg(), "a", 1)
		s.must(err)
		s.equal([]any{gotDoc, gotDraft, gotVersion, s.events("a", 0, 2), gotAudit.By, gotApprovals},
			[]any{doc, d, v, []documents.Event{event}, hostile, []documents.Approval{a}})
	}
}

// keysAreBytes: what differs in anything is another key.
func keysAreBytes(s suite) {
	keys := []string{hostile, "a", "A", "á", "a\u0301", "a ", " a", "a\x00", "a\x00b", "key", "key/1", strings.Repeat("к", 200)}
	for i, key := range keys {
		b := batch(version("a", i+1))
		b.Key = key
		s.append(b)
	}
	moved := s.empty()
	s.must(moved.store.Load(s.bg(), bytes.NewReader(s.dump(s.store))))
	s.equal(string(s.dump(moved.store)), string(s.dump(s.store)))
	for i, key := range keys {
		n := documents.Seq(i + 1)
		for _, store := range []documents.Store{s.store, moved.store} {
			got, err := store.Used(s.bg(), key)
			s.must(err)
			s.equal(got, documents.UsedKey{Key: key, First: n, Last: n})
		}
	}
}

// noSuchIdentifier: anybody may ask for anything in an address.
func noSuchIdentifier(s suite) {
	s.append(batch(version("a", 1)))
	s.must(s.store.SaveDraft(s.bg(), draft("a", 1)))
	s.must(s.store.PutDocument(s.bg(), document("a")))
	for _, id := range []string{"", "A", "a ", "a\x00", "a\x00b", "\x00", "\xff", "a\xed\xa0\x80", "%", "a%", hostile, strings.Repeat("a", 1<<20)} {
		_, err := s.store.Document(s.bg(), id)
		s.wants(err, documents.ErrNotFound)
		_, err = s.store.Draft(s.bg(), id, 0)
		s.wants(err, documents.ErrNotFound)
		_, err = s.store.Version(s.bg(), id, 1)
		s.wants(err, documents.ErrNotFound)
		_, err = s.store.Used(s.bg(), id)
		s.wants(err, documents.ErrNotFound)
		s.wants(s.store.SetState(s.bg(), id, 1, documents.Editing, documents.InReview, ""), documents.ErrNotFound)
		s.wants(s.store.Approve(s.bg(), documents.Approval{Document: id, Revision: 1}), documents.ErrNotFound)
		s.nothing(id)
	}
}

// nothing expects empty lists.
func (s suite) nothing(id string) {
	s.Helper()
	drafts, err := s.store.Drafts(s.bg(), id, 0, 10)
	s.must(err)
	approvals, err := s.store.Approvals(s.bg(), id, 1)
	s.must(err)
	versions, err := s.store.Versions(s.bg(), id, 0, 10)
	s.must(err)
	s.equal([]int{len(drafts), len(approvals), len(versions)}, []int{0, 0, 0})
	if id != "" { // which means all
		s.equal(len(s.events(id, 0, 10)), 0)
		s.equal(s.last(id), documents.Seq(0))
	}
}

func greatestNumbers(s suite) {
	s.append(batch(version("a", 1)))
	for _, n := range []int{-1, 0, 2, math.MaxInt32 + 1, math.MaxInt - 1, math.MinInt} {
		_, err := s.store.Version(s.bg(), "a", n)
		s.wants(err, documents.ErrNotFound)
		_, err = s.store.Event(s.bg(), documents.Seq(n))
		s.wants(err, documents.ErrNotFound)
		_, err = s.store.Audit(s.bg(), documents.Seq(n))
		s.wants(err, documents.ErrNotFound)
		if n > 0 {
			s.equal(len(s.events("", documents.Seq(n), 10)), 0)
			s.equal(len(s.events("a", documents.Seq(n), 10)), 0)
		}
	}
	s.equal(len(s.events("a", 0, math.MaxInt)), 1)
}

// cancelledContext: whoever has gone away is answered with that, and nothing is
// stored for him.
func cancelledContext(s suite) {
	s.fill()
	before := s.dump(s.store)
	ctx, cancel := context.WithCancel(s.bg())
	cancel()
	doc, d, b := document("new"), draft("a", 3), batch(version("a", 3))
	for name, call := range map[string]func() error{
		"PutDocument": func() error { return s.store.PutDocument(ctx, doc) },
		"Document":    func() error { _, err := s.store.Document(ctx, "a"); return err },
		"Documents":   func() error { _, err := s.store.Documents(ctx, "", 1); return err },
		"SaveDraft":   func() error { return s.store.SaveDraft(ctx, d) },
		"SetState": func() error {
			return s.store.SetState(ctx, "a", 2, documents.Approved, documents.Returned, "")
		},
		"Draft":     func() error { _, err := s.store.Draft(ctx, "a", 0); return err },
		"Drafts":    func() error { _, err := s.store.Drafts(ctx, "a", 0, 1); return err },
		"Approve":   func() error { return s.store.Approve(ctx, documents.Approval{Document: "a", Revision: 2}) },
		"Approvals": func() error { _, err := s.store.Approvals(ctx, "a", 2); return err },
		"Append":    func() error { _, err := s.store.Append(ctx, b); return err },
		"Version":   func() error { _, err := s.store.Version(ctx, "a", 1); return err },
		"Versions":  func() error { _, err := s.store.Versions(ctx, "a", 0, 1); return err },
		"Event":     func() error { _, err := s.store.Event(ctx, 1); return err },
		"Events":    func() error { _, err := s.store.Events(ctx, "", 0, 1); return err },
		"Last":      func() error { _, err := s.store.Last(ctx, ""); return err },
		"Audit":     func() error { _, err := s.store.Audit(ctx, 1); return err },
		"Used":      func() error { _, err := s.store.Used(ctx, "key"); return err },
		"Wait":      func() error { return s.store.Wait(ctx, 0) },
		"Restart":   func() error { _, err := s.store.Restart(ctx, b); return err },
		"Dump":      func() error { return s.store.Dump(ctx, &bytes.Buffer{}) },
		"Load":      func() error { return s.empty().store.Load(ctx, bytes.NewReader(before)) },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			s.Errorf("%s: got %v", name, err)
		}
	}
	s.equal(string(s.dump(s.store)), string(before))
}
