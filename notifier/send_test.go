package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"

	"vestnik/documents"
	"vestnik/notifier"
)

func refusal(code int, enhanced smtp.EnhancedCode, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

func TestWholePath(t *testing.T) {
	h := newHouse(t, nil)
	h.people(20)
	h.person("kazakh", "kazakh@example.com", "kk")
	h.person("near", "near@example.com", "kk-Cyrl-KZ")
	h.person("german", "german@example.com", "de")
	h.person("unknown", "unknown@example.com", "")
	h.run()
	e := h.publish("Вторая.", nil)
	x := h.closed(e.Seq)
	want := notifier.Figures{Due: 24, Accepted: 24}
	if x.Figures != want || x.Closing == nil || *x.Closing != want {
		t.Errorf("figures %+v, closing %+v, want %+v", x.Figures, x.Closing, want)
	}
	if fmt.Sprint(x.Languages) != "map[kk:2 kk+ru:1 ru:21]" {
		t.Errorf("languages %v", x.Languages)
	}
	if got := len(h.relay.taken()); got != 24 {
		t.Errorf("the relay has %d messages, want 24", got)
	}
	closed, err := h.lib.Event(ctx, x.ClosedSeq)
	if err != nil || closed.Kind != documents.Closed || closed.Figures != "due=24 accepted=24 failed=0 excluded=0 covered=0" || closed.LedgerRoot.IsZero() {
		t.Errorf("closing event %+v, %v", closed, err)
	}
	h.balanced()
}

// read returns header, text and HTML of a message, decoded.
func read(t *testing.T, raw string) (netmail.Header, string, string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(decoded(p.Header.Get("Content-Transfer-Encoding"), p))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(b))
	}
	if len(parts) != 2 {
		t.Fatalf("%d parts", len(parts))
	}
	return m.Header, parts[0], parts[1]
}

var link = regexp.MustCompile(`/me/([A-Za-z0-9_-]+)`)

func TestMail(t *testing.T) {
	h := newHouse(t, nil)
	h.person("a", "shared@example.com", "ru")
	h.person("b", "shared@example.com", "kk")
	h.run()
	e := h.publish("Вторая <script>alert(1)</script>.", func(d *documents.Draft) {
		for l, n := range d.Change.Notes {
			n.Means = "<b>жирно</b> {{.}} pd2@example.kz"
			d.Change.Notes[l] = n
		}
	})
	h.closed(e.Seq)
	mails := h.relay.to("shared@example.com")
	if len(mails) != 2 {
		t.Fatalf("%d mails to the shared address, want 2", len(mails))
	}
	ids, tokens := map[string]bool{}, map[string]bool{}
	for _, m := range mails {
		head, text, html := read(t, m.raw)
		ids[head.Get("Message-ID")] = true
		token := link.FindStringSubmatch(text)[1]
		tokens[token] = true
		if head.Get("Auto-Submitted") != "auto-generated" || head.Get("X-Auto-Response-Suppress") != "OOF, AutoReply" || !strings.HasSuffix(head.Get("Message-ID"), "@example.kz>") {
			t.Errorf("header %v", head)
		}
		for _, want := range []string{"ТОО «Пример»", "Алматы, ул. Примерная, 1", "pd@example.kz", "<b>жирно</b> {{.}}", "example.kz/policies", "Вторая", "Первая"} {
			if !strings.Contains(text, want) {
				t.Errorf("the text lacks %q", want)
			}
		}
		if strings.Contains(html, "<script") || strings.Contains(html, "<b>") || strings.Contains(html, "<img") || !strings.Contains(html, "<del ") || !strings.Contains(html, "color-scheme") {
			t.Errorf("html: %s", html)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if n := len([]rune(strings.TrimSpace(line))); n > 72 && !strings.Contains(line, "http") {
				t.Errorf("%d columns: %s", n, line)
			}
		}
		p, err := h.n.Personal(ctx, token)
		if err != nil || p.MaskedAddress != "s•••@example.com" || len(p.Told) != 1 {
			t.Errorf("personal: %+v, %v", p, err)
		}
	}
	if len(ids) != 2 || len(tokens) != 2 {
		t.Errorf("ids %v, tokens %v", ids, tokens)
	}
	if _, err := h.n.Personal(ctx, "unknown"); !errors.Is(err, documents.ErrNotFound) {
		t.Errorf("an unknown token: %v", err)
	}
}

