package documents_test

import (
	"errors"
	"testing"

	"vestnik/documents"
)

func TestFourEyes(t *testing.T) {
	rules := alone()
	rules.OnePerson = false
	l := library(t, &rules)
	privacy(t, l)
	author, approver := documents.Actor{Name: "ainur"}, documents.Actor{Name: "dana"}
	ask := func(p documents.Publication) error {
		p.Document, p.Based = "privacy", -1
		_, err := l.Publish(t.Context(), p, author)
		return err
	}
	if got := code(ask(documents.Publication{})); got != documents.CodeNoDraft {
		t.Errorf("without a draft: %s", got)
	}
	d, err := l.SaveDraft(t.Context(), *draft("Первый."), author)
	if err != nil {
		t.Fatal(err)
	}
	approve := func(by documents.Actor) error {
		return l.Approve(t.Context(), "privacy", d.Revision, d.Digest(), by)
	}
	for name, got := range map[string]string{
		documents.CodeFourEyes:    code(ask(documents.Publication{Revision: 1})),
		documents.CodeOwnApproval: code(approve(author)),
	} {
		if got != name {
			t.Errorf("got %s, want %s", got, name)
		}
	}
	if err := l.Approve(t.Context(), "privacy", 1, documents.Digest{}, approver); !errors.Is(err, documents.ErrConflict) {
		t.Errorf("approving another text: %v", err)
	}
	if err := approve(approver); err != nil {
		t.Fatal(err)
	}

	// Any save voids the approval, even one that changes nothing, and does not make
	// its approver the author's better.
	again := d
	if d, err = l.SaveDraft(t.Context(), again, approver); err != nil || d.Revision != 2 || d.State != documents.Editing {
		t.Fatalf("%+v, %v", d, err)
	}
	if got := code(ask(documents.Publication{Revision: 2})); got != documents.CodeFourEyes {
		t.Errorf("after a save: %s", got)
	}
	for _, by := range []documents.Actor{author, approver} {
		if got := code(approve(by)); got != documents.CodeOwnApproval {
			t.Errorf("%s approved what both wrote: %s", by.Name, got)
		}
	}
	if err := ask(documents.Publication{Revision: 1}); !errors.Is(err, documents.ErrConflict) {
		t.Errorf("an old revision: %v", err)
	}
	if err := approve(documents.Actor{Name: "erlan"}); err != nil {
		t.Fatal(err)
	}
	if err := ask(documents.Publication{Revision: 2, Digest: documents.Digest{1}}); !errors.Is(err, documents.ErrConflict) {
		t.Errorf("another digest: %v", err)
	}
	if err := ask(documents.Publication{Revision: 2, Digest: d.Digest()}); err != nil {
		t.Fatal(err)
	}
	audit, err := l.Audit(t.Context(), 1)
	if err != nil || audit.Alone || len(audit.Approvals) != 1 || audit.Approvals[0].By != "erlan" || audit.By != "ainur" || audit.Revision != 2 {
		t.Errorf("%+v, %v", audit, err)
	}
	if got := code(ask(documents.Publication{Revision: 2})); got != documents.CodeRevisionUsed {
		t.Errorf("a second time: %s", got)
	}
}

func TestAloneIsAudited(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	publish(t, l, draft("Первый."))
	if audit, err := l.Audit(t.Context(), 1); err != nil || !audit.Alone || audit.Revision != 1 {
		t.Errorf("%+v, %v", audit, err)
	}
	second := *draft("Второй.")
	second.Revision = 1
	d, err := l.SaveDraft(t.Context(), second, documents.Actor{Name: "dana"})
	if err != nil {
		t.Fatal(err)
	}
	if d.Based != 1 {
		t.Errorf("a new draft is based on %d, want 1", d.Based)
	}
	if _, err := l.Publish(t.Context(), documents.Publication{Document: "privacy", Revision: 2, Based: 1}, staff); err != nil {
		t.Fatal(err)
	}
	if audit, err := l.Audit(t.Context(), 2); err != nil || audit.Alone {
		t.Errorf("two people: %+v, %v", audit, err)
	}
}

func TestReview(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	if _, err := l.SaveDraft(t.Context(), *draft("Первый."), staff); err != nil {
		t.Fatal(err)
	}
	step := func(want string, err error) {
		t.Helper()
		if got := code(err); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	reviewer := documents.Actor{Name: "dana"}
	step(documents.CodeState, l.Return(t.Context(), "privacy", 1, "Короче.", reviewer))
	step("<nil>", l.Submit(t.Context(), "privacy", 1, staff))
	step(documents.CodeState, l.Submit(t.Context(), "privacy", 1, staff))
	step(documents.CodeComment, l.Return(t.Context(), "privacy", 1, "", reviewer))
	step("<nil>", l.Return(t.Context(), "privacy", 1, "Короче.", reviewer))
	d, err := l.Draft(t.Context(), "privacy", 0)
	if err != nil || d.State != documents.Returned || d.Comment != "Короче." {
		t.Errorf("%+v, %v", d, err)
	}
	step(documents.CodeState, l.Approve(t.Context(), "privacy", 1, d.Digest(), reviewer))
	step("<nil>", l.Submit(t.Context(), "privacy", 1, staff))
	step("<nil>", l.Approve(t.Context(), "privacy", 1, d.Digest(), reviewer))
}

// A revision that was approved and then returned has to be approved again.
func TestReturnVoidsTheApproval(t *testing.T) {
	rules := alone()
	rules.OnePerson = false
	l := library(t, &rules)
	privacy(t, l)
	d, err := l.SaveDraft(t.Context(), *draft("Первый."), staff)
	if err != nil {
		t.Fatal(err)
	}
	reviewer := documents.Actor{Name: "dana"}
	publication := documents.Publication{Document: "privacy", Revision: 1, Based: 0}
	for _, step := range []error{
		l.Submit(t.Context(), "privacy", 1, staff),
		l.Approve(t.Context(), "privacy", 1, d.Digest(), reviewer),
		l.Return(t.Context(), "privacy", 1, "Ещё раз.", reviewer),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	if _, err := l.Publish(t.Context(), publication, staff); code(err) != documents.CodeFourEyes {
		t.Errorf("a returned revision: %v", err)
	}
	if err := l.Submit(t.Context(), "privacy", 1, staff); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Publish(t.Context(), publication, staff); code(err) != documents.CodeFourEyes {
		t.Errorf("a returned and submitted revision: %v", err)
	}
	if err := l.Approve(t.Context(), "privacy", 1, d.Digest(), reviewer); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Publish(t.Context(), publication, staff); err != nil {
		t.Error(err)
	}
}

func TestStaleSave(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	for revision, want := range []error{nil, nil, documents.ErrConflict} {
		d := *draft("Первый.")
		d.Revision = min(revision, 1)
		if _, err := l.SaveDraft(t.Context(), d, staff); !errors.Is(err, want) {
			t.Errorf("save %d: got %v, want %v", revision+1, err, want)
		}
	}
	half := documents.Draft{Document: "privacy", Revision: 2, Texts: []documents.DraftText{{Lang: "ru"}}}
	if _, err := l.SaveDraft(t.Context(), half, staff); err != nil {
		t.Errorf("half a draft: %v", err)
	}
}
