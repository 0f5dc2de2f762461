package documents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Publication asks for a version of what the texts say. Revision and Digest name
// a saved and approved draft; where one person may act alone the texts may
// be given instead, and are saved, approved and published in one act.
type Publication struct {
	Document  string
	Revision  int // 0: the latest
	Digest    Digest
	Draft     *Draft // in one act
	Based     int    // the version that the publisher saw as the last one; -1: whichever it is
	Estimated time.Duration
	Key       string
	Request   Digest
}

// mustSayWhy refuses to call editorial what users care about, without a public
// reason. The second person that this takes as well is asked for by allowed, of
// every version, unless one person may act alone.
func mustSayWhy(e edition, last *edition) error {
	if last == nil || e.Change.Class != Editorial || strings.TrimSpace(e.Change.Reason) != "" {
		return nil
	}
	for _, t := range touches(e.redlines(*last)) {
		return Invalid("reason", CodeReasonTouches, "The change touches %s (clause %s): say publicly why users need not know of it, or choose class notice.", t.Topic, t.Clause)
	}
	return nil
}

// checkChange refuses what must not be said of a version.
func (s scene) checkChange(v *Version) error {
	if err := checkClass(v.Change.Class); err != nil {
		return err
	}
	if err := checkNotes(v.Change.Notes, v.Languages(), v.Change.Class != Editorial); err != nil {
		return err
	}
	if err := checkReason(v.Change.Reason); err != nil {
		return err
	}
	if v.Change.Urgent && v.Change.Reason == "" {
		return Invalid("reason", CodeReasonUrgent, "An urgent change needs a public reason: give one.")
	}
	if v.Change.Class != Editorial && !s.first() && !s.rules.CanTell && !s.rules.Rehearsal {
		return cannotTell()
	}
	return checkBasis(v.Basis)
}

func cannotTell() error {
	return Invalid("class", CodeCannotTell, "Mail has nowhere to go, so nobody could be told: set up the relay with -smtp, then publish.")
}

// Publish makes the version. It may be repeated with the same Key.
func (l *Library) Publish(ctx context.Context, p Publication, by Actor) (Event, error) {
	if was, ok, err := l.replay(ctx, p.Key, p.Request); err != nil || ok {
		return firstOf(was), err
	}
	var d *Draft // saved by an earlier round
	for attempt := 1; ; attempt++ {
		e, err := l.publish(ctx, p, &d, by)
		// Another event of the document came between, perhaps the closing of a
		// notice. If it was a version, and Based names one, the next round says so.
		if errors.Is(err, errRaced) && attempt < 5 {
			continue
		}
		if err != nil {
			return Event{}, fmt.Errorf("publish %s: %w", p.Document, err)
		}
		return e, nil
	}
}

// errRaced is the conflict of an append, which may be tried again from the start.
var errRaced = fmt.Errorf("the log grew meanwhile: %w", ErrConflict)

func firstOf(events []Event) Event {
	if len(events) == 0 {
		return Event{}
	}
	return events[0]
}

func (l *Library) publish(ctx context.Context, p Publication, saved **Draft, by Actor) (Event, error) {
	s, err := l.scene(ctx, p.Document)
	if err != nil {
		return Event{}, err
	}
	if p.Based >= 0 && p.Based != s.next()-1 {
		return Event{}, fmt.Errorf("version %d is the last, not %d: %w", s.next()-1, p.Based, ErrConflict)
	}
	d, err := l.chosen(ctx, s, p, *saved)
	if err != nil {
		return Event{}, err
	}
	v, err := s.version(d)
	if err != nil {
		return Event{}, err
	}
	if err := s.checkChange(&v); err != nil {
		return Event{}, err
	}
	if v.Effective, err = s.effective(d, p.Estimated); err != nil {
		return Event{}, err
	}
	e, last, _, err := l.mint(ctx, s, &v)
	if err != nil {
		return Event{}, err
	}
	if err := mustSayWhy(e, last); err != nil {
		return Event{}, err
	}
	if p.Draft != nil && *saved == nil {
		if d, err = l.saveWhole(ctx, d, by); err != nil {
			return Event{}, err
		}
		*saved = &d
	}
	audit, err := l.allowed(ctx, s, d, v, by)
	if err != nil {
		return Event{}, err
	}
	return l.append(ctx, s, Entry{Event: Event{Kind: Published}, Version: &v}, outsideKey(p.Key), p.Request, audit)
}

