package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/documents/redline"
)

const (
	feedMost    = 20              // items on a page of a feed
	feedLetters = 2500            // of the changed clauses of one item
	feedFor     = 2 * time.Second // how long versions are compared for a page of it
	feedAgain   = time.Minute     // how long a page lacks what was not compared by then
)

// feedItem is what one entry tells of: an event, or that a version took effect,
// which the log has no line about. Then event holds what was known of the version
// at that instant.
type feedItem struct {
	at     time.Time
	event  documents.Event
	effect bool
}

// feedItems are the events of a document and what took effect by now, in order.
func feedItems(t documents.Timeline, now time.Time) []feedItem {
	var out []feedItem
	for _, e := range t.Events {
		out = append(out, feedItem{at: e.Time, event: e})
	}
	for _, s := range effectsOf(t) {
		if s.Effective.Instant.After(now) {
			continue
		}
		then := documents.Fold(t.Document, t.Events, s.Effective.Instant)
		s, _ = then.Standing(s.Number)
		out = append(out, feedItem{s.Effective.Instant, documents.Event{
			Seq: s.Seq, Time: s.Effective.Instant, Document: t.Document, Version: s.Number,
			Class: s.Class, Effective: s.Effective, Notes: s.Notes, ReasonText: s.ReasonText,
		}, true})
	}
	slices.SortStableFunc(out, func(a, b feedItem) int { return a.at.Compare(b.at) })
	return out
}

// feedWriter writes the entries of one page.
type feedWriter struct {
	*visit
	s               subject
	heading, origin string
	stop            time.Time // of comparing
	until           time.Time // zero, or until when the page lacks an excerpt
}

func (w *feedWriter) entry(item feedItem) (atomEntry, error) {
	e, s := item.event, w.s
	kind, id := kindName(w.w, e.Kind), urn(w.origin, "event", fmt.Sprint(e.Seq))
	if item.effect {
		kind, id = w.w.T("feed-effect"), urn(w.origin, "effect", s.ID, fmt.Sprint(e.Version))
	}
	out := atomEntry{ID: id, Updated: stamp(changedAt(s.t, e)), Published: stamp(e.Time), Title: w.w.T("feed-entry", "document", w.heading, "version", versionName(w.w, e.Version), "event", kind)}
	content := feedContent{W: w.w, Lang: w.w.Lang, TextLang: s.tag, TextDir: dirOf(s.tag), Lines: w.summary(e, kind), Note: noteFacts(w.w, e.Notes[s.tag])}
	href := w.href(s.ID, s.tag, "v", e.Version)
	here, ok := s.t.Standing(e.Version)
	if before, has := w.before(item, here); ok && has {
		if !item.effect {
			href = hrefCompare(w.base(), s.ID, s.tag, before.Number, here.Number)
		}
		if err := w.excerpt(&content, before, here); err != nil {
			return out, err
		}
	}
	if !ok {
		href = w.href(s.ID, "register") + fmt.Sprintf("#e%d", e.Seq)
		out.Title = w.heading + ": " + kind
	}
	content.Href = w.absolute(href)
	out.Links = []atomLink{{"alternate", "text/html", s.tag, content.Href}}
	out.Summary = atomText{"text", strings.Join(content.Lines, " ")}
	body, err := execute("feed.html", content)
	out.Content = atomText{"html", strings.TrimSpace(string(body))}
	return out, err
}

// before is the version that an entry compares with, if it compares: what took
// effect with what was in force until then, what was published with the one before.
func (w *feedWriter) before(item feedItem, here documents.Standing) (documents.Standing, bool) {
	switch {
	case item.effect:
		return w.s.t.InForce(item.at.Add(-time.Nanosecond))
	case item.event.Kind == documents.Published || item.event.Kind == documents.Imported:
		return predecessor(w.s.t, here)
	}
	return documents.Standing{}, false
}

// changedAt is when what an entry says was last changed: a version that was
// withheld since is shown no more.
func changedAt(t documents.Timeline, e documents.Event) time.Time {
	at := e.Time
	for _, later := range t.Events {
		if later.Kind == documents.Withheld && later.Version == e.Version && later.Time.After(at) {
			at = later.Time
		}
	}
	return at
}

// feedContent is what a reader of the feed learns without opening anything.
type feedContent struct {
	W                       lang.Words
	Lang, TextLang, TextDir string
	Lines                   []string
	Note                    []fact
	Changes                 []feedChange
	More, Href              string
}

type feedChange struct {
	Head          string
	Before, After []redline.Span
	Remarks       []string
}

// excerpt shows the changed clauses, as many as a feed holds. What is not compared
// in time is compared on, and stands there when the page is next made.
func (w *feedWriter) excerpt(c *feedContent, a, b documents.Standing) error {
	if a.Withheld || b.Withheld {
		return nil
	}
	ctx, cancel := context.WithDeadline(w.ctx, w.stop)
	defer cancel()
	r, err := w.Server.redline(ctx, w.s.ID, a.Number, b.Number, w.s.tag)
	switch {
	case errors.Is(err, documents.ErrNotFound) || err == nil && r == nil:
		return nil // one of them has no text in this language
	case errors.Is(err, errBusy), errors.Is(err, context.DeadlineExceeded) && w.ctx.Err() == nil:
		w.until = w.now.Add(feedAgain)
		return nil
	case err != nil:
		return err
	}
	x := r.Excerpt(feedLetters)
	for _, p := range x.Passages {
		c.Changes = append(c.Changes, feedChange{p.Headline(w.w.Lang), p.Before, p.After, p.Remarks(w.w.Lang)})
	}
	if x.Left > 0 {
		c.More = w.w.N("feed-more", x.Left)
	}
	return nil
}

// summary are the facts of an event, each a sentence.
func (w *feedWriter) summary(e documents.Event, kind string) []string {
	var lines []string
	if e.Class != "" {
		lines = append(lines, className(w.w, e.Class)+".")
	}
	if e.Effective.Date != "" {
		lines = append(lines, w.w.T("feed-effective", "date", effectiveMoment(w.w, e.Effective))+".")
	}
	if e.ReasonText != "" {
		lines = append(lines, w.w.T("reason")+": "+saidTo(w.w, e.ReasonText).String())
	}
	if e.Figures != "" {
		lines = append(lines, closedFigures(w.w, e.Figures))
	}
	if len(lines) == 0 {
		lines = append(lines, kind+".")
	}
	return lines
}
