package server_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"vestnik/documents"
	"vestnik/notifier"
	"vestnik/server"
)

// A page with no-referrer has its forms sent with an Origin of "null"; browsers
// without Sec-Fetch-Site (of before 2023, or without TLS) still get through.
func TestDoorWithoutOrigin(t *testing.T) {
	d := newDoor(t)
	me := d.link("a@example.kz", "ru")
	form := url.Values{"value": {"kk"}}.Encode()
	for name, headers := range map[string][]string{
		"old browser": {"Origin", "null"}, "new browser": {"Origin", "null", "Sec-Fetch-Site", "same-origin"}, "no browser": nil,
	} {
		a := call(t, d.browser(), "POST", d.tcp.URL+me+"/language", form, append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
		if a.status != 303 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	call(t, d.browser(), "POST", d.tcp.URL+"/desk/sign-in", "email=a", "Origin", "null", "Content-Type", "application/x-www-form-urlencoded").want(403)
}

// What was typed is given back while the database is away, and can be sent again
// from there.
func TestDoorWithoutTheStore(t *testing.T) {
	spoilt(t, func(t *testing.T, h *house, spoil, mend func()) {
		spoil()
		h.lost()
		path := "/me/" + strings.Repeat("A", 43) + "/object?lang=kk"
		a := h.post(h.browser(), path, url.Values{"value": {"Против <пункта> 2."}, "once": {"ABC"}}).want(503).
			has("Против &lt;пункта&gt; 2.", `action="`+path+`"`, `name="once" value="ABC"`, `<html lang="kk"`)
		root := checkHTML(t, "kept", a.body)
		if form := typedIn(root); form.Get("value") != "Против <пункта> 2." || form.Get("once") != "ABC" {
			t.Errorf("the form holds %v", form)
		}
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Retry-After": "60"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s is %q", name, got)
			}
		}
	})
}

// doubtfulActs keeps an act and does not say so.
type doubtfulActs struct {
	notifier.Store
	doubt atomic.Bool
}

func (d *doubtfulActs) Act(ctx context.Context, a notifier.Act) (notifier.Request, error) {
	q, err := d.Store.Act(ctx, a)
	if d.doubt.Load() && err == nil {
		return notifier.Request{}, fmt.Errorf("commit: %w", documents.ErrAway)
	}
	return q, err
}

// The database stops answering in the middle of an act. What was sent is given back,
// and sent again it is recorded once: a request, a letter, what a fresh link does.
func TestDoorActOfUnknownFate(t *testing.T) {
	acts := &doubtfulActs{}
	d := newDoor(t, func(c *server.Config) { acts.Store, c.Notifier.Store = c.Notifier.Store, acts })
	me := d.link("a@example.kz", "ru")
	twice := func(path string, form url.Values) answer {
		t.Helper()
		acts.doubt.Store(true)
		kept := typedIn(checkHTML(t, path, d.press(path, form).want(503).body))
		acts.doubt.Store(false)
		return d.press(path, kept)
	}
	typed := func(path, value string) url.Values {
		form := typedIn(checkHTML(t, path, d.look(path, 200).body))
		form.Set("value", value)
		return form
	}
	twice(me+"/object", typed(me+"/object", "Против.")).want(303)
	twice(me+"/name", typed(me+"/name", "Айгүл Новая")).want(303)
	link := ""
	eventually(t, func() bool {
		for _, text := range d.mails("a@example.kz", false) {
			if found := freshLink.FindString(text); found != "" {
				link = found
			}
		}
		return link != ""
	})
	twice(link, nil).want(200).has("Имя исправлено")
	eventually(t, func() bool { return len(d.mails("a@example.kz", false)) == 3 })
	all, err := d.c.Notifier.ListRequests(t.Context(), notifier.RequestQuery{Limit: 10})
	must(t, err)
	if len(all) != 2 {
		t.Errorf("%d requests were recorded", len(all))
	}
}
