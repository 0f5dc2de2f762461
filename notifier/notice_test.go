package notifier

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"vestnik/documents"
)

// TestReasonIn: the reason stands in one language. Where the mail has a part in that
// one it stands there alone, else it says in which it is.
func TestReasonIn(t *testing.T) {
	n, s, set := told(t, 1)
	s.version.Texts = []documents.Text{{Lang: "kk"}, {Lang: "ru"}}
	for _, c := range []struct {
		reason, languages string
		marked, plain     int
	}{
		{"Суд обязал нас.", "ru", 0, 1}, {"Суд обязал нас.", "kk", 1, 0}, {"Суд обязал нас.", "kk ru", 0, 1}, {"Суд обязал нас.", "kk en", 2, 0},
		{"Сот бізді міндеттеді.", "ru", 1, 0}, {"Сот бізді міндеттеді.", "kk", 0, 1}, {"Сот бізді міндеттеді.", "kk ru", 0, 1},
		{"Суд обязал нас. / Сот бізді міндеттеді.", "kk ru", 0, 2}, {"Суд обязал нас. / Сот бізді міндеттеді.", "en", 1, 0},
		{"A court ordered it.", "kk ru", 2, 0}, {"判决", "ru", 0, 1}, {"", "ru", 0, 0},
	} {
		s.standing.ReasonText = c.reason
		f, err := n.form(s, strings.Fields(c.languages), set, nil)
		if err != nil {
			t.Fatal(err)
		}
		marked, plain := 0, 0
		for _, tag := range strings.Fields(c.languages) {
			head := n.Words(tag).T("reason")
			marked += strings.Count(f.HTML, ">"+head+" (")
			plain += strings.Count(f.HTML, ">"+head+"<")
		}
		if marked != c.marked || plain != c.plain || strings.Contains(f.Text, " / ") {
			t.Errorf("%q in %s: %d marked, %d not", c.reason, c.languages, marked, plain)
		}
		reason, in := s.reason(strings.Fields(c.languages)[0])
		if strings.Count(f.Text, reason) < marked || reason == "" && strings.Contains(f.Text, n.Words("ru").T("reason")) {
			t.Errorf("%q in %s is missing", c.reason, c.languages)
		}
		if marked > 0 && !strings.Contains(f.HTML, `lang="`+in+`">`+reason) {
			t.Errorf("%q in %s has no lang", c.reason, c.languages)
		}
	}
}

// TestSince: why from that version.
func TestSince(t *testing.T) {
	n, s, set := told(t, 1)
	for why, want := range map[string]string{
		sinceTold:       "Сравнение с редакцией от 1 марта 2025 г. (версия 3) — последней, о которой вам сообщали.",
		sinceRegistered: "Сравнение с редакцией от 1 марта 2025 г. (версия 3), которая действовала, когда вы зарегистрировались.",
		sinceEarlier:    "Сравнение с версией 3, которая действовала раньше.",
	} {
		s := s
		s.since.why = why
		if why == sinceEarlier {
			s.earlier = documents.Standing{} // it is not known since when
		}
		f, err := n.form(s, []string{"ru"}, set, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(strings.Fields(f.Text), " "); !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		most     int
		in, want []string
	}{
		{10, []string{"abc", "abcd"}, []string{"abc", "abcd"}},
		{10, []string{"abcdefghijkl", "abc"}, []string{"abcdef…", "abc"}},
		{10, []string{"abcdefghijkl", "abcdefghijkl"}, []string{"abcd…", "abcd…"}},
		{12, []string{"abc", "abcdefghijkl", "ab"}, []string{"abc", "abcdef…", "ab"}},
	} {
		if got := share(slices.Clone(c.in), c.most); !slices.Equal(got, c.want) {
			t.Errorf("%v in %d: %q", c.in, c.most, got)
		}
	}
}

// TestAccount tells accounts apart and tells little of anybody.
func TestAccount(t *testing.T) {
	for want, r := range map[string]Recipient{
		"А••• С•••, •••24": {Name: "Айгүл Сатпаева", ExternalID: "u-1024"},
		"•••23":            {ExternalID: "850101300123"},
		"•••2":             {ExternalID: "12"},
		"•••":              {ExternalID: "1"},
		"•••їғ":            {ExternalID: "ұзақїғ"},
	} {
		if got := account(r); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := account(Recipient{Name: strings.Repeat("字 ", 500), ExternalID: "u-1024"}); breadth("Аккаунт: "+got) > textWidth || !strings.HasSuffix(got, "•••24") {
		t.Errorf("%d columns: %s", breadth(got), got)
	}
}

// TestAnswerIn: what the organisation answers is quoted, and says in which language it
// is where the letter is in another.
func TestAnswerIn(t *testing.T) {
	n, _, set := told(t, 1)
	for _, c := range []struct{ letter, words, head, tag string }{
		{"kk", "Исправили.", "Жауап (орыс тілінде)", "ru"}, {"ru", "Исправили.", "Ответ", "ru"},
		{"ru", "Түзетілді.", "Ответ (на казахском языке)", "kk"}, {"kk", "Түзетілді.", "Жауап", "kk"}, {"ru", "…", "Ответ", ""},
	} {
		text, markup, err := n.speech.render("letter", n.page(Letter{Kind: LetterAnswer, Language: c.letter, Args: map[string]string{"about": "done", "words": c.words}}, set))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, "\n"+c.head+":\n"+c.words+"\n") || !strings.Contains(markup, ">"+c.head+"</h2>") || strings.Contains(markup, `lang="`+c.tag+`"><p`) && c.tag == "" {
			t.Errorf("%q in a letter in %s: %s", c.words, c.letter, text)
		}
		if c.tag != "" && !regexp.MustCompile(`<div class="said"[^>]* lang="`+c.tag+`">`).MatchString(markup) {
			t.Errorf("%q has no language in %s", c.words, markup)
		}
	}
}