func TestWhoIsTold(t *testing.T) {
	h := newHouse(t, nil)
	h.change(func(s *notifier.Settings) { s.Allow = []string{"@example.com", "one@other.example"} })
	h.person("in", "in@example.com", "ru")
	h.person("one", "one@other.example", "ru")
	h.person("out", "out@other.example", "ru")
	h.person("left", "left@example.com", "ru")
	if err := h.n.Leave(ctx, "left"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: "told", Address: "told@example.com", RegisteredAt: time.Now().Add(-time.Hour), Known: map[string]int{"privacy": 2}}); err != nil {
		t.Fatal(err)
	}
	reach, err := h.n.Reach(ctx, "privacy")
	if err != nil || reach.Due != 5 || reach.Languages["ru"] != 2 || reach.Languages["kk+ru"] != 1 {
		t.Errorf("reach %+v, %v", reach, err) // of the next version nobody was told
	}
	h.run()
	e := h.publish("Вторая.", nil)
	x := h.closed(e.Seq)
	if want := (notifier.Figures{Due: 5, Accepted: 2, Excluded: 3}); x.Figures != want {
		t.Errorf("figures %+v, want %+v", x.Figures, want)
	}
	if fmt.Sprint(x.Reasons) != "map[left:1 not-allowed:1 told-already:1]" {
		t.Errorf("reasons %v", x.Reasons)
	}
	// Late, by a sync: registered before the effect.
	h.person("late", "late@example.com", "ru")
	h.until("the late one", func() bool { return h.notice(e.Seq).Figures.Accepted == 3 })
	x = h.notice(e.Seq)
	if x.Closing.Due != 5 || x.Figures.Due != 6 || len(h.relay.to("late@example.com")) != 1 {
		t.Errorf("closing %+v, today %+v", x.Closing, x.Figures)
	}
	// Told of version 2, so the excerpt of the next one runs from there.
	next := h.publish("Третья.", nil)
	h.closed(next.Seq)
	if d, err := h.store.Delivery(ctx, next.Seq, 1); err != nil || d.Since != 2 {
		t.Errorf("since %d, %v, want 2", d.Since, err)
	}
	h.balanced()
}

func TestWhatMakesANotice(t *testing.T) {
	h := newHouse(t, nil)
	h.people(2)
	h.run()
	editorial := h.publish("Вторая.", func(d *documents.Draft) { d.Change.Class = documents.Editorial })
	h.until("the log is followed", func() bool { s, err := h.n.Status(ctx); return err == nil && s.Behind == 0 })
	if all, _ := h.n.Notices(ctx); len(all) != 0 {
		t.Fatalf("a first and an editorial version made %+v", all)
	}
	notes := map[string]documents.Note{"ru": {What: "Важно.", Whom: "Всех.", Means: "Да."}, "kk": {What: "Маңызды.", Whom: "Бәріне.", Means: "Иә."}}
	if _, err := h.lib.Correct(ctx, "privacy", editorial.Version, notes, staff); err != nil {
		t.Fatal(err)
	}
	e, err := h.lib.Reclassify(ctx, "privacy", editorial.Version, documents.Notice, "Всё же важно.", staff)
	if err != nil {
		t.Fatal(err)
	}
	if x := h.closed(e.Seq); x.Figures.Accepted != 2 {
		t.Errorf("reclassified: %+v", x.Figures)
	}
	h.change(func(s *notifier.Settings) { s.Hold = time.Hour })
	w := h.publish("Третья.", nil)
	h.until("counted", func() bool { return h.notice(w.Seq).Figures.Open == 2 })
	if _, err := h.lib.Withdraw(ctx, "privacy", w.Version, "Ошибка.", staff); err != nil {
		t.Fatal(err)
	}
	h.until("swept", func() bool { return h.notice(w.Seq).Figures.Excluded == 2 })
	if x := h.notice(w.Seq); x.State != notifier.Cancelled || len(h.relay.taken()) != 2 {
		t.Errorf("withdrawn: %+v, %d mails", x, len(h.relay.taken()))
	}
}

func TestStopTakesHoldBeforeTheNextDot(t *testing.T) {
	h := newHouse(t, nil)
	h.config.Senders = 1
	h.restart()
	h.people(10)
	reached, release := make(chan string, 20), make(chan bool)
	h.relay.on(func(to string) error { reached <- to; <-release; return nil }, nil)
	h.run()
	e := h.publish("Вторая.", nil)
	<-reached
	release <- true
	<-reached // the second message is at RCPT
	if _, err := h.n.Stop(ctx, e.Seq, staff); err != nil {
		t.Fatal(err)
	}
	release <- true
	h.until("handed back", func() bool { return h.notice(e.Seq).Figures.Accepted == 1 })
	if got := len(h.relay.taken()); got != 1 {
		t.Errorf("%d messages were taken, want 1", got)
	}
	h.relay.on(nil, nil)
	if x, err := h.n.Resume(ctx, e.Seq, staff); err != nil || x.Why != "" {
		t.Fatal(err)
	}
	if x := h.closed(e.Seq); x.Figures.Accepted != 10 || len(h.relay.taken()) != 10 {
		t.Errorf("%+v, %d mails", x.Figures, len(h.relay.taken()))
	}
	h.balanced()
}

// catchUp brings the clock of a bubble, which starts in 2000, to the present.
func catchUp(today time.Time) { time.Sleep(time.Until(today.Add(time.Minute))) }

