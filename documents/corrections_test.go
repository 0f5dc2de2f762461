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

// story is a library where version 1 is in force and version 2 upcoming.
func story(t *testing.T, rules *documents.Rules) *documents.Library {
	t.Helper()
	l := library(t, rules)
	privacy(t, l)
	publish(t, l, draft("Первый."))
	publish(t, l, draft("Второй."))
	return l
}

func standing(t *testing.T, l *documents.Library, number int) documents.Standing {
	t.Helper()
	line, err := l.Timeline(t.Context(), "privacy", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := line.Standing(number)
	if !ok {
		t.Fatalf("no version %d", number)
	}
	return s
}

func TestCorrect(t *testing.T) {
	rules := alone()
	l := story(t, &rules)
	right := documents.Note{What: "Изменён пункт 1, а не 2."}
	e, err := l.Correct(t.Context(), "privacy", 2, map[string]documents.Note{"ru": {What: " Изменён пункт 1, а не 2.\r\n"}}, staff)
	if err != nil || e.Kind != documents.Corrected || len(e.Texts) != 1 || e.Notes["ru"] != right {
		t.Fatalf("%+v, %v", e, err)
	}
	if s := standing(t, l, 2); s.Notes["ru"] != right || s.Notes["kk"].What != "1-тармақ өзгерді." {
		t.Errorf("%+v", s.Notes)
	}
	for name, c := range map[string]struct {
		number int
		notes  map[string]documents.Note
		want   string
	}{
		"the same":    {2, map[string]documents.Note{"ru": right}, documents.CodeNoteSame},
		"none":        {2, nil, documents.CodeNoteSame},
		"emptied":     {2, map[string]documents.Note{"ru": {}}, documents.CodeNote},
		"no language": {2, map[string]documents.Note{"de": right}, documents.CodeNoteExtra},
		"no version":  {3, map[string]documents.Note{"ru": right}, documents.ErrNotFound.Error()},
	} {
		_, err := l.Correct(t.Context(), "privacy", c.number, c.notes, staff)
		if got := code(err); got != c.want && !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestReclassify(t *testing.T) {
	rules := alone()
	l := story(t, &rules)
	reclassify := func(class documents.Class, reason string) error {
		_, err := l.Reclassify(t.Context(), "privacy", 2, class, reason, staff)
		return err
	}
	for _, c := range []struct {
		class        documents.Class
		reason, want string
	}{
		{documents.Notice, "a", documents.CodeClassSame},
		{documents.Consent, "a", documents.CodeConsent},
		{documents.Editorial, " ", documents.CodeReason},
		{documents.Editorial, "A misprint only.", "<nil>"},
		{documents.Notice, "It was more.", "<nil>"},
	} {
		if got := code(reclassify(c.class, c.reason)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.class, got, c.want)
		}
	}
	if s := standing(t, l, 2); s.Class != documents.Notice || s.ReasonText != "It was more." {
		t.Errorf("%+v", s)
	}
}

// What becomes material needs the notes that users are sent, and a way to send.
func TestReclassifyToNotice(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	publish(t, l, draft("Первый."))
	d := draft("Второй.")
	d.Change = documents.Change{Class: documents.Editorial}
	publish(t, l, d)
	try := func() string {
		_, err := l.Reclassify(t.Context(), "privacy", 2, documents.Notice, "It matters.", staff)
		return code(err)
	}
	if got := try(); got != documents.CodeNote {
		t.Errorf("without notes: %s", got)
	}
	if _, err := l.Correct(t.Context(), "privacy", 2, draft("").Change.Notes, staff); err != nil {
		t.Fatal(err)
	}
	rules.CanTell = false
	if got := try(); got != documents.CodeCannotTell {
		t.Errorf("without mail: %s", got)
	}
	rules.CanTell = true
	if got := try(); got != "<nil>" {
		t.Error(got)
	}
}

func TestPostpone(t *testing.T) {
	rules := alone()
	l := story(t, &rules)
	was := standing(t, l, 2).Effective.Instant
	day := func(n int) string { return was.AddDate(0, 0, n).Format(time.RFC3339) }
	third := draft("Третий.")
	third.Effective = day(10)
	publish(t, l, third)
	for _, c := range []struct {
		number          int
		effective, want string
	}{
		{1, day(5), documents.CodeNotUpcoming},
		{2, day(0), documents.CodeNotLater},
		{2, "now", documents.CodeNotLater},
		{2, "", documents.CodeNotLater},
		{2, "soon", documents.CodeDate},
		{2, day(11), documents.CodePostponeNext},
		{2, day(10), "<nil>"},
		{3, day(20), "<nil>"},
		{2, day(11), "<nil>"},
	} {
		_, err := l.Postpone(t.Context(), "privacy", c.number, c.effective, "Translation is late.", staff)
		if got := code(err); got != c.want {
			t.Errorf("version %d to %s: got %s, want %s", c.number, c.effective, got, c.want)
		}
	}
	if s := standing(t, l, 2); !s.Effective.Instant.Equal(was.AddDate(0, 0, 11)) {
		t.Errorf("%+v", s.Effective)
	}
	early := draft("Четвёртый.")
	early.Effective, early.Change.Urgent, early.Change.Reason = day(1), true, "a"
	if _, err := l.Publish(t.Context(), documents.Publication{Document: "privacy", Draft: early, Based: -1}, staff); code(err) != documents.CodeOrder {
		t.Errorf("before upcoming versions: %v", err)
	}
}

func TestWithdraw(t *testing.T) {
	rules := alone()
	l := story(t, &rules)
	withdraw := func(number int, reason string) string {
		_, err := l.Withdraw(t.Context(), "privacy", number, reason, staff)
		return code(err)
	}
	for _, c := range []struct {
		number       int
		reason, want string
	}{
		{1, "a", documents.CodeNotUpcoming},
		{2, "", documents.CodeReason},
		{2, "The regulator objected.", "<nil>"},
		{2, "a", documents.CodeWithdrawn},
	} {
		if got := withdraw(c.number, c.reason); got != c.want {
			t.Errorf("version %d: got %s, want %s", c.number, got, c.want)
		}
	}
	line, err := l.Timeline(t.Context(), "privacy", time.Time{})
	if err != nil || len(line.Upcoming(time.Now())) != 0 || !line.Next(time.Now()).IsZero() {
		t.Errorf("%+v, %v", line, err)
	}
	// The number stays used, and a withdrawn version is in nobody's way.
	if e := publish(t, l, draft("Третий.")); e.Version != 3 {
		t.Errorf("got version %d", e.Version)
	}
}

func TestClose(t *testing.T) {
	rules := alone()
	l := story(t, &rules)
	seqs := make([]documents.Seq, 4)
	var all sync.WaitGroup
	for i := range seqs {
		all.Go(func() {
			e, err := l.Close(t.Context(), 2, fmt.Sprintf("due=%d", i), documents.SHA256([]byte{byte(i)}))
			if seqs[i] = e.Seq; err != nil || e.Notice != 2 || e.Version != 2 || e.Document != "privacy" {
				t.Errorf("%+v, %v", e, err)
			}
		})
	}
	all.Wait()
	for _, seq := range seqs {
		if seq != 3 {
			t.Errorf("got events %v, want one", seqs)
		}
	}
	if _, err := l.Close(t.Context(), 9, "due=0", documents.Digest{}); !errors.Is(err, documents.ErrNotFound) {
		t.Errorf("no such notice: %v", err)
	}
	if _, err := l.Close(t.Context(), 1, "due=0\nkind published", documents.Digest{}); code(err) != documents.CodeFigures {
		t.Errorf("two lines: %v", err)
	}
}

func TestRestore(t *testing.T) {
	rules := alone()
	l := story(t, &rules)
	e, err := l.Restore(t.Context(), 3, 5, "A disk was lost.", staff)
	if err != nil || e.Seq != 3 || !strings.Contains(string(e.Bytes), "\nlost 3 5\n") {
		t.Errorf("%s, %v", e.Bytes, err)
	}
	for want, c := range map[string]struct {
		first, last documents.Seq
		reason      string
	}{documents.CodeLost: {5, 3, "a"}, documents.CodeReason: {3, 5, ""}} {
		if _, err := l.Restore(t.Context(), c.first, c.last, c.reason, staff); code(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
