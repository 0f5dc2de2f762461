package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// callout says what a reader must not miss.
type callout struct {
	Class, Text string
	More        said
	Facts       []fact // the note of a version to come, cut short
	Links       []link
}

// upcomingMost is how many versions to come a page announces.
const upcomingMost = 3

// noteShort is how many letters of a slot a telephone shows without scrolling; an
// announcement shows no more anywhere.
const noteShort = 110

// banners say first that this is not the text in force, or that another one is
// coming.
func (v *visit) banners(s subject, show documents.Standing, current bool, on string) []callout {
	var out []callout
	toCurrent := []link{}
	if s.hasForce && !current {
		toCurrent = append(toCurrent, link{Href: v.href(s.ID, s.tag), Text: v.w.T("to-current")})
	}
	switch status := statusOf(v.w, s.t, show, v.now); {
	case on != "":
		out = append(out, callout{Class: "past", Text: on, Links: toCurrent})
	case show.Withdrawn:
		out = append(out, callout{Class: "past", Text: v.w.T("banner-withdrawn"), More: saidTo(v.w, reasonOf(s.t, documents.Withdrawn, show.Number)), Links: toCurrent})
	case status.Class == "upcoming":
		out = append(out, callout{Class: "upcoming", Text: v.w.T("not-yet-when", "when", v.countdown(show.Effective)), Links: toCurrent})
	case status.Class == "past":
		out = append(out, callout{Class: "past", Text: v.w.T("banner-past"), Links: toCurrent})
	}
	if !current {
		return out
	}
	for i, next := range s.t.Upcoming(v.now) {
		if i < upcomingMost {
			out = append(out, v.announcement(s, show, next))
		}
	}
	return out
}

func (v *visit) announcement(s subject, show, next documents.Standing) callout {
	c := callout{Class: "upcoming", Text: v.w.T("upcoming-says", "date", effectiveDate(v.w, next.Effective), "when", v.countdown(next.Effective))}
	note := next.Notes[s.tag]
	if next.Class == documents.Editorial && note.What == "" {
		note.What = v.editorial(next)
	}
	if note.What != "" {
		c.Facts = append(c.Facts, fact{Text: v.w.T("slot-what"), More: firstSentence(note.What, noteShort)})
	}
	c.Facts = append(c.Facts, fact{Text: v.w.T("slot-whom"), More: firstSentence(or(note.Whom, v.audience(s)), noteShort)})
	c.Links = []link{
		{Href: hrefCompare(v.base(), s.ID, s.tag, show.Number, next.Number), Text: v.w.T("see-upcoming")},
		{Href: v.href(s.ID, s.tag, "v", next.Number), Text: v.w.T("read-upcoming")},
	}
	return c
}

// firstSentence is the first sentence of s, cut short if it is long.
func firstSentence(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	for _, end := range []string{". ", "! ", "? ", "؟ ", "。"} {
		if i := strings.Index(s, end); i >= 20 {
			s = s[:i+len(strings.TrimSpace(end))]
		}
	}
	return shortened(s, most)
}

// countdown says in how many days something takes effect, by the calendar of the
// place where it does: true until midnight there.
func (v *visit) countdown(e documents.Effective) string {
	switch n := daysUntil(e, v.now); n {
	case 0:
		return v.w.T("in-today")
	case 1:
		return v.w.T("in-tomorrow")
	default:
		return v.w.N("in-days", n)
	}
}

func daysUntil(e documents.Effective, now time.Time) int {
	zone := zoneOf(e)
	return int(dateOf(e.Instant.In(zone)).Sub(dateOf(now.In(zone))) / (24 * time.Hour))
}

// dateOf is the day that t shows, as an instant that can be subtracted.
func dateOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// turns is when what a page says of a document stops being true: with the next
// version in force, or the next day while days are counted.
func turns(t documents.Timeline, now time.Time) time.Time {
	until := t.Next(now)
	for _, next := range t.Upcoming(now) {
		zone := zoneOf(next.Effective)
		until = sooner(until, documents.StartOfDay(dateOf(now.In(zone)).AddDate(0, 0, 1), zone))
	}
	return until
}

