package markdown

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree writes the clauses as number and level.
func tree(t *testing.T, source string) string {
	t.Helper()
	text := checkText(t, []byte(source))
	var b strings.Builder
	for _, c := range text.Clauses {
		fmt.Fprintf(&b, "%s:%d ", c.Number, c.Level)
	}
	return strings.TrimSuffix(b.String(), " ")
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		// One form each.
		{"3. Text", "3.:1"},
		{"1.1. Text", "1.1.:1"},
		{"6.1.1 Text", "6.1.1:1"},
		{"1) Text", "1):1"},
		{"(a) Text", "(a):1"},
		{"a. Text", "a.:1"},
		{"а) Текст", "а):1"},
		{"§ 5 Text", "§ 5:1"},
		{"§5. Text", "§5.:1"},
		{"Article 7", "Article 7:1"},
		{"Article 7. Text", "Article 7.:1"},
		{"Section 4.2 Text", "Section 4.2:1"},
		{"Статья 7. Текст", "Статья 7.:1"},
		{"СТАТЬЯ 7. ТЕКСТ", "СТАТЬЯ 7.:1"},
		{"Статья 7-1. Текст", "Статья 7-1.:1"},
		{"Пункт 3. Текст", "Пункт 3.:1"},
		{"7-бап. Мәтін", "7-бап.:1"},
		{"3-тармақ. Мәтін", "3-тармақ.:1"},
		{"1.1.\u00a0Текст", "1.1.:1"},
		{"1.1.Текст", "1.1.:1"},
		{"**1.1. Текст**", "1.1.:1"},
		{"## 3. Data", "3.:1"},
		{"## Статья 7. Текст", "Статья 7.:1"},
		{"## 7-бап. Мәтін", "7-бап.:1"},
		{"## 1\\. Text", "1.:1"},
		{"A. Text\n\nB. Text", "A.:1 B.:1"},

		{"## I. A\n\n## II. B\n\n## V. C", "I.:1 II.:1 V.:1"},
		{"I. Общее\n\nII. Цели\n\n1. A\n\nIII. Права", "I.:1 II.:1 1.:2 III.:1"},
		{"1.1. A\n    1.1.1. B\n        (a) C", "1.1.:1 1.1.1.:2 (a):3"},

		// What only looks like one.
		{"2026. год", ""},
		{"2026. Год", ""},
		{"22.11.2026 подписан", ""},
		{"1.5 times as much", ""},
		{"2.5 GB are enough", ""},
		{"1\\. Text", ""},
		{"Article 7 says so", ""},
		{"Section 4.2 applies", ""},
		{"Статья 7 гласит", ""},
		{"7-бапқа сәйкес", ""},
		{"Sectional 4", ""},
		{"А. Сериков подписал", ""},
		{"г. Алматы", ""},
		{"т. е. так", ""},
		{"(c) 2026", ""},
		{"(см. п. 1)", ""},
		{"Text wrapped before\nArticle 7 says so, and\n1.5 times, and\n2026. Then", ""},
		{"As stated in clause\n4.2. of the policy", ""},
		{"1.2. As stated in clause\n4.2. of the policy", "1.2.:1"},
		{"1. a\n1. b\n1. c", ""},
		{"`1.1.` Text", ""},

		// Adjacent lines.
		{"1. A\n1.1. B", "1.:1 1.1.:2"},
		{"1.1. A\n1.2. B\n1.4. C\n2. D\n2.1. E", "1.1.:1 1.2.:1 1.4.:1 2.:1 2.1.:2"},
		{"1.1 A\n1.2 B", "1.1:1 1.2:1"},
		{"(a) x\n(b) y\n(c) z", "(a):1 (b):1 (c):1"},
		{"(i) x\n(ii) y\n(iii) z\n(iv) u\n(v) w", "(i):1 (ii):1 (iii):1 (iv):1 (v):1"},
		{"а) один\nб) два\nв) три", "а):1 б):1 в):1"},
		{"Статья 1. А\nСтатья 2. Б", "Статья 1.:1 Статья 2.:1"},
		{"1-бап. А\n2-бап. Б", "1-бап.:1 2-бап.:1"},
		{"3.2. Cases:\n- one;\n- two.\n3.3. Next", "3.2.:1 3.3.:1"},
		{"1. A\n2. B\n3. C\n7. D", "1.:1 2.:1 3.:1 7.:1"},
		{"1) A\n2) B", "1):1 2):1"},

		// The tree.
		{"# T\n\n## 1. A\n\n1.1. B\n\n(a) C\n\n(b) D\n\n1.2. E\n\n## 2. F", ":1 1.:2 1.1.:3 (a):4 (b):4 1.2.:3 2.:2"},
		{"## 1. A\n\n## 1.1. B\n\n## 2. C", "1.:1 1.1.:2 2.:1"},
		{"1. A\n   1. B\n   2. C\n2. D", "1.:1 1.:2 2.:2 2.:1"},
		{"1. A\n\n1.1. B:\n\n1. C\n2. D\n\n1.2. E\n\n2. F", "1.:1 1.1.:2 1.:3 2.:3 1.2.:2 2.:1"},
		{"1. A\n\ntext\n\n1. B", "1.:1 1.:1"},
		{"Статья 1. А\n\nПункт 1. Б\n\n1) В\n\n2) Г\n\nПункт 2. Д\n\nСтатья 2. Е", "Статья 1.:1 Пункт 1.:2 1):3 2):3 Пункт 2.:2 Статья 2.:1"},
		{"1-бап. А\n\n1-тармақ. Ә\n\n2-бап. Б", "1-бап.:1 1-тармақ.:2 2-бап.:1"},
		{"§ 1 A\n\n(1) B\n\n1. C\n   a) D\n2. E\n\n(2) F\n\n§ 2 G", "§ 1:1 (1):2 1.:3 a):4 2.:3 (2):2 § 2:1"},
		{"h. A\n\ng. B", ""},
		{"g. x\n\na. A\n\nb. B\n\nc. C", "a.:1 b.:1 c.:1"},
		{"2.1. A\n\n1.1. B", "2.1.:1 1.1.:1"},
		{"> 1. quoted\n\n1. A[^1]\n\n[^1]: 2. note", "1.:1"},
	} {
		if got := tree(t, c.source); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.source, got, c.want)
		}
	}
}

