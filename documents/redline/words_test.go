package redline

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func compareWords(a, b string) []Span {
	m := &matching{lexicon: newLexicon(), squares: wordWork}
	return m.spans(a, b, 0, 0)
}

// spoken writes what became of a as b: [removed] {added}.
func spoken(a, b string) string {
	var out strings.Builder
	for _, s := range compareWords(a, b) {
		switch s.Op {
		case opRemoved:
			out.WriteString("[" + s.Text + "]")
		case opAdded:
			out.WriteString("{" + s.Text + "}")
		default:
			out.WriteString(s.Text)
		}
	}
	return out.String()
}

// applied is the text before the edits of s, or after.
func applied(s string, after bool) string {
	drop, keep := "[]", "{}"
	if !after {
		drop, keep = keep, drop
	}
	for {
		at := strings.IndexByte(s, drop[0])
		if at < 0 {
			return strings.NewReplacer(keep[:1], "", keep[1:], "").Replace(s)
		}
		s = s[:at] + s[at+strings.IndexByte(s[at:], drop[1])+1:]
	}
}

// TestSpans: each line is a text with the edits that a reader is to see.
func TestSpans(t *testing.T) {
	for _, want := range []string{
		`Общество хранит данные [три года]{пять лет} после удаления учётной записи.`,
		`Политика действует с [1 марта 2024 года]{15 апреля 2025 года} и размещена на сайте.`,
		`Согласие отзывается в порядке [п. 3 ст. 12]{п. 4 ст. 12} Закона о данных.`,
		`Штраф составляет [500 тенге]{1 500 тенге} за каждый день просрочки.`,
		`Мы храним данные. {Мы никому не продаём данные. }Мы удаляем их по запросу. Мы отвечаем за 15 дней.`,
		`Мы храним данные в Казахстане. [Передача третьим лицам производится только с согласия пользователя]{Партнёры получают обезличенную статистику, из которой нельзя узнать человека}. Вопросы направляйте на почту.`,
		`Мы храним всё в Казахстане. [Передача третьим лицам сведений о поведении пользователей возможна исключительно при наличии письменного согласия]{Партнёры получают обезличенную статистику о поведении пользователей, из которой никак нельзя узнать человека}. Вопросы направляйте на почту.`,
		`Пользователь {не }вправе отозвать согласие в любое время.`,
		`Оператор [обязан ответить]{обязуется отвечать} на запрос субъекта в течение [15 рабочих]{30 календарных} дней с даты получения.`,
		`Ұйым деректерді [2024 жылғы 1 наурыздан]{2025 жылғы 15 сәуірден} бастап сақтайды.`,
		`Пайдаланушы [7-баптың 2-тармағына]{7-баптың 3-тармағына} сәйкес келісімін кері қайтарып ала алады.`,
		`Компания [жеке]{дербес} деректерді үшінші тұлғаларға [бермейді]{береді}.`,
		`We keep your data for [30]{60} days after you close the account.`,
		`You may ask for a copy. Write to [privacy@example.kz or call +7 (727) 123-45-67]{dpo@example.kz or call +7 (727) 765-43-21}.`,
		`The fee is [US$ 3,000]{US$ 3,500} per year, payable by [March 1, 2024]{March 15, 2024}.`,
		`We rely on [Art. 6(1)(f) GDPR]{Art. 6(1)(a) GDPR} for this purpose.`,
		`We share data with banks[, insurers] and auditors.`,
		`See [https://example.kz/privacy?v=1]{https://example.kz/privacy?v=2} for the list.`,
		`The company [shall not sell]{may not disclose} personal data to {any }third parties.`,
		`تحتفظ الشركة بالبيانات لمدة [سنة واحدة]{سنتين} بعد إغلاق الحساب.`,
		`يحق للمستخدم سحب موافقته. {لا نبيع البيانات لأحد. }تُحذف البيانات خلال 30 يومًا.`,
		`החברה שומרת את המידע במשך [שלוש שנים לפי סעיף 7(ב)]{חמש שנים לפי סעיף 7(ג)} לחוק.`,
		`公司将在[2024年3月1日]{2025年6月30日}之前删除您的个人数据。`,
		`我们收集您的姓名和地址。我们[不会出售]{会与合作伙伴共享}数据。如有疑问请联系我们。`,
		`利用者は[優雅に]{礼儀正しく}変更を受け入れるものとします。`,
		`当社は[データベース]{クラウド}に個人情報を保存します。`,
		`Данные хранятся на серверах.{ Резервные копии шифруются.}`,
		`Мы передаём данные банкам, [страховым компаниям, ]аудиторам и почте.`,
		`Обработка [ведётся до достижения цели]{прекращается после отзыва согласия}, если закон не требует иного срока хранения документов.`,
		`The board meets in [May]{June}. The board may adjourn.`,
	} {
		if got := spoken(applied(want, false), applied(want, true)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// clauses of a text in a language of few words, so that much is ambiguous.
var drawn = rapid.Custom(func(t *rapid.T) string {
	words := strings.Fields("мы храним данные персональные данные. удаляем их сразу. The company keeps it. п. 3 ст. 12 1 марта 2024 года 10 000 ₸ пользователя согласия, политики. или: (см. 法律 第三条 データ подп. 5 в подп. 7 млрд. тенге наурыз. 2024")
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 60).Draw(t, "words"), " ")
})

func turnedRound(of []Span) []Span {
	out := slices.Clone(of)
	for i := 0; i+1 < len(out); i++ {
		if out[i].Op == opRemoved && out[i+1].Op == opAdded {
			out[i], out[i+1] = out[i+1], out[i]
			i++
		}
	}
	return turned(out)
}

// TestSpansOfRandomTexts: the spans give both texts again, both directions mirror,
// no edit begins or ends inside a token, and no few letters part two edits.
func TestSpansOfRandomTexts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := drawn.Draw(rt, "a")
		b := drawn.Draw(rt, "b")
		if rapid.Bool().Draw(rt, "like") {
			x, y := strings.Fields(a), strings.Fields(b)
			at := rapid.IntRange(0, len(x)).Draw(rt, "at")
			b = strings.Join(slices.Concat(x[:at], y[:min(len(y), 5)], x[min(len(x), at+rapid.IntRange(0, 5).Draw(rt, "less")):]), " ")
		}
		there := compareWords(a, b)
		if back := compareWords(b, a); !slices.Equal(there, turnedRound(back)) {
			rt.Fatalf("%q\n%q", there, back)
		}
		var old, new strings.Builder
		starts := [2]map[int]bool{tokenStarts(a), tokenStarts(b)}
		for i, s := range there {
			if s.Op != opAdded {
				old.WriteString(s.Text)
			}
			if s.Op != opRemoved {
				new.WriteString(s.Text)
			}
			if !starts[0][old.Len()] || !starts[1][new.Len()] {
				rt.Fatalf("a token is cut after %q", s.Text)
			}
			if s.Op == opSame && i > 0 && i+1 < len(there) && utf8.RuneCountInString(s.Text) < regionCost-1 {
				rt.Fatalf("%q parts two edits: %q", s.Text, there)
			}
		}
		if old.String() != a || new.String() != b {
			rt.Fatalf("%q and %q are %q", a, b, there)
		}
	})
}

