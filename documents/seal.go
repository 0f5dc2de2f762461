package documents

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Seal completes e as the event with place seq, and writes its Bytes. Engines
// call it inside the append. last is the time of the event before (zero for the
// first); the event's own time is the later of last and now, in UTC and whole
// microseconds.
//
// If v is not nil, e brings it: languages, digests, class, reason and notes are
// taken from v, and v learns its Seq and PublishedAt. An Effective without an
// instant becomes the event's own time in both; a published version also gets
// the local date of that instant, an imported one stays undated.
func Seal(e *Event, v *Version, seq Seq, last, now time.Time) {
	e.Seq = seq
	e.Time = now.UTC().Truncate(time.Microsecond)
	if last.After(e.Time) {
		e.Time = last.UTC()
	}
	if v != nil {
		bring(e, v)
	} else {
		e.Texts = noteDigests(e.Notes)
	}
	e.Effective.Instant = e.Effective.Instant.UTC().Truncate(time.Microsecond)
	e.Reason = Digest{}
	if e.ReasonText != "" {
		e.Reason = SHA256(ReasonBytes(e.ReasonText))
	}
	e.Bytes = encode(*e)
}

// bring copies what a version says into its event, and back what only the append
// knows.
func bring(e *Event, v *Version) {
	v.Seq, v.PublishedAt = e.Seq, e.Time
	if v.Effective.Instant.IsZero() {
		v.Effective.Instant = e.Time
		if e.Kind == Published && v.Effective.Date == "" {
			v.Effective.Date = localDate(e.Time, v.Effective.Zone)
		}
	}
	v.Effective.Instant = v.Effective.Instant.UTC().Truncate(time.Microsecond)
	e.Document, e.Version, e.Effective, e.Prevailing = v.Document, v.Number, v.Effective, v.Prevailing
	e.Class, e.Urgent, e.ReasonText = v.Change.Class, v.Change.Urgent, v.Change.Reason
	e.Titles, e.Notes = map[string]string{}, maps.Clone(v.Change.Notes)
	e.Texts = nil
	for _, t := range v.Texts {
		d := TextDigests{Lang: t.Lang, Title: SHA256(TitleBytes(t.Title)), Source: t.SourceDigest(), Clauses: SHA256(ClauseBytes(t.Clauses))}
		if n, ok := v.Change.Notes[t.Lang]; ok {
			d.Note = SHA256(NoteBytes(n))
		}
		e.Titles[t.Lang] = t.Title
		e.Texts = append(e.Texts, d)
	}
}

func noteDigests(notes map[string]Note) (out []TextDigests) {
	for _, lang := range slices.Sorted(maps.Keys(notes)) {
		out = append(out, TextDigests{Lang: lang, Note: SHA256(NoteBytes(notes[lang]))})
	}
	return out
}

// localDate is the day of t in a zone, or in UTC where the zone is not known.
func localDate(t time.Time, zone string) string {
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	return t.In(place).Format(time.DateOnly)
}

// format is the first line of every event.
const format = "vestnik/1"

// encode writes the lines of an event in the order of DESIGN section 3. An
// absent value has no line.
func encode(e Event) []byte {
	b := bytes.NewBufferString(format + "\n")
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(b, "%s %s\n", key, value)
		}
	}
	line("origin", e.Origin)
	line("seq", number(int64(e.Seq)))
	line("kind", string(e.Kind))
	line("time", stamp(e.Time))
	line("document", e.Document)
	line("version", number(int64(e.Version)))
	line("effective", e.Effective.line())
	line("class", string(e.Class))
	if e.Urgent {
		line("urgent", "true")
	}
	line("prevailing", e.Prevailing)
	for _, t := range e.Texts {
		line("title-"+t.Lang+"-sha256", t.Title.line())
		line("source-"+t.Lang+"-sha256", t.Source.line())
		line("clauses-"+t.Lang+"-sha256", t.Clauses.line())
		line("note-"+t.Lang+"-sha256", t.Note.line())
	}
	line("reason-sha256", e.Reason.line())
	line("notice", number(int64(e.Notice)))
	line("figures", e.Figures)
	line("ledger-root", e.LedgerRoot.line())
	if e.LostFirst > 0 {
		line("lost", number(int64(e.LostFirst))+" "+number(int64(e.LostLast)))
	}
	return b.Bytes()
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (d Digest) line() string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// line is instant, local date and zone; a date that was not stated is "-".
func (e Effective) line() string {
	if e.Instant.IsZero() {
		return ""
	}
	dash := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	return stamp(e.Instant) + " " + dash(e.Date) + " " + dash(e.Zone)
}