// reasonOf is what the last event of a kind about a version gave as its reason.
func reasonOf(t documents.Timeline, kind documents.Kind, number int) (reason string) {
	for _, e := range t.Events {
		if e.Kind == kind && e.Version == number {
			reason = e.ReasonText
		}
	}
	return reason
}

// changes fills what is said of the change: the note, or why there is none, whom
// it concerns, and the way to the redline.
func (v *visit) changes(p *documentPage, s subject, show documents.Standing, text documents.Text) {
	note := show.Notes[text.Lang]
	switch p.Note = noteFacts(v.w, note); {
	case p.Note != nil:
	case show.Class == documents.Editorial:
		p.NoNote = v.editorial(show)
	default:
		p.NoNote = v.w.T("note-none")
	}
	if note.Whom == "" {
		whom := fact{Text: v.w.T("slot-whom"), More: v.audience(s)}
		p.Note = slices.Insert(p.Note, min(1, len(p.Note)), whom)
	}
	p.Noted = note != (documents.Note{}) || show.Class == documents.Editorial
	p.Long = slices.ContainsFunc(p.Note, func(f fact) bool { return len([]rune(f.More)) > noteShort })
	for _, e := range s.t.Events {
		if e.Kind == documents.Corrected && e.Version == show.Number {
			p.Corrected = v.w.T("note-corrected", "date", lang.Date(v.w.Lang, e.Time.In(v.zone)))
		}
	}
	if before, ok := predecessor(s.t, show); ok {
		p.Compare = hrefCompare(v.base(), s.ID, s.tag, before.Number, show.Number)
	}
	if len(s.t.Versions) == 1 {
		p.NoNote = strings.TrimSpace(p.NoNote + " " + v.w.T("only-version"))
	}
}

func (v *visit) editorial(s documents.Standing) string {
	return strings.TrimSpace(v.w.T("note-editorial", "reason", saidTo(v.w, s.ReasonText).String()))
}

// audience names whom a document concerns.
func (v *visit) audience(s subject) string {
	if len(s.Groups) == 0 {
		return v.w.T("audience-all")
	}
	return v.w.T("audience-some", "list", strings.Join(s.Groups, v.w.T("list-separator")))
}

// about lists what else is to be said of a version, and how to check it.
func (v *visit) about(s subject, show documents.Standing, ver documents.Version, text documents.Text) []fact {
	permanent := v.href(s.ID, s.tag, "v", show.Number)
	out := []fact{
		{Text: v.w.T("version"), More: versionName(v.w, show.Number)},
		{Text: v.w.T("effective-date"), More: effectiveMoment(v.w, show.Effective), Date: machineDate(show.Effective)},
	}
	switch {
	case show.Imported && ver.Stated != "":
		out = append(out, fact{Text: v.w.T("published-stated"), More: dayOf(v.w, ver.Stated), Date: ver.Stated})
	case !show.Imported:
		out = append(out, fact{Text: v.w.T("published"), More: lang.Date(v.w.Lang, show.Published.In(v.zone)), Date: show.Published.In(v.zone).Format(time.DateOnly)})
	}
	if show.Imported {
		out = append(out, fact{Text: v.w.T("imported-fact"), More: v.w.T("imported-line")})
	}
	if b := basisLine(v.w, ver.Basis); b != "" {
		out = append(out, fact{Text: v.w.T("basis"), More: b})
	}
	return append(out,
		fact{Text: v.w.T("permalink"), More: v.absolute(permanent), Href: permanent},
		fact{Text: v.w.T("checksum"), More: text.SourceDigest().String(), Digest: true},
		fact{Text: v.w.T("proof-seq"), More: v.w.T("proof-file", "seq", int64(show.Seq)), Href: fmt.Sprintf("%s/log/proof/%d", v.base(), show.Seq)},
	)
}

func machineDate(e documents.Effective) string {
	if e.Date == "" {
		return ""
	}
	return e.Instant.In(zoneOf(e)).Format(time.RFC3339)
}

// predecessor is the version before s that was not withdrawn.
func predecessor(t documents.Timeline, s documents.Standing) (best documents.Standing, ok bool) {
	for _, o := range slices.Backward(t.Versions) {
		if o.Number < s.Number && !o.Withdrawn {
			return o, true
		}
	}
	return best, false
}
