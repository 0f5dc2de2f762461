package server

import (
	"strings"
	"testing"
)

// TestReasonInAnotherLanguage: a page says in which language a reason stands that is
// in another than the page.
func TestReasonInAnotherLanguage(t *testing.T) {
	for _, c := range []struct{ page, reason, want string }{
		{"kk", "Новый <b>закон</b>.", `<span lang="ru" dir="ltr">Новый &lt;b&gt;закон&lt;/b&gt;.</span> <span class="soft">(орыс тілінде)</span>`},
		{"ru", "Жаңа заң.", `<span lang="kk" dir="ltr">Жаңа заң.</span> <span class="soft">(на казахском языке)</span>`},
		{"en", "Новый закон.", `<span lang="ru" dir="ltr">Новый закон.</span> <span class="soft">(in Russian)</span>`},
		{"ru", "Новый закон.", "Новый закон."},
		{"ru", "Новый закон. / Жаңа заң.", "Новый закон."},
		{"kk", "Новый закон. / Жаңа заң.", "Жаңа заң."},
		{"kk", "2026", "2026"},
		{"kk", "", ""},
	} {
		got, err := execute("said", saidTo(catalogue.In(c.page), c.reason))
		if err != nil || strings.TrimSpace(string(got)) != c.want {
			t.Errorf("%s, %q: %s, %v", c.page, c.reason, got, err)
		}
	}
	if got := saidTo(catalogue.In("kk"), "Новый закон.").String(); got != "Новый закон. (орыс тілінде)" {
		t.Error(got)
	}
}
