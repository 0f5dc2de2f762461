package documents_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vestnik/documents"
)

// counting counts the events that are read of it.
type counting struct {
	documents.Store
	events int
}

func (c *counting) Events(ctx context.Context, document string, after documents.Seq, limit int) ([]documents.Event, error) {
	out, err := c.Store.Events(ctx, document, after, limit)
	c.events += len(out)
	return out, err
}

// What a Library remembers of a document is what one that reads everything anew
// finds, whatever is appended, also by another node; and only what is new is read.
func TestTimelineIsReadOnce(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	store := &counting{Store: l.Store}
	l.Store = store
	var h documents.History
	for n := range 40 {
		h.Versions = append(h.Versions, documents.ImportedVersion{Effective: fmt.Sprint(1950+n) + "-01-01", Published: fmt.Sprint(1949+n) + "-12-01",
			Texts: []documents.DraftText{{Lang: "ru", Title: "П", Source: fmt.Sprintf("1. Первый %d.\n", n)}, {Lang: "kk", Title: "С", Source: fmt.Sprintf("1. Бірінші %d.\n", n)}}})
	}
	h.Document, h.Prevailing = "privacy", "ru"
	if _, err := l.Import(t.Context(), h, staff); err != nil {
		t.Fatal(err)
	}
	other := documents.NewLibrary(l.Config)
	var kept []documents.Timeline
	same := func() {
		t.Helper()
		got, err := l.Timeline(t.Context(), "privacy", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := documents.NewLibrary(l.Config).Timeline(t.Context(), "privacy", got.Known)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("-anew +remembered\n%s", d)
		}
		kept = append(kept, got)
	}
	same()
	before := fmt.Sprint(kept[0])
	publish(t, l, draft("Новый."))
	same()
	if _, err := other.Correct(t.Context(), "privacy", 41, map[string]documents.Note{"ru": {What: "Иначе."}}, staff); err != nil {
		t.Fatal(err)
	}
	same()
	if _, err := other.Withdraw(t.Context(), "privacy", 41, "Ошибка.", staff); err != nil {
		t.Fatal(err)
	}
	same()
	if got := kept[1].Versions[40]; got.Withdrawn || got.Notes["ru"].What == "Иначе." {
		t.Error("what was returned is another now")
	}
	if fmt.Sprint(kept[0]) != before {
		t.Error("what was returned first is another now")
	}
	store.events = 0
	for range 10 {
		if _, err := l.Timeline(t.Context(), "privacy", time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if store.events > 10 {
		t.Errorf("%d events read again", store.events)
	}
	then, err := l.Timeline(t.Context(), "privacy", kept[0].Events[9].Time)
	if err != nil || len(then.Versions) < 10 || then.Versions[9].Stated != "1958-12-01" {
		t.Errorf("%d versions then, %v", len(then.Versions), err)
	}
}

// A log that begins anew is another, also where its last place is the same.
func TestTimelineOfAnotherLog(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	h := documents.History{Document: "privacy", Prevailing: "ru", Versions: []documents.ImportedVersion{{Texts: []documents.DraftText{{Lang: "ru", Title: "П", Source: "1. Раз.\n"}}}}}
	if _, err := l.Import(t.Context(), h, staff); err != nil {
		t.Fatal(err)
	}
	old, err := l.Timeline(t.Context(), "privacy", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := documents.NewLibrary(l.Config).Reopen(t.Context(), "policies.example.kz/log", staff); err != nil {
		t.Fatal(err)
	}
	now, err := l.Timeline(t.Context(), "privacy", time.Time{})
	if err != nil || len(now.Events) != 1 || now.Events[0].Seq != old.Events[0].Seq || slices.Equal(now.Events[0].Bytes, old.Events[0].Bytes) || now.Events[0].Origin != "policies.example.kz/log" {
		t.Errorf("%+v, %v", now, err)
	}
}
