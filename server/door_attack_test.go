package server_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"vestnik/notifier"
)

// Whatever the door answers is kept by nobody, named to nobody and put into no frame
// of others, and what somebody wrote stays text.
func TestDoorAnswersAreSafe(t *testing.T) {
	d := newDoor(t)
	me := d.link("a@example.kz", "ru")
	evil := `"><script src=//evil.example></script>`
	answers := []answer{
		d.get(me), d.get(me + "/erase"), d.get(me + "/mail/4"), d.get(me + "?lang=" + url.QueryEscape(evil)), d.get(me + "/x"),
		d.get("/me/" + strings.Repeat("A", 43)), d.get("/me/act/" + strings.Repeat("A", 43)), d.get("/me/" + url.PathEscape(evil)),
		d.press(me+"/object", url.Values{"value": {evil}}), d.press(me+"/name", url.Values{"value": {evil + "\x00"}}),
		d.press(me+"/address", url.Values{"value": {evil}}), d.press("/me/x/other", url.Values{"value": {evil}}),
	}
	for i, a := range answers {
		h := a.header
		if h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Content-Type-Options") != "nosniff" || len(h.Values("Set-Cookie")) > 0 {
			t.Errorf("answer %d (%d): %v", i, a.status, h)
		}
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "form-action 'self'") || strings.Contains(csp, "unsafe") {
			t.Errorf("answer %d lets do %q", i, csp)
		}
		if strings.Contains(a.body, "<script src=//evil") {
			t.Errorf("answer %d has the script", i)
		}
	}
	_, link := d.invite("publisher@example.kz", "publisher", "administrator")
	d.page(d.signedIn(link), "/desk/requests/1").want(200).has("&lt;script src=//evil").lacks("<script src=//evil")
}

// What is overdue says so, at the home of the desk and in the queue.
func TestDoorOverdue(t *testing.T) {
	d := newDoor(t)
	_, link := d.invite("publisher@example.kz", "publisher", "administrator")
	b := d.signedIn(link)
	long := time.Now().Add(-30 * 24 * time.Hour).UTC()
	_, err := d.c.Notifier.Store.Act(t.Context(), notifier.Act{Request: &notifier.Request{Code: "AAAA-BBBB-CCCC", Recipient: 1, Kind: notifier.RequestRestrict,
		State: notifier.RequestOpen, Language: "kk", Received: long, Due: long.Add(24 * time.Hour), Revision: 1}})
	must(t, err)
	d.page(b, "/desk/").want(200).has("1 обращение ждёт ответа", "просрочен")
	d.page(b, "/desk/requests").want(200).has("AAAA-BBBB-CCCC", "росрочен")
}
