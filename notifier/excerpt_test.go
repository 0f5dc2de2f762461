package notifier_test

import (
	"strings"
	"testing"

	"vestnik/documents"
)

func TestArticlesAreNotCalledClauses(t *testing.T) {
	h := newHouse(t, nil)
	h.person("a", "a@example.com", "ru")
	h.person("b", "b@example.com", "kk")
	h.run()
	e := h.publish("Первая.", func(d *documents.Draft) {
		for i, added := range []string{"Статья 7. Данные хранятся три года со дня доставки.", "7-бап. Деректер жеткізілген күннен бастап үш жыл сақталады."} {
			d.Texts[i].Source += "\n" + added + "\n"
		}
	})
	h.closed(e.Seq)
	for to, want := range map[string]string{"a@example.com": "\nСтатья 7 — добавлено\n", "b@example.com": "\n7-бап — қосылды\n"} {
		if _, text, _ := read(t, h.relay.to(to)[0].raw); !strings.Contains(strings.ReplaceAll(text, "\r", ""), want) {
			t.Errorf("the mail to %s lacks %q:\n%s", to, want, text)
		}
	}
}
