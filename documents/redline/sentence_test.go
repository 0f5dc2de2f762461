package redline_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"vestnik/documents/redline"
)

// rules makes a text of n numbered clauses of words of their own below a heading.
func rules(n int) string {
	words := strings.Fields("apple river stone window garden letter copper winter market bridge candle forest island jacket kettle ladder mirror needle orange pencil")
	var b strings.Builder
	b.WriteString("# Rules\n\nThese rules are for all.\n\n## 6. Terms\n\n")
	for i := 1; i <= n; i++ {
		w := words[i%len(words)] + fmt.Sprint(" ", words[(i*7)%len(words)])
		fmt.Fprintf(&b, "6.%d. The %s of the %d part is kept by the keeper.\n\n", i, w, 100+i)
	}
	return b.String()
}

func TestSentence(t *testing.T) {
	const cookies = "## 1. Data\n\n1.1. We keep the data for three years.\n\n"
	change := func(n int) string {
		s := rules(n)
		for i := 1; i <= n; i++ {
			s = strings.Replace(s, "is kept by the keeper", "is held by the keeper", 1)
		}
		return s
	}
	for _, c := range []struct{ name, old, new, ru, kk, en string }{
		{"equal", cookies, cookies, "Различий нет.", "Айырмашылық жоқ.", "There are no differences."},
		{"source only", "One two\nthree.\n\nFour\nfive.\n", "One two three.\n\nFour five.\n",
			"Для читателя различий нет: только в 2 местах изменено оформление исходного текста.",
			"Оқырман үшін айырмашылық жоқ: бастапқы мәтіннің пішімі ғана 2 жерде өзгертілді.",
			"Readers see no differences: only the source’s formatting changed, in 2 places."},
		{"one", rules(1), change(1), "Изменён 1 пункт.", "1 тармақ өзгертілді.", "1 clause changed."},
		{"three", rules(3), change(3), "Изменено 3 пункта.", "3 тармақ өзгертілді.", "3 clauses changed."},
		{"five", rules(5), change(5), "Изменено 5 пунктов.", "5 тармақ өзгертілді.", "5 clauses changed."},
		{"twenty-one", rules(21), change(21), "Изменён 21 пункт.", "21 тармақ өзгертілді.", "21 clauses changed."},
		{"the start", rules(3), strings.Replace(rules(3), "for all", "for everybody", 1), "Изменено начало текста.", "Мәтіннің басы өзгертілді.", "The start of the text changed."},
		{"no clauses", "One line of words.\n", "One line of words.\n\nAnother thing comes.\n\nAnd one more thing.\n", "Добавлено 2 фрагмента.", "2 үзінді қосылды.", "2 passages added."},
		{"rule", "One.\n\n---\n\nTwo.\n", "One.\n\nTwo.\n", "Изменена 1 разделительная линия.", "1 бөлгіш сызық өзгертілді.", "1 dividing line changed."},
		{"one of each", rules(3) + "7. Advertising\n\n", strings.Replace(change(2), "6.2.", "6.2. Cookies. We use them.\n\n6.3.", 1) + "6.4." + strings.SplitAfter(rules(3), "6.3.")[1],
			"Изменено 2 пункта, добавлен 1 (6.2 Cookies), исключён 1 (7 Advertising); изменён номер 1 пункта.",
			"2 тармақ өзгертілді, 1 тармақ қосылды (6.2 Cookies), 1 тармақ алып тасталды (7 Advertising); 1 тармақтың нөмірі өзгертілді.",
			"2 clauses changed, 1 added (6.2 Cookies), 1 removed (7 Advertising); 1 clause renumbered."},
		{"many names", cookies, cookies + "1.2. Mail\n\n1.3. Phone\n\n1.4. Post\n\n1.5. Fax\n\n1.6. Pigeons\n",
			"Добавлено 5 пунктов (1.2 Mail; 1.3 Phone; 1.4 Post и ещё 2).", "5 тармақ қосылды (1.2 Mail; 1.3 Phone; 1.4 Post және тағы 2).", "5 clauses added (1.2 Mail; 1.3 Phone; 1.4 Post and 2 more)."},
		{"a clause with what is below it", cookies, cookies + "## 2. Mail\n\n2.1. One letter a day.\n\n2.2. No letter on Sundays.\n",
			"Добавлен 1 пункт (2 Mail).", "1 тармақ қосылды (2 Mail).", "1 clause added (2 Mail)."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := redline.Compare(parse(t, c.old), parse(t, c.new))
			for tag, want := range map[string]string{"ru": c.ru, "kk": c.kk, "en": c.en, "fr": c.en} {
				if got := r.Sentence(tag); got != want {
					t.Errorf("%s: got  %s\nwant %s\n%s", tag, got, want, kinds(r))
				}
			}
		})
	}
}

// heads lists the headings of the changes.
func heads(t *testing.T, r *redline.Redline, tag string) []string {
	var b bytes.Buffer
	if err := r.Text(&b, tag); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, paragraph := range strings.Split(b.String(), "\n\n")[1:] {
		head, _, _ := strings.Cut(paragraph, "\n  ")
		if head = strings.Join(strings.Fields(head), " "); !strings.HasPrefix(head, "·") {
			out = append(out, head)
		}
	}
	return out
}

// renumbered puts a clause before 6.2 and shifts those behind it and what refers
// to them.
func renumbered(n int) (old, new string) {
	old = strings.Replace(rules(n), "is kept by the keeper", "is kept as clause 6.4 says", 1)
	shift := []string{"clause 6.4 ", "clause 6.5 "}
	for i := 2; i <= n; i++ {
		shift = append(shift, fmt.Sprintf("\n6.%d. ", i), fmt.Sprintf("\n6.%d. ", i+1))
	}
	new = strings.NewReplacer(shift...).Replace(old)
	return old, strings.Replace(new, "\n6.3. ", "\n6.2. Cookies are small files that pages leave in a browser.\n\n6.3. ", 1)
}