func tokenStarts(s string) map[int]bool {
	out := map[int]bool{0: true, len(s): true}
	for _, t := range phrases(s, tokens(s, 0)) {
		out[int(t.start)] = true
	}
	return out
}

// TestEnds: what is left between equal ends has the tokens that it has in the whole.
func TestEnds(t *testing.T) {
	long := strings.Repeat("Общество хранит сведения в тайне. ", 20)
	if head, tail := ends(long+"год "+long, long+"месяц "+long, 0); head == 0 || tail == 0 {
		t.Errorf("%d and %d of long equal ends", head, tail)
	}
	rapid.Check(t, func(rt *rapid.T) {
		x, y := drawn.Draw(rt, "x"), drawn.Draw(rt, "y")
		a := x + " " + drawn.Draw(rt, "a") + " " + y
		b := x + " " + drawn.Draw(rt, "b") + " " + y
		head, tail := ends(a, b, 0)
		if h, l := ends(b, a, 0); h != head || l != tail {
			rt.Fatalf("%d, %d and back %d, %d", head, tail, h, l)
		}
		if a[:head] != b[:head] || a[len(a)-tail:] != b[len(b)-tail:] || head+tail > min(len(a), len(b)) {
			rt.Fatalf("%d and %d of %q and %q", head, tail, a, b)
		}
		for _, s := range []string{a, b} {
			middle := s[head : len(s)-tail]
			var want []string
			for _, t := range phrases(s, tokens(s, 0)) {
				if int(t.end) > head && int(t.start) < len(s)-tail {
					want = append(want, s[t.start:t.end])
				}
			}
			if got := joinedPieces(middle); !slices.Equal(got, want) {
				rt.Fatalf("%q, within the whole %q", got, want)
			}
		}
	})
}

// TestOneWordInALongParagraph: what lies far from the change is not looked up.
func TestOneWordInALongParagraph(t *testing.T) {
	s := strings.TrimSpace(strings.Repeat("Общество хранит сведения в тайне и никому их не передаёт. ", 40))
	m := &matching{lexicon: newLexicon(), squares: wordWork}
	m.spans(s, s[:len(s)/58*29]+strings.Replace(s[len(s)/58*29:], "тайне", "сейфе", 1), 0, 0)
	if n := len(m.lexicon.last[0].of); n == 0 || n > 100 {
		t.Errorf("%d tokens were looked at", n)
	}
}

// TestWordWork: what costs more than is left is shown as replaced, and nothing is
// lost.
func TestWordWork(t *testing.T) {
	a, b := strings.Repeat("да нет нет ", 400), strings.Repeat("нет да ", 500)
	m := &matching{lexicon: newLexicon()}
	if got := m.spans(a, b, 0, 0); len(got) > 4 {
		t.Errorf("%d spans without work", len(got))
	}
	m.squares = wordWork
	m.spans(a, b, 0, 0)
	if m.squares < 0 || m.squares == wordWork {
		t.Errorf("work is not counted: %d of %d left", m.squares, wordWork)
	}
}

// TestBothWays: of two readings that are as good, both directions show one.
func TestBothWays(t *testing.T) {
	there, back := compareWords("распространять предоставление", "предоставление распространять"), compareWords("предоставление распространять", "распространять предоставление")
	if !slices.Equal(there, turnedRound(back)) || len(there) != 3 {
		t.Errorf("%q\n%q", there, back)
	}
}
