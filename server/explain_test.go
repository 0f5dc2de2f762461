package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	"regexp"
	"strings"
	"testing"

	"vestnik/notifier"
)

// What /verify lists can be fetched, and its digest worked out by any tool.
func TestVerifyPage(t *testing.T) {
	h := staged(t)
	page := h.get("/verify", "Accept-Language", "ru").want(200).has("Что показывает проверка", "Чего она не показывает", "certutil -hashfile privacy-2-ru.md SHA256", "shasum -a 256", "sha256sum", "vestnik verify -key")
	rows := regexp.MustCompile(`(?s)<a href="([^"]+text\.md)" download>([^<]+)</a>.*?class="digest">([0-9a-f]{64})<.*?href="([^"]*/log/proof/\d+)"`).FindAllStringSubmatch(page.body, -1)
	if len(rows) != 3 {
		t.Fatalf("%d texts are listed", len(rows))
	}
	for _, row := range rows {
		file := h.get(row[1]).want(200)
		sum := sha256.Sum256([]byte(file.body))
		if hex.EncodeToString(sum[:]) != row[3] || !strings.Contains(file.header.Get("Content-Disposition"), row[2]) || file.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: header %v", row[1], file.header)
		}
		if proof := h.get(row[4]).want(200); !strings.Contains(proof.body, row[3]) {
			t.Errorf("%s does not say %s", row[4], row[3])
		}
	}
	for _, path := range []string{"/privacy/ru/v/9/text.md", "/privacy/de/v/1/text.md", "/nothing/ru/v/1/text.md", "/privacy/ru/v/01/text.md"} {
		if a := h.get(path).want(404); a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s would be saved as a file", path)
		}
	}
	h.get("/verify?lang=kk").want(200).has("sha256sum privacy-2-kk.md")
	empty := newHouse(t, withTree(t))
	checkHTML(t, "empty", empty.get("/verify").want(200).body)
}

// /why lists what was told under the very subject line of the mail, and nobody.
func TestWhyPage(t *testing.T) {
	h, c := toldHouse(t, twoPeople)
	eventually(t, func() bool {
		n, err := c.Notifier.Notice(t.Context(), 4)
		return err == nil && n.State == notifier.Finished
	})
	h.server.Changed()
	list, err := h.store.Mails(t.Context(), 0, 10)
	must(t, err)
	for _, m := range list {
		pages := ""
		for _, tag := range []string{"ru", "kk", "en"} {
			pages += h.get("/why?lang=" + tag).want(200).said()
		}
		if m.Subject == "" || !strings.Contains(html.UnescapeString(pages), m.Subject) {
			t.Errorf("no page has the subject line %q", m.Subject)
		}
	}
	for tag, words := range map[string][]string{
		"ru": {"Почему вам пришло наше уведомление", "не реклама", "Отписаться", "post@example.kz", "dpo@example.kz", "Алматы", "Это не мой аккаунт", "Vestnik-Checkpoint", "рассылка завершена", "Извещены 2 человека"},
		"kk": {"Біздің хабарламамыз сізге неге келді", "жарнама емес", "Бұл менің аккаунтым емес", "2 адамға хабарланды"},
		"en": {"Why you received our notice", "not advertising", "This is not my account", "2 people told"},
	} {
		a := h.get("/why?lang="+tag).want(200).has(words...).lacks("a@example.kz", "b@example.kz", "/me/", "noindex", "[why")
		checkHTML(t, "why "+tag, a.body)
		a.has(`rel="canonical" href="`+h.tcp.URL+`/why"`, `href="mailto:dpo@example.kz"`, `href="/verify"`, `href="/privacy/`+tag+`/v/4"`)
	}
	h.get("/").want(200).has(`href="/why"`)
}

func TestWhyPageWithNothing(t *testing.T) {
	h := newHouse(t, withTree(t))
	checkHTML(t, "why", h.get("/why?lang=en").want(200).has("There has been no notice yet").body)
	for value, code := range map[string]string{"abuse@example.kz": "", "x@y.kz?bcc=z@evil.example": "address-bare", "Name <x@y.kz>": "address-bare", "x": "address-bare", "x@y.kz\r\nBcc: z@evil.example": "address-bare"} {
		if got := refusalOf(t, h, "abuse", value); got != code {
			t.Errorf("%q: %q, want %q", value, got, code)
		}
	}
	h.get("/why").want(200).has(`href="mailto:abuse@example.kz"`)
}