func TestRefusals(t *testing.T) {
	h := newHouse(t, nil)
	h.people(6)
	var greylisted, dropped, broken atomic.Bool
	h.relay.on(func(to string) error {
		switch {
		case to == "p1@example.com":
			return refusal(550, smtp.EnhancedCode{5, 1, 1}, "no such user")
		case to == "p2@example.com" && !greylisted.Swap(true):
			return refusal(450, smtp.EnhancedCode{4, 2, 0}, "greylisted")
		case to == "p3@example.com" && !dropped.Swap(true):
			return errDrop
		}
		return nil
	}, func(to string) error {
		if to == "p4@example.com" && !broken.Swap(true) {
			return refusal(421, smtp.EnhancedCode{4, 3, 0}, "going down")
		}
		if to == "p5@example.com" {
			return refusal(554, smtp.EnhancedCode{5, 7, 1}, "spam")
		}
		return nil
	})
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		c, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		e := h.publish("Вторая.", nil)
		go func() { done <- h.n.Run(c) }()
		for h.notice(e.Seq).State != notifier.Finished {
			time.Sleep(10 * time.Second) // of the bubble's clock
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		x := h.notice(e.Seq)
		if want := (notifier.Figures{Due: 6, Accepted: 4, Failed: 2}); x.Figures != want {
			t.Errorf("figures %+v, want %+v", x.Figures, want)
		}
		if fmt.Sprint(x.Reasons) != "map[no-mailbox:1 policy:1]" {
			t.Errorf("reasons %v", x.Reasons)
		}
		grey, _ := h.store.Delivery(ctx, e.Seq, 2)
		if grey.Attempts != 2 || len(grey.History) != 2 || grey.History[0].To != notifier.Deferred {
			t.Errorf("greylisted: %+v", grey)
		}
		for _, r := range []int64{3, 4} { // the relay's fault: not counted against them
			if d, _ := h.store.Delivery(ctx, e.Seq, r); d.Attempts != 1 || d.Doubts != 0 {
				t.Errorf("recipient %d: %+v", r, d)
			}
		}
		if r, _ := h.n.Recipient(ctx, "p1"); r.State != notifier.Unreachable {
			t.Errorf("p1 is %s", r.State)
		}
		if r, _ := h.n.Recipient(ctx, "p5"); r.State != notifier.Active {
			t.Errorf("p5 is %s", r.State)
		}
		h.balanced()
	})
}

func TestInDoubtGoesAgainUnderTheSameID(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  error
		times  int32
		copies int
		state  notifier.DeliveryState
	}{
		{"taken, answer lost", errTaken, 1, 2, notifier.Accepted},
		{"lost with the connection", errDrop, 1, 1, notifier.Accepted},
		{"never an answer", errTaken, 99, 3, notifier.InDoubt},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, nil)
			h.people(1)
			var n atomic.Int32
			h.relay.on(nil, func(string) error {
				if n.Add(1) <= c.times {
					return c.fault
				}
				return nil
			})
			today := time.Now()
			synctest.Test(t, func(t *testing.T) {
				catchUp(today)
				cancelled, cancel := context.WithCancel(ctx)
				done := make(chan error, 1)
				start := time.Now()
				e := h.publish("Вторая.", nil)
				go func() { done <- h.n.Run(cancelled) }()
				time.Sleep(10 * time.Minute)
				if got := n.Load(); got != 1 {
					t.Errorf("%d attempts within the wait", got)
				}
				time.Sleep(2 * time.Hour)
				cancel()
				<-done
				d, err := h.store.Delivery(ctx, e.Seq, 1)
				if err != nil || d.State != c.state {
					t.Fatalf("after %s: %+v, %v", time.Since(start), d, err)
				}
				if c.state == notifier.InDoubt && (d.Reason != notifier.ReasonPerson || !d.Next.IsZero()) {
					t.Errorf("it does not wait for a person: %+v", d)
				}
				h.balanced()
			})
			mails := h.relay.taken()
			if len(mails) != c.copies {
				t.Fatalf("%d copies, want %d", len(mails), c.copies)
			}
			for _, m := range mails[1:] {
				if m.raw != mails[0].raw {
					t.Error("the copies differ")
				}
			}
		})
	}
}

func TestPause(t *testing.T) {
	h := newHouse(t, nil)
	h.people(3)
	h.relay.on(func(string) error { return refusal(550, smtp.EnhancedCode{5, 7, 26}, "SPF") }, nil)
	h.run()
	e := h.publish("Вторая.", nil)
	h.until("stopped", func() bool { return h.notice(e.Seq).State == notifier.Stopped })
	x, err := h.n.Notice(ctx, e.Seq)
	if err != nil || !strings.Contains(x.Why, "SPF, DKIM") || x.Figures.Open != 3 {
		t.Errorf("%+v, %v", x, err)
	}
	h.relay.on(nil, nil)
	if _, err := h.n.Resume(ctx, e.Seq, staff); err != nil {
		t.Fatal(err)
	}
	h.closed(e.Seq)
	if d, _ := h.store.Delivery(ctx, e.Seq, 1); d.Attempts != 1 {
		t.Errorf("the recipient paid for it: %+v", d)
	}
}
