package documents

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseEvent reads the bytes of an event and keeps them as they are. Kinds and
// keys that it does not know are let be: they were written by a later Vestnik.
// What it does know must be well formed.
func ParseEvent(b []byte) (Event, error) {
	e := Event{Bytes: bytes.Clone(b)}
	rest, ok := bytes.CutPrefix(b, []byte(format+"\n"))
	if !ok {
		return e, fmt.Errorf("event does not begin with %q", format)
	}
	for line := range bytes.Lines(rest) {
		key, value, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		if err := e.take(key, value); err != nil {
			return e, fmt.Errorf("event: line %q: %w", key, err)
		}
	}
	if e.Seq == 0 || e.Kind == "" || e.Time.IsZero() {
		return e, fmt.Errorf("event has no seq, kind or time")
	}
	return e, nil
}

func (e *Event) take(key, value string) (err error) {
	switch key {
	case "origin":
		e.Origin = value
	case "seq":
		e.Seq, err = parseSeq(value)
	case "kind":
		e.Kind = Kind(value)
	case "time":
		e.Time, err = time.Parse(time.RFC3339Nano, value)
	case "document":
		e.Document = value
	case "version":
		e.Version, err = strconv.Atoi(value)
	case "effective":
		e.Effective, err = parseEffectiveLine(value)
	case "class":
		e.Class = Class(value)
	case "urgent":
		e.Urgent = value == "true"
	case "prevailing":
		e.Prevailing = value
	case "notice":
		e.Notice, err = parseSeq(value)
	case "figures":
		e.Figures = value
	case "ledger-root":
		e.LedgerRoot, err = ParseDigest(value)
	case "lost":
		_, err = fmt.Sscanf(value, "%d %d", &e.LostFirst, &e.LostLast)
	case "reason-sha256":
		e.Reason, err = ParseDigest(value)
	default:
		err = e.takeDigest(key, value)
	}
	return err
}

// takeDigest reads title-LANG-sha256 and its like.
func (e *Event) takeDigest(key, value string) error {
	name, ok := strings.CutSuffix(key, "-sha256")
	what, lang, cut := strings.Cut(name, "-")
	if !ok || !cut {
		return nil
	}
	var field func(*TextDigests) *Digest
	switch what {
	case "title":
		field = func(t *TextDigests) *Digest { return &t.Title }
	case "source":
		field = func(t *TextDigests) *Digest { return &t.Source }
	case "clauses":
		field = func(t *TextDigests) *Digest { return &t.Clauses }
	case "note":
		field = func(t *TextDigests) *Digest { return &t.Note }
	default:
		return nil
	}
	d, err := ParseDigest(value)
	if err != nil {
		return err
	}
	if n := len(e.Texts); n == 0 || e.Texts[n-1].Lang != lang {
		e.Texts = append(e.Texts, TextDigests{Lang: lang})
	}
	*field(&e.Texts[len(e.Texts)-1]) = d
	return nil
}

func parseSeq(s string) (Seq, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	return Seq(n), err
}

func parseEffectiveLine(s string) (e Effective, err error) {
	parts := strings.Split(s, " ")
	if len(parts) < 3 {
		return e, fmt.Errorf("%q is not instant, date and zone", s)
	}
	undash := func(s string) string { return strings.TrimPrefix(s, "-") }
	e.Date, e.Zone = undash(parts[1]), undash(parts[2])
	e.Instant, err = time.Parse(time.RFC3339Nano, parts[0])
	return e, err
}
