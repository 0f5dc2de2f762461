package lang_test

import (
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
		for _, n := range fields(c.numbers) {
			if got := lang.Plural(c.tag, n); got != c.want {
				t.Errorf("Plural(%s, %s) = %q, want %q", c.tag, n, got, c.want)
			}
		}
	}
}

func fields(s string) (out []string) {
	start := 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == ' ' {
			out, start = append(out, s[start:i]), i+1
		}
	}
	return out
}

func TestDates(t *testing.T) {
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.FixedZone("", 5*3600))
	for tag, want := range map[string][3]string{
		"ru": {"22 ноября 2026 г.", "22 ноября 2026 г., 00:00 (UTC+5)", "22.11.2026"},
		"kk": {"2026 ж. 22 қараша", "2026 ж. 22 қараша, 00:00 (UTC+5)", "22.11.2026"},
		"en": {"22 November 2026", "22 November 2026, 00:00 (UTC+5)", "22/11/2026"},
	} {
		if got := [3]string{lang.Date(tag, day), lang.Moment(tag, day), lang.Short(tag, day)}; got != want {
			t.Errorf("%s: got %q, want %q", tag, got, want)
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
