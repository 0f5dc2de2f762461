package notifier_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"vestnik/documents"
	"vestnik/notifier"
)

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
		if _, err := h.n.Lodge(ctx, token, notifier.RequestDelete, "Удалите всё обо мне.", "ru", ""); err != nil {
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
		if r := h.recipient(1); r.State != notifier.Erased || r.Address+r.Name+r.Language != "" || r.Key != nil || !strings.HasPrefix(r.ExternalID, "erased:") {
			t.Errorf("left: %+v", r)
		}
		_, err = h.n.Personal(ctx, token)
		gone(t, "the page", err)
		_, err = h.n.Do(ctx, link)
		gone(t, "the spent link", err)
		_, err = h.n.Sent(ctx, e.Seq, 1)
		gone(t, "the message", err)
		if again, err := h.n.Masked(ctx, e.Seq, 1); err != nil || string(again) != string(masked) || documents.SHA256(again) != h.delivery(e.Seq, 1).Evidence.Digest {
			t.Errorf("the masked message differs: %v", err)
		}
		if after := h.notice(e.Seq); after.Figures != before.Figures || after.ClosedSeq == 0 {
			t.Errorf("figures %+v, were %+v", after.Figures, before.Figures)
		}
		h.balanced()
		open, _, err := h.n.Unanswered(ctx)
		list, err2 := h.n.ListRequests(ctx, notifier.RequestQuery{Recipient: 1, Limit: 10})
		if err != nil || err2 != nil || open != 0 || len(list) != 2 || list[1].Ground != notifier.GroundLapsed || list[1].Words != "" {
			t.Errorf("%d open; %+v; %v, %v", open, list, err, err2)
		}
		h.forgotten("p1", "Удалите всё")
	})
}

func (h *house) delivery(seq documents.Seq, recipient int64) notifier.Delivery {
	h.t.Helper()
	d, err := h.store.Delivery(ctx, seq, recipient)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// forgotten demands that nothing of a person with an external id like p1, whose
// address begins with it, is left once all letters are settled.
func (h *house) forgotten(id string, more ...string) {
	h.t.Helper()
	h.until("settled letters", func() bool { o, err := h.store.Owed(ctx); return err == nil && o.Letters == 0 })
	var dump strings.Builder
	if err := h.store.Dump(ctx, &dump); err != nil {
		h.t.Fatal(err)
	}
	for _, word := range append(more, id+"@", `"`+id+`"`) {
		if at := strings.Index(dump.String(), word); at >= 0 {
			h.t.Errorf("the dump has %q: …%s…", word, dump.String()[max(0, at-200):min(dump.Len(), at+200)])
		}
	}
}

// erase has somebody erased by hand, with a link that no letter carries.
func (h *house) erase(token, to string, count int) notifier.Request {
	h.t.Helper()
	done, err := h.n.Do(ctx, h.fresh(token, to, count, notifier.RequestErase, ""))
	if err != nil {
		h.t.Fatal(err)
	}
	return done.Request
}

// What is owed to somebody erased is excluded; one that is under way is left alone.
func TestErasureWithAnOpenDelivery(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(2)
		stop := h.run()
		h.closed(h.publish("Вторая.", nil).Seq)
		_, token := h.mailTo("p1@example.com", 1)
		h.relay.on(func(to string) error {
			if to == "p1@example.com" {
				return refusal(450, smtp.EnhancedCode{4, 2, 0}, "<p1@example.com>: later, p1")
			}
			return nil
		}, nil)
		third := h.publish("Третья.", nil)
		h.until("deferred", func() bool {
			return h.notice(third.Seq).Figures.Accepted == 1 && h.delivery(third.Seq, 1).State == notifier.Deferred
		})
		if e := h.delivery(third.Seq, 1).Evidence; strings.Contains(e.Answer, "p1") || !strings.Contains(e.Answer, "later") {
			t.Errorf("the answer is kept as %q", e.Answer)
		}
		h.relay.on(nil, nil)
		h.erase(token, "p1@example.com", 2)
		x := h.closed(third.Seq)
		if d := h.delivery(third.Seq, 1); d.State != notifier.Excluded || d.Reason != notifier.ReasonErased || x.Figures != (notifier.Figures{Due: 2, Accepted: 1, Excluded: 1}) {
			t.Errorf("%+v; %+v", d, x.Figures)
		}
		stop()
		h.balanced()
	})
}

