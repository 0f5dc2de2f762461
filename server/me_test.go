package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"vestnik/documents"
	"vestnik/server"
	"vestnik/server/mailbox"
)

// toldHouse has told its recipients of version 4 by a mail in the built-in
// mailbox.
func toldHouse(t *testing.T, recipients string, change ...func(*server.Config)) (*house, server.Config) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var c server.Config
	h := staged(t, func(given *server.Config) {
		relay := "smtp://" + l.Addr().String() + "?tls=none"
		given.Demo, given.Mailbox, given.Settings.Demo, given.Settings.Relay = true, relay, true, relay
		for _, f := range change {
			f(given)
		}
		c = *given
	})
	box := mailbox.New(func(ctx context.Context, m mailbox.Mail) error {
		return h.store.PutMail(ctx, server.StoredMail{At: m.At, From: m.From, To: m.To, Subject: m.Subject, Size: len(m.Raw), Raw: m.Raw}, 100)
	}, slog.New(slog.DiscardHandler))
	go box.Serve(l)
	t.Cleanup(func() { box.Close() })
	h.local("PUT", "/settings", `{"hold":"0","organisation":"ТОО «Пример»","postal":"Алматы","reply-to":"dpo@example.kz"}`).want(200)
	h.local("POST", "/recipients:import", recipients, "Content-Type", "application/x-ndjson").want(200)
	_, err = h.library.Publish(t.Context(), documents.Publication{Document: "privacy", Draft: draftOf(2, documents.Notice, ""), Based: -1}, documents.Actor{Name: "local"})
	must(t, err)
	h.run(c.Notifier.Run)
	return h, c
}

func TestPersonalPageAndNotice(t *testing.T) {
	h, c := toldHouse(t, twoPeople)
	eventually(t, func() bool {
		n, err := c.Notifier.Notice(t.Context(), 4)
		return err == nil && n.CountedAll && n.Figures.Open == 0
	})
	list, err := h.store.Mails(t.Context(), 0, 10)
	must(t, err)
	token := ""
	for _, m := range list {
		full, err := h.store.Mail(t.Context(), m.ID)
		must(t, err)
		if m.To[0] == "b@example.kz" {
			shown, err := mailbox.Parse(full.Raw)
			must(t, err)
			found := regexp.MustCompile(`/me/([A-Za-z0-9_-]+)`).FindStringSubmatch(shown.Text)
			if found == nil {
				t.Fatalf("the mail has no personal link:\n%s", shown.Text)
			}
			token = found[1]
		}
	}
	a := h.get("/me/"+token).want(200).has("b•••@example.kz", `<html lang="kk"`, "мерзімі қысқарды", "Пошта қызметіне тапсырылды", "dpo@example.kz", "4-нұсқа").lacks("b@example.kz", "<button", "a•••", "хабарланды:")
	checkHTML(t, "me", a.body)
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	h.get("/me/" + token + "?lang=ru").want(200).has("Передано почтовой службе")
	h.get("/me/" + token + "x").want(404)
	h.get("/desk/mailbox?lang=ru").want(200).has("b@example.kz")
	if strings.Contains(h.log.String(), token) {
		t.Error("the log names the token")
	}
	testNoticePage(t, h)
}

func testNoticePage(t *testing.T, h *house) {
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	h.page(b, "/desk/").want(200).has("Завершено", "Передано почтовой службе")
	h.page(b, "/desk/notices/4").want(200).has("Завершено", "250", "казахский", "/desk/documents/privacy").lacks("b@example.kz", "/desk/notices/4/stop")
	h.page(b, "/desk/notices/4?state=failed").want(200).has("Здесь пока никого нет")
	h.page(b, "/desk/notices/9").want(404)
	h.post(b, "/desk/notices/4/cancel", url.Values{}).want(422).has("завершено")
	h.post(b, "/desk/notices/4/erase", url.Values{}).want(404)
}

// Above a thousand people the publisher types the number.
func TestManyPeopleAreTyped(t *testing.T) {
	h := staged(t)
	var people strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&people, `{"external_id":"p%d","address":"p%d@example.kz","language":"kk","registered_at":"2024-01-01T00:00:00Z"}`+"\n", i, i)
	}
	h.local("POST", "/recipients:import", people.String(), "Content-Type", "application/x-ndjson").want(200)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	latest, err := h.library.Draft(t.Context(), "privacy", 0)
	must(t, err)
	h.post(b, "/desk/documents/privacy/draft", formOf(latest.Revision, 3, draftOf(2, documents.Notice, ""))).want(303)
	review := h.page(b, "/desk/documents/privacy/review").want(200).has("1001 получатель", `name="recipients"`, "Введите число 1001")
	form := hiddenIn(review.body)
	form.Set("sure", "yes")
	for _, typed := range []string{"", "1000", "много"} {
		form.Set("recipients", typed)
		h.post(b, "/desk/documents/privacy/publish", form).want(422).has("сколько человек", `id="recipients-error"`)
	}
	form.Set("recipients", "1 001")
	h.post(b, "/desk/documents/privacy/publish", form).want(303)
}
