package server

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vestnik/documents"
	"vestnik/documents/redline"
)

// VersionList is all versions of a document.
type VersionList struct {
	Versions []VersionView `json:"versions"`
}

// FullVersion is a version with its texts.
type FullVersion struct {
	VersionView
	Prevailing string              `json:"prevailing"`
	Basis      BasisView           `json:"basis"`
	Texts      map[string]TextView `json:"texts,omitempty" doc:"By language; absent once they are withheld"`
}

// InForce is the version in force at an instant, as known at another.
type InForce struct {
	FullVersion
	Version int       `json:"version" doc:"The same as number"`
	At      time.Time `json:"at"`
	KnownAt time.Time `json:"known_at"`
}

// EventList is a part of the public log.
type EventList struct {
	Events []EventView `json:"events"`
	Last   int64       `json:"last" doc:"The last event of the log, or of the document if one is named"`
}

func (a *api) readingOperations() {
	add(a, anyone, huma.Operation{OperationID: "list-versions", Method: http.MethodGet, Path: "/documents/{id}/versions", Summary: "All versions of a document, without texts"}, a.versions)
	add(a, anyone, huma.Operation{OperationID: "get-version", Method: http.MethodGet, Path: "/documents/{id}/versions/{n}", Summary: "One version, with its texts and clause maps"},
		func(ctx context.Context, in *VersionPath) (*output[FullVersion], error) {
			t, err := a.timeline(ctx, in.ID, time.Time{})
			if err != nil {
				return nil, err
			}
			return body(a.full(ctx, t, in.Number))
		})
	add(a, anyone, huma.Operation{OperationID: "in-force", Method: http.MethodGet, Path: "/documents/{id}/in-force", Summary: "The version in force at an instant, as known at another",
		Description: "Beyond the day of known_at the answer is 404 of type /problems/not-yet-known, with what is scheduled."}, a.inForce)
	add(a, anyone, huma.Operation{OperationID: "compare-versions", Method: http.MethodGet, Path: "/documents/{id}/compare/{range}", Summary: "The redline of two versions",
		Description: "The form is that of vestnik compare -format json, and history says in which of the versions between the two each clause changed."}, a.compare)
	a.compareFileOperation()
	add(a, anyone, huma.Operation{OperationID: "clause-history", Method: http.MethodGet, Path: "/documents/{id}/clauses/{clause}", Summary: "The history of a clause through all its numbers, the newest version first",
		Description: "Only versions in which its words, its number, its title or its place differ from the version before, or in which it came or went."}, a.clauseHistory)
	add(a, anyone, huma.Operation{OperationID: "get-fragment", Method: http.MethodGet, Path: "/documents/{id}/fragment/{lang}", Summary: "The text in force as an HTML fragment with anchors, for a site of your own",
		Responses: binary("text/html", "The fragment")}, a.fragment)
	add(a, anyone, huma.Operation{OperationID: "list-events", Method: http.MethodGet, Path: "/events", Summary: "The public log after a place in it"}, a.events)
}

// timeline is the fold of a document's events as known at an instant, the zero
// time meaning all that is known. A document without any is there, but has no
// versions.
func (a *api) timeline(ctx context.Context, id string, known time.Time) (documents.Timeline, error) {
	if _, err := a.document(ctx, id); err != nil {
		return documents.Timeline{}, err
	}
	return a.s.Library.Timeline(ctx, id, known)
}

func (a *api) versions(ctx context.Context, in *DocumentPath) (*output[VersionList], error) {
	t, err := a.timeline(ctx, in.ID, time.Time{})
	out := VersionList{Versions: []VersionView{}}
	for _, st := range t.Versions {
		out.Versions = append(out.Versions, versionView(in.ID, st))
	}
	return body(out, err)
}

func (a *api) full(ctx context.Context, t documents.Timeline, number int) (FullVersion, error) {
	st, ok := t.Standing(number)
	if !ok {
		return FullVersion{}, documents.ErrNotFound
	}
	v, err := a.s.Library.Version(ctx, t.Document, number)
	if err != nil {
		return FullVersion{}, err
	}
	out := FullVersion{VersionView: versionView(t.Document, st), Prevailing: v.Prevailing, Basis: BasisView(v.Basis)}
	if st.Withheld {
		return out, nil
	}
	out.Texts = map[string]TextView{}
	for _, text := range v.Texts {
		out.Texts[text.Lang] = textView(text)
	}
	return out, nil
}

type inForce struct {
	DocumentPath
	At      string `query:"at" doc:"RFC 3339, or a date: the end of that day; now if absent"`
	KnownAt string `query:"known_at" doc:"Likewise; nothing later than now is known"`
}

