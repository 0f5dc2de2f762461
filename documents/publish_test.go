package documents_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vestnik/documents"
)

// code is the code of a refusal, or the error itself.
func code(err error) string {
	var invalid *documents.InvalidError
	if errors.As(err, &invalid) {
		if invalid.Reason == "" || invalid.Field == "" || strings.Contains(invalid.Reason, "%!") {
			return fmt.Sprintf("half a refusal: %+v", invalid)
		}
		return invalid.Code
	}
	return fmt.Sprint(err)
}

func TestPublishRefuses(t *testing.T) {
	type change = func(*documents.Draft, *documents.Rules)
	for _, c := range []struct {
		name, want string
		change     change
	}{
		{"nothing wrong", "<nil>", func(*documents.Draft, *documents.Rules) {}},
		{"a language missing", documents.CodeMissing, func(d *documents.Draft, _ *documents.Rules) { d.Texts = d.Texts[:1] }},
		{"a language too many", documents.CodeExtra, func(d *documents.Draft, _ *documents.Rules) {
			d.Texts = append(d.Texts, documents.DraftText{Lang: "en", Source: "Text."})
		}},
		{"a language twice", documents.CodeTwice, func(d *documents.Draft, _ *documents.Rules) { d.Texts[1].Lang = "ru" }},
		{"not UTF-8", documents.CodeUTF8, func(d *documents.Draft, _ *documents.Rules) { d.Texts[0].Source = "\xff" }},
		{"NUL", documents.CodeNUL, func(d *documents.Draft, _ *documents.Rules) { d.Texts[0].Source = "a\n\x00" }},
		{"empty", documents.CodeEmpty, func(d *documents.Draft, _ *documents.Rules) { d.Texts[0].Source = "\ufeff \n" }},
		{"nothing to see", documents.CodeEmpty, func(d *documents.Draft, _ *documents.Rules) { d.Texts[0].Source = "---\ntitle: T\n---\n" }},
		{"too long", documents.CodeLines, func(d *documents.Draft, _ *documents.Rules) { d.Texts[0].Source = strings.Repeat("- a\n", 200_001) }},
		{"too big", documents.CodeTooBig, func(d *documents.Draft, _ *documents.Rules) { d.Texts[0].Source = strings.Repeat("word ", 10<<20/5+1) }},
		{"a title that turns round", documents.CodeControl, func(d *documents.Draft, _ *documents.Rules) { d.Texts[0].Title = "A\u202eB" }},
		{"a title over two lines", documents.CodeControl, func(d *documents.Draft, _ *documents.Rules) { d.Texts[0].Title = "A\nB" }},
		{"a title too long", documents.CodeTitleLong, func(d *documents.Draft, _ *documents.Rules) { d.Texts[0].Title = strings.Repeat("a", 501) }},
		{"no class", documents.CodeClass, func(d *documents.Draft, _ *documents.Rules) { d.Change.Class = "" }},
		{"consent", documents.CodeConsent, func(d *documents.Draft, _ *documents.Rules) { d.Change.Class = documents.Consent }},
		{"no note in Kazakh", documents.CodeNote, func(d *documents.Draft, _ *documents.Rules) { delete(d.Change.Notes, "kk") }},
		{"a blank note", documents.CodeNote, func(d *documents.Draft, _ *documents.Rules) { d.Change.Notes["kk"] = documents.Note{What: " \r\n"} }},
		{"a note without a text", documents.CodeNoteExtra, func(d *documents.Draft, _ *documents.Rules) { d.Change.Notes["en"] = documents.Note{What: "a"} }},
		{"a note too long", documents.CodeNoteLong, func(d *documents.Draft, _ *documents.Rules) {
			d.Change.Notes["kk"] = documents.Note{What: "a", Do: strings.Repeat("ә", 2001)}
		}},
		{"a note of 2,000 characters", "<nil>", func(d *documents.Draft, _ *documents.Rules) {
			d.Change.Notes["kk"] = documents.Note{What: strings.Repeat("ә", 2000)}
		}},
		{"a note with a rule in it", documents.CodeNoteRule, func(d *documents.Draft, _ *documents.Rules) { d.Change.Notes["kk"] = documents.Note{What: "a\n---\nb"} }},
		{"a note that turns round", documents.CodeControl, func(d *documents.Draft, _ *documents.Rules) { d.Change.Notes["kk"] = documents.Note{What: "a\u2067b"} }},
		{"nowhere to send", documents.CodeCannotTell, func(_ *documents.Draft, r *documents.Rules) { r.CanTell = false }},
		{"nowhere to send, in rehearsal", "<nil>", func(_ *documents.Draft, r *documents.Rules) { r.CanTell, r.Rehearsal = false, true }},
		{"an editorial change, nowhere to send", "<nil>", func(d *documents.Draft, r *documents.Rules) { r.CanTell, d.Change.Class = false, documents.Editorial }},
		{"two people needed", documents.CodeFourEyes, func(_ *documents.Draft, r *documents.Rules) { r.OnePerson = false }},
		{"no date", documents.CodeDate, func(d *documents.Draft, _ *documents.Rules) { d.Effective = "31.01.2030" }},
		{"a year without a form", documents.CodeDate, func(d *documents.Draft, _ *documents.Rules) { d.Effective = "9999-12-31T23:59:59-10:00" }},
		{"the year one", documents.CodeDate, func(d *documents.Draft, r *documents.Rules) { d.Effective, r.Zone = "0001-01-01", "UTC" }},
		{"a day that is none", documents.CodeDate, func(d *documents.Draft, _ *documents.Rules) { d.Effective = "2030-02-30" }},
		{"the past", documents.CodePast, func(d *documents.Draft, _ *documents.Rules) {
			d.Effective, d.Change.Class = "2020-01-01", documents.Editorial
		}},
		{"within the notice period", documents.CodeEarly, func(d *documents.Draft, _ *documents.Rules) {
			d.Effective = time.Now().AddDate(0, 0, 29).Format(time.RFC3339)
		}},
		{"at once", documents.CodeEarly, func(d *documents.Draft, _ *documents.Rules) { d.Effective = "now" }},
		{"urgent without a reason", documents.CodeReasonUrgent, func(d *documents.Draft, _ *documents.Rules) { d.Effective, d.Change.Urgent = "now", true }},
		{"urgent", "<nil>", func(d *documents.Draft, _ *documents.Rules) {
			d.Effective, d.Change.Urgent, d.Change.Reason = "now", true, "A court order."
		}},
		{"a reason too long", documents.CodeReasonLong, func(d *documents.Draft, _ *documents.Rules) { d.Change.Reason = strings.Repeat("a", 2001) }},
		{"a zone that is none", documents.CodeZone, func(_ *documents.Draft, r *documents.Rules) { r.Zone = "Mars/Olympus" }},
		{"a date of the order that is none", documents.CodeBasisDate, func(d *documents.Draft, _ *documents.Rules) { d.Basis.Date = "yesterday" }},
		{"editorial, and it touches rights", documents.CodeReasonTouches, func(d *documents.Draft, _ *documents.Rules) {
			d.Change.Class = documents.Editorial
			d.Texts[0].Source = strings.Replace(d.Texts[0].Source, "1. ", "1. Ваши права. ", 1)
		}},
		{"editorial, and a word gives way to one that touches rights", documents.CodeReasonTouches, func(d *documents.Draft, _ *documents.Rules) {
			d.Change.Class = documents.Editorial
			d.Texts[0].Source = strings.Replace(d.Texts[0].Source, "Второй.", "Согласие.", 1)
		}},
		{"editorial, and it touches a contact behind a link", documents.CodeReasonTouches, func(d *documents.Draft, _ *documents.Rules) {
			d.Change.Class = documents.Editorial
			d.Texts[0].Source = strings.Replace(d.Texts[0].Source, "Второй.", "[Первый](mailto:a@example.kz).", 1)
		}},
		{"that with a reason", "<nil>", func(d *documents.Draft, _ *documents.Rules) {
			d.Change.Class, d.Change.Reason = documents.Editorial, "A letter was missing."
			d.Texts[0].Source = strings.Replace(d.Texts[0].Source, "1. ", "1. Ваши права. ", 1)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rules := alone()
			l := library(t, &rules)
			privacy(t, l)
			publish(t, l, draft("Первый."))
			d := draft("Второй.")
			c.change(d, &rules)
			_, err := l.Publish(t.Context(), documents.Publication{Document: "privacy", Draft: d, Based: 1}, staff)
			if got := code(err); got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			want := 2
			if err != nil {
				want = 1
			}
			if all, err := l.Versions(t.Context(), "privacy"); err != nil || len(all) != want {
				t.Errorf("%d versions, want %d; %v", len(all), want, err)
			}
		})
	}
}