// Nothing brings back who was erased: neither a row of a file, nor the API.
func TestErasedAreNotBroughtBack(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(3)
		h.run()
		e := h.publish("Вторая.", nil)
		h.closed(e.Seq)
		_, token := h.mailTo("p1@example.com", 1)
		h.erase(token, "p1@example.com", 2)
		csv := "external_id,address,language,name,registered_at,groups\n" +
			"p1,p1@example.com,ru,Пётр,2020-01-01,\np2,p2@example.com,ru,,2020-01-01,\np4,p1@example.com,ru,,2020-01-01,\n"
		for range 2 {
			r, err := h.n.Import(ctx, "csv", "test", strings.NewReader(csv), false, staff, nil)
			if err != nil || r.Erased != 1 {
				t.Fatalf("%+v, %v", r, err)
			}
		}
		if changed, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: "p1", Address: "p1@example.com", RegisteredAt: time.Now().Add(-time.Hour)}); err != nil || changed {
			t.Errorf("changed %v, %v", changed, err)
		}
		if err := h.n.Leave(ctx, "p1"); err != nil {
			t.Error(err)
		}
		if r, err := h.n.Recipient(ctx, "p1"); err != nil || r.State != notifier.Erased || r.Number != 1 || r.Address != "" {
			t.Errorf("%+v, %v", r, err)
		}
		_, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: "erased:x", Address: "x@example.com", RegisteredAt: time.Now().Add(-time.Hour)})
		refused(t, "recipient-id-erased", err)
		third := h.closed(h.publish("Третья.", nil).Seq)
		if third.Reasons[notifier.ReasonErased] != 1 || third.Figures.Accepted != 3 {
			t.Errorf("%+v, %v", third.Figures, third.Reasons)
		}
		// A notice, a link and a receipt, and two notices to the other account there.
		h.until("the other account's", func() bool { return h.notice(e.Seq).Figures.Accepted == 4 })
		h.mailTo("p1@example.com", 5)
		if got := h.mails("p1@example.com"); got != 5 {
			t.Errorf("%d mails to the mailbox", got)
		}
	})
}

// Of several who spend a link at once, over two nodes, one does it.
func TestLinkIsSpentOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(1)
		stop := h.run()
		h.closed(h.publish("Вторая.", nil).Seq)
		_, token := h.mailTo("p1@example.com", 1)
		for i, kind := range []notifier.RequestKind{notifier.RequestName, notifier.RequestErase} {
			link := h.fresh(token, "p1@example.com", 2+2*i, kind, "Анна")
			nodes := []*notifier.Notifier{h.n, h.node("other", 1, nil)}
			var all sync.WaitGroup
			var mu sync.Mutex
			won := 0
			for k := range 8 {
				all.Go(func() {
					_, err := nodes[k%2].Do(ctx, link)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						won++
					} else {
						gone(t, "one who came later", err)
					}
				})
			}
			all.Wait()
			if won != 1 {
				t.Errorf("%s: %d have spent it", kind, won)
			}
			h.mailTo("p1@example.com", 3+2*i)
		}
		stop()
		if got := h.mails("p1@example.com"); got != 5 {
			t.Errorf("%d mails", got)
		}
	})
}

var errKilled = errors.New("killed")

// killed ends a process at its act: before it is kept, or right after.
type killed struct {
	notifier.Store
	kept, armed bool
	dead        bool
}

func (k *killed) Act(ctx context.Context, a notifier.Act) (notifier.Request, error) {
	if !k.armed {
		return k.Store.Act(ctx, a)
	}
	if k.kept {
		if _, err := k.Store.Act(ctx, a); err != nil {
			return notifier.Request{}, err
		}
	}
	k.dead = true
	return notifier.Request{}, errKilled
}

func (k *killed) Settle(ctx context.Context, s notifier.Settlement) error {
	if k.dead {
		return errKilled
	}
	return k.Store.Settle(ctx, s)
}

// A process that ends in the middle leaves all of an erasure or nothing of it, and
// the next one finishes what is around it.
func TestErasureThatIsInterrupted(t *testing.T) {
	for _, kept := range []bool{false, true} {
		onBoth(t, func(t *testing.T, h *house) {
			h.people(2)
			stop := h.run()
			h.closed(h.publish("Вторая.", nil).Seq)
			_, token := h.mailTo("p1@example.com", 1)
			if _, err := h.n.Lodge(ctx, token, notifier.RequestAccess, "", "ru", ""); err != nil {
				t.Fatal(err)
			}
			h.mailTo("p1@example.com", 2)
			link := h.fresh(token, "p1@example.com", 3, notifier.RequestErase, "")
			stop()
			third := h.publish("Третья.", nil)
			n := h.node("dying", 1, func(s notifier.Store) notifier.Store { return &killed{Store: s, kept: kept, armed: true} })
			if _, err := n.Do(ctx, link); !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			open, err := h.store.Requests(ctx, notifier.RequestQuery{Recipient: 1, State: notifier.RequestOpen, Limit: 10})
			if err != nil || len(open) != 1 {
				t.Fatalf("%+v, %v", open, err)
			}
			erased, err := h.store.Erasures(ctx, 0, 10)
			if r := h.recipient(1); err != nil || (r.State == notifier.Erased) != kept || (r.Key == nil) != kept || len(erased) != map[bool]int{true: 1}[kept] {
				t.Fatalf("%+v, %+v, %v", r, erased, err)
			}
			if !kept {
				if _, err := h.n.Do(ctx, link); err != nil {
					t.Errorf("the link is spent for nothing: %v", err)
				}
			}
			h.run()
			c, cancel := context.WithCancel(ctx)
			kept := make(chan notifier.Erasure, 1)
			go h.n.FollowErasures(c, notifier.Erasure{}, func(e notifier.Erasure) error { kept <- e; cancel(); return nil })
			if e := <-kept; e.Recipient != 1 || e.External == "" || e.Code == "" {
				t.Errorf("%+v", e)
			}
			x := h.closed(third.Seq)
			if x.Figures != (notifier.Figures{Due: 2, Accepted: 1, Excluded: 1}) {
				t.Errorf("%+v", x.Figures)
			}
			if open, _, err := h.n.Unanswered(ctx); err != nil || open != 0 {
				t.Errorf("%d open, %v", open, err)
			}
			h.mailTo("p1@example.com", 4)
			h.forgotten("p1")
			h.balanced()
		})
	}
}

