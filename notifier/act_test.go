package notifier_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

// Two people at one mailbox: what one does is theirs alone.
func TestTwoShareAMailbox(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.person("a", "home@example.com", "ru")
		h.person("b", "home@example.com", "kk")
		h.run()
		e := h.publish("Вторая.", nil)
		h.closed(e.Seq)
		tokens := map[int64]string{}
		for count := range 2 {
			_, token := h.mailTo("home@example.com", count+1)
			p, err := h.n.Personal(ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			tokens[p.Recipient.Number] = token
		}
		if q, err := h.n.NotMine(ctx, tokens[1]); err != nil || q.Kind != notifier.RequestNotMine {
			t.Fatalf("%+v, %v", q, err)
		}
		h.erase(tokens[2], "home@example.com", 3)
		h.mailTo("home@example.com", 4)
		if a, b := h.recipient(1), h.recipient(2); a.State != notifier.Active || a.Address == "" || b.State != notifier.Erased {
			t.Errorf("%+v; %+v", a, b)
		}
		x := h.closed(h.publish("Третья.", nil).Seq)
		if x.Reasons[notifier.ReasonNotMine] != 1 || x.Reasons[notifier.ReasonErased] != 1 || h.mails("home@example.com") != 4 {
			t.Errorf("%v; %d mails", x.Reasons, h.mails("home@example.com"))
		}
	})
}

// A notice was forwarded to a stranger: the link shows nothing by which they would
// know who it is, and whatever matters needs a letter to the address on file.
func TestForwardedToAStranger(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		_, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: "client-77", Address: "aigerim@example.com", Language: "ru", Name: "Айгерим Сапарова", RegisteredAt: time.Now().Add(-time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		h.run()
		h.closed(h.publish("Вторая.", nil).Seq)
		_, token := h.mailTo("aigerim@example.com", 1)
		q, err := h.n.Lodge(ctx, token, notifier.RequestObject, "Не согласна с пунктом 2.", "ru", "")
		if err != nil {
			t.Fatal(err)
		}
		p, err := h.n.Personal(ctx, token)
		all, err2 := h.n.RequestsOf(ctx, token)
		if err != nil || err2 != nil || len(all) != 1 || all[0].Code != q.Code {
			t.Fatalf("%+v, %v, %v", all, err, err2)
		}
		for _, secret := range []string{"aigerim", "Сапарова", "Айгерим", "client-77", "пунктом"} {
			if seen := shown(p, all); strings.Contains(seen, secret) {
				t.Errorf("a stranger sees %q in %s", secret, seen)
			}
		}
		if p.MaskedAddress != "a•••@example.com" || p.MaskedName != "А••• С•••" {
			t.Errorf("%q, %q", p.MaskedAddress, p.MaskedName)
		}
		if err := h.n.Ask(ctx, token, notifier.RequestAddress, "stranger@example.org", "ru", ""); err != nil {
			t.Fatal(err)
		}
		h.mailTo("aigerim@example.com", 3)
		if h.mails("stranger@example.org") != 0 {
			t.Error("the stranger was written to")
		}
		_, err = h.n.Fresh(ctx, token)
		gone(t, "the link in the notice, as one that acts,", err)
		_, err = h.n.Do(ctx, token)
		gone(t, "the link in the notice, as one that acts,", err)
		_, link := h.mailTo("aigerim@example.com", 3)
		_, err = h.n.Personal(ctx, link)
		gone(t, "a link that acts, as one in a notice,", err)
	})
}

func TestAddressIsConfirmedFromThere(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(1)
		h.run()
		h.closed(h.publish("Вторая.", nil).Seq)
		_, token := h.mailTo("p1@example.com", 1)
		link := h.fresh(token, "p1@example.com", 2, notifier.RequestAddress, "new@Example.org")
		f, err := h.n.Fresh(ctx, link)
		if err != nil || f.Purpose != notifier.LinkAct || f.Value != "n•••@example.org" {
			t.Fatalf("%+v, %v", f, err)
		}
		done, err := h.n.Do(ctx, link)
		if err != nil || done.Confirm != "n•••@example.org" || done.Request.Code != "" || h.recipient(1).Address != "p1@example.com" {
			t.Fatalf("%+v, %v", done, err)
		}
		_, confirm := h.mailTo("new@example.org", 1)
		if f, err = h.n.Fresh(ctx, confirm); err != nil || f.Purpose != notifier.LinkConfirm || f.MaskedAddress != "p•••@example.com" {
			t.Fatalf("%+v, %v", f, err)
		}
		if done, err = h.n.Do(ctx, confirm); err != nil || done.Request.Code == "" {
			t.Fatalf("%+v, %v", done, err)
		}
		if text, _ := h.mailTo("p1@example.com", 3); !strings.Contains(text, "n•••@example.org") || strings.Contains(text, "new@") {
			t.Errorf("the old address hears %s", text)
		}
		if text, _ := h.mailTo("new@example.org", 2); !strings.Contains(text, done.Request.Code) {
			t.Errorf("the receipt says %s", text)
		}
		h.closed(h.publish("Третья.", nil).Seq)
		h.mailTo("new@example.org", 3)
		if got := h.mails("p1@example.com"); got != 3 {
			t.Errorf("%d mails to the old address", got)
		}
	})
}

