package notifier_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"

	"vestnik/notifier"
)

// refusing has the relay refuse what goes to some addresses, one answer each.
func (h *house) refusing(answers map[string]error) {
	h.relay.on(func(to string) error { return answers[to] }, nil)
}

// Whom a notice did not reach gets it at another address, however it failed and
// whoever brings the address, and the ledger that was closed stays proven.
func TestNewAddressIsTold(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(6)
		stop := h.run()
		h.closed(h.publish("Вторая.", nil).Seq)
		tokens := map[string]string{}
		for _, id := range []string{"p2", "p3", "p6"} {
			_, tokens[id] = h.mailTo(id+"@example.com", 1)
		}
		h.refusing(map[string]error{
			"p1@example.com": refusal(550, smtp.EnhancedCode{5, 1, 1}, "no such user"),
			"p3@example.com": refusal(550, smtp.EnhancedCode{5, 7, 1}, "we do not want this"),
		})
		if _, err := h.n.NotMine(ctx, tokens["p2"]); err != nil {
			t.Fatal(err)
		}
		if err := h.n.Leave(ctx, "p4"); err != nil {
			t.Fatal(err)
		}
		third := h.publish("Третья.", nil)
		before := h.closed(third.Seq)
		if want := (notifier.Figures{Due: 6, Accepted: 2, Failed: 2, Excluded: 2}); before.Figures != want || h.recipient(1).State != notifier.Unreachable {
			t.Fatalf("%+v; %+v", before.Figures, h.recipient(1))
		}
		h.refusing(nil)
		h.person("p1", "p1@example.org", "ru") // by a synchronisation
		h.person("p2", "p2@example.org", "ru")
		if _, err := h.n.Do(ctx, h.fresh(tokens["p3"], "p3@example.com", 2, notifier.RequestAddress, "p3@example.org")); err != nil {
			t.Fatal(err)
		}
		_, confirm := h.mailTo("p3@example.org", 1)
		if _, err := h.n.Do(ctx, confirm); err != nil { // by themselves
			t.Fatal(err)
		}
		h.person("p4", "p4@example.com", "ru") // back
		h.until("all are told", func() bool {
			return h.notice(third.Seq).Figures == notifier.Figures{Due: 6, Accepted: 6}
		})
		h.mailTo("p1@example.org", 1)
		h.mailTo("p2@example.org", 1)
		h.mailTo("p3@example.org", 3) // with a receipt
		if d := h.delivery(third.Seq, 1); len(d.History) != 3 || d.History[1].Evidence == nil || d.History[1].Evidence.Answer == "" {
			t.Errorf("what happened before is lost: %+v", d.History)
		}
		h.person("p5", "p5@example.org", "ru")
		stop()
		if h.mails("p5@example.org") != 0 {
			t.Error("somebody was told twice")
		}
		if after := h.notice(third.Seq); *after.Closing != *before.Closing || after.ClosedSeq != before.ClosedSeq {
			t.Errorf("closed as %+v, then %+v", before.Closing, after.Closing)
		}
		if faults, err := h.n.Check(ctx, nil); err != nil || len(faults) > 0 {
			t.Errorf("%q, %v", faults, err)
		}
		h.balanced()
	})
}

// A mail that waits for a full mailbox goes to another one at once.
func TestDeferredGoesToANewAddress(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(1)
		h.refusing(map[string]error{"p1@example.com": refusal(452, smtp.EnhancedCode{4, 2, 2}, "mailbox full")})
		h.run()
		e := h.publish("Вторая.", nil)
		h.until("deferred", func() bool {
			return h.notice(e.Seq).Figures.Open == 1 && h.delivery(e.Seq, 1).State == notifier.Deferred
		})
		h.person("p1", "p1@example.org", "ru")
		h.mailTo("p1@example.org", 1)
		h.closed(e.Seq)
	})
}

