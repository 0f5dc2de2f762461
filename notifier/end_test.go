package notifier_test

import (
	"bytes"
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

// A cancelled notice ends like any other: nothing stays open, and the log says
// who was told.
func TestCancelledNoticeCloses(t *testing.T) {
	h := newHouse(t, nil)
	h.config.Senders = 1
	h.restart()
	h.people(3)
	h.relay.on(nil, func(to string) error {
		if to == "p2@example.com" {
			return errTaken // nobody knows what became of it
		}
		return nil
	})
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		c, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		h.change(func(s *notifier.Settings) { s.Allow = []string{"p1@example.com", "p2@example.com"} })
		e := h.publish("Вторая.", nil)
		go func() { done <- h.n.Run(c) }()
		time.Sleep(time.Minute)
		if x := h.notice(e.Seq); x.Figures != (notifier.Figures{Due: 3, Open: 1, Accepted: 1, Excluded: 1}) {
			t.Errorf("before: %+v", x.Figures)
		}
		for range 2 { // once more changes nothing
			if x, err := h.n.Cancel(ctx, e.Seq, staff); err != nil || x.State != notifier.Cancelled {
				t.Errorf("cancelled: %+v, %v", x, err)
			}
		}
		time.Sleep(time.Minute)
		if x := h.notice(e.Seq); x.Figures.Open != 1 || x.Closing != nil {
			t.Errorf("an attempt that may still be answered is taken for failed: %+v", x.Figures)
		}
		time.Sleep(time.Hour)
		x := h.notice(e.Seq)
		if want := (notifier.Figures{Due: 3, Accepted: 1, Failed: 1, Excluded: 1}); x.State != notifier.Cancelled || x.Figures != want || x.Closing == nil || *x.Closing != want {
			t.Errorf("%s with figures %+v, closing %+v", x.State, x.Figures, x.Closing)
		}
		if closed, err := h.lib.Event(ctx, x.ClosedSeq); err != nil || closed.Kind != documents.Closed || closed.LedgerRoot.IsZero() {
			t.Errorf("closing event %+v, %v", closed, err)
		}
		if _, err := h.n.Cancel(ctx, e.Seq, staff); err != nil {
			t.Error(err)
		}
		h.balanced()
		cancel()
		<-done
	})
}

// Whoever was told of a version by a notice that was then cancelled is not told
// again by the next one about it.
func TestNobodyIsToldOfAVersionTwice(t *testing.T) {
	h := newHouse(t, nil)
	h.people(2)
	stop := h.run()
	h.relay.on(func(to string) error {
		if to == "p2@example.com" {
			return refusal(450, smtp.EnhancedCode{4, 2, 0}, "later")
		}
		return nil
	}, nil)
	e := h.publish("Вторая.", nil)
	h.until("half of it", func() bool { f := h.notice(e.Seq).Figures; return f.Accepted == 1 && f.Open == 1 })
	if _, err := h.n.Cancel(ctx, e.Seq, staff); err != nil {
		t.Fatal(err)
	}
	h.relay.on(nil, nil)
	if _, err := h.lib.Reclassify(ctx, "privacy", e.Version, documents.Editorial, "Не так важно.", staff); err != nil {
		t.Fatal(err)
	}
	again, err := h.lib.Reclassify(ctx, "privacy", e.Version, documents.Notice, "Всё же важно.", staff)
	if err != nil {
		t.Fatal(err)
	}
	x := h.closed(again.Seq)
	stop()
	if want := (notifier.Figures{Due: 2, Accepted: 1, Excluded: 1}); x.Figures != want || x.Reasons[notifier.ReasonTold] != 1 {
		t.Errorf("%+v, %v", x.Figures, x.Reasons)
	}
	if one, two := len(h.relay.to("p1@example.com")), len(h.relay.to("p2@example.com")); one != 1 || two != 1 {
		t.Errorf("%d and %d mails", one, two)
	}
	h.balanced()
}

// What is counted after a release would be sent: so all is counted before it.
func TestReleaseCountsFirst(t *testing.T) {
	for choice, want := range map[string]notifier.Figures{"close": {Due: 2, Excluded: 2}, "in-doubt": {Due: 2, Open: 2}} {
		t.Run(choice, func(t *testing.T) {
			h := newHouse(t, nil)
			h.people(2)
			if err := h.store.SetMark(ctx, "held", "held-restored"); err != nil {
				t.Fatal(err)
			}
			e := h.publish("Вторая.", nil) // nobody follows it yet
			if err := h.n.Release(ctx, choice, staff); err != nil {
				t.Fatal(err)
			}
			h.run()
			h.until("released", func() bool { return h.notice(e.Seq).Figures == want })
			h.person("late", "late@example.com", "ru")
			if choice == "close" {
				h.until("closed", func() bool { return h.notice(e.Seq).Closing != nil })
			}
			if got := len(h.relay.to("p1@example.com")) + len(h.relay.to("p2@example.com")); got != 0 {
				t.Errorf("%d mails", got)
			}
		})
	}
}

