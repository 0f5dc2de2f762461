package notifier_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vestnik/notifier"
)

// told is a house that has told p1… of a version, and the token of the first.
func (h *house) told(count int) (token string, stop func()) {
	h.t.Helper()
	h.people(count)
	stop = h.run()
	h.closed(h.publish("Вторая.", nil).Seq)
	_, token = h.mailTo("p1@example.com", 1)
	return token, stop
}

func TestRequestIsAnswered(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		token, _ := h.told(1)
		q, err := h.n.Lodge(ctx, token, notifier.RequestAccess, "Что у вас есть?\r\nПокажите.", "kk-KZ", "")
		if err != nil || q.State != notifier.RequestOpen || q.Language != "kk" || !q.Due.After(q.Received.Add(2*24*time.Hour)) {
			t.Fatalf("%+v, %v", q, err)
		}
		if text, _ := h.mailTo("p1@example.com", 2); !strings.Contains(text, q.Code) || strings.Contains(text, "[") {
			t.Errorf("the receipt says %s", text)
		}
		if open, overdue, err := h.n.Unanswered(ctx); err != nil || open != 1 || overdue != 0 {
			t.Errorf("%d, %d, %v", open, overdue, err)
		}
		v, err := h.n.ShowRequest(ctx, q.ID)
		if err != nil || v.Words != "Что у вас есть?\nПокажите." || v.ExternalID != "p1" || v.MaskedAddress != "p•••@example.com" || v.Sealed != nil {
			t.Fatalf("%+v, %v", v, err)
		}
		for code, f := range map[string]func() error{
			"answer-ground":    func() error { return h.answer(q.ID, notifier.RequestRefused, "", "Нет.") },
			"answer-no-ground": func() error { return h.answer(q.ID, notifier.RequestDone, "identity", "Да.") },
			"answer-state":     func() error { return h.answer(q.ID, notifier.RequestOpen, "", "Да.") },
			"answer-empty":     func() error { return h.answer(q.ID, notifier.RequestDone, "", " \n ") },
			"words-long":       func() error { return h.answer(q.ID, notifier.RequestDone, "", strings.Repeat("ж", 4001)) },
		} {
			refused(t, code, f())
		}
		if err := h.answer(q.ID, notifier.RequestRefused, "identity", "Пришлите паспорт."); err != nil {
			t.Fatal(err)
		}
		refused(t, "request-settled", h.answer(q.ID, notifier.RequestDone, "", "Всё же да."))
		if text, _ := h.mailTo("p1@example.com", 3); !strings.Contains(text, "Пришлите паспорт.") || !strings.Contains(text, q.Code) || strings.Contains(text, "[") {
			t.Errorf("the answer says %s", text)
		}
		if v, err = h.n.ShowRequest(ctx, q.ID); err != nil || v.State != notifier.RequestRefused || v.Ground != "identity" || v.By != "ainur" || v.Answer != "Пришлите паспорт." || v.Words == "" || v.Settled.IsZero() {
			t.Errorf("%+v, %v", v, err)
		}
		h.forgottenWords("Покажите", "паспорт")
	})
}

func (h *house) answer(id int64, state notifier.RequestState, ground, words string) error {
	_, err := h.n.Answer(ctx, id, state, ground, words, staff)
	return err
}

// forgottenWords demands that the store holds none of the words in the open.
func (h *house) forgottenWords(words ...string) {
	h.t.Helper()
	h.until("settled letters", func() bool { o, err := h.store.Owed(ctx); return err == nil && o.Letters == 0 })
	var dump strings.Builder
	if err := h.store.Dump(ctx, &dump); err != nil {
		h.t.Fatal(err)
	}
	for _, word := range words {
		if strings.Contains(dump.String(), word) {
			h.t.Errorf("the dump has %q", word)
		}
	}
}