// What is over is not told any more: a notice that was cancelled, and one whose
// links have ended. Neither is anything to whom it still cannot be mailed.
func TestWhatIsOverIsNotReadmitted(t *testing.T) {
	h := newHouse(t, nil)
	h.people(2)
	h.refusing(map[string]error{"p1@example.com": refusal(550, smtp.EnhancedCode{5, 1, 1}, "no such user")})
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		old := h.publish("Вторая.", nil)
		stop := start(t, h.n)
		patient(t, time.Minute, "closed", func() bool { return h.notice(old.Seq).State == notifier.Finished })
		h.refusing(nil)
		h.change(func(s *notifier.Settings) { s.Allow = []string{"@example.com"} })
		h.person("p1", "p1@elsewhere.org", "ru")
		if d := h.delivery(old.Seq, 1); d.State != notifier.Failed {
			t.Errorf("who may not be written to is %s", d.State)
		}
		stop()
		time.Sleep(121 * 24 * time.Hour) // 30 until the effect, and 90
		stop = start(t, h.n)
		h.change(func(s *notifier.Settings) { s.Allow, s.Hold = nil, time.Minute })
		h.person("p2", "p2@example.net", "ru")
		cancelled := h.publish("Третья.", nil)
		if err := h.n.Leave(ctx, "p1"); err != nil {
			t.Fatal(err)
		}
		patient(t, time.Minute, "counted", func() bool { return h.notice(cancelled.Seq).CountedAll })
		if _, err := h.n.Cancel(ctx, cancelled.Seq, staff); err != nil {
			t.Fatal(err)
		}
		patient(t, time.Minute, "swept", func() bool { return h.notice(cancelled.Seq).Figures.Open == 0 })
		h.person("p1", "p1@example.net", "ru")
		stop()
		if a, b := h.delivery(old.Seq, 1), h.delivery(cancelled.Seq, 1); a.State != notifier.Failed || b.State != notifier.Excluded {
			t.Errorf("%s, %s", a.State, b.State)
		}
	})
}

var errCrash = errors.New("crash")

// crashing does not store people once armed.
type crashing struct {
	notifier.Store
	armed bool
}

func (c *crashing) PutRecipients(ctx context.Context, rs []notifier.Recipient) ([]notifier.Recipient, error) {
	if c.armed {
		return nil, errCrash
	}
	return c.Store.PutRecipients(ctx, rs)
}

// A process ends between the opening and the new address: the synchronisation is
// done again, and tells them once.
func TestReadmissionThatIsInterrupted(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(1)
		h.refusing(map[string]error{"p1@example.com": refusal(550, smtp.EnhancedCode{5, 1, 1}, "no such user")})
		h.run()
		e := h.publish("Вторая.", nil)
		h.closed(e.Seq)
		h.refusing(nil)
		dying := h.node("dying", 1, func(s notifier.Store) notifier.Store { return &crashing{s, true} })
		moved := notifier.Recipient{ExternalID: "p1", Address: "p1@example.org", Language: "ru", RegisteredAt: h.recipient(1).RegisteredAt}
		if _, err := dying.PutRecipient(ctx, moved); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		if d := h.delivery(e.Seq, 1); d.State != notifier.Waiting || d.Next.Before(time.Now().Add(time.Minute)) {
			t.Fatalf("%s, due %s", d.State, d.Next)
		}
		if _, err := h.n.PutRecipient(ctx, moved); err != nil {
			t.Fatal(err)
		}
		h.until("told", func() bool { return h.notice(e.Seq).Figures.Accepted == 1 })
		if h.mails("p1@example.com") != 0 || h.mails("p1@example.org") != 1 {
			t.Error("the wrong mailbox")
		}
	})
}

// Whoever confirms an address from a mailbox that once was not theirs is told there.
func TestConfirmedMailboxIsTheirs(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		token, _ := h.told(1)
		if _, err := h.n.NotMine(ctx, token); err != nil {
			t.Fatal(err)
		}
		h.person("p1", "p1@example.org", "ru")
		if _, err := h.n.Do(ctx, h.fresh(token, "p1@example.org", 1, notifier.RequestAddress, "p1@example.com")); err != nil {
			t.Fatal(err)
		}
		_, confirm := h.mailTo("p1@example.com", 2)
		if _, err := h.n.Do(ctx, confirm); err != nil {
			t.Fatal(err)
		}
		h.mailTo("p1@example.com", 3)
		h.closed(h.publish("Третья.", nil).Seq)
		h.mailTo("p1@example.com", 4)
	})
}
