package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"vestnik/documents"
)

// Between tests that what one engine dumps another one loads: the same bytes come
// back out, and the same answers, and the log has the same root and goes on.
func Between(t *testing.T, from, to Open) {
	s, target := start(t, from), start(t, to)
	s.fillMore()
	dump := s.dump(s.store)
	target.breaksOff(dump)
	target.must(target.store.Load(t.Context(), bytes.NewReader(dump)))
	back := start(t, from)
	back.must(back.store.Load(t.Context(), bytes.NewReader(target.dump(target.other))))
	want, root := s.answers(), s.root(s.store)
	for _, moved := range []suite{target, back} {
		s.equal(string(moved.dump(moved.store)), string(dump))
		s.equal(moved.root(moved.store), root)
		s.equal(moved.answers(), want)
	}
	for _, moved := range []suite{s, target, back} {
		moved.goesOn()
	}
}

// fillMore adds to fill what strains an order, a page or an encoding.
func (s suite) fillMore() {
	s.fill()
	for n := 3; n <= 12; n++ { // beyond 9, which sorts after 10 as text
		b := batch(version("a", n), version("a-b", n-2))
		b.Key, b.Expect = fmt.Sprintf("key %d%s", n, hostile), -1
		s.append(b)
		s.must(s.store.SaveDraft(s.bg(), draft("ab", n-2)))
	}
	for _, id := range []string{"z", "B", "ä"} { // in no language's order
		s.must(s.store.PutDocument(s.bg(), document(id)))
		s.must(s.store.SaveDraft(s.bg(), draft(id, 1)))
		s.must(s.store.Approve(s.bg(), documents.Approval{Document: id, Revision: 1}))
		b := batch(version(id, 1))
		b.Key = id
		s.append(b)
	}
	v, d := version("é", 1), document("é")
	v.Texts[0].Source, v.Change.Reason = hostile, hostile
	v.Effective = documents.Effective{}
	b := batch(v)
	b.Document = &d
	s.append(b)
	for _, by := range []string{"dana", "ainur", "dana"} {
		s.must(s.store.Approve(s.bg(), documents.Approval{Document: "ab", Revision: 10, By: by}))
	}
	s.must(s.store.SetState(s.bg(), "ab", 10, documents.Approved, documents.Scheduled, hostile))
}

// breaksOff loads a dump that ends in the middle of a record, and one whose source
// fails between two, and expects the store to stay empty.
func (s suite) breaksOff(dump []byte) {
	s.Helper()
	broken := errors.New("the pipe broke")
	for _, share := range []int{10, 3, 2, 1} {
		cut := bytes.LastIndexByte(dump[:len(dump)/share], '\n') + 1
		rest := iotest.ErrReader(broken)
		s.wants(s.store.Load(s.bg(), io.MultiReader(bytes.NewReader(dump[:cut]), rest)), broken)
		s.wants(s.store.Load(s.bg(), bytes.NewReader(dump[:cut-9])), io.ErrUnexpectedEOF)
		s.equal(string(s.dump(s.other)), "")
	}
}

// answers are what a store says of all that it holds.
func (s suite) answers() (out []any) {
	s.Helper()
	say := func(answer any, err error) {
		s.Helper()
		s.must(err)
		out = append(out, answer)
	}
	docs, err := s.other.Documents(s.bg(), "", 100)
	say(docs, err)
	for _, id := range []string{"B", "a", "a-b", "ab", "b", "z", "ä", "é"} {
		drafts, err := s.other.Drafts(s.bg(), id, 0, 100)
		say(drafts, err)
		for _, d := range drafts {
			whole, err := s.other.Draft(s.bg(), id, d.Revision)
			say(whole, err)
			approvals, err := s.other.Approvals(s.bg(), id, d.Revision)
			say(approvals, err)
		}
		versions, err := s.other.Versions(s.bg(), id, 0, 100)
		say(versions, err)
		for _, v := range versions {
			whole, err := s.other.Version(s.bg(), id, v.Number)
			say(whole, err)
		}
		say(s.events(id, 0, 100), nil)
		say(s.last(id), nil)
	}
	for _, e := range s.events("", 0, 1000) {
		audit, err := s.other.Audit(s.bg(), e.Seq)
		say(audit, err)
		say(e, nil)
	}
	used, err := s.other.Used(s.bg(), "key 7"+hostile)
	say(used, err)
	return out
}

// goesOn expects the log, a key, a document and a draft to go on where they were.
func (s suite) goesOn() {
	s.Helper()
	b := batch(version("b", 1), version("b", 2))
	b.Key, b.Request = "key", documents.SHA256([]byte("request"))
	s.equal(len(s.append(b)), 2)
	last := s.events("", s.last("")-1, 1)[0]
	e := s.append(batch(version("é", 2)))[0]
	s.equal(e.Seq, last.Seq+1)
	if e.Time.Before(last.Time) {
		s.Errorf("event %d is older than the one before", e.Seq)
	}
	s.must(s.store.SaveDraft(s.bg(), draft("ab", 11)))
	d := document("é")
	d.Revision = 2
	s.must(s.store.PutDocument(s.bg(), d))
	_, err := s.store.Append(s.bg(), about(documents.Withdrawn, "a", 13))
	s.wants(err, documents.ErrNotFound)
}
