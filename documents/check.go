package documents

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Check re-reads everything and compares it with the digests in the events:
// texts, titles, notes, clause maps, reasons. It returns what is wrong, in
// sentences. Others may publish meanwhile.
func (l *Library) Check(ctx context.Context, progress func(done, of int)) ([]string, error) {
	c := checking{l: l, versions: map[string]int{}}
	before, err := l.Last(ctx, "")
	if err != nil {
		return nil, err
	}
	if err := c.list(ctx); err != nil {
		return nil, err
	}
	last, err := l.Last(ctx, "")
	if err != nil {
		return nil, err
	}
	for seq := Seq(1); seq <= last; seq++ {
		if err := cmp.Or(ctx.Err(), c.event(ctx, seq)); err != nil {
			return nil, err
		}
		if seq == before {
			c.least = maps.Clone(c.versions)
		}
		if progress != nil {
			progress(int(seq), int(last))
		}
	}
	c.counts()
	return c.faults, nil
}

type checking struct {
	l        *Library
	last     time.Time
	listed   map[string]int // how many versions a document has
	least    map[string]int // how many events brought before they were listed
	versions map[string]int // the last number that an event brought
	listing  []string       // what is wrong with the lists, said last
	faults   []string
}

func (c *checking) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...)+".")
}

// unread names what cannot be read. A store that is away is no fault of what it
// holds, and is returned.
func (c *checking) unread(err error, format string, args ...any) error {
	if errors.Is(err, ErrAway) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	c.fault(format+" cannot be read: %v", append(args, err)...)
	return nil
}

func (c *checking) event(ctx context.Context, seq Seq) error {
	e, err := c.l.Store.Event(ctx, seq)
	if err != nil {
		return c.unread(err, "Event %d", seq)
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
	c.digests(e)
	if e.Kind == Published || e.Kind == Imported {
		return c.version(ctx, e)
	}
	return nil
}

func (c *checking) version(ctx context.Context, e Event) error {
	if c.versions[e.Document]++; c.versions[e.Document] != e.Version {
		c.fault("Event %d brings version %d of %s where version %d should come", e.Seq, e.Version, e.Document, c.versions[e.Document])
	}
	v, err := c.l.Store.Version(ctx, e.Document, e.Version)
	if err != nil {
		return c.unread(err, "Version %d of %s", e.Version, e.Document)
	}
	// Sealing the version again must give the very lines, but for what the engine
	// alone knows, which is taken from the event. Lines that a later Vestnik wrote
	// are nobody's fault: encode leaves out what was not understood.
	again := Event{Origin: e.Origin, Kind: e.Kind}
	Seal(&again, &v, e.Seq, e.Time, e.Time)
	for _, key := range differing(again.Bytes, encode(e)) {
		c.fault("The %s of version %d of %s is not what event %d recorded", named(key), e.Version, e.Document, e.Seq)
	}
	return c.traces(ctx, v)
}

// traces compares what is kept of the texts for the history of clauses.
func (c *checking) traces(ctx context.Context, v Version) error {
	for _, t := range v.Texts {
		some, err := c.l.Store.Traces(ctx, v.Document, t.Lang, v.Number-1, 1)
		if err != nil {
			return c.unread(err, "The trace of version %d of %s in %s", v.Number, v.Document, t.Lang)
		}
		if len(some) != 1 || !slices.Equal(some[0].Encode(), TraceOf(v.Number, t).Encode()) {
			c.fault("The trace of version %d of %s in %s is not that of its text", v.Number, v.Document, t.Lang)
		}
	}
	return nil
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

// list counts the versions that are stored.
func (c *checking) list(ctx context.Context) error {
	c.listed = map[string]int{}
	docs, err := c.l.Documents(ctx)
	if err != nil {
		return err
	}
	for _, d := range docs {
		all, err := c.l.Versions(ctx, d.ID)
		if err != nil {
			if err := c.unread(err, "The list of versions of %s", d.ID); err != nil {
				return err
			}
			continue
		}
		c.listed[d.ID] = len(all)
	}
	c.listing, c.faults = c.faults, nil
	return nil
}

// counts compares the number of stored versions with the events that brought
// them: those before the versions were listed, and some of those since.
func (c *checking) counts() {
	for _, id := range slices.Sorted(maps.Keys(c.listed)) {
		n, events := c.listed[id], c.versions[id]
		if n < c.least[id] {
			events = c.least[id]
		}
		if n < c.least[id] || n > c.versions[id] {
			c.fault("%s has %d versions, and events that brought %d", id, n, events)
		}
	}
	c.faults = append(c.faults, c.listing...)
}
