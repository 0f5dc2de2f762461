package redline

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func joinedPieces(s string) (out []string) {
	for _, t := range phrases(s, tokens(s, 0)) {
		out = append(out, s[t.start:t.end])
	}
	return out
}

// TestPhrases: what says one thing is one token.
func TestPhrases(t *testing.T) {
	for _, whole := range []string{
		"1 марта 2024 года", "1 марта 2024 г.", "31 декабря", "марта 2024 года", "в 2024 году"[len("в "):], "«5» мая 2024 года"[len("«"):][:0] + "2024 год", "March 1, 2024", "1 March 2024", "1st May 2018", "May 2018", "Sept. 5, 2024",
		"2024 жылғы 1 наурыз", "2024 жылғы 22 қарашадан", "2024 ж. 22 қараша", "2024年3月1日", "3月1日", "1. Januar 2020", "1er janvier 2020", "1 مارس 2024", "1 במרץ 2024", "2024年",
		"€50", "€ 50", "10 000 ₸", "500 тенге", "US$ 3,000", "US$3,000", "USD 3,000", "3 МРП", "3 МРП/АЕК", "10 млн тенге", "1,5 млрд. рублей", "100 евро", "5 million euros", "20 ₽", "100円", "3000 元"[:4] + " тг",
		"ст. 9.1", "п. 3 ст. 12", "п.3 ст.12", "пп. 2) п. 1 ст. 9", "подпункт 2) пункта 1 статьи 9", "пункта 3 статьи 12", "ч. 2 ст. 5", "разделе II", "приложение № 2", "ст. 15 ГК РФ", "Section 4.2", "Section L",
		"Art. 6(1)(f)", "Art. 6 Abs. 1 lit. f", "Art. 6 Abs. 1 lit. f DSGVO", "§ 5 Abs. 2", "§5", "§ 5 Abs. 2 Satz 1 Nr. 3 BDSG", "Artikel 6 Absatz 1 Buchstabe f", "7-баптың 2-тармағы", "7-баптың 2-тармағының 1) тармақшасы", "1) тармақша",
		"No. 94-V", "№ 94-V ЗРК", "№94-V", "GDPR Article 13(2)", "Article 13(2) GDPR", "paragraph 2 of Article 6", "l'article 11", "第三条", "第3条第2款", "第十二条", "المادة 6", "סעיף 6",
	} {
		for _, around := range []string{"%", "и % или", "(%)", "«%».", "%, %", "x %\ny"} {
			s := strings.ReplaceAll(around, "%", whole)
			if got := joinedPieces(s); !slices.Contains(got, whole) {
				t.Errorf("%q is cut in %q: %q", whole, s, got)
			}
		}
	}
	for s, want := range map[string]int{
		"You may 5 times": 7, "no 5 days": 5, "статьи о 5 днях": 7, "в течение 30 дней": 7, "2) первый": 4, "a) one": 4, "by 5 and 6": 7, "clause 6.1. 5 days": 6, "3年間": 2, "$": 1, "1 2 3": 5, "§": 1, "Section agree": 3, "п. 3, п. 4": 4,
		"статьи 9 30 дней": 5, "с 10 марта 5 раз": 7,
	} {
		if got := joinedPieces(s); len(got) != want {
			t.Errorf("%q has %d tokens, want %d: %q", s, len(got), want, got)
		}
	}
}

// TestPhrasesJoinTokens: phrases lose nothing, grow to no more than a bound, and
// end where tokens end.
func TestPhrasesJoinTokens(t *testing.T) {
	words := strings.Fields("1 12 2024 6.1 10 000 II f L . , ) ( / $ US € ₸ № § п ст пп Art Section Absatz lit 第 三 条 年 月 日 марта March may Buchstabe жылғы года г ж наурыз 7-баптың тармақша млн тенге МРП GDPR РФ of « » слово No Nr")
	rapid.Check(t, func(rt *rapid.T) {
		var b strings.Builder
		for _, w := range rapid.SliceOfN(rapid.SampledFrom(words), 0, 60).Draw(rt, "words") {
			b.WriteString(w + rapid.SampledFrom([]string{"", " ", " ", "\u00a0", "\n"}).Draw(rt, "gap"))
		}
		s := b.String()
		ends, at := map[int32]bool{}, int32(0)
		for _, x := range tokens(s, 0) {
			ends[x.end] = true
		}
		for _, x := range phrases(s, tokens(s, 0)) {
			if x.start != at || !ends[x.end] || x.end-x.start > 2*longest || !utf8.ValidString(s[x.start:x.end]) {
				rt.Fatalf("%q in %q", s[x.start:x.end], s)
			}
			at = x.end
		}
		if int(at) != len(s) {
			rt.Fatalf("%q ends at %d", s, at)
		}
	})
}
