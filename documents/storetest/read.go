package storetest

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
)

var readCases = []testCase{
	{"VersionsOmitSourcesAndClauses", versionsOmitSources},
	{"TracesOfTexts", tracesOfTexts},
	{"ReturnedBytesAreCopies", returnedBytesAreCopies},
	{"CallersValuesStay", callersValuesStay},
	{"TimesKeepMicroseconds", timesKeepMicroseconds},
	{"TimesNeverRunBack", timesNeverRunBack},
	{"OneMebibyteTexts", oneMebibyteTexts},
	{"NumbersSortAsNumbers", numbersSortAsNumbers},
	{"UnknownIsErrNotFound", unknownIsErrNotFound},
	{"UnknownKindIsKept", unknownKindIsKept},
}

func versionsOmitSources(s suite) {
	for n := 1; n <= 3; n++ {
		s.append(batch(version("a", n)))
		s.append(batch(version("ab", n)))
	}
	got, err := s.store.Versions(s.bg(), "a", 1, 5)
	s.must(err)
	s.equal(len(got), 2)
	for i, v := range got {
		want, err := s.store.Version(s.bg(), "a", i+2)
		s.must(err)
		for j := range want.Texts {
			want.Texts[j].Source, want.Texts[j].Clauses = "", nil
		}
		s.equal(v, want)
	}
	got, err = s.store.Versions(s.bg(), "a", 0, 1)
	s.must(err)
	s.equal(len(got), 1)
}

// tracesOfTexts: they follow from the texts, so they are the same behind a dump,
// and are those of a log that began anew.
func tracesOfTexts(s suite) {
	for n := 1; n <= 12; n++ {
		v := version("a", n)
		if n == 10 {
			v.Texts = v.Texts[1:]
		}
		v.Texts[len(v.Texts)-1].Clauses = append(v.Texts[0].Clauses, documents.Clause{ID: "", First: 9, Last: -3}, documents.Clause{ID: "c d\n\x00", First: 1, Last: 99})
		s.append(batch(v))
		s.append(batch(version("ab", n)))
	}
	moved := s.empty()
	s.must(moved.store.Load(s.bg(), bytes.NewReader(s.dump(s.store))))
	for _, store := range []documents.Store{s.store, s.other, moved.store} {
		for _, c := range []struct {
			lang         string
			after, limit int
			want         []int
		}{{"ru", 8, 10, []int{9, 10, 11, 12}}, {"kk", 8, 3, []int{9, 11, 12}}, {"ru", 0, 1, []int{1}}, {"ru", 12, 9, nil}, {"r", 0, 9, nil}, {"", 0, 9, nil}} {
			got, err := store.Traces(s.bg(), "a", c.lang, c.after, c.limit)
			s.must(err)
			var want []documents.Trace
			for _, n := range c.want {
				v, err := store.Version(s.bg(), "a", n)
				s.must(err)
				text, _ := v.Text(c.lang)
				want = append(want, documents.TraceOf(n, text))
			}
			s.equal(got, want)
		}
	}
	_, err := s.store.Restart(s.bg(), batch(version("ab", 1)))
	s.must(err)
	for document, want := range map[string]int{"a": 0, "ab": 1, "none": 0} {
		got, err := s.store.Traces(s.bg(), document, "ru", 0, 20)
		s.must(err)
		s.equal(len(got), want)
	}
}

func returnedBytesAreCopies(s suite) {
	s.append(batch(version("a", 1)))
	e, err := s.store.Event(s.bg(), 1)
	s.must(err)
	v, err := s.store.Version(s.bg(), "a", 1)
	s.must(err)
	before := bytes.Clone(e.Bytes)
	for i := range e.Bytes {
		e.Bytes[i] = 'x'
	}
	e.Titles["ru"], v.Texts[0].Clauses[0].ID, v.Change.Notes["ru"] = "x", "x", documents.Note{}
	again, err := s.store.Event(s.bg(), 1)
	s.must(err)
	s.equal(again.Bytes, before)
	s.equal(again.Titles["ru"], "Title ru")
	whole, err := s.store.Version(s.bg(), "a", 1)
	s.must(err)
	s.equal(whole.Texts, version("a", 1).Texts)
	s.equal(whole.Change, version("a", 1).Change)
}

// callersValuesStay: an append that is tried again must find what it was given.
func callersValuesStay(s suite) {
	v := version("a", 1)
	v.Effective.Instant = time.Time{}
	b := batch(v)
	s.append(b)
	s.equal(*b.Entries[0].Version, v)
	s.equal(b.Entries[0].Event.Seq, documents.Seq(0))
}

