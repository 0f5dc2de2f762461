package server

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"vestnik/documents"
)

// What took effect is an item of its own, at its instant and as it was known then;
// what was withdrawn or put off is none, and what was there keeps its number.
func TestFeedItems(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	at := func(n int) documents.Effective {
		return documents.Effective{Instant: day(n), Date: day(n).Format(time.DateOnly), Zone: "UTC"}
	}
	publish := func(seq, version, on, effective int) documents.Event {
		return documents.Event{Seq: documents.Seq(seq), Kind: documents.Published, Time: day(on), Document: "privacy", Version: version, Effective: at(effective), ReasonText: "first"}
	}
	later := func(seq, version, on int, kind documents.Kind, effective int) documents.Event {
		e := documents.Event{Seq: documents.Seq(seq), Kind: kind, Time: day(on), Document: "privacy", Version: version, ReasonText: "second", Class: documents.Editorial}
		if effective > 0 {
			e.Effective = at(effective)
		}
		return e
	}
	for name, c := range map[string]struct {
		events []documents.Event
		now    int
		want   []string
	}{
		"at once":         {[]documents.Event{publish(1, 1, 1, 1)}, 9, []string{"1@1"}},
		"before it comes": {[]documents.Event{publish(1, 1, 1, 5)}, 4, []string{"1@1"}},
		"at the instant":  {[]documents.Event{publish(1, 1, 1, 5)}, 5, []string{"1@1", "v1@5 first"}},
		"postponed":       {[]documents.Event{publish(1, 1, 1, 5), later(2, 1, 3, documents.Postponed, 8)}, 9, []string{"1@1", "2@3", "v1@8 first"}},
		"put off still":   {[]documents.Event{publish(1, 1, 1, 5), later(2, 1, 3, documents.Postponed, 8)}, 7, []string{"1@1", "2@3"}},
		"withdrawn":       {[]documents.Event{publish(1, 1, 1, 5), later(2, 1, 3, documents.Withdrawn, 0)}, 9, []string{"1@1", "2@3"}},
		"reclassified since": {[]documents.Event{publish(1, 1, 1, 5), later(2, 1, 6, documents.Reclassified, 0), publish(3, 2, 7, 8)}, 9,
			[]string{"1@1", "v1@5 first", "2@6", "3@7", "v2@8 first"}},
		"two at one instant": {[]documents.Event{publish(1, 1, 1, 5), publish(2, 2, 2, 5)}, 9, []string{"1@1", "2@2", "v2@5 first"}},
	} {
		var got []string
		for _, item := range feedItems(documents.Fold("privacy", c.events, day(30)), day(c.now)) {
			one := fmt.Sprintf("%d@%d", item.event.Seq, item.at.Day())
			if item.effect {
				one = fmt.Sprintf("v%d@%d %s", item.event.Version, item.at.Day(), item.event.ReasonText)
			}
			got = append(got, one)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
