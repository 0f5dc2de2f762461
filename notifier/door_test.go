package notifier_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

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
	if err := h.n.Ask(ctx, token, kind, value, "ru", ""); err != nil {
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

// shown is everything of values that a page could show.
func shown(values ...any) string { return fmt.Sprintf("%+v", values) }

// open ends the hold of a notice that was stopped in it.
func (h *house) open(seq documents.Seq) {
	h.t.Helper()
	x := h.notice(seq)
	x.State, x.Why, x.Revision = notifier.Sending, "", x.Revision+1
	if err := h.store.PutNotice(ctx, x, nil); err != nil {
		h.t.Fatal(err)
	}
	ds, err := h.store.Deliveries(ctx, seq, 0, 100)
	for i := range ds {
		ds[i].Next = time.Now()
		ds[i].Revision++
	}
	if err == nil {
		err = h.store.Settle(ctx, notifier.Settlement{Now: time.Now(), Deliveries: ds})
	}
	if err != nil {
		h.t.Fatal(err)
	}
}