func timesKeepMicroseconds(s suite) {
	v := version("a", 1)
	v.Effective.Instant = time.Date(2026, 3, 1, 19, 0, 0, 123456789, time.FixedZone("", 5*3600))
	e := s.append(batch(v))[0]
	got, err := s.store.Version(s.bg(), "a", 1)
	s.must(err)
	want := time.Date(2026, 3, 1, 14, 0, 0, 123456000, time.UTC)
	s.equal([]time.Time{got.Effective.Instant, e.Effective.Instant}, []time.Time{want, want})
	for _, at := range []time.Time{got.PublishedAt, got.Effective.Instant, e.Time} {
		if at.Location() != time.UTC || at.Nanosecond()%1000 != 0 {
			s.Errorf("%v is not in UTC and whole microseconds", at)
		}
	}
	if got.PublishedAt.Nanosecond() == 0 {
		s.Log("a whole second: once in a million runs")
	}
}

func timesNeverRunBack(s suite) {
	var b documents.Batch
	for n := 1; n <= 50; n++ {
		b = batch(version("a", n))
		s.append(b)
	}
	events := s.events("", 0, 100)
	if !slices.IsSortedFunc(events, func(a, b documents.Event) int { return a.Time.Compare(b.Time) }) {
		s.Error("a later event has an earlier time")
	}
}

// oneMebibyteTexts: three languages, in a draft, in a version and in a dump.
func oneMebibyteTexts(s suite) {
	source := strings.Repeat("Ұзақ мәтін. ", 1+1<<20/21)[:1<<20]
	v, d := version("a", 1), draft("a", 1)
	v.Texts, d.Texts = nil, nil
	for i, lang := range []string{"en", "kk", "ru"} {
		text := strings.Repeat("x", i) + strings.ToValidUTF8(source, "!")
		v.Texts = append(v.Texts, documents.Text{Lang: lang, Title: "T", Source: text})
		d.Texts = append(d.Texts, documents.DraftText{Lang: lang, Title: "T", Source: text})
	}
	s.must(s.store.SaveDraft(s.bg(), d))
	s.append(batch(v))
	moved := s.empty()
	s.must(moved.store.Load(s.bg(), bytes.NewReader(s.dump(s.store))))
	for _, store := range []documents.Store{s.store, s.other, moved.store} {
		got, err := store.Version(s.bg(), "a", 1)
		s.must(err)
		saved, err := store.Draft(s.bg(), "a", 0)
		s.must(err)
		for i := range v.Texts {
			if got.Texts[i].Source != v.Texts[i].Source || saved.Texts[i].Source != d.Texts[i].Source {
				s.Errorf("%d bytes came back as %d and %d", len(v.Texts[i].Source), len(got.Texts[i].Source), len(saved.Texts[i].Source))
			}
		}
	}
}

func numbersSortAsNumbers(s suite) {
	for n := 1; n <= 12; n++ {
		s.append(batch(version("a", n)))
	}
	got, err := s.store.Versions(s.bg(), "a", 8, 10)
	s.must(err)
	var numbers []int
	for _, v := range got {
		numbers = append(numbers, v.Number)
	}
	s.equal(numbers, []int{9, 10, 11, 12})
}

func unknownIsErrNotFound(s suite) {
	s.append(batch(version("a", 1)))
	_, err := s.store.Document(s.bg(), "a")
	s.wants(err, documents.ErrNotFound)
	_, err = s.store.Version(s.bg(), "a", 2)
	s.wants(err, documents.ErrNotFound)
	_, err = s.store.Version(s.bg(), "b", 1)
	s.wants(err, documents.ErrNotFound)
	_, err = s.store.Event(s.bg(), 2)
	s.wants(err, documents.ErrNotFound)
	_, err = s.store.Draft(s.bg(), "a", 0)
	s.wants(err, documents.ErrNotFound)
	_, err = s.store.Draft(s.bg(), "a", 1)
	s.wants(err, documents.ErrNotFound)
	s.wants(s.store.Approve(s.bg(), documents.Approval{Document: "a", Revision: 1}), documents.ErrNotFound)
	s.wants(s.store.SetState(s.bg(), "a", 1, documents.Editing, documents.InReview, ""), documents.ErrNotFound)
	_, err = s.store.Used(s.bg(), "key")
	s.wants(err, documents.ErrNotFound)
}

func unknownKindIsKept(s suite) {
	b := about("novelty", "", 0)
	e := s.append(b)[0]
	s.equal(e.Kind, documents.Kind("novelty"))
	got, err := s.store.Event(s.bg(), 1)
	s.must(err)
	s.equal(got, e)
}