func TestReleaseIsForWhatIsHeld(t *testing.T) {
	h := newHouse(t, nil)
	h.people(1)
	h.change(func(s *notifier.Settings) { s.Hold = time.Hour })
	h.run()
	e := h.publish("Вторая.", nil)
	h.until("counted", func() bool { return h.notice(e.Seq).CountedAll })
	for _, choice := range []string{"close", "nonsense"} {
		var invalid *documents.InvalidError
		if err := h.n.Release(ctx, choice, staff); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", choice, err)
		}
	}
	if x := h.notice(e.Seq); x.Figures.Open != 1 {
		t.Errorf("a release of nothing closed %+v", x.Figures)
	}
}

// A person whose number is low may join late: by a group, once the version is
// postponed. The ledger that was closed before is still what the log says.
func TestWhoJoinsLateDoesNotDisturbAClosedLedger(t *testing.T) {
	h := newHouse(t, nil)
	h.person("first", "first@example.com", "ru")
	d, err := h.lib.Document(ctx, "privacy")
	if err != nil {
		t.Fatal(err)
	}
	d.Groups = []string{"retail"}
	if _, err := h.lib.Update(ctx, d, staff); err != nil {
		t.Fatal(err)
	}
	registered := time.Now().Add(-24 * time.Hour)
	put := func(id string, groups ...string) {
		if _, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: id, Address: id + "@example.com", Language: "ru", Groups: groups, RegisteredAt: registered}); err != nil {
			t.Fatal(err)
		}
	}
	put("second", "retail")
	h.run()
	e := h.publish("Вторая.", nil)
	h.closed(e.Seq)
	put("first", "retail")
	if _, err := h.lib.Postpone(ctx, "privacy", e.Version, time.Now().AddDate(0, 0, 60).Format(time.DateOnly), "Позже.", staff); err != nil {
		t.Fatal(err)
	}
	h.until("the late one", func() bool { return h.notice(e.Seq).Figures.Accepted == 2 })
	h.balanced()
}

func TestDumpHoldsNoLink(t *testing.T) {
	h := newHouse(t, nil)
	for _, l := range []notifier.Letter{
		{Kind: notifier.LetterSignIn, To: "a@example.com", Args: map[string]string{"url": "https://example.kz/desk/link/secret"}},
		{Kind: notifier.LetterAlarm, To: "a@example.com", Args: map[string]string{"what": "late", "text": "running late"}},
	} {
		if err := h.n.Post(ctx, l); err != nil {
			t.Fatal(err)
		}
	}
	var dump bytes.Buffer
	if err := h.store.Dump(ctx, &dump); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(dump.String(), "secret") || !strings.Contains(dump.String(), "running late") {
		t.Errorf("the dump: %s", dump.String())
	}
}

// Evidence of a message is only where a message was handed over.
func TestEvidenceOfWhatWasSentAlone(t *testing.T) {
	h := newHouse(t, nil)
	h.people(2)
	h.relay.on(func(to string) error {
		if to == "p1@example.com" {
			return refusal(550, smtp.EnhancedCode{5, 1, 1}, "unknown")
		}
		return nil
	}, nil)
	h.run()
	e := h.publish("Вторая.", nil)
	h.closed(e.Seq)
	for number, sent := range map[int64]bool{1: false, 2: true} {
		d, err := h.store.Delivery(ctx, e.Seq, number)
		if err != nil || d.Evidence.Digest.IsZero() == sent || d.Evidence.AddressMAC == "" {
			t.Errorf("%d: %+v, %v", number, d.Evidence, err)
		}
		masked, err := h.n.Masked(ctx, e.Seq, number)
		if sent && documents.SHA256(masked) != d.Evidence.Digest || !sent && !errors.Is(err, documents.ErrNotFound) {
			t.Errorf("%d: the masked message: %v", number, err)
		}
	}
	h.balanced()
}

// miscounted is a store whose figures do not agree with its rows.
type miscounted struct {
	notifier.Store
	reads atomic.Int64
}

func (s *miscounted) Notices(ctx context.Context, before documents.Seq, limit int) ([]notifier.Notice, error) {
	all, err := s.Store.Notices(ctx, before, limit)
	for i := range all {
		all[i].Figures.Due++
		all[i].Figures.Accepted++
	}
	return all, err
}

func (s *miscounted) Deliveries(ctx context.Context, seq documents.Seq, after int64, limit int, states ...notifier.DeliveryState) ([]notifier.Delivery, error) {
	s.reads.Add(1)
	return s.Store.Deliveries(ctx, seq, after, limit, states...)
}

func TestFiguresThatDoNotAgreeAreNotReadWithoutRest(t *testing.T) {
	wrong := &miscounted{}
	h := newHouse(t, func(s notifier.Store) notifier.Store { wrong.Store = s; return wrong })
	h.people(1)
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		catchUp(today)
		c, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		e := h.publish("Вторая.", nil)
		go func() { done <- h.n.Run(c) }()
		time.Sleep(time.Minute)
		if x := h.notice(e.Seq); x.Closing != nil || x.Figures.Accepted != 1 {
			t.Errorf("closed by wrong figures: %+v", x)
		}
		if n := wrong.reads.Load(); n < 10 || n > 200 {
			t.Errorf("the ledger was read %d times in a minute", n)
		}
		cancel()
		<-done
	})
}
