package documents

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// amend appends an event about a version that exists. decide looks at the version
// as it stands and fills in the event, or refuses.
func (l *Library) amend(ctx context.Context, document string, number int, kind Kind, by Actor, decide func(scene, Standing, *Event) error) (Event, error) {
	for attempt := 1; ; attempt++ {
		e, err := l.amendOnce(ctx, document, number, kind, by, decide)
		if errors.Is(err, errRaced) && attempt < 5 {
			continue
		}
		if err != nil {
			return Event{}, fmt.Errorf("%s %s: %w", kind, in(document, number), err)
		}
		return e, nil
	}
}

func (l *Library) amendOnce(ctx context.Context, document string, number int, kind Kind, by Actor, decide func(scene, Standing, *Event) error) (Event, error) {
	s, err := l.scene(ctx, document)
	if err != nil {
		return Event{}, err
	}
	v, ok := s.timeline.Standing(number)
	if !ok {
		return Event{}, ErrNotFound
	}
	e := Event{Kind: kind, Document: document, Version: number}
	if v.Withdrawn {
		return e, Invalid("version", CodeWithdrawn, "Version %d was withdrawn: nothing more can be said of it.", number)
	}
	if err := decide(s, v, &e); err != nil {
		return e, err
	}
	if err := checkReason(e.ReasonText); err != nil {
		return e, err
	}
	return l.append(ctx, s, Entry{Event: e}, "", Digest{}, PublicationAudit{By: by.Name})
}

// Correct replaces the notes of a version, by an event. Languages that are not
// named keep theirs.
func (l *Library) Correct(ctx context.Context, document string, number int, notes map[string]Note, by Actor) (Event, error) {
	return l.amend(ctx, document, number, Corrected, by, func(s scene, v Standing, e *Event) error {
		right := maps.Clone(v.Notes)
		if right == nil {
			right = map[string]Note{}
		}
		maps.Copy(right, notes)
		if err := checkNotes(right, slices.Sorted(maps.Keys(v.Titles)), v.Class == Notice || v.Class == Consent && !v.Imported); err != nil {
			return err
		}
		e.Notes = map[string]Note{}
		for tag := range notes {
			if right[tag] != v.Notes[tag] {
				e.Notes[tag] = right[tag]
			}
		}
		if len(e.Notes) == 0 {
			return Invalid("note", CodeNoteSame, "The note says this already: change it, or leave it.")
		}
		return nil
	})
}

// Reclassify replaces class and reason. What becomes material needs the notes
// first, because they are what users are told.
func (l *Library) Reclassify(ctx context.Context, document string, number int, class Class, reason string, by Actor) (Event, error) {
	return l.amend(ctx, document, number, Reclassified, by, func(s scene, v Standing, e *Event) error {
		if err := checkClass(class); err != nil {
			return err
		}
		if class == v.Class {
			return Invalid("class", CodeClassSame, "The version is of class %s already.", class)
		}
		if strings.TrimSpace(reason) == "" {
			return Invalid("reason", CodeReason, "Say publicly why the class changes.")
		}
		if class == Notice && !v.Imported {
			if err := checkNotes(maps.Clone(v.Notes), slices.Sorted(maps.Keys(v.Titles)), true); err != nil {
				return err
			}
			if number > 1 && !s.rules.CanTell && !s.rules.Rehearsal {
				return cannotTell()
			}
		}
		e.Class, e.ReasonText = class, reason
		return nil
	})
}

// Postpone moves the date of an upcoming version further off, but not past that
// of a later version.
func (l *Library) Postpone(ctx context.Context, document string, number int, effective, reason string, by Actor) (Event, error) {
	return l.amend(ctx, document, number, Postponed, by, func(s scene, v Standing, e *Event) error {
		if err := s.mustBeUpcoming(v); err != nil {
			return err
		}
		at, err := parseEffective(effective, s.rules.Zone)
		if err != nil {
			return err
		}
		if !at.Instant.After(v.Effective.Instant) {
			return Invalid("effective", CodeNotLater, "The version takes effect on %s: give a later date.", v.Effective.Date)
		}
		for _, u := range s.timeline.Upcoming(s.now) {
			if u.Number > number && u.Effective.Instant.Before(at.Instant) {
				return Invalid("effective", CodePostponeNext, "Version %d would then take effect first: postpone that one before.", u.Number)
			}
		}
		e.Effective, e.ReasonText = at, reason
		return nil
	})
}