// A first version tells nobody, so it waits for nobody.
func TestFirstVersion(t *testing.T) {
	rules := alone()
	rules.CanTell = false
	l := library(t, &rules)
	privacy(t, l)
	e := publish(t, l, draft("Первый."))
	if !e.Effective.Instant.Equal(e.Time) || e.Class != documents.Notice {
		t.Errorf("got %+v", e)
	}
	place, _ := time.LoadLocation("Asia/Almaty")
	if want := e.Time.In(place).Format(time.DateOnly); e.Effective.Date != want || e.Effective.Zone != "Asia/Almaty" {
		t.Errorf("got %+v, want the date %s", e.Effective, want)
	}
}

func TestTitles(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	d := draft("Первый.")
	d.Texts[0].Source = "---\ntitle: Из шапки\n---\n\n# Заголовок\n"
	d.Texts[1].Source = "Тақырыпсыз мәтін.\n"
	e := publish(t, l, d)
	if e.Titles["ru"] != "Из шапки" || e.Titles["kk"] != "Саясат" {
		t.Errorf("got %v", e.Titles)
	}
	d = draft("Второй.")
	d.Texts[0].Source = "# Поли\u202eтика\n"
	d.Texts[1].Title = "Названо"
	if e = publish(t, l, d); e.Titles["ru"] != "Политика" || e.Titles["kk"] != "Названо" {
		t.Errorf("got %v", e.Titles)
	}
}

