package documents_test

import (
	"regexp"
	"strings"
	"testing"

	"vestnik/documents"
)

// bilingual is a draft with these texts.
func bilingual(ru, kk string) *documents.Draft {
	d := draft("")
	d.Texts = []documents.DraftText{{Lang: "ru", Title: "Т", Source: ru}, {Lang: "kk", Title: "Т", Source: kk}}
	d.Effective, d.Change.Urgent, d.Change.Reason = "now", true, "a"
	return d
}

func published(t *testing.T, l *documents.Library, d *documents.Draft) documents.Version {
	t.Helper()
	e := publish(t, l, d)
	v, err := l.Version(t.Context(), e.Document, e.Version)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// ids maps the written number, else the title, of each clause to its id.
func ids(t *testing.T, v documents.Version, lang string) map[string]string {
	t.Helper()
	text, ok := v.Text(lang)
	if !ok {
		t.Fatalf("no text in %s", lang)
	}
	out := map[string]string{}
	for _, c := range text.Clauses {
		key := c.Number
		if key == "" {
			key = c.Title
		}
		if !regexp.MustCompile(`^c-[a-z2-7]{8}$`).MatchString(c.ID) {
			t.Errorf("%s has the id %q", key, c.ID)
		}
		out[key] = c.ID
	}
	return out
}

func same(t *testing.T, what, a, b string) {
	t.Helper()
	if a == "" || a != b {
		t.Errorf("%s: %q and %q, want the same id", what, a, b)
	}
}

const (
	ruLaw = "# Т\n\n## Статья 1. Общее\n\nЗдесь сказано, о чём эта политика и кого она касается.\n\n## Статья 2. Данные\n\n2.1. Компания собирает имя и номер телефона водителя.\n\n2.2. Компания хранит записи поездок в течение года.\n"
	kkLaw = "# Т\n\n## 1-бап. Жалпы\n\nБұл саясат не туралы және кімге қатысты екені айтылады.\n\n## 2-бап. Деректер\n\n2.1. Компания жүргізушінің аты мен телефонын жинайды.\n\n2.2. Компания сапар жазбаларын бір жыл сақтайды.\n"
)

func TestLanguagesShareIDs(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	v := published(t, l, bilingual(ruLaw, kkLaw))
	ru, kk := ids(t, v, "ru"), ids(t, v, "kk")
	same(t, "article 1", ru["Статья 1."], kk["1-бап."])
	same(t, "2.2", ru["2.2."], kk["2.2."])
	if text, _ := v.Text("ru"); len(text.Clauses) != 5 || text.Clauses[4].Parent != text.Clauses[2].ID {
		t.Errorf("the tree: %+v", text.Clauses)
	}
	p, err := l.Propose(t.Context(), *bilingual(ruLaw, kkLaw))
	if err != nil || len(p.Doubts) > 0 {
		t.Errorf("the same texts again leave doubts: %+v, %v", p.Doubts, err)
	}
	for lang, want := range map[string]map[string]string{"ru": ru, "kk": kk} {
		for key, id := range ids(t, p.Version, lang) {
			same(t, "again "+key, want[key], id)
		}
	}
}

func TestIDsSurviveRenumberingAndRewording(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	before := published(t, l, bilingual(ruLaw, kkLaw))
	insert := func(text, clause string) string {
		text = strings.Replace(text, "2.2. ", "2.3. ", 1)
		return strings.Replace(text, "2.1. ", "2.1. "+clause+"\n\n2.2. ", 1)
	}
	ru := insert(ruLaw, "Согласие водителя даётся при регистрации в приложении.")
	kk := insert(kkLaw, "Жүргізуші қосымшаға тіркелгенде келісім береді.")
	after := published(t, l, bilingual(strings.Replace(ru, "в течение года", "в течение двух лет", 1), kk))
	for _, lang := range []string{"ru", "kk"} {
		old, now := ids(t, before, lang), ids(t, after, lang)
		same(t, lang+" 2.1 to 2.2", old["2.1."], now["2.2."])
		same(t, lang+" 2.2 to 2.3", old["2.2."], now["2.3."])
		if now["2.1."] == old["2.1."] || now["2.1."] == "" {
			t.Errorf("%s: the new clause has the id %q", lang, now["2.1."])
		}
	}
	same(t, "the new clause", ids(t, after, "ru")["2.1."], ids(t, after, "kk")["2.1."])
}

func TestDoubts(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	short := kkLaw[:strings.Index(kkLaw, "2.2.")]
	more := strings.Replace(short, "2.1.", "9.9. Артық тармақ.\n\n2.1.", 1)
	p, err := l.Propose(t.Context(), *bilingual(ruLaw, more))
	if err != nil {
		t.Fatal(err)
	}
	ru, kk := ids(t, p.Version, "ru"), ids(t, p.Version, "kk")
	same(t, "2.1", ru["2.1."], kk["2.1."])
	for key, id := range ru {
		if id == kk["9.9."] {
			t.Errorf("9.9. shares the id of %s", key)
		}
	}
	found := false
	for _, d := range p.Doubts {
		found = found || d == (documents.Doubt{Lang: "kk", Number: "9.9.", ID: kk["9.9."], Why: documents.DoubtAlone})
		if d.Lang == "ru" || d.Number == "2.1." {
			t.Errorf("no doubt is due: %+v", d)
		}
	}
	if !found {
		t.Errorf("the clause in one language only is not named: %+v", p.Doubts)
	}
}

// A clause with another number between two that correspond is taken for the one
// in its place, with a doubt.
func TestMisnumberedTranslation(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	p, err := l.Propose(t.Context(), *bilingual(ruLaw, strings.Replace(kkLaw, "2.1.", "2.7.", 1)))
	if err != nil {
		t.Fatal(err)
	}
	ru, kk := ids(t, p.Version, "ru"), ids(t, p.Version, "kk")
	same(t, "2.1 and 2.7", ru["2.1."], kk["2.7."])
	same(t, "2.2", ru["2.2."], kk["2.2."])
	if len(p.Doubts) != 1 || p.Doubts[0] != (documents.Doubt{Lang: "kk", Number: "2.7.", ID: kk["2.7."], Why: documents.DoubtLanguage}) {
		t.Errorf("got %+v", p.Doubts)
	}
}

// Where the languages fall apart and come together again, ids follow the
// prevailing one.
func TestLanguagesPartAndMeet(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	short := kkLaw[:strings.Index(kkLaw, "2.2.")]
	first := published(t, l, bilingual(ruLaw, short))
	second := published(t, l, bilingual(ruLaw, kkLaw))
	same(t, "2.2 in Kazakh, late", ids(t, first, "ru")["2.2."], ids(t, second, "kk")["2.2."])
	same(t, "2.1 in Kazakh", ids(t, first, "kk")["2.1."], ids(t, second, "kk")["2.1."])
}

func TestManyClausesAreBounded(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	var ru, kk strings.Builder
	for i := range 3000 {
		ru.WriteString("# А\n\n")
		if kk.WriteString("# Б\n\n"); i%2 == 0 {
			kk.WriteString("## В\n\n")
		}
	}
	v := published(t, l, bilingual(ru.String(), kk.String()))
	for _, text := range v.Texts {
		seen := map[string]bool{}
		for _, c := range text.Clauses {
			if seen[c.ID] {
				t.Fatalf("%s: %s twice", text.Lang, c.ID)
			}
			seen[c.ID] = true
		}
	}
}