// Withdraw takes back an upcoming version.
func (l *Library) Withdraw(ctx context.Context, document string, number int, reason string, by Actor) (Event, error) {
	return l.amend(ctx, document, number, Withdrawn, by, func(s scene, v Standing, e *Event) error {
		if err := s.mustBeUpcoming(v); err != nil {
			return err
		}
		if strings.TrimSpace(reason) == "" {
			return Invalid("reason", CodeReason, "Say publicly why the version is withdrawn.")
		}
		e.ReasonText = reason
		return nil
	})
}

func (s scene) mustBeUpcoming(v Standing) error {
	if v.Effective.Instant.After(s.now) {
		return nil
	}
	return Invalid("version", CodeNotUpcoming, "Version %d has taken effect: publish a new version instead.", v.Number)
}

// Close appends the closing figures of a notice; a second call with the same
// notice returns the first event.
func (l *Library) Close(ctx context.Context, notice Seq, figures string, ledgerRoot Digest) (Event, error) {
	about, err := l.Event(ctx, notice)
	if err != nil {
		return Event{}, err
	}
	if _, bad := forbidden(figures, ""); bad || figures == "" {
		return Event{}, Invalid("figures", CodeFigures, "The figures of a notice are one line.")
	}
	e := Event{Kind: Closed, Document: about.Document, Version: about.Version, Notice: notice, Figures: figures, LedgerRoot: ledgerRoot}
	key := fmt.Sprintf("close/%d", notice)
	events, err := l.store(ctx, Batch{Entries: []Entry{{Event: e}}, Expect: -1, Key: key, Request: SHA256([]byte(key))})
	if err != nil {
		return Event{}, fmt.Errorf("close notice %d: %w", notice, err)
	}
	return firstOf(events), nil
}

// Restore says publicly that the log went back and goes on.
func (l *Library) Restore(ctx context.Context, lostFirst, lostLast Seq, reason string, by Actor) (Event, error) {
	if lostFirst < 1 || lostLast < lostFirst {
		return Event{}, Invalid("lost", CodeLost, "Name the first and the last event that were lost.")
	}
	if strings.TrimSpace(reason) == "" {
		return Event{}, Invalid("reason", CodeReason, "Say publicly why the log goes on without these events.")
	}
	if err := checkReason(reason); err != nil {
		return Event{}, err
	}
	e := Event{Kind: Restored, LostFirst: lostFirst, LostLast: lostLast, ReasonText: reason}
	events, err := l.store(ctx, Batch{Entries: []Entry{{Event: e}}, Expect: -1, Audit: PublicationAudit{By: by.Name}})
	if err != nil {
		return Event{}, fmt.Errorf("restored: %w", err)
	}
	return firstOf(events), nil
}

// Reopen ends a rehearsal: a new log under origin that holds the imported
// history alone, appended anew from 1. Versions published in rehearsal are gone.
// An imported version without a date takes effect when it is appended anew.
func (l *Library) Reopen(ctx context.Context, origin string, by Actor) ([]Event, error) {
	if _, bad := forbidden(origin, ""); bad || strings.TrimSpace(origin) != origin || origin == "" {
		return nil, Invalid("origin", CodeOrigin, "The origin of a log is one line without space around it.")
	}
	batch := Batch{Expect: -1, Audit: PublicationAudit{By: by.Name}}
	for after := Seq(0); ; {
		events, err := l.Events(ctx, "", after, page)
		if err != nil {
			return nil, err
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			after = e.Seq
			if e.Kind != Imported {
				continue
			}
			v, err := l.Version(ctx, e.Document, e.Version)
			if err != nil {
				return nil, err
			}
			if v.Effective.Date == "" {
				v.Effective.Instant = time.Time{}
			}
			batch.Entries = append(batch.Entries, Entry{Event: Event{Origin: origin, Kind: Imported}, Version: &v})
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	events, err := l.Store.Restart(ctx, batch)
	if err != nil {
		return nil, fmt.Errorf("reopen: %w", err)
	}
	l.origin = origin
	return events, nil
}