func (a *api) inForce(ctx context.Context, in *inForce) (*output[InForce], error) {
	settings, err := a.s.book.Read(ctx)
	if err != nil {
		return nil, err
	}
	zone := settings.Location()
	var known time.Time
	if in.KnownAt != "" {
		if known, err = instant("known_at", in.KnownAt, zone); err != nil {
			return nil, err
		}
		if known.After(a.s.now()) {
			known = time.Time{}
		}
	}
	t, err := a.timeline(ctx, in.ID, known)
	if err != nil {
		return nil, err
	}
	// The log's own idea of now: a clock that went back hides no event.
	known = t.Known
	at := known
	if in.At != "" {
		if at, err = instant("at", in.At, zone); err != nil {
			return nil, err
		}
	}
	if err := beyond(t, at, known, zone); err != nil {
		return nil, err
	}
	st, ok := t.InForce(at)
	if !ok {
		return nil, documents.ErrNotFound
	}
	full, err := a.full(ctx, t, st.Number)
	return body(InForce{FullVersion: full, Version: st.Number, At: at.In(zone), KnownAt: known.In(zone)}, err)
}

// notYetError: nobody knows yet what will be in force then, for versions may
// still be published, postponed or withdrawn.
type notYetError struct {
	until     time.Time
	scheduled []ScheduledVersion
}

func (e *notYetError) Error() string {
	return "What will be in force after " + e.until.Format(time.DateOnly) + " is not known yet. What is scheduled stands beside this."
}
func (e *notYetError) Unwrap() error { return documents.ErrNotFound }

// beyond refuses what lies after the end of the day of known, in the
// organisation's zone.
func beyond(t documents.Timeline, at, known time.Time, zone *time.Location) error {
	y, m, d := known.In(zone).Date()
	if at.Before(documents.StartOfDay(time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC), zone)) {
		return nil
	}
	e := &notYetError{until: known.In(zone)}
	for _, st := range t.Upcoming(known) {
		e.scheduled = append(e.scheduled, ScheduledVersion{Number: st.Number, Effective: effectiveView(st.Effective)})
	}
	return e
}

type compareRange struct {
	DocumentPath
	Range string `path:"range" doc:"Two numbers with three dots between: 1...2"`
	Lang  string `query:"lang" doc:"The prevailing language if absent"`
}

type stream struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (a *api) compare(ctx context.Context, in *compareRange) (*output[Comparison], error) {
	red, tag, err := a.redline(ctx, in)
	if err != nil {
		return nil, err
	}
	from, to, _ := numbersIn(in.Range)
	since, err := a.s.since(ctx, in.ID, from, to, tag, comparesWait)
	return body(Comparison{*red, sinceView(since)}, err)
}

// redline compares two versions that are shown, in the language asked for or the
// prevailing one.
func (a *api) redline(ctx context.Context, in *compareRange) (*redline.Redline, string, error) {
	from, to, ok := numbersIn(in.Range)
	if !ok {
		return nil, "", documents.Invalid("range", "range-malformed", "Give two version numbers with three dots between, such as 1...2.")
	}
	tag, err := a.languageOr(ctx, in.ID, in.Lang)
	if err != nil {
		return nil, "", err
	}
	for _, number := range []int{from, to} {
		if err := a.shown(ctx, in.ID, number); err != nil {
			return nil, "", err
		}
	}
	red, err := a.s.redline(ctx, in.ID, from, to, tag)
	return red, tag, err
}

// numbersIn reads a range such as 1...2.
func numbersIn(of string) (from, to int, ok bool) {
	left, right, ok := strings.Cut(of, "...")
	from, errFrom := strconv.Atoi(left)
	to, errTo := strconv.Atoi(right)
	return from, to, ok && errFrom == nil && errTo == nil
}

// shown refuses a version whose text is withheld.
func (a *api) shown(ctx context.Context, id string, number int) error {
	t, err := a.timeline(ctx, id, time.Time{})
	if err != nil {
		return err
	}
	if st, ok := t.Standing(number); !ok || st.Withheld {
		return documents.ErrNotFound
	}
	return nil
}

type fragmentPath struct {
	DocumentPath
	Lang string `path:"lang"`
}

func (a *api) fragment(ctx context.Context, in *fragmentPath) (*stream, error) {
	t, err := a.timeline(ctx, in.ID, time.Time{})
	if err != nil {
		return nil, err
	}
	st, ok := t.InForce(t.Known)
	if !ok || st.Withheld {
		return nil, documents.ErrNotFound
	}
	v, err := a.s.Library.Version(ctx, in.ID, st.Number)
	if err != nil {
		return nil, err
	}
	text, ok := v.Text(in.Lang)
	if !ok {
		return nil, documents.ErrNotFound
	}
	r, err := render(text)
	return &stream{"text/html; charset=utf-8", []byte(r.HTML)}, err
}

type eventRange struct {
	After    int64  `query:"after" minimum:"0" doc:"The last Seq that you have"`
	Limit    int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Document string `query:"document" doc:"Of this document only"`
}

func (a *api) events(ctx context.Context, in *eventRange) (*output[EventList], error) {
	events, err := a.s.Library.Events(ctx, in.Document, documents.Seq(in.After), in.Limit)
	if err != nil {
		return nil, err
	}
	last, err := a.s.Library.Last(ctx, in.Document)
	out := EventList{Events: []EventView{}, Last: int64(last)}
	for _, e := range events {
		out.Events = append(out.Events, eventView(e))
	}
	return body(out, err)
}
