package lang_test

import (
	"strings"
	"testing"
	"time"

	"vestnik/documents/lang"
)

func TestPlural(t *testing.T) {
	// CLDR 48, cardinal.
	for _, c := range []struct{ tag, numbers, want string }{
		{"ru", "1 21 101", "one"}, {"ru", "2 3 4 22", "few"}, {"ru", "0 5 11 12 20 25 111", "many"}, {"ru", "1.5 0.1", "other"},
		{"kk", "1", "one"}, {"kk", "0 2 5 11 21 1.5", "other"},
		{"en", "1", "one"}, {"en", "0 2 21 1.5", "other"},
	} {
		for _, n := range strings.Fields(c.numbers) {
			if got := lang.Plural(c.tag, n); got != c.want {
				t.Errorf("Plural(%s, %s) = %q, want %q", c.tag, n, got, c.want)
			}
		}
	}
}

func TestDates(t *testing.T) {
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.FixedZone("", 5*3600))
	for tag, want := range map[string][2]string{
		"ru": {"22 ноября 2026 г.", "22 ноября 2026 г., 00:00 (UTC+5)"},
		"kk": {"2026 ж. 22 қараша", "2026 ж. 22 қараша, 00:00 (UTC+5)"},
		"en": {"22 November 2026", "22 November 2026, 00:00 (UTC+5)"},
	} {
		if got := [2]string{lang.Date(tag, day), lang.Moment(tag, day)}; got != want {
			t.Errorf("%s: got %q, want %q", tag, got, want)
		}
	}
}

func TestMonths(t *testing.T) {
	// CLDR 48: genitive in Russian, nominative in Kazakh.
	for tag, names := range map[string]string{
		"ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
		"kk": "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
		"en": "January February March April May June July August September October November December",
	} {
		for i, name := range strings.Fields(names) {
			day := time.Date(2027, time.Month(i+1), 1, 0, 0, 0, 0, time.UTC)
			want := map[string]string{"ru": "1 " + name + " 2027 г.", "kk": "2027 ж. 1 " + name, "en": "1 " + name + " 2027"}[tag]
			if got := lang.Date(tag, day); got != want {
				t.Errorf("%s, month %d: %q, want %q", tag, i+1, got, want)
			}
		}
	}
}

func TestOffsets(t *testing.T) {
	for seconds, want := range map[int]string{
		0: "(UTC)", 5 * 3600: "(UTC+5)", -4 * 3600: "(UTC−4)", 5*3600 + 1800: "(UTC+5:30)", -3*3600 - 1800: "(UTC−3:30)", -1800: "(UTC−0:30)", 5*3600 + 7*60 + 48: "(UTC+5:07)",
	} {
		at := time.Date(2026, 11, 22, 9, 5, 0, 0, time.FixedZone("", seconds))
		if got := lang.Moment("en", at); got != "22 November 2026, 09:05 "+want {
			t.Errorf("offset of %d s: %q, want %s", seconds, got, want)
		}
	}
}

func TestNear(t *testing.T) {
	for tag, want := range map[string]string{
		"ru": "ru", "kk": "kk", "en": "en", "kk-KZ": "kk", "kk-Cyrl": "kk", "ru-KZ": "ru", "en-GB": "en",
		"be": "ru", "ky": "ru", "fr": "en", "zh": "en", "": "en", "not a tag": "en",
	} {
		if got := lang.Near(tag); got != want {
			t.Errorf("Near(%q) = %q, want %q", tag, got, want)
		}
	}
}

