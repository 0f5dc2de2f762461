package notifier_test

import (
	"sync"
	"testing"

	"vestnik/documents"
	"vestnik/notifier"
)

// A press that arrives many times, at two nodes, is recorded once and has one
// receipt; what was pressed with other words is another press.
func TestPressIsRecordedOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		token, stop := h.told(1)
		nodes := []*notifier.Notifier{h.n, h.node("other", 1, nil)}
		press := func(f func(*notifier.Notifier) (notifier.Request, error)) (code string) {
			t.Helper()
			var all sync.WaitGroup
			codes := make([]string, 6)
			for k := range codes {
				all.Go(func() {
					q, err := f(nodes[k%2])
					if err != nil {
						t.Error(err)
					}
					codes[k] = q.Code
				})
			}
			all.Wait()
			for _, c := range codes {
				if c != codes[0] {
					t.Errorf("receipts %q", codes)
				}
			}
			return codes[0]
		}
		lodge := func(words, once string) func(*notifier.Notifier) (notifier.Request, error) {
			return func(n *notifier.Notifier) (notifier.Request, error) {
				return n.Lodge(ctx, token, notifier.RequestObject, words, "ru", once)
			}
		}
		ask := func(value string) func(*notifier.Notifier) (notifier.Request, error) {
			return func(n *notifier.Notifier) (notifier.Request, error) {
				return notifier.Request{}, n.Ask(ctx, token, notifier.RequestName, value, "ru", "one")
			}
		}
		a, b := press(lodge("Против.", "one")), press(lodge("Совсем против.", "one"))
		c := press(func(n *notifier.Notifier) (notifier.Request, error) { return n.SpeakTo(ctx, token, "kk", "one") })
		d := press(func(n *notifier.Notifier) (notifier.Request, error) { return n.NotMine(ctx, token) })
		if a == b || c == d || a == "" || c == "" || d == "" {
			t.Errorf("%q, %q, %q, %q", a, b, c, d)
		}
		if e, err := h.n.Lodge(ctx, token, notifier.RequestObject, "Против.", "ru", ""); err != nil || e.Code == a {
			t.Errorf("a press like no other: %+v, %v", e, err)
		}
		all, err := h.store.Requests(ctx, notifier.RequestQuery{Limit: 100})
		if err != nil || len(all) != 5 {
			t.Errorf("%d requests, %v", len(all), err)
		}
		h.person("p1", "p1@example.org", "ru")
		press(ask("Анна"))
		_, link := h.mailTo("p1@example.org", 1)
		if _, err := h.n.Do(ctx, link); err != nil {
			t.Fatal(err)
		}
		press(ask("Анна")) // long after it was done
		press(ask("Анна-Мария"))
		h.mailTo("p1@example.org", 3)
		h.until("settled letters", func() bool { o, err := h.store.Owed(ctx); return err == nil && o.Letters == 0 })
		stop()
		if x := h.mails("p1@example.org"); x != 3 {
			t.Errorf("%d mails: two links and a receipt were to come", x)
		}
	})
}

// Whoever comes again with a link that was spent is shown what it did, at any node.
func TestSpentLinkSaysWhatItDid(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		token, _ := h.told(1)
		other := h.node("other", 1, nil)
		do := func(link string) notifier.Done {
			t.Helper()
			if _, _, err := other.Spent(ctx, link); err == nil {
				t.Error("it is said to be spent before it was")
			}
			done, err := h.n.Do(ctx, link)
			if err != nil {
				t.Fatal(err)
			}
			f, again, err := other.Spent(ctx, link)
			if err != nil || f.Purpose != notifier.LinkAct || f.Language != "ru" || again.Request.Code != done.Request.Code || again.Confirm != done.Confirm || (again.Export == nil) != (done.Export == nil) {
				t.Fatalf("%+v, %+v, %v; was %+v", f, again, err, done)
			}
			_, err = other.Do(ctx, link)
			gone(t, "the spent link", err)
			return done
		}
		export := do(h.fresh(token, "p1@example.com", 2, notifier.RequestExport, ""))
		if export.Export == nil {
			t.Error("no export")
		}
		h.mailTo("p1@example.com", 3)
		moving := h.fresh(token, "p1@example.com", 4, notifier.RequestAddress, "p1@example.org")
		do(moving)
		_, confirm := h.mailTo("p1@example.org", 1)
		moved := do(confirm)
		h.mailTo("p1@example.org", 2)
		if _, done, err := other.Spent(ctx, moving); err != nil || done.Request.Code != moved.Request.Code {
			t.Errorf("%+v, %v", done, err)
		}
		erased := do(h.fresh(token, "p1@example.org", 3, notifier.RequestErase, ""))
		if _, again, err := other.Spent(ctx, moving); err != nil || again.Request.Kind != notifier.RequestAddress || erased.Request.Kind != notifier.RequestErase {
			t.Errorf("%+v, %v", again, err)
		}
	})
}

// Only languages that mails or documents have can be chosen.
func TestLanguagesThatAreSpoken(t *testing.T) {
	h := newHouse(t, nil)
	token, _ := h.told(1)
	if _, err := h.lib.Create(ctx, documents.Document{ID: "terms", Titles: map[string]string{"de": "Bedingungen"}, Prevailing: "de"}, staff); err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"", "fr", "ru-RU", "x", "kk\n", "und"} {
		_, err := h.n.SpeakTo(ctx, token, tag, "")
		refused(t, "speak-to", err)
	}
	for _, tag := range []string{"en", "de"} {
		if _, err := h.n.SpeakTo(ctx, token, tag, ""); err != nil || h.recipient(1).Language != tag {
			t.Errorf("%s: %v", tag, err)
		}
	}
}
