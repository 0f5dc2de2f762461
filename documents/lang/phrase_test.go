package lang_test

import (
	"testing"

	"vestnik/documents/lang"
)

func TestPhrase(t *testing.T) {
	two := lang.Phrase("[ru] ТОО «Пример»\r\n\n[kk]  «Мысал» ЖШС\n")
	mixed := lang.Phrase("[kk] «Мысал» ЖШС\nExample LLP")
	for _, one := range []struct {
		p         lang.Phrase
		tag, want string
	}{
		{"", "kk", ""}, {" \n ", "kk", ""}, {" Example LLP ", "kk", "Example LLP"}, {"Example [LLP]", "kk", "Example [LLP]"},
		{two, "ru", "ТОО «Пример»"}, {two, "kk", "«Мысал» ЖШС"}, {two, "en", "ТОО «Пример»"},
		{mixed, "kk", "«Мысал» ЖШС"}, {mixed, "ru", "Example LLP"}, {"[kk]", "kk", ""},
	} {
		if got := one.p.In(one.tag); got != one.want {
			t.Errorf("%q in %s is %q, not %q", one.p, one.tag, got, one.want)
		}
	}
}
