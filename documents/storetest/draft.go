package storetest

import (
	"math"

	"vestnik/documents"
)

var draftCases = []testCase{
	{"DocumentCompareAndSet", documentCompareAndSet},
	{"IDsSortByByte", idsSortByByte},
	{"DraftCompareAndSet", draftCompareAndSet},
	{"DraftRevisionsStay", draftRevisionsStay},
	{"DraftsOmitSources", draftsOmitSources},
	{"DraftStates", draftStates},
	{"ApprovalNamesRevision", approvalNamesRevision},
}

func documentCompareAndSet(s suite) {
	d := document("a")
	s.must(s.store.PutDocument(s.bg(), d))
	s.wants(s.store.PutDocument(s.bg(), d), documents.ErrExists)
	d.Revision = 3
	s.wants(s.store.PutDocument(s.bg(), d), documents.ErrConflict)
	d.Revision, d.Groups = 2, nil
	s.must(s.store.PutDocument(s.bg(), d))
	s.wants(s.store.PutDocument(s.bg(), d), documents.ErrConflict)
	got, err := s.store.Document(s.bg(), "a")
	s.must(err)
	s.equal(got, d)
	missing := document("b")
	missing.Revision = 2
	s.wants(s.store.PutDocument(s.bg(), missing), documents.ErrConflict)
}

// idsSortByByte: a locale would put a-b after ab, 10 after 9, B and é beside b and
// e, and UTF-16 an emoji before the last of the characters below it.
func idsSortByByte(s suite) {
	for _, id := range []string{"ab", "é", "b", "a-b", "\U0001f600", "a", "10", "B", "\uffee", "9", "қ", "к"} {
		s.must(s.store.PutDocument(s.bg(), document(id)))
	}
	ids := func(after string, limit int) (out []string) {
		all, err := s.store.Documents(s.bg(), after, limit)
		s.must(err)
		for _, d := range all {
			out = append(out, d.ID)
		}
		return out
	}
	s.equal(ids("", 6), []string{"10", "9", "B", "a", "a-b", "ab"})
	s.equal(ids("ab", 9), []string{"b", "é", "к", "қ", "\uffee", "\U0001f600"})
	s.equal(ids("a", 2), []string{"a-b", "ab"})
	s.equal(ids("aa", 1), []string{"ab"})
	s.equal(ids("\U0001f600", 2), []string(nil))
}

func draftCompareAndSet(s suite) {
	s.wants(s.store.SaveDraft(s.bg(), draft("a", 2)), documents.ErrConflict)
	s.must(s.store.SaveDraft(s.bg(), draft("a", 1)))
	s.wants(s.store.SaveDraft(s.bg(), draft("a", 1)), documents.ErrConflict)
	s.wants(s.store.SaveDraft(s.bg(), draft("a", 3)), documents.ErrConflict)
	got, err := s.store.Draft(s.bg(), "a", 0)
	s.must(err)
	s.equal(got, draft("a", 1))
}

func draftRevisionsStay(s suite) {
	for n := 1; n <= 12; n++ {
		s.must(s.store.SaveDraft(s.bg(), draft("a", n)))
		s.must(s.store.SaveDraft(s.bg(), draft("ab", n)))
	}
	for n, want := range map[int]int{0: 12, 12: 12, 9: 9, 1: 1} {
		got, err := s.store.Draft(s.bg(), "a", n)
		s.must(err)
		s.equal(got, draft("a", want))
	}
}

func draftsOmitSources(s suite) {
	for n := 1; n <= 12; n++ {
		s.must(s.store.SaveDraft(s.bg(), draft("a", n)))
	}
	revisions := func(before, limit int) (out []int) {
		all, err := s.store.Drafts(s.bg(), "a", before, limit)
		s.must(err)
		for _, d := range all {
			want := draft("a", d.Revision)
			want.Texts[0].Source = ""
			s.equal(d, want)
			out = append(out, d.Revision)
		}
		return out
	}
	s.equal(revisions(0, 3), []int{12, 11, 10})
	s.equal(revisions(10, 2), []int{9, 8})
	s.equal(revisions(3, 9), []int{2, 1})
	s.equal(revisions(1, 9), []int(nil))
	s.equal(revisions(math.MaxInt, 1), []int{12})
}

func draftStates(s suite) {
	s.must(s.store.SaveDraft(s.bg(), draft("a", 1)))
	s.must(s.store.SetState(s.bg(), "a", 1, documents.Editing, documents.InReview, ""))
	s.wants(s.store.SetState(s.bg(), "a", 1, documents.Editing, documents.InReview, ""), documents.ErrConflict)
	s.must(s.store.SetState(s.bg(), "a", 1, documents.InReview, documents.Returned, "Shorter, please."))
	got, err := s.store.Draft(s.bg(), "a", 1)
	s.must(err)
	s.equal([]string{string(got.State), got.Comment}, []string{"returned", "Shorter, please."})
	list, err := s.store.Drafts(s.bg(), "a", 0, 1)
	s.must(err)
	s.equal(list[0].State, documents.Returned)
	s.must(s.store.SaveDraft(s.bg(), draft("a", 2)))
	s.wants(s.store.SetState(s.bg(), "a", 1, documents.Returned, documents.InReview, ""), documents.ErrConflict)
}

func approvalNamesRevision(s suite) {
	s.must(s.store.SaveDraft(s.bg(), draft("a", 1)))
	a := documents.Approval{Document: "a", Revision: 1, Digest: draft("a", 1).Digest(), By: "dana", At: draft("a", 1).SavedAt}
	s.must(s.store.Approve(s.bg(), a))
	second := a
	second.By = "erlan"
	s.must(s.store.Approve(s.bg(), second))
	got, err := s.store.Draft(s.bg(), "a", 1)
	s.must(err)
	s.equal(got.State, documents.Approved)

	s.must(s.store.SaveDraft(s.bg(), draft("a", 2)))
	s.wants(s.store.Approve(s.bg(), a), documents.ErrConflict)
	for revision, want := range map[int][]documents.Approval{1: {a, second}, 2: nil} {
		list, err := s.store.Approvals(s.bg(), "a", revision)
		s.must(err)
		s.equal(list, want)
	}
}
