package server_test

import (
	"regexp"
	"strings"
	"testing"

	"vestnik/documents"
)

// The preview points at what may be material, links to it, and lets the class be.
func TestPreviewPointsAtWhatMayBeMaterial(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	latest, err := h.library.Draft(t.Context(), "privacy", 0)
	must(t, err)
	d := draftOf(2, documents.Editorial, "2099-03-01")
	for i := range d.Texts {
		d.Texts[i].Source += "\n2.9. Мы отвечаем в течение 10 дней и <b>не</b> берём плату, штраф 5 МРП.\n"
	}
	form := formOf(latest.Revision, 3, d)
	form.Set("class", "no")
	h.post(b, "/desk/documents/privacy/draft", form).want(303)
	p := h.page(b, "/desk/documents/privacy/review").want(200).has("Посмотрите, прежде чем выбрать класс", "Выбрана редакционная правка", "Появился срок: «10 дней»", "Появилась сумма: «5 МРП»", `action="/desk/documents/privacy/publish"`)
	checkHTML(t, "review", p.body)
	links := regexp.MustCompile(`href="#(redline-ru-change-\d+)"`).FindAllStringSubmatch(p.body, -1)
	if len(links) == 0 {
		t.Error("no link to a change")
	}
	for _, l := range links {
		if !strings.Contains(p.body, `id="`+l[1]+`"`) {
			t.Errorf("a link to %s, which is not on the page", l[1])
		}
	}
	h.post(b, "/desk/language", map[string][]string{"lang": {"kk"}}).want(303)
	h.page(b, "/desk/documents/privacy/review").want(200).has("Өзгеріс түрін таңдамас бұрын", "Мерзім пайда болды: «10 дней»")
}
