package documents_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"vestnik/documents"
)

// hour is an instant on a short scale, so that ties are common.
func hour(n int) time.Time { return time.Date(2026, 1, 1, n, 0, 0, 0, time.UTC) }

const hours = 24

// drawLog draws events whose times never run back; what they say may make no
// sense, because a fold must not care.
func drawLog(t *rapid.T) (events []documents.Event) {
	now, versions := 0, 0
	kinds := rapid.SampledFrom([]documents.Kind{documents.Published, documents.Published, documents.Imported, documents.Postponed, documents.Withdrawn, documents.Reclassified, documents.Closed, "novelty"})
	for seq := range rapid.IntRange(0, 12).Draw(t, "events") {
		now += rapid.IntRange(0, 3).Draw(t, "later")
		e := documents.Event{Seq: documents.Seq(seq + 1), Kind: kinds.Draw(t, "kind"), Time: hour(now), Document: "a"}
		e.Effective.Instant = hour(rapid.IntRange(0, hours).Draw(t, "effective"))
		if e.Kind == documents.Published || e.Kind == documents.Imported {
			versions++
			e.Version = versions
		} else {
			e.Version = rapid.IntRange(0, versions+1).Draw(t, "version")
		}
		events = append(events, e)
	}
	return events
}

// naive says which version is in force, 0 for none, by reading the whole log anew
// for each version and each question.
func naive(events []documents.Event, at, known time.Time) int {
	best, from := 0, time.Time{}
	for _, brought := range events {
		if (brought.Kind != documents.Published && brought.Kind != documents.Imported) || brought.Time.After(known) {
			continue
		}
		effective, gone := brought.Effective.Instant, false
		for _, e := range events {
			if e.Version != brought.Version || e.Seq < brought.Seq || e.Time.After(known) {
				continue
			}
			if e.Kind == documents.Postponed {
				effective = e.Effective.Instant
			}
			if e.Kind == documents.Withdrawn && !e.Time.After(at) {
				gone = true
			}
		}
		if !gone && !effective.After(at) && (best == 0 || !effective.Before(from)) {
			best, from = brought.Version, effective
		}
	}
	return best
}

func TestTimelineAgreesWithTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawLog(t)
		known := hour(rapid.IntRange(0, hours).Draw(t, "known"))
		line := documents.Fold("a", events, known)
		for h := range hours {
			at := hour(h)
			got, _ := line.InForce(at)
			if want := naive(events, at, known); got.Number != want {
				t.Fatalf("at %d: version %d, want %d", h, got.Number, want)
			}
			next := time.Time{}
			for later := h + 1; later <= 3*hours && next.IsZero(); later++ {
				if naive(events, hour(later), known) != got.Number {
					next = hour(later)
				}
			}
			if got := line.Next(at); !got.Equal(next) {
				t.Fatalf("next after %d: %v, want %v", h, got, next)
			}
			last := time.Time{}
			for _, u := range line.Upcoming(at) {
				if !u.Effective.Instant.After(at) || u.Published.After(at) || u.Effective.Instant.Before(last) {
					t.Fatalf("upcoming at %d: %+v", h, u)
				}
				last = u.Effective.Instant
			}
		}
	})
}

func TestTimelineOverlays(t *testing.T) {
	at := func(n int, e documents.Event) documents.Event {
		e.Seq, e.Time, e.Document, e.Version = documents.Seq(n), hour(n), "a", 1
		return e
	}
	events := []documents.Event{
		at(1, documents.Event{Kind: documents.Published, Class: documents.Editorial, Effective: documents.Effective{Instant: hour(9)}, Notes: map[string]documents.Note{"ru": {What: "a"}, "kk": {What: "b"}}, ReasonText: "first"}),
		at(2, documents.Event{Kind: documents.Corrected, Notes: map[string]documents.Note{"ru": {What: "c"}}}),
		at(3, documents.Event{Kind: documents.Reclassified, Class: documents.Notice, ReasonText: "second"}),
		at(4, documents.Event{Kind: documents.Withheld}),
		at(5, documents.Event{Kind: documents.Postponed, Effective: documents.Effective{Instant: hour(12)}}),
		at(6, documents.Event{Kind: documents.Withdrawn}),
	}
	full, ok := documents.Fold("a", events, hour(6)).Standing(1)
	if !ok || full.Notes["ru"].What != "c" || full.Notes["kk"].What != "b" || full.Class != documents.Notice || full.ReasonText != "second" || !full.Withheld || !full.Withdrawn || !full.Effective.Instant.Equal(hour(12)) {
		t.Errorf("got %+v", full)
	}
	if events[0].Notes["ru"].What != "a" {
		t.Error("the fold changed an event")
	}
	early := documents.Fold("a", events, hour(1))
	if s, _ := early.Standing(1); s.Withdrawn || s.Class != documents.Editorial || len(early.Events) != 1 || len(early.Upcoming(hour(2))) != 1 {
		t.Errorf("as known earlier: %+v", s)
	}
	if up := documents.Fold("a", events, hour(6)).Upcoming(hour(6)); len(up) != 0 {
		t.Errorf("withdrawn and upcoming: %+v", up)
	}
}