// Restoring an older state of the store, in which people are still there, have
// another number or are not known yet, brings nobody back.
func TestErasuresAreAppliedToAnOlderStore(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.people(2)
		h.run()
		h.closed(h.publish("Вторая.", nil).Seq)
		_, one := h.mailTo("p1@example.com", 1)
		_, two := h.mailTo("p2@example.com", 1)
		first, second := h.erase(one, "p1@example.com", 2), h.erase(two, "p2@example.com", 2)
		var list []notifier.Erasure
		c, cancel := context.WithCancel(ctx)
		h.n.FollowErasures(c, notifier.Erasure{}, func(e notifier.Erasure) error {
			if list = append(list, e); len(list) == 2 {
				cancel()
			}
			return nil
		})

		older := newHouse(t, nil)
		older.person("p9", "p9@example.com", "ru")
		older.person("p1", "p1@example.com", "ru")
		for want, again := 2, 0; again < 2; want, again = 0, again+1 {
			if got, err := older.n.Reapply(ctx, list); err != nil || got != want {
				t.Fatalf("%d erased again, %v", got, err)
			}
		}
		older.people(2)
		older.run()
		x := older.closed(older.publish("Вторая.", nil).Seq)
		if x.Figures.Accepted != 1 || x.Reasons[notifier.ReasonErased] < 1 || older.mails("p1@example.com")+older.mails("p2@example.com") != 0 {
			t.Errorf("%+v, %v", x.Figures, x.Reasons)
		}
		for _, q := range []notifier.Request{first, second} {
			if again, err := older.store.RequestCoded(ctx, q.Code); err != nil || again.External != q.External || !again.Erases() {
				t.Errorf("%+v, %v", again, err)
			}
		}
		older.forgotten("p1")
		older.balanced()
	})
}

// Letters that wait for somebody are dropped by their erasure, but for its receipt.
func TestErasureDropsLetters(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		token, stop := h.told(1)
		link := h.fresh(token, "p1@example.com", 2, notifier.RequestErase, "")
		stop()
		if err := h.n.Ask(ctx, token, notifier.RequestExport, "", "ru", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := h.n.Lodge(ctx, token, notifier.RequestAccess, "", "ru", ""); err != nil {
			t.Fatal(err)
		}
		done, err := h.n.Do(ctx, link)
		if err != nil {
			t.Fatal(err)
		}
		h.run()
		h.forgotten("p1")
		if text, _ := h.mailTo("p1@example.com", 3); !strings.Contains(text, done.Request.Code) || h.mails("p1@example.com") != 3 {
			t.Errorf("%d mails, the last\n%s", h.mails("p1@example.com"), text)
		}
	})
}

// Somebody is erased while a message to them is under way: there is no dot.
func TestErasureBeforeTheDot(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		token, _ := h.told(2)
		link := h.fresh(token, "p1@example.com", 2, notifier.RequestErase, "")
		var once sync.Once
		h.relay.on(func(to string) (err error) {
			if to == "p1@example.com" {
				once.Do(func() { _, err = h.n.Do(ctx, link) })
			}
			return err
		}, nil)
		x := h.closed(h.publish("Третья.", nil).Seq)
		if x.Figures != (notifier.Figures{Due: 2, Accepted: 1, Excluded: 1}) || x.Reasons[notifier.ReasonErased] != 1 {
			t.Errorf("%+v, %v", x.Figures, x.Reasons)
		}
		h.forgotten("p1")
		if got := h.mails("p1@example.com"); got != 3 {
			t.Errorf("%d mails: a notice, a link and a receipt were to come", got)
		}
		h.balanced()
	})
}
