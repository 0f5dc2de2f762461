package documents

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
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
	if e.Origin != c.l.LogOrigin() {
		c.fault("Event %d belongs to the log %q", seq, e.Origin)
	}
	if e.Time.Before(c.last) {
		c.fault("Event %d is earlier than the one before it", seq)
	}
	c.last = e.Time
	if e.Kind == Published || e.Kind == Imported {
		c.version(ctx, e)
	}
	c.digests(e)
}

func (c *checking) version(ctx context.Context, e Event) {
	if c.versions[e.Document]++; c.versions[e.Document] != e.Version {
		c.fault("Event %d brings version %d of %s where version %d should come", e.Seq, e.Version, e.Document, c.versions[e.Document])
	}
	v, err := c.l.Store.Version(ctx, e.Document, e.Version)
	if err != nil {
		c.fault("Version %d of %s cannot be read: %v", e.Version, e.Document, err)
		return
	}
	// Sealing the version again must give the very lines, but for what the engine
	// alone knows, which is taken from the event. Lines that a later Vestnik wrote
	// are nobody's fault: encode leaves out what was not understood.
	again := Event{Origin: e.Origin, Kind: e.Kind}
	Seal(&again, &v, e.Seq, e.Time, e.Time)
	for _, key := range differing(again.Bytes, encode(e)) {
		c.fault("The %s of version %d of %s is not what event %d recorded", named(key), e.Version, e.Document, e.Seq)
	}
}

// digests names each text beside an event that is not what the event says.
func (c *checking) digests(e Event) {
	var have bytes.Buffer
	for key, blob := range Blobs(e, nil) {
		fmt.Fprintf(&have, "%s %s\n", key, SHA256(blob))
	}
	var want bytes.Buffer
	for line := range bytes.Lines(e.Bytes) {
		switch what, _, _ := strings.Cut(string(line), "-"); what {
		case "title", "note", "reason":
			want.Write(line)
		}
	}
	for _, key := range differing(have.Bytes(), want.Bytes()) {
		c.fault("The %s beside event %d (%s version %d) is not what was recorded", named(key), e.Seq, e.Document, e.Version)
	}
}

// differing returns the keys of lines that only one of a and b has, sorted.
func differing(a, b []byte) []string {
	seen := map[string]int{}
	for side, text := range [][]byte{a, b} {
		for line := range bytes.Lines(text) {
			seen[string(line)] |= 1 << side
		}
	}
	keys := map[string]bool{}
	for line, sides := range seen {
		if sides != 3 {
			key, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			keys[key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// named says title-ru-sha256 in words.
func named(key string) string {
	what, of, _ := strings.Cut(strings.TrimSuffix(key, "-sha256"), "-")
	switch what {
	case "source":
		what = "text"
	case "clauses":
		what = "clause map"
	case "title", "note":
	default:
		return strings.TrimSuffix(key, "-sha256")
	}
	return what + " in " + of
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