// saveWhole keeps what is published in one act as the latest revision.
func (l *Library) saveWhole(ctx context.Context, d Draft, by Actor) (Draft, error) {
	latest, err := l.Store.Draft(ctx, d.Document, 0)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return d, err
	}
	d.Revision = latest.Revision
	return l.SaveDraft(ctx, d, by)
}

// chosen returns the draft that is to be published.
func (l *Library) chosen(ctx context.Context, s scene, p Publication, saved *Draft) (Draft, error) {
	switch {
	case saved != nil:
		return *saved, nil
	case p.Draft != nil && !s.rules.OnePerson:
		return Draft{}, Invalid("revision", CodeFourEyes, "Two people have to stand behind a version: save a draft, have somebody else approve it, then publish that revision.")
	case p.Draft != nil:
		d := *p.Draft
		d.Document = s.doc.ID
		return d, tidyDraft(&d, s.doc)
	}
	d, err := l.Store.Draft(ctx, s.doc.ID, 0)
	if errors.Is(err, ErrNotFound) {
		return d, Invalid("revision", CodeNoDraft, "There is no draft yet: save one, then publish it.")
	}
	if err != nil {
		return d, err
	}
	if p.Revision != 0 && p.Revision != d.Revision || !p.Digest.IsZero() && p.Digest != d.Digest() {
		return d, fmt.Errorf("revision %d is the latest: %w", d.Revision, ErrConflict)
	}
	used, err := l.usedRevision(ctx, s.doc.ID, s.next()-1)
	if err == nil && used >= d.Revision {
		err = Invalid("revision", CodeRevisionUsed, "This revision is version %d already: save a new one to publish again.", s.next()-1)
	}
	return d, err
}

// allowed applies the rule of four eyes, and says for the audit who stood behind
// the version.
func (l *Library) allowed(ctx context.Context, s scene, d Draft, v Version, by Actor) (PublicationAudit, error) {
	audit := PublicationAudit{By: by.Name, Revision: d.Revision}
	given, err := l.Approvals(ctx, d.Document, d.Revision)
	if err != nil {
		return audit, err
	}
	authors, err := l.authors(ctx, d)
	if err != nil {
		return audit, err
	}
	digest, people, independent := d.Digest(), append(authors, by.Name), false
	for _, a := range given {
		// Approvals of a revision that was returned since wait for a new one.
		if a.Digest == digest && (d.State == Approved || d.State == Scheduled) {
			audit.Approvals, people = append(audit.Approvals, a), append(people, a.By)
			independent = independent || !slices.Contains(authors, a.By)
		}
	}
	audit.Alone = !slices.ContainsFunc(people, func(name string) bool { return name != by.Name })
	if !s.rules.OnePerson && !independent {
		return audit, Invalid("revision", CodeFourEyes, "Two people have to stand behind a version: somebody other than its author has to approve this revision first.")
	}
	return audit, nil
}

// append stores one entry and tells a lost race from other conflicts.
func (l *Library) append(ctx context.Context, s scene, entry Entry, key string, request Digest, audit PublicationAudit) (Event, error) {
	events, err := l.store(ctx, Batch{Entries: []Entry{entry}, Expect: s.seen, Key: key, Request: request, Audit: audit})
	if errors.Is(err, ErrConflict) {
		err = errRaced
	}
	return firstOf(events), err
}