// Ten requests of one person may wait, however many come at once, at two nodes.
func TestRequestsAreBounded(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		token, _ := h.told(1)
		nodes := []*notifier.Notifier{h.n, h.node("other", 1, nil)}
		var all sync.WaitGroup
		for i := range 14 {
			all.Go(func() {
				for range 100 { // whoever lost too many races tries again, as a person would
					_, err := nodes[i%2].Lodge(ctx, token, notifier.RequestObject, "Против.", "ru", "")
					if err == nil || strings.Contains(err.Error(), "wait for an answer") {
						return
					}
				}
			})
		}
		all.Wait()
		open, _, err := h.n.Unanswered(ctx)
		if err != nil || open != 10 {
			t.Errorf("%d open, %v", open, err)
		}
		_, err = h.n.Lodge(ctx, token, notifier.RequestObject, "Против.", "ru", "")
		refused(t, "request-many", err)
		codes := map[string]bool{}
		list, err := h.n.RequestsOf(ctx, token)
		for _, q := range list {
			codes[q.Code] = true
			if q.Words != "" || q.ExternalID != "" || q.Sealed != nil {
				t.Errorf("%+v", q)
			}
		}
		if err != nil || len(codes) != 10 {
			t.Errorf("%d codes, %v", len(codes), err)
		}
	})
}

// Whatever people type is kept as they typed it, or refused.
func TestHostileWords(t *testing.T) {
	h := newHouse(t, nil)
	token, stop := h.told(1)
	stop()
	for code, words := range map[string]string{
		"words-plain": "левый \u202e правый", "words-long": strings.Repeat("я", 4001), "words-empty": " \n\t ",
	} {
		_, err := h.n.Lodge(ctx, token, notifier.RequestOther, words, "ru", "")
		refused(t, code, err)
	}
	_, err := h.n.Lodge(ctx, token, notifier.RequestErase, "Это не обращение.", "ru", "")
	refused(t, "request-kind", err)
	for code, ask := range map[string]func() error{
		"ask-kind":          func() error { return h.n.Ask(ctx, token, notifier.RequestDelete, "", "ru", "") },
		"name-malformed":    func() error { return h.n.Ask(ctx, token, notifier.RequestName, "А\nBcc: x", "ru", "") },
		"address-malformed": func() error { return h.n.Ask(ctx, token, notifier.RequestAddress, "a@b\r\nBcc: x@y.kz", "ru", "") },
	} {
		refused(t, code, ask())
	}
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.String().Draw(r, "words")
		q, err := h.n.Lodge(ctx, token, notifier.RequestOther, words, rapid.String().Draw(r, "language"), "")
		if err != nil {
			return
		}
		v, err := h.n.ShowRequest(ctx, q.ID)
		if err != nil || v.Words != strings.TrimSpace(words) || strings.ContainsAny(v.Words, "\u202e\x00\x1b\r") {
			r.Errorf("%q became %q, %v", words, v.Words, err)
		}
		if err := h.answer(q.ID, notifier.RequestDone, "", "Да."); err != nil {
			r.Fatal(err)
		}
	})
}

// A refusal says its ground in the language of the person, whatever staff speak.
func TestRefusalsAreSaidInTheirLanguage(t *testing.T) {
	h := newHouse(t, nil)
	token, _ := h.told(1)
	count := 1
	for _, tag := range []string{"ru", "kk", "en"} {
		for _, ground := range []string{"retention", "identity"} {
			q, err := h.n.Lodge(ctx, token, notifier.RequestRestrict, "", tag, "")
			if err != nil {
				t.Fatal(err)
			}
			if err := h.answer(q.ID, notifier.RequestRefused, ground, "1234."); err != nil {
				t.Fatal(err)
			}
			count += 2
			h.mailTo("p1@example.com", count)
			said := ""
			for k := count - 1; k <= count; k++ { // letters may overtake each other
				text, _ := h.mailTo("p1@example.com", k)
				said += " " + strings.Join(strings.Fields(text), " ")
			}
			if want := h.n.Words(tag).T("ground-" + ground); !strings.Contains(said, strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s: %q is not in %s", tag, want, said)
			}
		}
	}
}
