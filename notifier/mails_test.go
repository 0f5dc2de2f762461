package notifier

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// told is a notifier that only words, and what it is to word.
func told(t testing.TB, clauses int) (*Notifier, subject, Settings) {
	t.Helper()
	n, err := New(Config{Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	set := Settings{Organisation: "ТОО «Пример»", BIN: "123456789012", Postal: "050000, Алматы, Үлгі көшесі, 1",
		ReplyTo: "pd@example.kz", From: "Пример <notice@example.kz>", URL: "https://example.kz/policies", Zone: "Asia/Almaty"}
	at := time.Date(2026, 12, 22, 0, 0, 0, 0, time.FixedZone("", 5*3600))
	s := subject{since: anchor{3, sinceTold}, standing: documents.Standing{Number: 7, ReasonText: "", Notes: map[string]documents.Note{}}}
	s.standing.Effective.Instant, s.standing.Effective.Zone = at, "Asia/Almaty"
	s.earlier.Effective = documents.Effective{Instant: at.AddDate(-1, -9, -21), Date: "2025-03-01", Zone: "Asia/Almaty"}
	s.document = documents.Document{ID: "privacy", Titles: map[string]string{}}
	s.version = documents.Version{Number: 7, Prevailing: "ru"}
	for tag, title := range map[string]string{"ru": "Политика конфиденциальности", "kk": "Құпиялылық саясаты", "en": "Privacy policy", "ar": "سياسة الخصوصية"} {
		s.document.Titles[tag] = title
		s.standing.Notes[tag] = documents.Note{What: notes[tag][0], Whom: notes[tag][1], Means: notes[tag][2]}
	}
	s.changes = func(tag string, letters int) (excerpt, error) {
		e := excerpt{}
		for i := range clauses {
			c := change{Head: fmt.Sprintf("%d.1", i+1), Remarks: nil}
			c.Old = []words{{{notes[tag][0] + " ", false}, {notes[tag][1], true}, {" " + notes[tag][2], false}}}
			c.New = []words{{{notes[tag][0] + " ", false}, {notes[tag][2], true}, {" " + notes[tag][1], false}}}
			size := 2 * utf8.RuneCountInString(c.Old[0].plain())
			if letters < size {
				e.more++
				continue
			}
			letters -= size
			e.list = append(e.list, c)
		}
		return e, nil
	}
	return n, s, set
}

var notes = map[string][3]string{
	"ru": {"Меняется срок, в течение которого мы храним данные об обращениях.", "Всех, кто нам писал.", "Ваши обращения будут удалены на два года раньше."},
	"kk": {"Өтініштер туралы деректерді сақтау мерзімі өзгереді.", "Бізге жазғандардың бәріне.", "Өтініштеріңіз екі жыл бұрын жойылады."},
	"en": {"The time for which we keep what you wrote to us changes.", "Everybody who wrote to us.", "Your requests are deleted two years sooner."},
	"ar": {"تتغير مدة احتفاظنا برسائلكم.", "كل من كتب إلينا.", "تحذف رسائلكم قبل عامين."},
}

// everyLetter is one of each topic that the catalogue has, with the values of its
// kind.
func everyLetter(n *Notifier, tag string) (out []Letter) {
	w := n.Words(tag)
	link := "https://example.kz/policies/me/act/" + strings.Repeat("x", 43)
	args := map[LetterKind][]string{
		LetterSignIn: {"url", link}, LetterAct: {"url", link, "value", "n•••@example.com"}, LetterNew: {"url", link},
		LetterAlarm: {"what", "тест", "text", notes[w.Lang][2]}, LetterTest: {}, LetterHeard: {"code", "7KQ4-M2XP-9TRD"},
		LetterMoved:  {"code", "7KQ4-M2XP-9TRD", "value", "n•••@example.com"},
		LetterAnswer: {"code", "7KQ4-M2XP-9TRD", "words", notes[w.Lang][0] + "\n" + notes[w.Lang][1], "kind", w.T("request-correct")},
	}
	for _, key := range n.speech.catalogue.Keys(w.Lang) {
		topic, ok := strings.CutSuffix(key, "-body")
		if !ok {
			continue
		}
		for kind, values := range args {
			about, ok := strings.CutPrefix(topic, string(kind))
			if !ok || about != "" && about[0] != '-' {
				continue
			}
			l := letterTo(Recipient{Number: 1, ExternalID: "u-1024", Name: "Айгүл Сатпаева"}, kind, "a@example.com", tag, append(values, "about", strings.TrimPrefix(about, "-"))...)
			switch about {
			case "-refused":
				l.Args["ground"] = w.T("ground-retention")
			case "-request":
				l.Args["kind"], l.Args["due"] = w.T("request-object"), lang.Date(tag, time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC))
			}
			if kind == LetterSignIn || kind == LetterTest || kind == LetterAlarm {
				delete(l.Args, "account") // these go to staff
			}
			out = append(out, l)
		}
	}
	return out
}

// cases are notices that differ in more than their language.
func cases() map[string]func(*subject, *Settings) {
	return map[string]func(*subject, *Settings){
		"many": func(s *subject, _ *Settings) {
			few := s.changes
			s.changes = func(tag string, letters int) (excerpt, error) {
				e, err := few(tag, 1<<20)
				e.list = append(e.list, e.list...)
				e.list[1].Remarks = []string{notes[tag][1]}
				e.list[2].Old = nil
				e.more = 4
				return e, err
			}
		},
		"urgent": func(s *subject, _ *Settings) {
			s.standing.Urgent, s.standing.ReasonText = true, "Суд обязал нас сделать это немедленно."
		},
		"registered": func(s *subject, _ *Settings) { s.since.why = sinceRegistered },
		"earlier":    func(s *subject, _ *Settings) { s.since.why, s.earlier = sinceEarlier, documents.Standing{} },
		"untold":     func(s *subject, _ *Settings) { s.since = anchor{} },
		"none": func(s *subject, _ *Settings) {
			s.changes = func(string, int) (excerpt, error) { return excerpt{none: true}, nil }
		},
		"same": func(s *subject, _ *Settings) {
			s.changes = func(string, int) (excerpt, error) { return excerpt{}, nil }
		},
		"cut": func(s *subject, _ *Settings) {
			for tag, note := range s.standing.Notes {
				note.What = strings.Repeat(note.What+" ", 40)
				note.Do = note.Means
				s.standing.Notes[tag] = note
			}
		},
		"rehearsal": func(_ *subject, set *Settings) {
			set.Rehearsal, set.BIN, set.Postal, set.Organisation = true, "", "", ""
		},
		"demo": func(_ *subject, set *Settings) { set.Demo = true },
	}
}

// mails are all that can be sent, by name, each as subject, text and HTML.
func mails(t testing.TB) map[string][3]string {
	t.Helper()
	n, s, set := told(t, 6)
	out := map[string][3]string{}
	for _, ls := range [][]string{{"ru"}, {"kk"}, {"kk", "ru"}, {"en"}, {"ar"}, {"ru", "ar"}} {
		add := func(name string, s subject, set Settings) {
			f, err := n.form(s, ls, set, nil)
			if err != nil {
				t.Fatal(err)
			}
			out["notice"+name+"-"+strings.Join(ls, "+")] = [3]string{f.Subject, f.Text, f.HTML}
		}
		add("", s, set)
		for name, change := range cases() {
			s, set := s, set
			s.standing.Notes = maps.Clone(s.standing.Notes)
			change(&s, &set)
			add("-"+name, s, set)
		}
	}
	for _, tag := range lang.Interface {
		for _, l := range everyLetter(n, tag) {
			p := n.page(l, set)
			text, html, err := n.speech.render("letter", p)
			if err != nil {
				t.Fatal(err)
			}
			out[letterTopic(l)+"-"+tag] = [3]string{p.Heading, text, html}
		}
	}
	return out
}

// TestMailsForEyes writes all mails into the folder that VESTNIK_TEST_MAILS names.
func TestMailsForEyes(t *testing.T) {
	dir := os.Getenv("VESTNIK_TEST_MAILS")
	for name, m := range mails(t) {
		if strings.TrimSpace(m[0]) == "" || strings.TrimSpace(m[1]) == "" {
			t.Errorf("%s is empty", name)
		}
		if dir == "" {
			continue
		}
		for ending, content := range map[string]string{".txt": m[0] + "\n\n" + m[1], ".html": m[2]} {
			if err := os.WriteFile(filepath.Join(dir, name+ending), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