func TestPublishBasedOnAnotherVersion(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	publish(t, l, draft("Первый."))
	for _, based := range []int{0, 2, 1} {
		_, err := l.Publish(t.Context(), documents.Publication{Document: "privacy", Draft: draft("Второй."), Based: based}, staff)
		if errors.Is(err, documents.ErrConflict) != (based != 1) || based == 1 && err != nil {
			t.Errorf("based on %d of 1: %v", based, err)
		}
	}
}

func TestPublishKey(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	p := documents.Publication{Document: "privacy", Draft: draft("Первый."), Based: 0, Key: "k", Request: documents.SHA256([]byte("a"))}
	first, err := l.Publish(t.Context(), p, staff)
	if err != nil {
		t.Fatal(err)
	}
	again, err := l.Publish(t.Context(), p, staff)
	if err != nil || again.Seq != first.Seq || string(again.Bytes) != string(first.Bytes) {
		t.Errorf("got %+v, %v", again, err)
	}
	p.Request = documents.SHA256([]byte("b"))
	if _, err := l.Publish(t.Context(), p, staff); !errors.Is(err, documents.ErrKeyReused) {
		t.Errorf("got %v", err)
	}
	if d, err := l.Draft(t.Context(), "privacy", 0); err != nil || d.Revision != 1 {
		t.Errorf("the second call saved a draft: %+v, %v", d, err)
	}
}

