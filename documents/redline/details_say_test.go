package redline

import (
	"slices"
	"strings"
	"testing"

	"vestnik/documents/lang"
)

func TestDetailSentences(t *testing.T) {
	if faults := detailWords.Faults(); len(faults) > 0 {
		t.Error(faults)
	}
	for _, c := range []struct {
		Detail
		tag, want string
	}{
		{Detail{"link", "https://a.kz", "https://b.kz"}, "en-GB", "Link: was https://a.kz, is https://b.kz"},
		{Detail{"link", "", "https://b.kz"}, "ru", "Добавлена ссылка: https://b.kz"},
		{Detail{"image", "a.png", ""}, "kk", "Сурет алып тасталды: a.png"},
		{Detail{"alternative", "mark", "logo"}, "ru", "Описание изображения: было «mark», стало «logo»"},
		{Detail{"emphasis", "", "strong: никогда: да"}, "ru", "Добавлено выделение: полужирный шрифт («никогда: да»)"},
		{Detail{"emphasis", "code: a.txt", "span lang=de: Wort"}, "en", "Emphasis: was code (“a.txt”), is span lang=de (“Wort”)"},
		{Detail{"level", "2", "3"}, "kk", "Тақырып деңгейі: бұрын 2, енді 3"},
		{Detail{"level", "", "2"}, "en", "Was ordinary text; now: heading of level 2"},
		{Detail{"list", "bullet, bullet", "numbered 5, heading 2"}, "ru", "Было: маркированный список → маркированный список; теперь: нумерованный список с номера 5 → заголовок уровня 2"},
		{Detail{"list", "footnote, code", ""}, "en", "Was: footnote → block of code; now ordinary text"},
		{Detail{"table", "columns: 2", "columns: 3"}, "ru", "Столбцов в таблице: было 2, стало 3"},
		{Detail{"table", "alignment: none, left", "alignment: none, right"}, "kk", "Бағандарды туралау: бұрын 2-баған: сол жаққа; енді 2-баған: оң жаққа"},
		{Detail{"table", "alignment: none, none", "alignment: center, center"}, "ru", "Выравнивание столбцов: было обычное; стало по центру"},
		{Detail{"table", "cell: 1", "cell: 3"}, "en", "A cell moved: was in column 1, is in column 3"},
		{Detail{"table", "row", "header"}, "ru", "Было: строка таблицы; теперь: шапка таблицы"},
		{Detail{"table", "", "row"}, "en", "Was ordinary text; now: row of a table"},
		{Detail{"code", "code: go", "code"}, "ru", "Язык кода: был go, стал не указан"},
		{Detail{"code", "", "code: go"}, "en", "Was ordinary text; now: block of code go"},
		{Detail{"footnote", "", "your data"}, "en", "Reference to a footnote added after “your data”"},
		{Detail{"character", "а (Cyrillic, U+0430)", "a (Latin, U+0061)"}, "kk", "Көрінісі ұқсас таңба: бұрын а (кирилл әрпі, U+0430), енді a (латын әрпі, U+0061)"},
		{Detail{"character", "", "zero-width space (U+200B)"}, "ru", "Добавлен невидимый знак: пробел нулевой ширины (U+200B)"},
		{Detail{"character", "( (U+0028)", "（ (U+FF08)"}, "ru", "Похожий на вид знак: был ( (U+0028), стал （ (U+FF08)"},
		{Detail{"character", "3 (digit, U+0033)", "٣ (Arabic, U+0663)"}, "en", "Digit of another script: was 3 (digit, U+0033), is \u2068٣ (Arabic, U+0663)\u2069"},
		{Detail{"layout", "td: a b", ""}, "en", "Layout removed: td: a b"},
		{Detail{"more", "12", "12"}, "ru", "Ещё различий помимо слов: 12"},
	} {
		if got := c.Say(c.tag); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

// Each kind of detail has a sentence for what differs, came and went, and every
// name of a character a translation.
func TestDetailCatalogue(t *testing.T) {
	keys := detailWords.Keys(lang.Interface[0])
	for _, what := range strings.Fields("link image alternative emphasis level list footnote character layout") {
		for _, end := range []string{"", "_new", "_gone"} {
			if !slices.Contains(keys, what+end) {
				t.Errorf("%s is missing", what+end)
			}
		}
	}
	for _, tag := range lang.Interface {
		w := detailWords.In(tag)
		for r, name := range names {
			if termIn(w, name) == name && tag != "en" && !w.Has(name) {
				t.Errorf("%s: %U has no name", tag, r)
			}
		}
		for _, s := range scripts {
			if !w.Has(strings.ToLower(s.name)) {
				t.Errorf("%s: %s has no name", tag, s.name)
			}
		}
	}
}

// What a sign is taken for is taken for itself, and no sign is in two families.
func TestFamilies(t *testing.T) {
	seen := map[rune]bool{}
	for family := range strings.FieldsSeq(families) {
		for _, r := range family {
			if seen[r] {
				t.Errorf("%c (%U) is in two families", r, r)
			}
			seen[r] = true
			if twins[twins[r]] != twins[r] {
				t.Errorf("%c (%U) looks like two signs", r, r)
			}
		}
	}
}