// A link that was sent to an address does nothing once another one is on file, and
// one that is an hour old does nothing either. At most three go out in an hour.
func TestFreshLinksEnd(t *testing.T) {
	h := newHouse(t, nil)
	h.people(1)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		e := h.publish("Вторая.", nil)
		stop := start(t, h.n)
		patient(t, time.Minute, "closed", func() bool { return h.notice(e.Seq).State == notifier.Finished })
		_, token := h.mailTo("p1@example.com", 1)
		ask := func() error { return h.n.Ask(ctx, token, notifier.RequestExport, "", "ru", "") }
		for count := range 3 {
			if err := ask(); err != nil {
				t.Fatal(err)
			}
			patient(t, time.Minute, "the letter", func() bool { return h.mails("p1@example.com") == count+2 })
		}
		refused(t, "ask-often", ask())
		_, link := h.mailTo("p1@example.com", 4)
		if _, err := h.n.Fresh(ctx, link); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		_, err := h.n.Fresh(ctx, link)
		gone(t, "an old link", err)
		_, err = h.n.Do(ctx, link)
		gone(t, "an old link", err)
		if err := ask(); err != nil {
			t.Errorf("an hour later: %v", err)
		}
		patient(t, time.Minute, "the letter", func() bool { return h.mails("p1@example.com") == 5 })
		_, link = h.mailTo("p1@example.com", 5)
		h.person("p1", "moved@example.com", "ru")
		_, err = h.n.Do(ctx, link)
		gone(t, "a link of the address before", err)
		stop()
		time.Sleep(200 * 24 * time.Hour)
		gone(t, "the link of a notice long ago", ask())
	})
}

// The operator's system changes the address while a notice is open: the mail goes
// to the new one, and can be shown as it was sent.
func TestAddressChangesWhileANoticeIsOpen(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(2)
		h.change(func(s *notifier.Settings) { s.Hold = time.Hour })
		h.run()
		e := h.publish("Вторая.", nil)
		h.until("counted", func() bool { return h.notice(e.Seq).CountedAll })
		h.person("p1", "moved@example.com", "ru")
		if _, err := h.n.Stop(ctx, e.Seq, staff); err != nil {
			t.Fatal(err)
		}
		h.open(e.Seq)
		h.closed(e.Seq)
		h.mailTo("moved@example.com", 1)
		if h.mails("p1@example.com") != 0 {
			t.Error("the old address was written to")
		}
		raw, err := h.n.Sent(ctx, e.Seq, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range h.relay.taken() {
			if m.to == "moved@example.com" && strings.TrimSpace(m.raw) != strings.TrimSpace(string(raw)) {
				t.Errorf("sent was\n%s\nrebuilt\n%s", m.raw, raw)
			}
		}
		masked, err := h.n.Masked(ctx, e.Seq, 1)
		if err != nil || documents.SHA256(masked) != h.delivery(e.Seq, 1).Evidence.Digest || strings.Contains(string(masked), "moved@") {
			t.Errorf("masked: %v\n%s", err, masked)
		}
	})
}