func TestTags(t *testing.T) {
	for _, c := range []struct {
		tag       string
		valid     bool
		name, dir string
	}{
		{"kk", true, "қазақ тілі", "ltr"}, {"ru", true, "русский", "ltr"}, {"en", true, "English", "ltr"},
		{"ar", true, "العربية", "rtl"}, {"he", true, "עברית", "rtl"}, {"kk-Arab", true, "қазақ тілі", "rtl"},
		{"KK", false, "қазақ тілі", "ltr"}, {"iw", false, "עברית", "rtl"}, {"und", false, "und", "ltr"}, {"", false, "", "ltr"}, {"../ru", false, "../ru", "ltr"},
	} {
		if valid := lang.Valid(c.tag); valid != c.valid {
			t.Errorf("Valid(%q) = %v", c.tag, valid)
		}
		if name, dir := lang.Name(c.tag), lang.Dir(c.tag); name != c.name || dir != c.dir {
			t.Errorf("%q is %q and %q, want %q and %q", c.tag, name, dir, c.name, c.dir)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		accept string
		have   []string
		want   string
	}{
		{"kk-KZ,kk;q=0.9,ru;q=0.8", []string{"ru", "kk", "en"}, "kk"},
		{"de", []string{"ru", "kk"}, ""},
		{"en-US", []string{"ru", "en"}, "en"},
		{"", []string{"ru"}, ""},
		{"kk-Cyrl-KZ", []string{"ru", "kk"}, "kk"},
		{"ru;q=0.1,kk;q=0.9", []string{"ru", "kk"}, "kk"},
		{"*", []string{"kk", "ru"}, ""},
		{"kk", nil, ""},
		{"\x00;;;q=", []string{"ru"}, ""},
		{strings.Repeat("a-", 5000), []string{"ru"}, ""},
	} {
		if got := lang.Match(c.accept, c.have); got != c.want {
			t.Errorf("Match(%q, %v) = %q, want %q", c.accept, c.have, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		tag  string
		n    int
		want string
	}{{"ru", 1234567, "1\u00a0234\u00a0567"}, {"en", 1234567, "1,234,567"}, {"kk", 2026, "2026"}, {"en", -1234, "-1,234"}, {"ru", 12, "12"}} {
		if got := lang.Number(c.tag, c.n); got != c.want {
			t.Errorf("Number(%s, %d) = %q, want %q", c.tag, c.n, got, c.want)
		}
	}
}

func TestWritten(t *testing.T) {
	for _, c := range []struct {
		text, want string
		tags       []string
	}{
		{"Новый закон о персональных данных.", "ru", []string{"ru", "kk", "en"}},
		{"Новый закон о персональных данных.", "ru", []string{"kk", "ru", "en"}},
		{"Дербес деректер туралы жаңа заң.", "kk", []string{"ru", "kk", "en"}},
		{"Новый закон.", "kk", []string{"kk", "en"}}, // there is nothing nearer
		{"ТОО «Example» переехало в Астану.", "ru", []string{"en", "kk", "ru"}},
		{"A new law.", "en", []string{"ru", "kk", "en"}},
		{"A new law.", "de", []string{"de", "en"}},
		{"قانون جديد", "ar", []string{"ru", "ar"}},
		{"قانون جديد", "", []string{"ru", "kk", "en"}},
		{"№ 94-5", "", []string{"ru"}},
		{"", "", []string{"ru"}},
	} {
		if got := lang.Written(c.text, c.tags...); got != c.want {
			t.Errorf("%q among %v: got %q, want %q", c.text, c.tags, got, c.want)
		}
	}
}

func TestIn(t *testing.T) {
	for want, c := range map[string][2]string{"на казахском языке": {"ru", "kk"}, "орыс тілінде": {"kk-KZ", "ru-KZ"}, "in English": {"de", "en-GB"}, "Deutsch": {"ru", "de"}} {
		if got := lang.In(c[0], c[1]); got != want {
			t.Errorf("%v: got %q, want %q", c, got, want)
		}
	}
}

func TestSaid(t *testing.T) {
	for _, c := range []struct{ text, want, part, in string }{
		{"Новый закон. / Жаңа заң. / A new law.", "ru", "Новый закон.", "ru"},
		{"Новый закон. / Жаңа заң. / A new law.", "kk", "Жаңа заң.", "kk"},
		{"Новый закон. / Жаңа заң. / A new law.", "en", "A new law.", "en"},
		{"Новый закон. / Жаңа заң.", "en", "Новый закон.", "ru"},
		{"Почта и / или телефон.", "kk", "Почта и / или телефон.", "ru"},
		{"Закон № 94 / 2026", "kk", "Закон № 94 / 2026", "ru"},
		{"94 / 95", "ru", "94 / 95", ""},
		{"", "ru", "", ""},
	} {
		part, in := lang.Said(c.text, c.want, "ru", "kk", "en")
		if part != c.part || in != c.in {
			t.Errorf("%q for %s: %q in %q", c.text, c.want, part, in)
		}
	}
}
