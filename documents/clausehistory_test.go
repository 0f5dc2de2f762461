package documents_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vestnik/documents"
	"vestnik/documents/redline"
)

// chronicle is a text by version and language. About its clauses, by what they say:
// storage is renumbered in 3, where a clause comes before it, and moves in 5; the
// reply time changes in 2 and is taken back in 4; the copy goes in 6.
func chronicle(tag string, version int) string {
	words := map[string][]string{
		"ru": {"Политика", "Общие положения", "Служба хранит имя и номер телефона пользователя.", "Записи поездок хранятся в течение одного года.", "О целях обработки сказано в приложении к договору.", "Права", "На просьбу пользователя служба отвечает за {n} дней.", "Копия данных даётся бесплатно; срок хранения назван в пункте {ref}."},
		"kk": {"Саясат", "Жалпы ережелер", "Қызмет пайдаланушының аты мен телефон нөмірін сақтайды.", "Сапар жазбалары бір жыл бойы сақталады.", "Өңдеу мақсаттары шартқа қосымшада айтылған.", "Құқықтар", "Қызмет пайдаланушының өтінішіне {n} күнде жауап береді.", "Деректердің көшірмесі тегін беріледі; сақтау мерзімі {ref}-тармақта аталған."},
		"en": {"Policy", "General", "The service keeps the name and the telephone number of the user.", "Records of trips are kept for one year.", "The purposes of processing are named in the annex to the contract.", "Rights", "The service answers the request of a user within {n} days.", "A copy of the data is free; the period of storage is named in clause {ref}."},
	}[tag]
	days := map[bool]string{false: "30", true: "10"}[version == 2 || version == 3]
	ref := map[bool]string{false: "1.2", true: "1.3"}[version >= 3]
	lines := []string{"# " + words[0], "1. " + words[1], "1.1. " + words[2]}
	if version >= 3 {
		lines = append(lines, "1.2. "+words[4])
	}
	if version < 5 {
		lines = append(lines, ref+". "+words[3])
	}
	lines = append(lines, "2. "+words[5], "2.1. "+words[6])
	if version < 6 {
		lines = append(lines, "2.2. "+strings.Replace(words[7], "{ref}", ref, 1))
	}
	if version >= 5 {
		lines = append(lines, "2.3. "+words[3])
	}
	return strings.Replace(strings.Join(lines, "\n\n")+"\n", "{n}", days, 1)
}

// chronicled is a library with five imported versions, the first two without
// English, the sixth published, the seventh upcoming, the eighth withdrawn.
func chronicled(t *testing.T) *documents.Library {
	t.Helper()
	rules := alone()
	l := library(t, &rules)
	h := documents.History{Document: "privacy", Prevailing: "ru", Titles: map[string]string{"ru": "Политика", "kk": "Саясат", "en": "Policy"}}
	for n := 1; n <= 5; n++ {
		v := documents.ImportedVersion{Number: n, Effective: fmt.Sprintf("202%d-01-01", n-1)}
		for _, tag := range []string{"ru", "kk", "en"} {
			if tag != "en" || n > 2 {
				v.Texts = append(v.Texts, documents.DraftText{Lang: tag, Source: chronicle(tag, n)})
			}
		}
		h.Versions = append(h.Versions, v)
	}
	if _, err := l.Import(t.Context(), h, staff); err != nil {
		t.Fatal(err)
	}
	for n := 6; n <= 8; n++ {
		d := &documents.Draft{Document: "privacy", Change: documents.Change{Class: documents.Notice, Reason: "a", Notes: map[string]documents.Note{}}}
		if n == 6 {
			d.Effective, d.Change.Urgent = "now", true
		}
		for _, tag := range []string{"ru", "kk", "en"} {
			source := chronicle(tag, n)
			switch n {
			case 7:
				source = strings.Replace(source, "30", "20", 1)
			case 8:
				source = strings.Replace(source, "30", "25", 1)
			}
			d.Texts = append(d.Texts, documents.DraftText{Lang: tag, Source: source})
			d.Change.Notes[tag] = documents.Note{What: tag}
		}
		publish(t, l, d)
	}
	if _, err := l.Withdraw(t.Context(), "privacy", 8, "a", staff); err != nil {
		t.Fatal(err)
	}
	return l
}