// A number appears in the block and on the page as it is written.
func TestNumbersAsWritten(t *testing.T) {
	source := "1. A\n2. B\n3. C\n7. D\n\n8) E\n9) F\n\n1.1. G\n1.2. H\n\n(a) I\n\nСтатья 7. К\n\n7-бап. Л\n\n## 12. M\n"
	want := []string{"1.", "2.", "3.", "7.", "8)", "9)", "1.1.", "1.2.", "(a)", "Статья 7.", "7-бап.", "12."}
	text := checkText(t, []byte(source))
	var got []string
	for _, b := range text.Blocks {
		got = append(got, b.Number)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("numbers of blocks:\n%s", d)
	}
	out := string(checkHTML(t, text))
	if strings.Contains(out, "<ol") {
		t.Errorf("a browser would count:\n%s", out)
	}
	for _, n := range want {
		if !strings.Contains(out, ">"+n+"</a>") {
			t.Errorf("no %s on the page:\n%s", n, out)
		}
	}
}

func TestCountedByBrowser(t *testing.T) {
	text := checkText(t, []byte("1. A\n1. B\n\nx\n\n7. C\n7. D\n"))
	out := string(checkHTML(t, text))
	if len(text.Clauses) != 0 || text.Blocks[0].Text != "A" || !strings.Contains(out, "<ol>") || !strings.Contains(out, `<ol start="7">`) {
		t.Errorf("clauses %v, first block %q, page\n%s", text.Clauses, text.Blocks[0].Text, out)
	}
}

func TestAnchors(t *testing.T) {
	source := "1. A\n\n1.1. B\n\n(a) C\n\n1.2. D\n\n(a) E\n\n(a) F\n\n2. G\n\n§ 5 H\n\nСтатья 7. И\n\n7-бап. К\n\n§ 1a L\n\nа) М\n\n# Heading\n"
	want := "p1 p1.1 p1.1-a p1.2 p1.2-a  p2 p-s-5 p-statya-7 p-bap-7 p-s-1a p-s-1a-a "
	var got []string
	for _, c := range checkText(t, []byte(source)).Clauses {
		got = append(got, c.Anchor)
	}
	if strings.Join(got, " ") != want {
		t.Errorf("got %q\nwant %q", strings.Join(got, " "), want)
	}
}
