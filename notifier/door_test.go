package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"vestnik/documents"
	docpg "vestnik/documents/pgstore"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/notifier"
	"vestnik/notifier/pgstore"
)

// onBoth runs a test over a file and over a database.
func onBoth(t *testing.T, test func(*testing.T, *house)) {
	t.Run("bolt", func(t *testing.T) { test(t, newHouse(t, nil)) })
	t.Run("postgres", func(t *testing.T) {
		db := database(t, postgrestest.Start(t, postgrestest.Options{}).Schema())
		if err := db.Migrate(t.Context(), docpg.Room(), pgstore.Room()); err != nil {
			t.Fatal(err)
		}
		test(t, houseOver(t, docpg.New(db), pgstore.New(db), nil))
	})
}

var linkIn = regexp.MustCompile(`/me/(?:act/)?([A-Za-z0-9_-]{43})`)

// mailTo waits for the mail number count to an address, from 1, and returns its
// text and the link in it.
func (h *house) mailTo(to string, count int) (text, link string) {
	h.t.Helper()
	var raw string
	h.until(fmt.Sprintf("mail %d to %s", count, to), func() bool {
		seen := 0
		for _, m := range h.relay.taken() {
			if m.to == to {
				if seen++; seen == count {
					raw = m.raw
				}
			}
		}
		return raw != ""
	})
	_, text, _ = read(h.t.(*testing.T), raw)
	if m := linkIn.FindStringSubmatch(text); m != nil {
		link = m[1]
	}
	return text, link
}

func (h *house) mails(to string) (count int) {
	for _, m := range h.relay.taken() {
		if m.to == to {
			count++
		}
	}
	return count
}

func (h *house) recipient(number int64) notifier.Recipient {
	h.t.Helper()
	r, err := h.store.Recipient(ctx, number)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// fresh asks, and returns the link that the mail number count brings.
func (h *house) fresh(token, to string, count int, kind notifier.RequestKind, value string) string {
	h.t.Helper()
	if err := h.n.Ask(ctx, token, kind, value, "ru"); err != nil {
		h.t.Fatal(err)
	}
	_, link := h.mailTo(to, count)
	return link
}

func gone(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, documents.ErrNotFound) {
		t.Errorf("%s: %v, want not found", what, err)
	}
}

func refused(t *testing.T, code string, err error) {
	t.Helper()
	var invalid *documents.InvalidError
	if !errors.As(err, &invalid) || invalid.Code != code {
		t.Errorf("%v, want a refusal %s", err, code)
	}
}

func TestErasure(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(2)
		h.run()
		e := h.publish("Вторая.", nil)
		h.closed(e.Seq)
		before := h.notice(e.Seq)
		masked, err := h.n.Masked(ctx, e.Seq, 1)
		if err != nil {
			t.Fatal(err)
		}
		_, token := h.mailTo("p1@example.com", 1)
		if _, err := h.n.Lodge(ctx, token, notifier.RequestDelete, "Удалите всё.", "ru"); err != nil {
			t.Fatal(err)
		}
		h.mailTo("p1@example.com", 2)
		link := h.fresh(token, "p1@example.com", 3, notifier.RequestErase, "")
		if f, err := h.n.Fresh(ctx, link); err != nil || f.Kind != notifier.RequestErase || f.Open != 1 || f.MaskedAddress != "p•••@example.com" {
			t.Fatalf("%+v, %v", f, err)
		}
		done, err := h.n.Do(ctx, link)
		if err != nil || done.Request.Code == "" || done.Request.State != notifier.RequestDone {
			t.Fatalf("%+v, %v", done, err)
		}
		if text, _ := h.mailTo("p1@example.com", 4); !strings.Contains(text, done.Request.Code) || strings.Contains(text, "[") {
			t.Errorf("the receipt says %s", text)
		}
		r := h.recipient(1)
		if r.State != notifier.Erased || r.Address+r.Name+r.Language != "" || r.Key != nil || !strings.HasPrefix(r.ExternalID, "erased:") || strings.Contains(r.ExternalID, "p1") {
			t.Errorf("left: %+v", r)
		}
		_, err = h.n.Personal(ctx, token)
		gone(t, "the page", err)
		_, err = h.n.Do(ctx, link)
		gone(t, "the spent link", err)
		_, err = h.n.Sent(ctx, e.Seq, 1)
		gone(t, "the message", err)
		if again, err := h.n.Masked(ctx, e.Seq, 1); err != nil || string(again) != string(masked) {
			t.Errorf("the masked message differs: %v", err)
		}
		if after := h.notice(e.Seq); after.Figures != before.Figures || after.ClosedSeq == 0 {
			t.Errorf("figures %+v, were %+v", after.Figures, before.Figures)
		}
		h.balanced()
		h.until("settled letters", func() bool { o, err := h.store.Owed(ctx); return err == nil && o.Letters == 0 })
		var dump strings.Builder
		if err := h.store.Dump(context.Background(), &dump); err != nil || strings.Contains(dump.String(), "p1@") || strings.Contains(dump.String(), `"p1"`) {
			t.Errorf("the dump names the erased person (%v)", err)
		}
	})
}
