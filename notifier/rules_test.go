package notifier_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"

	"vestnik/documents"
	"vestnik/notifier"
)

func TestLetters(t *testing.T) {
	h := newHouse(t, nil)
	for _, l := range []notifier.Letter{
		{Kind: notifier.LetterSignIn, To: "staff@example.kz"},
		{Kind: "other", To: "staff@example.kz"},
		{Kind: notifier.LetterTest, To: "staff@example.kz\r\nBcc: x@example.org"},
	} {
		if err := h.n.Post(ctx, l); err == nil {
			t.Errorf("%+v was taken", l)
		}
	}
	for _, tag := range []string{"ru", "kk", "en"} {
		if err := h.n.Post(ctx, notifier.Letter{Kind: notifier.LetterSignIn, To: tag + "@example.kz", Language: tag, Args: map[string]string{"url": "https://example.kz/desk/link/abc", "name": "<b>A</b>"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.n.Post(ctx, notifier.Letter{Kind: notifier.LetterAlarm, To: "alarm@example.kz", Language: "ru", Args: map[string]string{"what": "Рассылка\r\nBcc: x@y.kz", "text": "<i>Стоит</i>"}}); err != nil {
		t.Fatal(err)
	}
	h.run()
	h.until("sent", func() bool { return len(h.relay.taken()) == 4 })
	h.until("settled", func() bool { o, err := h.store.Owed(ctx); return err == nil && o.Letters == 0 })
	for _, m := range h.relay.taken() {
		head, text, html := read(t, m.raw)
		if m.to == "alarm@example.kz" { // an alarm arrives, whatever it says
			if head.Get("Bcc") != "" || !strings.Contains(text, "<i>Стоит</i>") || strings.Contains(html, "<i>") {
				t.Errorf("alarm: %v\n%s", head, text)
			}
			continue
		}
		if !strings.Contains(text, "https://example.kz/desk/link/abc") || !strings.Contains(html, `href="https://example.kz/desk/link/abc"`) || strings.Contains(text, "[") {
			t.Errorf("letter: %s\n%s", text, html)
		}
	}
	var dump strings.Builder
	if err := h.store.Dump(ctx, &dump); err != nil || strings.Contains(dump.String(), "desk/link") {
		t.Errorf("a settled letter keeps its link: %v", err)
	}
}

func TestLetterIsSentAgain(t *testing.T) {
	h := newHouse(t, nil)
	var tries atomic.Int32
	h.relay.on(func(string) error {
		if tries.Add(1) == 1 {
			return refusal(450, smtp.EnhancedCode{4, 2, 0}, "later")
		}
		return nil
	}, func(string) error {
		if tries.Load() == 2 {
			return errTaken
		}
		return nil
	})
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		c, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		h.publish("Вторая.", nil) // so that what the log waits with belongs to the bubble
		if err := h.n.Post(ctx, notifier.Letter{Kind: notifier.LetterTest, To: "a@example.kz", Language: "ru"}); err != nil {
			t.Fatal(err)
		}
		go func() { done <- h.n.Run(c) }()
		time.Sleep(2 * time.Hour)
		cancel()
		<-done
	})
	mails := h.relay.taken()
	if len(mails) != 2 || mails[0].raw != mails[1].raw || tries.Load() != 3 {
		t.Errorf("%d mails in %d tries", len(mails), tries.Load())
	}
}

func TestRehearsalMailsNobodyOutside(t *testing.T) {
	h := newHouse(t, nil)
	outside := newRelay(t)
	h.change(func(s *notifier.Settings) {
		s.Rehearsal, s.Relay, s.Mailbox, s.Staff = true, outside.url, h.relay.url, []string{"staff@example.kz"}
	})
	h.people(3)
	h.person("staff", "staff@example.kz", "ru")
	for _, to := range []string{"staff@example.kz", "somebody@example.org"} {
		if err := h.n.Post(ctx, notifier.Letter{Kind: notifier.LetterTest, To: to, Language: "ru"}); err != nil {
			t.Fatal(err)
		}
	}
	h.run()
	h.closed(h.publish("Вторая.", nil).Seq)
	h.until("letters", func() bool { o, err := h.store.Owed(ctx); return err == nil && o.Letters == 0 })
	if got := outside.taken(); len(got) != 1 || got[0].to != "staff@example.kz" {
		t.Errorf("outside: %+v", got)
	}
	if got := len(h.relay.taken()); got != 5 {
		t.Errorf("the mailbox has %d", got)
	}
	if err := h.n.Clear(ctx, staff); err != nil {
		t.Fatal(err)
	}
	if rs, err := h.n.Recipients(ctx, 0, 10); err != nil || len(rs) != 0 {
		t.Errorf("after the end of the rehearsal: %v, %v", rs, err)
	}
}

func TestHeldWhereTheInstallationMoved(t *testing.T) {
	for _, c := range []struct {
		choice string
		copies int
		want   notifier.Figures
	}{
		{"go-on", 2, notifier.Figures{Due: 2, Accepted: 2}},
		{"close", 0, notifier.Figures{Due: 2, Excluded: 2}},
		{"in-doubt", 0, notifier.Figures{Due: 2, Open: 2}},
	} {
		t.Run(c.choice, func(t *testing.T) {
			h := newHouse(t, nil)
			h.people(2)
			stop := h.run()
			h.until("the first run", func() bool { at, err := h.store.Mark(ctx, "node"); return err == nil && at != "" })
			stop()
			h.change(func(s *notifier.Settings) { s.URL = "https://copy.example.kz" })
			h.restart()
			h.run()
			e := h.publish("Вторая.", nil)
			h.until("counted", func() bool { return h.notice(e.Seq).State == notifier.Sending && h.notice(e.Seq).CountedAll })
			if why, err := h.n.Held(ctx); err != nil || !strings.Contains(why, "копия") || len(h.relay.taken()) != 0 {
				t.Fatalf("held %q, %v, %d mails", why, err, len(h.relay.taken()))
			}
			var refusal *documents.InvalidError
			if err := h.n.Release(ctx, "whatever", staff); !errors.As(err, &refusal) {
				t.Errorf("an unknown choice: %v", err)
			}
			if err := h.n.Release(ctx, c.choice, staff); err != nil {
				t.Fatal(err)
			}
			h.until("released", func() bool { return h.notice(e.Seq).Figures == c.want })
			if c.choice == "in-doubt" {
				if s, err := h.n.Status(ctx); err != nil || s.InDoubt != 2 {
					t.Errorf("status %+v, %v", s, err)
				}
			}
			if got := len(h.relay.taken()); got != c.copies {
				t.Errorf("%d mails, want %d", got, c.copies)
			}
		})
	}
}

func TestHoldRunsFirst(t *testing.T) {
	h := newHouse(t, nil)
	h.people(1)
	h.change(func(s *notifier.Settings) { s.Hold = 15 * time.Minute })
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		c, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		e := h.publish("Вторая.", nil)
		go func() { done <- h.n.Run(c) }()
		time.Sleep(14 * time.Minute)
		if x := h.notice(e.Seq); x.State != notifier.Holding || x.Figures.Open != 1 || len(h.relay.taken()) != 0 {
			t.Errorf("within the hold: %+v, %d mails", x, len(h.relay.taken()))
		}
		time.Sleep(2 * time.Minute)
		if len(h.relay.taken()) != 1 {
			t.Error("nothing was sent after the hold")
		}
		p, err := h.n.Personal(ctx, link.FindStringSubmatch(second(read(t, h.relay.taken()[0].raw)))[1])
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		<-done
		time.Sleep(time.Until(p.Until) + time.Second)
		if _, err := h.n.Personal(ctx, link.FindStringSubmatch(second(read(t, h.relay.taken()[0].raw)))[1]); !errors.Is(err, documents.ErrNotFound) {
			t.Errorf("90 days after the effect: %v", err)
		}
	})
}

