package documents

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// Check re-reads everything and compares it with the digests in the events:
// texts, titles, notes, clause maps, reasons. It returns what is wrong, in
// sentences.
func (l *Library) Check(ctx context.Context, progress func(done, of int)) ([]string, error) {
	last, err := l.Last(ctx, "")
	if err != nil {
		return nil, err
	}
	c := checking{l: l, versions: map[string]int{}}
	for seq := Seq(1); seq <= last; seq++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c.event(ctx, seq)
		if progress != nil {
			progress(int(seq), int(last))
		}
	}
	err = c.counts(ctx)
	return c.faults, err
}

type checking struct {
	l        *Library
	last     time.Time
	versions map[string]int // the last number that an event brought
	faults   []string
}

func (c *checking) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...)+".")
}

func (c *checking) event(ctx context.Context, seq Seq) {
	e, err := c.l.Store.Event(ctx, seq)
	if err != nil {
		c.fault("Event %d cannot be read: %v", seq, err)
		return
	}
	if e.Seq != seq {
		c.fault("Event %d says that its place is %d", seq, e.Seq)
	}
	if e.Origin != *c.l.origin.Load() {
		c.fault("Event %d belongs to the log %q", seq, e.Origin)
	}
	if e.Time.Before(c.last) {
		c.fault("Event %d is earlier than the one before it", seq)
	}
	c.last = e.Time
	var v *Version
	if e.Kind == Published || e.Kind == Imported {
		if v = c.version(ctx, e); v == nil {
			return
		}
	}
	c.digests(e, v)
}

func (c *checking) version(ctx context.Context, e Event) *Version {
	if c.versions[e.Document]++; c.versions[e.Document] != e.Version {
		c.fault("Event %d brings version %d of %s where version %d should come", e.Seq, e.Version, e.Document, c.versions[e.Document])
	}
	v, err := c.l.Store.Version(ctx, e.Document, e.Version)
	if err != nil {
		c.fault("Version %d of %s cannot be read: %v", e.Version, e.Document, err)
		return nil
	}
	// Sealing the version again must give the very bytes, but for what the engine
	// alone knows, which is taken from the event.
	again := Event{Origin: e.Origin, Kind: e.Kind}
	Seal(&again, &v, e.Seq, e.Time, e.Time)
	if !bytes.Equal(again.Bytes, e.Bytes) && len(c.differing(e, &v)) == 0 {
		c.fault("Version %d of %s is not the one that event %d describes", e.Version, e.Document, e.Seq)
	}
	return &v
}

// digests names each blob that is not what the event's digest says.
func (c *checking) digests(e Event, v *Version) {
	for _, what := range c.differing(e, v) {
		c.fault("The %s of event %d (%s version %d) is not what was recorded", what, e.Seq, e.Document, e.Version)
	}
}

func (c *checking) differing(e Event, v *Version) (out []string) {
	blobs := Blobs(e, v)
	compare := func(what, key string, want Digest) {
		b, ok := blobs[key]
		if ok == want.IsZero() || ok && SHA256(b) != want {
			out = append(out, what)
		}
	}
	for _, t := range e.Texts {
		compare("title in "+t.Lang, "title-"+t.Lang+"-sha256", t.Title)
		compare("note in "+t.Lang, "note-"+t.Lang+"-sha256", t.Note)
		compare("text in "+t.Lang, "source-"+t.Lang+"-sha256", t.Source)
		compare("clause map in "+t.Lang, "clauses-"+t.Lang+"-sha256", t.Clauses)
	}
	compare("reason", "reason-sha256", e.Reason)
	return out
}

// counts compares the number of stored versions with the events that brought
// them.
func (c *checking) counts(ctx context.Context) error {
	docs, err := c.l.Documents(ctx)
	if err != nil {
		return err
	}
	for _, d := range docs {
		all, err := c.l.Versions(ctx, d.ID)
		if err != nil {
			c.fault("The versions of %s cannot be listed: %v", d.ID, err)
		} else if len(all) != c.versions[d.ID] {
			c.fault("%s has %d versions, and events that brought %d", d.ID, len(all), c.versions[d.ID])
		}
	}
	return nil
}
