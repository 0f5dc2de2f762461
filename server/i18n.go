package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/web"
)

// catalogue holds the sentences of all pages. It is never written to.
var catalogue = lang.MustLoad(web.Files, "words")

// refusal is err's sentence in the reader's language if it is a refusal, with
// the input that it is about.
func refusal(w lang.Words, err error) (sentence, field string, ok bool) {
	var invalid *documents.InvalidError
	switch {
	case errors.As(err, &invalid):
		return refusalText(w, invalid), inputOf(invalid), true
	case errors.Is(err, documents.ErrConflict):
		return w.T("error-409"), "", true
	case errors.Is(err, documents.ErrExists):
		return w.T("invalid.exists"), "id", true
	}
	return "", "", false
}

// inputOf names the input that a refusal is about, as the forms call it: a
// refusal of a title, text or note says in its first argument in which language.
func inputOf(e *documents.InvalidError) string {
	prefix := map[string]string{"title": "title-", "text": "source-", "note": "what-"}[e.Field]
	if len(e.Args) > 0 && prefix != "" {
		return prefix + fmt.Sprint(e.Args[0])
	}
	if e.Field == "basis" {
		return "basis-date"
	}
	return e.Field
}

// refusalText translates by the code; Args fill {0}, {1} and so on. A code that
// the catalogue lacks is said in the words of whoever refused.
func refusalText(w lang.Words, e *documents.InvalidError) string {
	key := "invalid." + e.Code
	if !w.Has(key) {
		return e.Reason
	}
	var args []any
	for i, a := range e.Args {
		args = append(args, i, inWords(w, e, i, a))
	}
	return w.T(key, args...)
}

// inWords says a date, and the language that a refusal is about, as people do.
func inWords(w lang.Words, e *documents.InvalidError, i int, arg any) any {
	s, ok := arg.(string)
	if !ok {
		return arg
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return lang.Date(w.Lang, day)
	}
	if i == 0 && slices.Contains([]string{"title", "text", "note"}, e.Field) {
		return strings.TrimSuffix(languageName(w, s), " тілі") // the sentences say "language" themselves
	}
	return arg
}

// negotiated is the language of a page that has none in its address: the one
// asked for by ?lang=, else what the browser prefers of those that the
// organisation has, else its first.
func negotiated(r *http.Request, s Settings) string {
	if asked := r.URL.Query().Get("lang"); slices.Contains(lang.Interface, asked) {
		return asked
	}
	have := interfaceLanguages(s)
	if tag := lang.Match(r.Header.Get("Accept-Language"), have); tag != "" {
		return tag
	}
	return have[0]
}

// interfaceLanguages are those of the interface that the organisation has, in
// its order; all of them if it has none.
func interfaceLanguages(s Settings) []string {
	var have []string
	for _, tag := range s.Languages {
		if slices.Contains(lang.Interface, tag) {
			have = append(have, tag)
		}
	}
	if len(have) == 0 {
		return lang.Interface
	}
	return have
}

// ordered lists the languages of m: the organisation's own order first, then byte
// order.
func ordered[V any](m map[string]V, prefer []string) []string {
	var out []string
	for _, tag := range prefer {
		if _, ok := m[tag]; ok {
			out = append(out, tag)
		}
	}
	for _, tag := range sortedKeys(m) {
		if !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// effectiveDate writes when a version takes effect: the day if it is a whole one,
// else the moment with its offset.
func effectiveDate(w lang.Words, e documents.Effective) string {
	if e.Date == "" {
		return w.T("date-not-stated")
	}
	t := e.Instant.In(zoneOf(e))
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return lang.Date(w.Lang, t)
	}
	return lang.Moment(w.Lang, t)
}

// effectiveMoment names the zone too.
func effectiveMoment(w lang.Words, e documents.Effective) string {
	if e.Date == "" {
		return w.T("date-not-stated")
	}
	return lang.Moment(w.Lang, e.Instant.In(zoneOf(e)))
}

func zoneOf(e documents.Effective) *time.Location {
	if zone, err := time.LoadLocation(e.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// dayOf writes a date such as 2026-11-22 at length; what is no date stays.
func dayOf(w lang.Words, date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return lang.Date(w.Lang, t)
}

func versionName(w lang.Words, n int) string { return w.T("version-n", "n", lang.Number(w.Lang, n)) }

// languageName is what w's speakers call a language, where the catalogue knows,
// else what its own do.
func languageName(w lang.Words, tag string) string {
	if key := "name-of-" + tag; w.Has(key) {
		return w.T(key)
	}
	return lang.Name(tag)
}

func languageNames(w lang.Words, tags []string) string {
	names := make([]string, len(tags))
	for i, t := range tags {
		names[i] = languageName(w, t)
	}
	return strings.Join(names, ", ")
}

// title is a document's in the language nearest to the reader's.
func title(titles map[string]string, want, prevailing, id string) (text, tag string) {
	for _, tag := range []string{want, prevailing} {
		if t := titles[tag]; t != "" {
			return t, tag
		}
	}
	for _, tag := range sortedKeys(titles) {
		return titles[tag], tag
	}
	return id, "en"
}

// noteFacts are the slots of a note with their names; none if the note is empty.
func noteFacts(w lang.Words, n documents.Note) []fact {
	if n == (documents.Note{}) {
		return nil
	}
	do := n.Do
	if strings.TrimSpace(do) == "" {
		do = w.T("do-nothing")
	}
	var out []fact
	for _, f := range []fact{{Text: w.T("slot-what"), More: n.What}, {Text: w.T("slot-whom"), More: n.Whom}, {Text: w.T("slot-means"), More: n.Means}, {Text: w.T("slot-do"), More: do}} {
		if strings.TrimSpace(f.More) != "" {
			out = append(out, f)
		}
	}
	return out
}

func className(w lang.Words, c documents.Class) string {
	if key := "class-" + string(c); c != "" && w.Has(key) {
		return w.T(key)
	}
	return string(c)
}

func basisLine(w lang.Words, b documents.Basis) string {
	var parts []string
	if b.Number != "" {
		parts = append(parts, w.T("basis-order", "number", b.Number))
	}
	if b.Date != "" {
		parts = append(parts, w.T("basis-from", "date", dayOf(w, b.Date)))
	}
	if b.Signatory != "" {
		parts = append(parts, b.Signatory)
	}
	return strings.Join(parts, ", ")
}

func number(w lang.Words, n int64) string { return lang.Number(w.Lang, int(n)) }

func hrefCompare(base, document, tag string, a, b int) string {
	return fmt.Sprintf("%s/%s/%s/compare/%d...%d", base, document, tag, a, b)
}