// Publishers who do not care which version is the last all get theirs.
func TestPublishersRace(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	publish(t, l, draft("Первый."))
	var all sync.WaitGroup
	won := make([]bool, 4)
	for i := range won {
		all.Go(func() {
			d := draft(fmt.Sprintf("Текст %d.", i))
			d.Effective, d.Change.Urgent, d.Change.Reason = "now", true, "a"
			_, err := l.Publish(t.Context(), documents.Publication{Document: "privacy", Draft: d, Based: 1}, staff)
			if won[i] = err == nil; err != nil && !errors.Is(err, documents.ErrConflict) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	n := 0
	for _, w := range won {
		if w {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d published over version 1, want one", n)
	}
}

func TestCreateRefuses(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	titles := map[string]string{"ru": "Т"}
	for _, c := range []struct {
		d    documents.Document
		want string
	}{
		{documents.Document{ID: "privacy", Titles: titles, Prevailing: "ru"}, documents.ErrExists.Error()},
		{documents.Document{ID: "Privacy", Titles: titles, Prevailing: "ru"}, documents.CodeSlug},
		{documents.Document{ID: "a--b", Titles: titles, Prevailing: "ru"}, documents.CodeSlug},
		{documents.Document{ID: "", Titles: titles, Prevailing: "ru"}, documents.CodeSlug},
		{documents.Document{ID: strings.Repeat("a", 65), Titles: titles, Prevailing: "ru"}, documents.CodeSlug},
		{documents.Document{ID: "desk", Titles: titles, Prevailing: "ru"}, documents.CodeReserved},
		{documents.Document{ID: "sitemap.xml", Titles: titles, Prevailing: "ru"}, documents.CodeReserved},
		{documents.Document{ID: "a", Prevailing: "ru"}, documents.CodeNoLanguage},
		{documents.Document{ID: "a", Titles: titles, Prevailing: "kk"}, documents.CodePrevailing},
		{documents.Document{ID: "a", Titles: map[string]string{"RU": "Т"}, Prevailing: "RU"}, documents.CodeLanguage},
		{documents.Document{ID: "a", Titles: map[string]string{"ru": " "}, Prevailing: "ru"}, documents.CodeTitle},
		{documents.Document{ID: "a", Titles: titles, Prevailing: "ru", Groups: []string{"x", "x"}}, documents.CodeGroup},
		{documents.Document{ID: "a", Titles: titles, Prevailing: "ru", Groups: []string{"x\n"}}, documents.CodeControl},
	} {
		_, err := l.Create(t.Context(), c.d, staff)
		if got := code(err); got != c.want && !strings.HasSuffix(got, c.want) {
			t.Errorf("%+v: got %s, want %s", c.d, got, c.want)
		}
	}
}

func TestUpdate(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	d := privacy(t, l)
	d.Titles["en"] = "Policy"
	d, err := l.Update(t.Context(), d, staff)
	if err != nil || d.Revision != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	d.Revision = 1
	if _, err := l.Update(t.Context(), d, staff); !errors.Is(err, documents.ErrConflict) {
		t.Errorf("a stale update: %v", err)
	}
}

func TestPropose(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	publish(t, l, draft("Первый."))
	d := draft("Адрес почты.")
	d.Texts[0].Source += "\n<script>alert(1)</script>\n"
	p, err := l.Propose(t.Context(), *d)
	if err != nil {
		t.Fatal(err)
	}
	if p.Version.Number != 2 || p.Digest != d.Digest() || p.Redlines["ru"].Summary.Same != 2 || len(p.Dropped["ru"]) == 0 {
		t.Errorf("got %+v, %+v", p, p.Redlines["ru"].Summary)
	}
	if len(p.Touches) == 0 || p.Touches[0].Topic != "contacts" || p.Touches[0].Lang != "kk" || p.Touches[0].Clause != "1." {
		t.Errorf("touches %+v", p.Touches)
	}
	if p.Refused != nil {
		t.Errorf("refused: %v", p.Refused)
	}
	tomorrow := *d
	tomorrow.Effective = "tomorrow"
	if p, err := l.Propose(t.Context(), tomorrow); err != nil || !errors.As(p.Refused, new(*documents.InvalidError)) {
		t.Errorf("a date that is none: %v, %v", p.Refused, err)
	}
	e := publish(t, l, d)
	v, err := l.Version(t.Context(), "privacy", e.Version)
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range v.Texts {
		if string(documents.ClauseBytes(text.Clauses)) != string(documents.ClauseBytes(p.Version.Texts[i].Clauses)) {
			t.Errorf("%s: published other ids than were proposed", text.Lang)
		}
	}
}
