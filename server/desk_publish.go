package server

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"vestnik/documents"
)

// reviewActs are the buttons that this person may press now, and only those.
func (v *shift) reviewActs(m manuscript, proposal documents.Proposal, due int64) (acts []act, waits []string) {
	hidden := []link{{Text: "revision", Value: fmt.Sprint(m.draft.Revision)}, {Text: "digest", Value: m.draft.Digest().String()}}
	form := func(name, class string, fields ...field) {
		acts = append(acts, act{ID: "act-" + name, Title: v.w.T("act-" + name), Hint: v.w.T("act-" + name + "-hint"), Submit: v.w.T("act-" + name),
			Action: v.base() + m.path() + "/" + name, Class: class, Hidden: hidden, Fields: fields})
	}
	alone := v.settings.OnePerson
	state, mine := m.draft.State, m.draft.SavedBy == v.by.Name
	if may(v.by, "author") && !alone && (state == documents.Editing || state == documents.Returned) {
		form("submit", "")
	}
	if may(v.by, "approver") && !mine && !alone && state == documents.InReview {
		form("approve", "")
	}
	if may(v.by, "approver") && !alone && (state == documents.InReview || state == documents.Approved) {
		form("return", "quiet", field{ID: "comment", Name: "comment", Kind: "slot", Label: v.w.T("comment")})
	}
	switch {
	case proposal.Refused != nil: // the page says why, and where to mend it
	case may(v.by, "publisher") && (alone || state == documents.Approved):
		fields := []field{{ID: "sure", Name: "sure", Kind: "checkbox", Label: v.w.T("publish-sure")}}
		if due > manyPeople {
			fields = append(fields, field{ID: "recipients", Name: "recipients", Label: v.w.T("publish-number"), Hint: v.w.T("publish-number-hint", "n", number(v.w, due)), Short: true, Digits: true})
		}
		form("publish", "", fields...)
	case !alone && state == documents.InReview && mine:
		waits = append(waits, v.w.T("waits-approval"))
	}
	return acts, waits
}

// seen is the revision and digest that the person who acts was looking at.
func (v *shift) seen() (int, documents.Digest, error) {
	revision, err := strconv.Atoi(v.line("revision"))
	if err != nil {
		return 0, documents.Digest{}, fmt.Errorf("revision: %w", documents.ErrConflict)
	}
	digest, err := documents.ParseDigest(v.line("digest"))
	if err != nil {
		return 0, digest, fmt.Errorf("digest: %w", documents.ErrConflict)
	}
	return revision, digest, nil
}

func (d desk) submit(v *shift) error {
	return v.move("submit", func(document string, revision int, _ documents.Digest) error {
		return d.Library.Submit(v.ctx, document, revision, v.by)
	})
}

func (d desk) approve(v *shift) error {
	return v.move("approve", func(document string, revision int, digest documents.Digest) error {
		return d.Library.Approve(v.ctx, document, revision, digest, v.by)
	})
}

func (d desk) giveBack(v *shift) error {
	return v.move("return", func(document string, revision int, _ documents.Digest) error {
		return d.Library.Return(v.ctx, document, revision, strings.TrimSpace(v.text("comment")), v.by)
	})
}

func (v *shift) move(name string, do func(string, int, documents.Digest) error) error {
	document := v.r.PathValue("document")
	revision, digest, err := v.seen()
	if err == nil {
		err = do(document, revision, digest)
	}
	if err != nil {
		return v.reviewRefused(err)
	}
	if err := v.audit(v.ctx, v.by, "draft."+name, document, "revision", fmt.Sprint(revision)); err != nil {
		return err
	}
	return v.to("/desk/documents/" + document)
}

// reviewRefused shows the review again with what went wrong.
func (v *shift) reviewRefused(err error) error {
	p, buildErr := v.review()
	if notFound(buildErr) {
		return v.closedDraft(err)
	}
	if buildErr != nil {
		return errors.Join(err, buildErr)
	}
	var fields []*field
	for i := range p.Acts {
		for j := range p.Acts[i].Fields {
			f := &p.Acts[i].Fields[j]
			f.Value = v.line(f.Name)
			fields = append(fields, f)
		}
	}
	if !v.refused(&p.page, err, fields...) {
		return err
	}
	return v.showFramed(status(err), "desk-review.html", p)
}

// closedDraft says on the document's page what went wrong with a draft that has
// become a version meanwhile.
func (v *shift) closedDraft(err error) error {
	p, buildErr := v.documentPage()
	if buildErr != nil {
		return buildErr
	}
	if !v.refused(&p.page, err) {
		return err
	}
	return v.showAs(status(err), "desk-document.html", p)
}

func (d desk) publishDraft(v *shift) error {
	document := v.r.PathValue("document")
	revision, digest, err := v.seen()
	if err != nil {
		return v.reviewRefused(err)
	}
	if v.line("sure") == "" {
		return v.reviewRefused(documents.Invalid("sure", "publish-sure", "Tick the box to say that you have read what you publish."))
	}
	draft, err := d.Library.Draft(v.ctx, document, revision)
	if err != nil {
		return untouched(err)
	}
	var recipients *int64
	if n, err := strconv.ParseInt(strings.Map(digits, v.line("recipients")), 10, 64); err == nil {
		recipients = &n
	}
	e, err := d.publish(v.ctx, documents.Publication{Document: document, Revision: revision, Digest: digest, Based: draft.Based}, recipients, v.by)
	if err != nil {
		return v.reviewRefused(err)
	}
	return v.to(fmt.Sprintf("/desk/documents/%s?published=%d", document, e.Version))
}

// digits drops what people put between digits.
func digits(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}
