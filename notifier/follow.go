package notifier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vestnik/documents"
)

const followBatch = 100 // events read at once

// now is the clock with the precision that a store keeps.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// follow takes in the next events of the log and reports whether there were any.
// It is documents.ErrConflict where another node took one in meanwhile.
// Each event is one transaction, so that a notice is as public as its event.
func (n *Notifier) follow(ctx context.Context) (bool, error) {
	cursor, err := n.Store.Cursor(ctx)
	if err != nil {
		return false, fmt.Errorf("follow: %w", err)
	}
	events, err := n.Library.Events(ctx, "", cursor, followBatch)
	if err != nil {
		return false, fmt.Errorf("follow after %d: %w", cursor, err)
	}
	if len(events) == 0 {
		return false, nil
	}
	cleared, err := n.Store.Mark(ctx, markCleared)
	if err != nil || cleared == events[0].Origin {
		return false, err
	}
	for _, e := range events {
		f, err := n.understand(ctx, e)
		if err == nil {
			f.From, f.To = cursor, e.Seq
			err = n.Store.Follow(ctx, f)
		}
		if errors.Is(err, documents.ErrConflict) {
			return false, err // another node was faster, or a notice changed: look again
		}
		if err != nil {
			return false, fmt.Errorf("follow event %d: %w", e.Seq, err)
		}
		cursor = e.Seq
	}
	return true, nil
}

// understand says what an event means for notices. Most mean nothing, and so
// does every kind that is not known here.
func (n *Notifier) understand(ctx context.Context, e documents.Event) (f Followed, err error) {
	switch e.Kind {
	case documents.Published, documents.Reclassified:
		if e.Class != documents.Notice && e.Class != documents.Consent || e.Version == 1 {
			return f, nil
		}
		var notice *Notice
		if notice, err = n.announce(ctx, e); notice != nil {
			f.Notices = []Notice{*notice}
		}
	case documents.Postponed:
		f.Notices, err = n.amend(ctx, e, func(x *Notice) {
			x.Effective = e.Effective.Instant
			if x.Effective.After(x.Audience.Before) {
				x.Audience.Before = x.Effective
				x.Counted, x.CountedAll = 0, false // who registered meanwhile joins
			}
		})
	case documents.Withdrawn:
		f.Notices, err = n.amend(ctx, e, func(x *Notice) {
			if x.State != Finished {
				x.State, x.Why = Cancelled, whyWithdrawn
			}
		})
	case documents.Restored:
		f.Marks = map[string]string{markHeld: heldRestored}
	}
	return f, err
}

// announce makes the notice of an event, or nil where there is nobody to tell
// or they are being told already.
func (n *Notifier) announce(ctx context.Context, e documents.Event) (*Notice, error) {
	earlier, err := n.noticesOf(ctx, e.Document, e.Version)
	if err != nil {
		return nil, err
	}
	for _, x := range earlier {
		if x.State != Cancelled {
			return nil, nil
		}
	}
	line, err := n.Library.Timeline(ctx, e.Document, time.Time{})
	if err != nil {
		return nil, err
	}
	version, ok := line.Standing(e.Version)
	if !ok || version.Imported {
		return nil, nil
	}
	doc, err := n.Library.Document(ctx, e.Document)
	if err != nil {
		return nil, err
	}
	set, err := n.Settings(ctx)
	if err != nil {
		return nil, err
	}
	notice := &Notice{
		Seq: e.Seq, Document: e.Document, Version: e.Version, State: Holding, Published: e.Time,
		SendAfter: e.Time.Add(set.Hold), Effective: version.Effective.Instant, Revision: 1,
		Audience: Audience{Groups: doc.Groups, Before: later(e.Time, version.Effective.Instant), Predecessor: predecessor(line, e)},
	}
	if version.Withdrawn {
		notice.State, notice.Why = Cancelled, whyWithdrawn
	}
	return notice, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// predecessor is the version that was in force when e appeared, or else the one
// before.
func predecessor(line documents.Timeline, e documents.Event) int {
	if s, ok := line.InForce(e.Time); ok && s.Number < e.Version {
		return s.Number
	}
	return e.Version - 1
}

// amend changes the notices of the event's version.
func (n *Notifier) amend(ctx context.Context, e documents.Event, change func(*Notice)) ([]Notice, error) {
	all, err := n.noticesOf(ctx, e.Document, e.Version)
	for i := range all {
		change(&all[i])
		all[i].Revision++
	}
	return all, err
}

// noticesOf lists the notices of one version.
func (n *Notifier) noticesOf(ctx context.Context, document string, version int) ([]Notice, error) {
	all, err := n.notices(ctx)
	var out []Notice
	for _, x := range all {
		if x.Document == document && x.Version == version {
			out = append(out, x)
		}
	}
	return out, err
}

// notices lists all, newest first, as they are stored. There are a few a year.
func (n *Notifier) notices(ctx context.Context) ([]Notice, error) {
	var out []Notice
	for before := documents.Seq(0); ; {
		page, err := n.Store.Notices(ctx, before, followBatch)
		if err != nil {
			return nil, fmt.Errorf("notices: %w", err)
		}
		out = append(out, page...)
		if len(page) < followBatch {
			return out, nil
		}
		before = page[len(page)-1].Seq
	}
}

// Notices lists all, newest first.
func (n *Notifier) Notices(ctx context.Context) ([]Notice, error) {
	all, err := n.notices(ctx)
	for i := range all {
		n.explain(ctx, &all[i])
	}
	return all, err
}

// Notice returns the notice of an event.
func (n *Notifier) Notice(ctx context.Context, seq documents.Seq) (Notice, error) {
	x, err := n.Store.Notice(ctx, seq)
	n.explain(ctx, &x)
	return x, err
}

// explain puts a sentence in the place of a key.
func (n *Notifier) explain(ctx context.Context, x *Notice) {
	x.WhyKey, x.Why = x.Why, n.sentence(ctx, x.Why)
}

// sentence says key in the organisation's first language.
func (n *Notifier) sentence(ctx context.Context, key string) string {
	if key == "" {
		return ""
	}
	tag := ""
	if set, err := n.Settings(ctx); err == nil && len(set.Languages) > 0 {
		tag = set.Languages[0]
	}
	return n.Words(tag).T(key)
}
