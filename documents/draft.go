package documents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Digest is the SHA-256 of all that an approver reads: document, texts, change,
// basis and the date asked for, as JSON with the texts by language. Any save that
// changes one of these changes the digest.
func (d Draft) Digest() Digest {
	if len(d.Change.Notes) == 0 {
		d.Change.Notes = nil
	}
	b, err := json.Marshal(struct {
		Document  string
		Texts     []DraftText
		Change    Change
		Basis     Basis
		Effective string
	}{d.Document, sortTexts(d.Texts), d.Change, d.Basis, d.Effective})
	if err != nil {
		panic(err) // unreachable: nothing in it can fail to be JSON
	}
	return SHA256(b)
}

// SaveDraft stores d as revision d.Revision+1 if d.Revision is the latest. Half
// a draft may be saved; what cannot be kept at all is refused. A Based of 0 goes
// on from the revision before, or from the last version where none is open.
func (l *Library) SaveDraft(ctx context.Context, d Draft, by Actor) (Draft, error) {
	doc, err := l.Document(ctx, d.Document)
	if err != nil {
		return Draft{}, err
	}
	if err := tidyDraft(&d, doc); err != nil {
		return Draft{}, err
	}
	if d.Based, err = l.based(ctx, d); err != nil {
		return Draft{}, fmt.Errorf("save draft of %s: %w", d.Document, err)
	}
	d.Revision, d.State, d.Comment = d.Revision+1, Editing, ""
	d.SavedBy, d.SavedAt = by.Name, time.Now().UTC().Truncate(time.Microsecond)
	if err := l.Store.SaveDraft(ctx, d); err != nil {
		return Draft{}, fmt.Errorf("save draft of %s: %w", d.Document, err)
	}
	return d, nil
}

// tidyDraft brings d into the form that is stored, and refuses what no store may
// hold. Whether it can be published is not asked here.
func tidyDraft(d *Draft, doc Document) error {
	d.Texts = sortTexts(d.Texts)
	for i, t := range d.Texts {
		if _, ok := doc.Titles[t.Lang]; !ok {
			return checkLanguages(doc.Titles, d.Texts)
		}
		if i > 0 && d.Texts[i-1].Lang == t.Lang {
			return checkLanguages(doc.Titles, d.Texts)
		}
		if err := checkHalf(t.Lang, t.Source); err != nil {
			return err
		}
		if t.Title != "" {
			if err := checkTitle(t.Lang, t.Title); err != nil {
				return err
			}
		}
	}
	d.Change.Notes = maps.Clone(d.Change.Notes)
	if err := checkNotes(d.Change.Notes, slices.Collect(maps.Keys(doc.Titles)), false); err != nil {
		return err
	}
	if err := checkReason(d.Change.Reason); err != nil {
		return err
	}
	if err := checkLine("effective", d.Effective, 100); err != nil {
		return err
	}
	return checkBasis(d.Basis)
}

func (l *Library) based(ctx context.Context, d Draft) (int, error) {
	last, err := l.lastVersion(ctx, d.Document)
	if err != nil || d.Based > 0 {
		return min(d.Based, last), err
	}
	if d.Revision == 0 {
		return last, nil
	}
	used, err := l.usedRevision(ctx, d.Document, last)
	if err != nil || used >= d.Revision {
		return last, err
	}
	before, err := l.Store.Draft(ctx, d.Document, d.Revision)
	if errors.Is(err, ErrNotFound) {
		return last, nil
	}
	return before.Based, err
}

// lastVersion is the number of the last version, 0 if there is none.
func (l *Library) lastVersion(ctx context.Context, document string) (int, error) {
	all, err := l.Versions(ctx, document)
	return len(all), err
}

// usedRevision is the revision that the last version was published from, 0 if
// none is known.
func (l *Library) usedRevision(ctx context.Context, document string, number int) (int, error) {
	if number == 0 {
		return 0, nil
	}
	some, err := l.Store.Versions(ctx, document, number-1, 1)
	if err != nil || len(some) == 0 || some[0].Imported {
		return 0, err
	}
	a, err := l.Store.Audit(ctx, some[0].Seq)
	return a.Revision, err
}