func TestShiftIsOneLine(t *testing.T) {
	old, new := renumbered(21)
	r := redline.Compare(parse(t, old), parse(t, new))
	for tag, want := range map[string][]string{
		"en": {"Clause 6.1 — only the number in a reference changed", "Clause 6.2 — added", "6.2–6.21 are now 6.3–6.22"},
		"ru": {"Пункт 6.1 — изменён только номер в 1 ссылке", "Пункт 6.2 — добавлено", "6.2–6.21 теперь 6.3–6.22"},
		"kk": {"6.1-тармақ — тек 1 сілтемедегі нөмір өзгертілді", "6.2-тармақ — қосылды", "6.2–6.21 енді 6.3–6.22"},
	} {
		if got := heads(t, r, tag); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: got %q\nwant %q", tag, got, want)
		}
	}
	if got := strings.Count(r.HTML("en"), `<section class="rl-entry`); got != 3 {
		t.Errorf("%d sections", got)
	}
	if want := "1 clause added (6.2 Cookies are small files that pages…); 20 clauses renumbered; references follow in 1 place."; r.Sentence("en") != want {
		t.Errorf("got %s", r.Sentence("en"))
	}
}

func TestHeadings(t *testing.T) {
	const base = "# Policy\n\nFor all readers here.\n\n## 5. Rights of the user\n\n- (a) to see the data that we keep\n- (b) to correct the data that is wrong\n\n## 6. Other things\n\n6.1. Disputes go to the court of the city.\n\n### Words about mail\n\nWe write letters once a year to you.\n"
	for _, c := range []struct{ name, from, to, want string }{
		{"below", "that is wrong", "that is false", "Clause 5 → (b) — changed"},
		{"number", "6.1. Disputes", "6.2. Disputes", "6.1 is now 6.2"},
		{"number and words", "6.1. Disputes go to the court", "6.2. Disputes go to a court", "Clause 6.2 (was: 6.1) — changed"},
		{"title", "Rights of the user", "Rights of every user", "Clause 5 “Rights of every user” (was: “Rights of the user”) — changed"},
		{"unnumbered", "once a year", "twice a year", "“Words about mail” — changed"},
		{"start", "For all", "For most", "Start of the text — changed"},
		{"gone", "6.1. Disputes go to the court of the city.\n\n", "", "Clause 6.1 — removed"},
		{"article", "### Words about mail", "### Article 9. Words about mail", "“Words about mail” is now Article 9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := redline.Compare(parse(t, base), parse(t, strings.Replace(base, c.from, c.to, 1)))
			if got := strings.Join(heads(t, r, "en"), "; "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestNeighboursAreOneChange adds ten passages to a clause: one change.
func TestNeighboursAreOneChange(t *testing.T) {
	old, new := "1. One thing stays here.\n\n2. Another thing stays.\n", "1. One thing stays here.\n\n"
	for i := range 10 {
		new += fmt.Sprintf("A new passage of number %d.\n\n", i)
	}
	new += "2. Another thing stays.\n"
	got := redline.Compare(parse(t, old), parse(t, new)).HTML("en")
	if strings.Count(got, "<section") != 1 || strings.Count(got, "rl-label") != 1 || strings.Count(got, "<ins>") != 10 {
		t.Error(got)
	}
}

func TestRewrittenIsSaid(t *testing.T) {
	old := rules(20)
	new := "# Regeln\n\n## A. Anfang\n\n" + strings.Repeat("Hier steht ein ganz anderer Satz ohne Gemeinsames.\n\n", 20) + "## B. Ende\n\nSchluss.\n"
	r := redline.Compare(parse(t, old), parse(t, new))
	if !r.Rewritten() || redline.Compare(parse(t, old), parse(t, strings.ReplaceAll(old, "keeper", "warden"))).Rewritten() {
		t.Fatal("not told apart")
	}
	page := r.HTML("ru")
	for _, want := range []string{"Текст написан заново", "Прежнее содержание", "Anfang", "Terms", "Прежний текст полностью", "ein ganz anderer Satz"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(page, "<ins") || strings.Contains(page, "<del") {
		t.Error("a rewritten text is red and green")
	}
	x := r.Excerpt(500)
	if !x.Rewritten || len(x.Passages) != 1 || x.Left != 0 || x.Passages[0].Headline("en") != r.Sentence("en") {
		t.Errorf("%+v", x)
	}
}

// TestDissolvedClauses tells of clauses whose words went to another one.
func TestDissolvedClauses(t *testing.T) {
	const kept = "Staff may borrow any book from the reading room for as long as three weeks.\n\n"
	old := parse(t, "# Library\n\n## Lending\n\nThe library lends to members.\n\n## Staff\n\n"+kept+"## Fines\n\nThe fine is small.\n")
	new := parse(t, "# Library\n\n## Lending\n\nThe library lends to members.\n\n"+kept+"## Fines\n\nThe fine is small.\n")
	for want, r := range map[string]*redline.Redline{
		"“Staff” — removed":                     redline.Compare(old, new),
		"“Staff” (was in: “Lending”) — changed": redline.Compare(new, old),
	} {
		if got := r.HTML("en"); !strings.Contains(got, ">"+want+"</h3>") {
			t.Errorf("no heading %q:\n%s", want, got)
		}
	}
}
