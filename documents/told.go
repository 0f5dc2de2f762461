package documents

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"
)

// Timeline is the fold of a document's events as known at an instant; the zero
// time means all that is known now. What it leads to is shared: nobody writes to it.
func (l *Library) Timeline(ctx context.Context, document string, known time.Time) (Timeline, error) {
	if _, err := l.Document(ctx, document); err != nil {
		return Timeline{}, err
	}
	t, err := l.told(ctx, document)
	if err != nil {
		return Timeline{}, fmt.Errorf("timeline of %s: %w", document, err)
	}
	if known.IsZero() {
		t.Known = time.Now()
		if n := len(t.Events); n > 0 && t.Events[n-1].Time.After(t.Known) {
			t.Known = t.Events[n-1].Time
		}
		return t, nil
	}
	then := Fold(document, t.Events, known)
	for i := range then.Versions {
		then.Versions[i].Stated = t.Versions[i].Stated
	}
	return then, nil
}

// told is the fold of all events of a document. Those that are known are not read
// again: the last of them, which is, has the bytes that it had.
func (l *Library) told(ctx context.Context, document string) (Timeline, error) {
	t, _ := l.timelines.get(document)
	n := len(t.Events)
	if n == 0 {
		return l.tell(ctx, Timeline{Document: document}, 0)
	}
	some, err := l.Store.Events(ctx, document, t.Events[n-1].Seq-1, page)
	switch {
	case err != nil:
		return t, err
	case len(some) == 0 || !bytes.Equal(some[0].Bytes, t.Events[n-1].Bytes): // the log began anew
		return l.tell(ctx, Timeline{Document: document}, 0)
	case len(some) == 1:
		return t, nil
	}
	return l.tell(ctx, t, t.Events[n-1].Seq)
}

// tell reads on after a place in the log, and keeps what it read.
func (l *Library) tell(ctx context.Context, t Timeline, after Seq) (Timeline, error) {
	t.Events, t.Versions = slices.Clip(t.Events), slices.Clone(t.Versions)
	had := len(t.Versions)
	for {
		some, err := l.Store.Events(ctx, t.Document, after, page)
		if err != nil {
			return t, err
		}
		if len(some) == 0 {
			break
		}
		for _, e := range some {
			t.Events, after = append(t.Events, e), e.Seq
			t.take(e)
		}
	}
	if err := l.state(ctx, &t, had); err != nil {
		return t, err
	}
	t.Events, t.Versions = slices.Clip(t.Events), slices.Clip(t.Versions)
	l.timelines.put(t.Document, t, t.weight())
	return t, nil
}

// state fills in what the organisation stated of imported versions, but for the
// first had, which the events do not say.
func (l *Library) state(ctx context.Context, t *Timeline, had int) error {
	for had < len(t.Versions) && t.Versions[had].Imported {
		some, err := l.Store.Versions(ctx, t.Document, t.Versions[had].Number-1, min(page, len(t.Versions)-had))
		if err != nil || len(some) == 0 {
			return err
		}
		for _, v := range some {
			t.Versions[had].Stated = v.Stated
			had++
		}
	}
	return nil
}

// weight is about how many bytes t holds.
func (t *Timeline) weight() int {
	n := 1024 + 400*len(t.Versions)
	for _, e := range t.Events {
		n += 800 + len(e.Bytes) + len(e.ReasonText)
		for tag, title := range e.Titles {
			n += 64 + len(tag) + len(title)
		}
		for _, note := range e.Notes {
			n += 128 + len(note.What) + len(note.Whom) + len(note.Means) + len(note.Do)
		}
	}
	return n
}