// A correction stays while the operator's system says what it said, and ends when
// it says something else, or the same.
func TestCorrectionsSurviveSynchronisation(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		put := func(name, language string) notifier.Recipient {
			t.Helper()
			_, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: "a", Address: "a@example.com", Name: name, Language: language, RegisteredAt: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
			if err != nil {
				t.Fatal(err)
			}
			return h.recipient(1)
		}
		put("Анна", "ru")
		h.run()
		h.closed(h.publish("Вторая.", nil).Seq)
		_, token := h.mailTo("a@example.com", 1)
		if _, err := h.n.SpeakTo(ctx, token, "kk", ""); err != nil {
			t.Fatal(err)
		}
		h.mailTo("a@example.com", 2)
		if _, err := h.n.Do(ctx, h.fresh(token, "a@example.com", 3, notifier.RequestName, " Анна-Мария ")); err != nil {
			t.Fatal(err)
		}
		if r := put("Анна", "ru"); r.Name != "Анна-Мария" || r.Language != "kk" {
			t.Errorf("after the same again: %+v", r)
		}
		csv := "external_id,address,language,name,registered_at,groups\na,a@example.com,ru,Анна,2020-01-01,\n"
		if r, err := h.n.Import(ctx, "csv", "test", strings.NewReader(csv), false, staff, nil); err != nil || r.Kept != 1 {
			t.Errorf("%+v, %v", r, err)
		}
		if r := put("Анна-Мария", "ru"); r.Name != "Анна-Мария" || r.Language != "kk" || len(r.Corrected) != 1 {
			t.Errorf("after the name was taken over: %+v", r)
		}
		if r := put("Анна", "en"); r.Name != "Анна" || r.Language != "en" || len(r.Corrected) != 0 {
			t.Errorf("after other words: %+v", r)
		}
		acts, err := h.n.Acts(ctx, 0, 10)
		if err != nil || len(acts) != 2 || acts[0].Kind != notifier.RequestLanguage || acts[0].Value != "en" || acts[1].ExternalID != "a" {
			t.Errorf("%+v, %v", acts, err)
		}
		if later, err := h.n.Acts(ctx, acts[0].ID, 10); err != nil || len(later) != 1 {
			t.Errorf("%+v, %v", later, err)
		}
	})
}

// Nothing is mailed to a mailbox whose holder does not know the account, until the
// operator's system brings another address.
func TestNotMine(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(1)
		stop := h.run()
		h.closed(h.publish("Вторая.", nil).Seq)
		_, token := h.mailTo("p1@example.com", 1)
		stop()
		third := h.publish("Третья.", nil)
		first, err := h.n.NotMine(ctx, token)
		again, err2 := h.n.NotMine(ctx, token)
		if err != nil || err2 != nil || first.Code == "" || again.Code != first.Code {
			t.Fatalf("%+v, %+v, %v, %v", first, again, err, err2)
		}
		h.run()
		if x := h.closed(third.Seq); x.Reasons[notifier.ReasonNotMine] != 1 || x.Figures.Excluded != 1 {
			t.Errorf("%+v", x)
		}
		if err := h.n.Ask(ctx, token, notifier.RequestErase, "", "ru", ""); err != nil {
			t.Errorf("asking says something else: %v", err)
		}
		if _, err := h.n.Lodge(ctx, token, notifier.RequestOther, "Как вы меня нашли?", "ru", ""); err != nil {
			t.Error(err)
		}
		h.person("p1", "p1@example.com", "ru")
		h.closed(h.publish("Четвёртая.", nil).Seq)
		if got := h.mails("p1@example.com"); got != 1 {
			t.Errorf("%d mails", got)
		}
		h.person("p1", "other@example.com", "ru")
		h.closed(h.publish("Пятая.", nil).Seq)
		h.mailTo("other@example.com", 1)
	})
}

func TestExport(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(2)
		h.run()
		h.closed(h.publish("Вторая.", nil).Seq)
		_, token := h.mailTo("p1@example.com", 1)
		if _, err := h.n.Lodge(ctx, token, notifier.RequestWithdraw, "Отзываю согласие.", "ru", ""); err != nil {
			t.Fatal(err)
		}
		h.mailTo("p1@example.com", 2)
		done, err := h.n.Do(ctx, h.fresh(token, "p1@example.com", 3, notifier.RequestExport, ""))
		if err != nil || done.Export == nil {
			t.Fatalf("%+v, %v", done, err)
		}
		x := done.Export
		if x.Person.Address != "p1@example.com" || x.Person.ExternalID != "p1" || len(x.Notices) != 1 || len(x.Requests) != 1 {
			t.Fatalf("%+v", x)
		}
		if n := x.Notices[0]; n.Address != "p1@example.com" || n.State != notifier.Accepted || n.MessageID == "" || n.Answer == "" || x.Requests[0].Words != "Отзываю согласие." {
			t.Errorf("%+v", x)
		}
		h.mailTo("p1@example.com", 4)
	})
}