func second[A, B, C any](_ A, b B, _ C) B { return b }

func TestGracefulEnd(t *testing.T) {
	h := newHouse(t, nil)
	h.config.Senders = 1
	h.restart()
	h.people(5)
	reached, release := make(chan string, 9), make(chan bool)
	h.relay.on(nil, func(to string) error { reached <- to; <-release; return nil })
	stop := h.run()
	e := h.publish("Вторая.", nil)
	<-reached // behind the dot
	ended := make(chan bool)
	go func() { stop(); close(ended) }()
	release <- true
	<-ended
	x := h.notice(e.Seq)
	if x.Figures.Accepted != 1 || len(h.relay.taken()) != 1 {
		t.Errorf("what was begun is not finished: %+v", x.Figures)
	}
	if o, err := h.store.Owed(ctx); err != nil || o.InDoubt != 0 {
		t.Errorf("owed %+v, %v", o, err)
	}
	now := time.Now()
	if _, ds, err := h.store.Lease(ctx, e.Seq, "next", now, now.Add(time.Hour), 10); err != nil || len(ds) != 4 {
		t.Errorf("the chunk was not handed back: %d, %v", len(ds), err)
	}
}

func TestPreview(t *testing.T) {
	h := newHouse(t, nil)
	p, err := h.lib.Propose(ctx, documents.Draft{Document: "privacy",
		Texts:  []documents.DraftText{{Lang: "ru", Source: "# Политика\n\n1. Новое.\n"}, {Lang: "kk", Source: "# Саясат\n\n1. Жаңа.\n"}},
		Change: documents.Change{Class: documents.Notice, Notes: map[string]documents.Note{"ru": {What: "Что.", Whom: "Всех.", Means: "Да."}, "kk": {What: "Не.", Whom: "Бәрін.", Means: "Иә."}}}})
	if err != nil {
		t.Fatal(err)
	}
	subject, text, html, err := h.n.Preview(ctx, p, "")
	if err != nil || !strings.Contains(subject, " / ") || !strings.Contains(text, "Жаңа") || !strings.Contains(html, "<ins ") {
		t.Errorf("%v: %s\n%s", err, subject, text)
	}
	if len(h.relay.taken()) != 0 {
		t.Error("a preview mails nobody")
	}
}
