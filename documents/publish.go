package documents

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
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

// Proposal is what publishing a draft would make, before it is made.
type Proposal struct {
	Version  Version // with its clause maps
	Doubts   []Doubt
	Dropped  map[string][]markdown.Dropped // by language
	Redlines map[string]*redline.Redline   // by language, against the last version; nil for the first
	Touches  []Touch                       // topics that make an editorial change need a public reason
	Digest   Digest
}

// scene is what a decision about a document rests on. seen is read before
// everything else, so whatever came in between makes the append a conflict.
type scene struct {
	doc      Document
	rules    Rules
	seen     Seq
	timeline Timeline
	last     *Version // with texts; nil before the first
	now      time.Time
}

func (l *Library) scene(ctx context.Context, document string) (s scene, err error) {
	if s.seen, err = l.Last(ctx, document); err != nil {
		return s, err
	}
	if s.doc, err = l.Document(ctx, document); err != nil {
		return s, err
	}
	if s.rules, err = l.Rules(ctx); err != nil {
		return s, fmt.Errorf("rules: %w", err)
	}
	if s.timeline, err = l.Timeline(ctx, document, time.Time{}); err != nil {
		return s, err
	}
	s.now = time.Now().UTC().Truncate(time.Microsecond)
	if n := len(s.timeline.Versions); n > 0 {
		v, err := l.Version(ctx, document, n)
		if err != nil {
			return s, err
		}
		s.last = &v
	}
	return s, nil
}

// first tells whether the next version makes no notice because there is none
// before it.
func (s scene) first() bool { return s.last == nil }

func (s scene) next() int { return len(s.timeline.Versions) + 1 }

// Propose shows what publishing d would make, and refuses what Publish would
// refuse of its texts.
func (l *Library) Propose(ctx context.Context, d Draft) (Proposal, error) {
	s, err := l.scene(ctx, d.Document)
	if err != nil {
		return Proposal{}, err
	}
	v, err := s.version(d)
	if err != nil {
		return Proposal{}, err
	}
	// A date that Publish would refuse is the business of Publish.
	v.Effective, _ = s.effective(d, 0)
	if v.Effective.Instant.IsZero() {
		v.Effective.Instant, v.Effective.Date = s.now, localDate(s.now, s.rules.Zone)
	}
	e, last, doubts, err := l.mint(ctx, s, &v)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{Version: v, Doubts: doubts, Dropped: map[string][]markdown.Dropped{}, Digest: d.Digest()}
	for tag, text := range e.parsed {
		_, p.Dropped[tag] = text.HTML(markdown.Options{Lang: tag})
	}
	if last != nil {
		p.Redlines = e.redlines(*last)
		p.Touches = touches(p.Redlines)
	}
	return p, nil
}

// mint gives v its clause maps, and returns both editions for those who go on
// comparing.
func (l *Library) mint(ctx context.Context, s scene, v *Version) (e edition, last *edition, doubts []Doubt, err error) {
	if e, err = newEdition(v); err != nil {
		return e, nil, nil, err
	}
	if s.last != nil {
		old, err := newEdition(s.last)
		if err != nil {
			return e, nil, nil, err
		}
		last = &old
	}
	taken, err := l.names(ctx, v.Document, v.Number-1)
	if err != nil {
		return e, nil, nil, err
	}
	return e, last, e.mint(last, taken), nil
}

func (e edition) redlines(last edition) map[string]*redline.Redline {
	out := map[string]*redline.Redline{}
	for tag, text := range e.parsed {
		if old := last.parsed[tag]; old != nil {
			out[tag] = redline.Compare(old, text)
		}
	}
	return out
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

// version makes the version that d would become: no clause maps, no date yet.
func (s scene) version(d Draft) (Version, error) {
	texts := sortTexts(d.Texts)
	if err := checkLanguages(s.doc.Titles, texts); err != nil {
		return Version{}, err
	}
	v := Version{Document: s.doc.ID, Number: s.next(), Prevailing: s.doc.Prevailing, Change: d.Change, Basis: d.Basis}
	v.Change.Notes = maps.Clone(d.Change.Notes)
	for _, t := range texts {
		text, err := newText(t, s.doc.Titles[t.Lang])
		if err != nil {
			return Version{}, err
		}
		v.Texts = append(v.Texts, text)
	}
	return v, nil
}

// newText checks t and gives it its title: the one named, else its own, else the
// document's.
func newText(t DraftText, otherwise string) (Text, error) {
	if err := checkSource(t.Lang, t.Source); err != nil {
		return Text{}, err
	}
	title := t.Title
	if title == "" {
		title = ownTitle(t.Source, otherwise)
	}
	return Text{Lang: t.Lang, Title: title, Source: t.Source}, checkTitle(t.Lang, title)
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
		if a.Digest == digest && d.State != Returned {
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

// ownTitle is the title that a source bears, unless it has none that can be shown
// on one line.
func ownTitle(source, otherwise string) string {
	t, err := markdown.Parse([]byte(source))
	if err != nil {
		return otherwise
	}
	title := strings.Join(strings.Fields(t.Title), " ")
	if title == "" || utf8.RuneCountInString(title) > maxTitle {
		return otherwise
	}
	return title
}
