package documents

import (
	"maps"
	"slices"
	"time"
)

// Standing is a version as the events known so far leave it.
type Standing struct {
	Number      int
	Seq         Seq // of the event that brought it
	Published   time.Time
	Effective   Effective // as postponed
	Class       Class     // as reclassified; "" for an imported version whose class was not stated
	Urgent      bool
	Imported    bool
	Withdrawn   bool
	WithdrawnAt time.Time
	Withheld    bool
	Titles      map[string]string
	Notes       map[string]Note // as corrected
	ReasonText  string
	Stated      string
}

// Timeline is the fold of the events of one document that are known at an
// instant.
type Timeline struct {
	Document string
	Known    time.Time
	Versions []Standing // by Number
	Events   []Event
}

// Fold makes the timeline of a document from its events in order. Those after
// known are left out; kinds that it does not know change nothing.
func Fold(document string, events []Event, known time.Time) Timeline {
	t := Timeline{Document: document, Known: known}
	for _, e := range events {
		if e.Time.After(known) {
			break
		}
		t.Events = append(t.Events, e)
		t.take(e)
	}
	return t
}

func (t *Timeline) take(e Event) {
	if e.Kind == Published || e.Kind == Imported {
		t.Versions = append(t.Versions, Standing{
			Number: e.Version, Seq: e.Seq, Published: e.Time, Effective: e.Effective, Class: e.Class, Urgent: e.Urgent,
			Imported: e.Kind == Imported, Titles: e.Titles, Notes: maps.Clone(e.Notes), ReasonText: e.ReasonText,
		})
		return
	}
	i := t.at(e.Version)
	if i < 0 {
		return
	}
	s := &t.Versions[i]
	switch e.Kind {
	case Corrected:
		right := map[string]Note{} // others still read the old ones
		maps.Copy(right, s.Notes)
		maps.Copy(right, e.Notes)
		s.Notes = right
	case Reclassified:
		s.Class, s.ReasonText = e.Class, e.ReasonText
	case Postponed:
		s.Effective = e.Effective
	case Withdrawn:
		if !s.Withdrawn {
			s.Withdrawn, s.WithdrawnAt = true, e.Time
		}
	case Withheld:
		s.Withheld = true
	}
}

// InForce returns the version in force at an instant: the latest effective date
// not after it wins, ties go to the higher Number.
func (t Timeline) InForce(at time.Time) (Standing, bool) {
	best := -1
	for i, s := range t.Versions {
		if s.Effective.Instant.After(at) || s.goneBy(at) {
			continue
		}
		if best < 0 || !s.Effective.Instant.Before(t.Versions[best].Effective.Instant) {
			best = i
		}
	}
	if best < 0 {
		return Standing{}, false
	}
	return t.Versions[best], true
}

func (s Standing) goneBy(at time.Time) bool { return s.Withdrawn && !at.Before(s.WithdrawnAt) }

// Upcoming lists versions that are published and not yet in force at an instant,
// the next one first.
func (t Timeline) Upcoming(at time.Time) []Standing {
	var out []Standing
	for _, s := range t.Versions {
		if s.Effective.Instant.After(at) && !s.goneBy(at) && !s.Published.After(at) {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Standing) int { return a.Effective.Instant.Compare(b.Effective.Instant) })
	return out
}

// Standing returns the version with a number.
func (t Timeline) Standing(number int) (Standing, bool) {
	i := t.at(number)
	if i < 0 {
		return Standing{}, false
	}
	return t.Versions[i], true
}

// at is the index of the version with a number, or -1. In a sound log there are no
// gaps.
func (t Timeline) at(number int) int {
	if i := number - 1; i >= 0 && i < len(t.Versions) && t.Versions[i].Number == number {
		return i
	}
	return slices.IndexFunc(t.Versions, func(s Standing) bool { return s.Number == number })
}

// Next is the next instant after at when the version in force changes; zero if
// nothing is scheduled.
func (t Timeline) Next(at time.Time) time.Time {
	var instants []time.Time
	for _, s := range t.Versions {
		instants = append(instants, s.Effective.Instant)
		if s.Withdrawn {
			instants = append(instants, s.WithdrawnAt)
		}
	}
	slices.SortFunc(instants, time.Time.Compare)
	was, had := t.InForce(at)
	for _, i := range instants {
		if !i.After(at) {
			continue
		}
		if is, has := t.InForce(i); has != had || is.Number != was.Number {
			return i
		}
	}
	return time.Time{}
}