// idOf is the id of the clause that says words.
func idOf(t *testing.T, l *documents.Library, version int, tag, words string) string {
	t.Helper()
	v, err := l.Version(t.Context(), "privacy", version)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := v.Text(tag)
	for _, c := range text.Clauses {
		if strings.Contains(c.Title, words) {
			return c.ID
		}
	}
	t.Fatalf("nothing in version %d says %q: %+v", version, words, text.Clauses)
	return ""
}

// said is a history in short: version, the one before, kind and flags, number.
func said(h documents.ClauseHistory) (out []string) {
	for _, s := range h.States {
		line := fmt.Sprintf("%d/%d %s %s", s.Standing.Number, s.Before, told(s.ClauseChange), s.Clause.Number)
		if s.Was != "" && s.Was != s.Clause.Number {
			line += " was " + s.Was
		}
		out = append(out, line)
	}
	return out
}

func told(c documents.ClauseChange) string {
	words := string(c.Kind)
	if c.Moved {
		words += "+moved"
	}
	if c.Renumbered {
		words += "+renumbered"
	}
	return words
}

func historyOf(t *testing.T, l *documents.Library, tag, id string) documents.ClauseHistory {
	t.Helper()
	h, err := l.ClauseHistory(t.Context(), documents.ClauseQuery{Document: "privacy", Lang: tag, ID: id, Before: 0, Limit: 100, Texts: true})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestClauseHistory(t *testing.T) {
	l := chronicled(t)
	for _, c := range []struct {
		what, tag, words string
		version          int
		want             []string
	}{
		{"reply", "ru", "На просьбу", 1, []string{"8/7 changed 2.1.", "7/6 changed 2.1.", "4/3 changed 2.1.", "2/1 changed 2.1.", "1/0 added 2.1."}},
		{"reply", "kk", "Қызмет пайдаланушының өтінішіне", 1, []string{"8/7 changed 2.1.", "7/6 changed 2.1.", "4/3 changed 2.1.", "2/1 changed 2.1.", "1/0 added 2.1."}},
		{"reply", "en", "answers", 3, []string{"8/7 changed 2.1.", "7/6 changed 2.1.", "4/3 changed 2.1.", "3/0 added 2.1."}},
		{"storage", "ru", "Записи", 1, []string{"5/4 moved+renumbered 2.3. was 1.3.", "3/2 renumbered 1.3. was 1.2.", "1/0 added 1.2."}},
		{"copy", "ru", "Копия", 1, []string{"6/5 removed 2.2.", "3/2 renumbered 2.2.", "1/0 added 2.2."}},
		{"purposes", "kk", "Өңдеу", 3, []string{"3/2 added 1.2."}},
		{"name", "en", "telephone", 3, []string{"3/0 added 1.1."}},
	} {
		h := historyOf(t, l, c.tag, idOf(t, l, c.version, c.tag, c.words))
		if diff := cmp.Diff(c.want, said(h)); diff != "" {
			t.Errorf("%s in %s: %s", c.what, c.tag, diff)
		}
		if want := map[string][]int{"en": {1, 2}}[c.tag]; !slices.Equal(h.Missing, want) {
			t.Errorf("%s in %s: missing are %v, want %v", c.what, c.tag, h.Missing, want)
		}
		checkStates(t, h)
	}
}

// checkStates holds what each state shows to the redline that it shows.
func checkStates(t *testing.T, h documents.ClauseHistory) {
	t.Helper()
	for _, s := range h.States {
		if (s.Redline == nil) != (s.Before == 0) || (len(s.Blocks) == 0) != (s.Kind == redline.Removed) {
			t.Errorf("version %d of %s: %+v", s.Standing.Number, h.ID, s)
		}
		if s.Redline == nil {
			continue
		}
		var now []string
		total := 0
		for _, e := range s.Redline.Changes {
			words := ""
			for _, span := range e.Spans {
				if span.Op != "removed" {
					words += span.Text
				}
			}
			if e.NewLines != nil {
				now = append(now, words)
			}
			if e.Kind != redline.Same {
				total++
			}
		}
		if total == 0 || s.Kind != redline.Removed && !slices.Equal(now, s.Blocks) {
			t.Errorf("version %d of %s: the redline says %q, the text %q", s.Standing.Number, h.ID, now, s.Blocks)
		}
		if !strings.Contains(s.Redline.HTML(h.Lang), "rl-entry") {
			t.Errorf("version %d of %s shows no difference", s.Standing.Number, h.ID)
		}
	}
}

func TestClauseHistoryByPages(t *testing.T) {
	l := chronicled(t)
	id := idOf(t, l, 1, "ru", "На просьбу")
	want := said(historyOf(t, l, "ru", id))
	var got []string
	before := 0
	for range want {
		h, err := l.ClauseHistory(t.Context(), documents.ClauseQuery{Document: "privacy", Lang: "ru", ID: id, Before: before, Limit: 2, Texts: true})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, said(h)...)
		if before = h.Next; before == 0 {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || before != 0 {
		t.Error(diff, before)
	}
	for name, ask := range map[string][2]string{"no such clause": {"ru", "c-aaaaaaaa"}, "the text before the first": {"ru", ""}, "no such language": {"de", id}} {
		if _, err := l.ClauseHistory(t.Context(), documents.ClauseQuery{Document: "privacy", Lang: ask[0], ID: ask[1], Limit: 9}); !errors.Is(err, documents.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is withdrawn or withheld later changes a history that was read before.
func TestClauseHistoryFollowsTheLog(t *testing.T) {
	l := chronicled(t)
	id := idOf(t, l, 1, "ru", "На просьбу")
	historyOf(t, l, "ru", id)
	if _, err := l.Withdraw(t.Context(), "privacy", 7, "a", staff); err != nil {
		t.Fatal(err)
	}
	want := []string{"8/6 changed 2.1.", "7/6 changed 2.1.", "4/3 changed 2.1."}
	if diff := cmp.Diff(want, said(historyOf(t, l, "ru", id))[:3]); diff != "" {
		t.Error(diff)
	}
	if got := since(t, l, 6, 8, "ru"); got != nil {
		t.Errorf("with nothing but a withdrawn version between: %v", got)
	}
	withheld := documents.Event{Kind: documents.Withheld, Document: "privacy", Version: 3, Origin: l.LogOrigin()}
	if _, err := l.Store.Append(t.Context(), documents.Batch{Expect: -1, Entries: []documents.Entry{{Event: withheld}}}); err != nil {
		t.Fatal(err)
	}
	h := historyOf(t, l, "ru", id)
	if diff := cmp.Diff([]string{"8/6 changed 2.1.", "7/6 changed 2.1.", "4/2 changed 2.1."}, said(h)[:3]); diff != "" || !slices.Equal(h.Missing, []int{3}) {
		t.Errorf("%s, missing %v", diff, h.Missing)
	}
}

// since is what happened between two versions, in short.
func since(t *testing.T, l *documents.Library, a, b int, tag string) (out []string) {
	t.Helper()
	s, err := l.Since(t.Context(), "privacy", a, b, tag)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Clauses {
		line := c.Clause.Number
		for _, step := range c.Steps {
			line += fmt.Sprintf(" %d:%s", step.Version, told(step.ClauseChange))
		}
		if c.Undone {
			line += " undone"
		}
		out = append(out, line)
	}
	return out
}

func TestSince(t *testing.T) {
	l := chronicled(t)
	whole := []string{"1.2. 3:added", "2.1. 2:changed 4:changed undone", "2.3. 3:renumbered 5:moved+renumbered", "2.2. 3:renumbered 6:removed"}
	for _, c := range []struct {
		a, b int
		tag  string
		want []string
	}{
		{1, 6, "ru", whole},
		{6, 1, "ru", whole},
		{1, 6, "kk", whole},
		{3, 6, "en", []string{"2.1. 4:changed", "2.3. 5:moved+renumbered", "2.2. 6:removed"}},
		{1, 2, "ru", nil},
		{2, 2, "ru", nil},
		{6, 8, "ru", []string{"2.1. 7:changed 8:changed"}},
	} {
		if diff := cmp.Diff(c.want, since(t, l, c.a, c.b, c.tag)); diff != "" {
			t.Errorf("%d to %d in %s: %s", c.a, c.b, c.tag, diff)
		}
	}
	if _, err := l.Since(t.Context(), "privacy", 1, 6, "en"); !errors.Is(err, documents.ErrNotFound) {
		t.Errorf("from a version without English: %v", err)
	}
}

// turned is a library of four versions of a text about clauses that part, go and
// come back.
func turned(t *testing.T) *documents.Library {
	t.Helper()
	rules := alone()
	l := library(t, &rules)
	const head, tail = "# Политика\n\n1. Общее о том, кто и зачем хранит данные.\n\n", "3. Порядок рассмотрения обращений пользователей службы.\n"
	const whole = "2. Данные хранятся один год после последней поездки. Затем они удаляются без возможности восстановления.\n\n"
	const parts = "2. Данные хранятся один год после последней поездки.\n\n2.1. Затем они удаляются без возможности восстановления.\n\n"
	const guest = "4. Временное правило о поездках в праздничные дни и о ночных поездках.\n"
	h := documents.History{Document: "privacy", Prevailing: "ru"}
	for i, text := range []string{head + whole + tail, head + tail + guest, head + whole + tail, head + parts + tail} {
		// The same in Kazakh words is no part of this: ids follow the prevailing language.
		h.Versions = append(h.Versions, documents.ImportedVersion{Number: i + 1, Effective: fmt.Sprintf("202%d-01-01", i), Texts: []documents.DraftText{{Lang: "ru", Source: text}}})
	}
	if _, err := l.Import(t.Context(), h, staff); err != nil {
		t.Fatal(err)
	}
	return l
}

// What went and came back as another clause counts as one, and what came and went
// meanwhile is named.
func TestSinceComposes(t *testing.T) {
	l := turned(t)
	for _, c := range []struct {
		a, b int
		want []string
	}{
		{1, 3, []string{"2. 2:removed 3:added undone", "4. 2:added 3:removed undone"}},
		{1, 4, []string{"2. 2:removed 3:added 4:changed", "2.1. 4:added", "4. 2:added 3:removed undone"}},
		{2, 4, []string{"2. 3:added 4:changed", "2.1. 4:added", "4. 3:removed"}},
	} {
		if diff := cmp.Diff(c.want, since(t, l, c.a, c.b, "ru")); diff != "" {
			t.Errorf("%d to %d: %s", c.a, c.b, diff)
		}
	}
}

// In a language that does not prevail a clause can go and come back with its id.
func TestClauseReturns(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	short := kkLaw[:strings.Index(kkLaw, "2.2.")]
	var last documents.Version
	for _, kk := range []string{kkLaw, short, kkLaw} {
		last = published(t, l, bilingual(ruLaw, kk))
	}
	want := []string{"3/2 added 2.2.", "2/1 removed 2.2.", "1/0 added 2.2."}
	h := historyOf(t, l, "kk", ids(t, last, "ru")["2.2."])
	if diff := cmp.Diff(want, said(h)); diff != "" || !h.States[0].Returned || h.States[2].Returned {
		t.Errorf("%s: %+v", diff, h.States)
	}
	if h := historyOf(t, l, "ru", ids(t, last, "ru")["2.2."]); len(h.States) != 1 {
		t.Errorf("in Russian: %v", said(h))
	}
}

// Bytes that readers do not see make no state; a link that leads elsewhere does,
// though its definition stands far away.
func TestWhatIsNoState(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	text := func(mark, dash, address string) string {
		return "# Политика\n\n1. Правила " + mark + "строгие" + mark + " и описаны [в приложении][a].\n\n2. Перечень данных:\n\n" + dash + " имя;\n" + dash + " телефон.\n\n[a]: " + address + "\n"
	}
	h := documents.History{Document: "privacy", Prevailing: "ru"}
	for i, source := range []string{text("**", "-", "https://example.kz/a"), text("__", "*", "https://example.kz/a"), text("__", "*", "https://example.kz/b")} {
		h.Versions = append(h.Versions, documents.ImportedVersion{Number: i + 1, Effective: fmt.Sprintf("202%d-01-01", i), Texts: []documents.DraftText{{Lang: "ru", Source: source}}})
	}
	if _, err := l.Import(t.Context(), h, staff); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"3/2 changed 1.", "1/0 added 1."}, said(historyOf(t, l, "ru", idOf(t, l, 1, "ru", "Правила")))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1/0 added 2."}, said(historyOf(t, l, "ru", idOf(t, l, 1, "ru", "Перечень")))); diff != "" {
		t.Error(diff)
	}
}

// A clause without a number can move and keep every byte.
func TestHeadingMoves(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	sections := []string{"## Хранение\n\nДанные хранятся один год.\n\n", "## Передача\n\nДанные никому не передаются без согласия.\n\n", "## Права\n\nПользователь может получить копию своих данных.\n\n", "## Споры\n\nСпоры решает суд по месту нахождения службы.\n\n"}
	h := documents.History{Document: "privacy", Prevailing: "ru"}
	for i, order := range [][]int{{0, 1, 2, 3}, {1, 2, 3, 0}} {
		source := "# Политика\n\n"
		for _, n := range order {
			source += sections[n]
		}
		h.Versions = append(h.Versions, documents.ImportedVersion{Effective: fmt.Sprintf("202%d-01-01", i), Texts: []documents.DraftText{{Lang: "ru", Source: source}}})
	}
	if _, err := l.Import(t.Context(), h, staff); err != nil {
		t.Fatal(err)
	}
	for title, want := range map[string][]string{"Хранение": {"2/1 moved ", "1/0 added "}, "Передача": {"1/0 added "}, "Споры": {"1/0 added "}} {
		if diff := cmp.Diff(want, said(historyOf(t, l, "ru", idOf(t, l, 1, "ru", title)))); diff != "" {
			t.Errorf("%s: %s", title, diff)
		}
	}
}

// A clause that a withdrawn version brought is new in the next one too, not back.
func TestComesAgainAfterWithdrawal(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	publish(t, l, draft("Первый."))
	more := draft("Первый.")
	more.Texts[0].Source += "\n3. Третий пункт о сроках хранения поездок.\n"
	publish(t, l, more)
	if _, err := l.Withdraw(t.Context(), "privacy", 2, "a", staff); err != nil {
		t.Fatal(err)
	}
	publish(t, l, more)
	h := historyOf(t, l, "ru", idOf(t, l, 3, "ru", "Третий"))
	if diff := cmp.Diff([]string{"3/1 added 3.", "2/1 added 3."}, said(h)); diff != "" || h.States[0].Returned {
		t.Errorf("%s, %t", diff, h.States[0].Returned)
	}
}

// A clause that a withdrawn version dropped was in force all the time: the next
// version continues it, and its links stay.
func TestDroppedByWithdrawnVersion(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	more := draft("Первый.")
	more.Texts[0].Source += "\n3. Третий пункт о сроках хранения поездок.\n"
	publish(t, l, more)
	publish(t, l, draft("Первый."))
	if _, err := l.Withdraw(t.Context(), "privacy", 2, "a", staff); err != nil {
		t.Fatal(err)
	}
	more.Texts[0].Source += "\n4. Новый пункт.\n"
	publish(t, l, more)
	if was, is := idOf(t, l, 1, "ru", "Третий"), idOf(t, l, 3, "ru", "Третий"); was != is {
		t.Errorf("clause 3 was %s and is %s", was, is)
	}
}

// A paragraph that goes from one clause to another changes both, though it is the
// same paragraph.
func TestParagraphChangesClauses(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	const first, second, extra = "1. Служба хранит имя и телефон пользователя.\n\n", "2. Записи поездок удаляются через один год.\n\n", "Об этом пользователь узнаёт при регистрации в приложении.\n\n"
	h := documents.History{Document: "privacy", Prevailing: "ru"}
	for i, source := range []string{first + extra + second, first + second + extra} {
		h.Versions = append(h.Versions, documents.ImportedVersion{Effective: fmt.Sprintf("202%d-01-01", i), Texts: []documents.DraftText{{Lang: "ru", Title: "Т", Source: source}}})
	}
	if _, err := l.Import(t.Context(), h, staff); err != nil {
		t.Fatal(err)
	}
	for number, words := range map[string]string{"1.": "Служба", "2.": "Записи"} {
		want := []string{"2/1 changed " + number, "1/0 added " + number}
		if diff := cmp.Diff(want, said(historyOf(t, l, "ru", idOf(t, l, 1, "ru", words)))); diff != "" {
			t.Error(diff)
		}
	}
}

// many is a store of one document with as many versions as wanted, none of which
// it keeps.
type many struct {
	documents.Store
	versions int
	text     func(number int) documents.Text
	reads    int // of versions
	traces   int
}

func (m *many) Document(context.Context, string) (documents.Document, error) {
	return documents.Document{ID: "many"}, nil
}

func (m *many) Events(_ context.Context, _ string, after documents.Seq, limit int) (out []documents.Event, err error) {
	for n := int(after) + 1; n <= m.versions && len(out) < limit; n++ {
		out = append(out, documents.Event{Seq: documents.Seq(n), Kind: documents.Published, Version: n, Document: "many", Titles: map[string]string{"en": "Many"}})
	}
	return out, nil
}

func (m *many) Version(_ context.Context, _ string, number int) (documents.Version, error) {
	if number < 1 || number > m.versions {
		return documents.Version{}, documents.ErrNotFound
	}
	m.reads++
	return documents.Version{Document: "many", Number: number, Texts: []documents.Text{m.text(number)}}, nil
}

func (m *many) Traces(_ context.Context, _, _ string, after, limit int) (out []documents.Trace, err error) {
	for n := after + 1; n <= m.versions && len(out) < limit; n++ {
		m.traces++
		out = append(out, documents.TraceOf(n, m.text(n)))
	}
	return out, nil
}

// rolling is version number of a text of clauses, of which each version changes
// one.
func rolling(clauses int) func(number int) documents.Text {
	return func(number int) documents.Text {
		var b strings.Builder
		t := documents.Text{Lang: "en", Title: "Many"}
		for i := range clauses {
			last := number - (number-i%clauses+clauses)%clauses // the version that changed clause i last
			fmt.Fprintf(&b, "%d. The clause of topic %d says what it says, and who is concerned may ask, as of %d.\n\n", i+1, i, max(last, 0))
			t.Clauses = append(t.Clauses, documents.Clause{ID: fmt.Sprintf("c-%d", i), Number: fmt.Sprintf("%d.", i+1), First: 2*i + 1, Last: 2*i + 1, Level: 1})
		}
		t.Source = b.String()
		return t
	}
}

func longLibrary(versions, clauses int) (*documents.Library, *many) {
	store := &many{versions: versions, text: rolling(clauses)}
	return documents.NewLibrary(documents.Config{Store: store}), store
}

// Traces are read once, and of texts only those in which a clause changed.
func TestLongHistoryIsReadOnce(t *testing.T) {
	l, store := longLibrary(300, 20)
	h, err := l.ClauseHistory(t.Context(), documents.ClauseQuery{Document: "many", Lang: "en", ID: "c-7", Before: 0, Limit: 5, Texts: true})
	if err != nil || len(h.States) != 5 || h.Next != h.States[4].Standing.Number {
		t.Fatalf("%v, next %d, %v", said(h), h.Next, err)
	}
	if store.traces != 300 || store.reads > 15 {
		t.Errorf("%d traces and %d versions read at first", store.traces, store.reads)
	}
	store.reads = 0
	if _, err := l.ClauseHistory(t.Context(), documents.ClauseQuery{Document: "many", Lang: "en", ID: "c-8", Before: 0, Limit: 5, Texts: true}); err != nil || store.traces != 300 || store.reads > 40 {
		t.Errorf("%d traces and %d versions read for another clause, %v", store.traces, store.reads, err)
	}
	s, err := l.Since(t.Context(), "many", 10, 300, "en")
	if err != nil || !s.Many || len(s.Clauses) > 0 {
		t.Errorf("290 versions between: %d clauses, %t, %v", len(s.Clauses), s.Many, err)
	}
	store.reads = 0
	s, err = l.Since(t.Context(), "many", 200, 300, "en")
	if err != nil || s.Many || len(s.Clauses) != 20 || len(s.Versions) != 99 || store.reads > 103 {
		t.Errorf("99 versions between: %d clauses, %t, %d versions read, %v", len(s.Clauses), s.Many, store.reads, err)
	}
}

// An answer compares a bounded amount of text, and says where to go on.
func TestHugeHistoryIsBounded(t *testing.T) {
	l, store := longLibrary(20, 1)
	text := store.text
	store.text = func(number int) documents.Text {
		out := text(number)
		out.Source = strings.Replace(out.Source, "as of", strings.Repeat("who asks is answered ", 50_000)+"as of", 1)
		return out
	}
	before, states := 0, 0
	for pages := 1; ; pages++ {
		h, err := l.ClauseHistory(t.Context(), documents.ClauseQuery{Document: "many", Lang: "en", ID: "c-0", Before: before, Limit: 100, Texts: true})
		if err != nil {
			t.Fatal(err)
		}
		states += len(h.States)
		if before = h.Next; before == 0 {
			if pages < 2 || states != 20 {
				t.Errorf("%d states on %d pages", states, pages)
			}
			break
		}
	}
	if s, err := l.Since(t.Context(), "many", 1, 20, "en"); err != nil || !s.Many {
		t.Errorf("18 versions of 1 MB between: %v, %v", s.Many, err)
	}
}

func BenchmarkClauseHistory(b *testing.B) {
	for _, warm := range []bool{false, true} {
		b.Run(map[bool]string{false: "cold", true: "warm"}[warm], func(b *testing.B) {
			l, _ := longLibrary(2000, 300)
			for i := 0; b.Loop(); i++ {
				if !warm {
					l, _ = longLibrary(2000, 300)
				}
				if _, err := l.ClauseHistory(b.Context(), documents.ClauseQuery{Document: "many", Lang: "en", ID: "c-7", Before: 0, Limit: 20, Texts: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