// Draft returns a revision, or the latest if revision is 0.
func (l *Library) Draft(ctx context.Context, document string, revision int) (Draft, error) {
	d, err := l.Store.Draft(ctx, document, revision)
	if err != nil {
		return d, fmt.Errorf("draft of %s: %w", document, err)
	}
	return d, nil
}

// Drafts lists up to limit revisions before the given one (0: from the latest),
// newest first, without the sources.
func (l *Library) Drafts(ctx context.Context, document string, before, limit int) ([]Draft, error) {
	return l.Store.Drafts(ctx, document, before, limit)
}

// Submit asks for review of the latest revision.
func (l *Library) Submit(ctx context.Context, document string, revision int, by Actor) error {
	return l.move(ctx, document, revision, InReview, "", Editing, Returned)
}

// Return sends a revision back to its author with a comment.
func (l *Library) Return(ctx context.Context, document string, revision int, comment string, by Actor) error {
	if comment == "" {
		return Invalid("comment", CodeComment, "Say in the comment what the author should change.")
	}
	if err := checkReason(comment); err != nil {
		return err
	}
	return l.move(ctx, document, revision, Returned, comment, InReview, Approved, Scheduled)
}

func (l *Library) move(ctx context.Context, document string, revision int, to State, comment string, from ...State) error {
	d, err := l.Draft(ctx, document, revision)
	if err != nil {
		return err
	}
	if !slices.Contains(from, d.State) {
		return refuseState(d)
	}
	if err := l.Store.SetState(ctx, document, d.Revision, d.State, to, comment); err != nil {
		return fmt.Errorf("draft of %s: %w", document, err)
	}
	return nil
}

func refuseState(d Draft) error {
	return Invalid("revision", CodeState, "This revision is in state %q, where that cannot be done: load the page again and see what happened to it.", d.State)
}

// Approve says that by read the revision with exactly this digest. Unless one
// person may act alone, its author cannot approve it.
func (l *Library) Approve(ctx context.Context, document string, revision int, digest Digest, by Actor) error {
	d, err := l.Draft(ctx, document, revision)
	if err != nil {
		return err
	}
	if d.Digest() != digest {
		return fmt.Errorf("approve revision %d of %s: %w", revision, document, ErrConflict)
	}
	if d.State == Returned {
		return refuseState(d)
	}
	rules, err := l.Rules(ctx)
	if err != nil {
		return err
	}
	authors, err := l.authors(ctx, d)
	if err != nil {
		return err
	}
	if !rules.OnePerson && slices.Contains(authors, by.Name) {
		return Invalid("revision", CodeOwnApproval, "You wrote this revision: somebody else has to approve it.")
	}
	a := Approval{Document: document, Revision: d.Revision, Digest: digest, By: by.Name, At: time.Now().UTC().Truncate(time.Microsecond)}
	if err := l.Store.Approve(ctx, a); err != nil {
		return fmt.Errorf("approve revision %d of %s: %w", revision, document, err)
	}
	return nil
}

// authors are who saved d. A save that changed nothing does not take the
// authorship from whoever wrote it.
func (l *Library) authors(ctx context.Context, d Draft) ([]string, error) {
	out, digest := []string{d.SavedBy}, d.Digest()
	for n := d.Revision - 1; n > 0; n-- {
		before, err := l.Store.Draft(ctx, d.Document, n)
		if errors.Is(err, ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		if before.Digest() != digest {
			break
		}
		out = append(out, before.SavedBy)
	}
	return out, nil
}

// Approvals lists those of a revision, oldest first.
func (l *Library) Approvals(ctx context.Context, document string, revision int) ([]Approval, error) {
	return l.Store.Approvals(ctx, document, revision)
}
