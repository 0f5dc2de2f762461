package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/notifier/mail"
)

const (
	doubtWait = 15 * time.Minute // before a message in doubt goes again
	maxDoubts = 3                // the first attempt and two more
)

// ReasonPerson stands at a delivery in doubt that is not sent again by itself.
const ReasonPerson = "needs-person"

// prepared is one message, ready for the relay.
type prepared struct {
	to      mail.Address
	from    mail.Address
	bytes   []byte
	token   string
	form    []byte
	person  Recipient
	attempt Delivery // as it will stand before the dot
}

// deliver makes one attempt at d, or finds that none is to be made. What comes
// of it is owing; an error ends the chunk and leaves d as it was, or in doubt.
func (s *sender) deliver(ctx context.Context, notice Notice, d Delivery, set Settings, relay string) error {
	r, err := s.n.keyed(ctx, d.Recipient)
	if err != nil {
		return fmt.Errorf("recipient %d: %w", d.Recipient, err)
	}
	if reason := s.n.unmailable(r, set); reason != "" {
		return s.owe(moved(d, Excluded, reason))
	}
	if d.State == InDoubt && d.Doubts >= maxDoubts {
		return s.owe(moved(d, InDoubt, ReasonPerson))
	}
	p, err := s.prepare(ctx, notice, d, r, set)
	if errors.Is(err, errTold) {
		return s.owe(moved(d, Excluded, ReasonTold))
	}
	if err != nil {
		return s.unprepared(ctx, notice, err)
	}
	if err := s.line.to(ctx, relay, set); err != nil {
		if v := mail.Classify(err, false); v.Pause {
			return errors.Join(err, s.pause(notice.Seq, v.Reason))
		}
		return err
	}
	p.attempt.Evidence.Relay, p.attempt.Evidence.TLS = s.line.conn.Evidence()
	a, err := s.line.begin(ctx, p.from, p.to, p.bytes)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return s.judge(notice, d, d.Revision, p, mail.Answer{}, err, false)
	}
	s.turns.took()
	p.attempt.Next = now().Add(doubtWait)
	in := &intent{delivery: p.attempt, form: p.form, token: Token{
		Hash: hashToken(p.token), Notice: d.Notice, Recipient: d.Recipient, Until: later(notice.Published, notice.Effective).Add(tokenLife)}}
	if err := s.intend(in, d); err != nil {
		return err
	}
	answer, err := s.line.finish(ctx, a)
	return s.judge(notice, d, p.attempt.Revision, p, answer, err, true)
}

// owe adds an outcome, and writes many at once where no intent comes by.
func (s *sender) owe(d Delivery) error {
	s.owing = append(s.owing, d)
	if len(s.owing) < leaseSize {
		return nil
	}
	return s.flush()
}

// moved is d in another state for good, or in the same for another reason.
func moved(d Delivery, to DeliveryState, reason string) Delivery {
	d.History = append(d.History[:len(d.History):len(d.History)], Moved{At: now(), From: d.State, To: to, Why: reason})
	d.State, d.Reason, d.Next = to, reason, time.Time{}
	d.Revision++
	return d
}

// prepare composes the message afresh, with evidence and intent.
func (s *sender) prepare(ctx context.Context, notice Notice, d Delivery, r Recipient, set Settings) (prepared, error) {
	var p prepared
	var err error
	if p.to, err = mail.ParseAddress(r.Address); err != nil {
		return p, err
	}
	if p.from, err = mail.Sender(set.From); err != nil {
		return p, fmt.Errorf("sender: %w", err)
	}
	f, err := s.formFor(ctx, notice, r, set)
	if err != nil {
		return p, err
	}
	p.token, p.form, p.person = s.n.token(d.Notice, d.Recipient), f.bytes, r
	a := d
	a.State, a.Reason = InDoubt, ""
	a.Attempts++
	a.Doubts++
	a.Language, a.Since = strings.Join(f.languages, "+"), f.since.version
	if a.MessageID == "" {
		a.MessageID, a.Date = s.n.messageID(p.from.Domain, d.Notice, d.Recipient), now().Truncate(time.Second)
	}
	a.Revision++
	whose := personal{To: r.Address, Account: account(r)}
	m := f.form.message(p.to, a.MessageID, a.Date, p.token, whose.Account)
	if p.bytes, err = mail.Compose(m); err != nil {
		return p, err
	}
	if len(p.bytes) > maxMail {
		return p, fmt.Errorf("the message has %d bytes", len(p.bytes))
	}
	if err := assertOwn(p.bytes, f.allowed, whose, a.MessageID, p.token); err != nil {
		return p, err
	}
	digest, err := f.maskedDigest(a.MessageID, a.Date)
	if err != nil {
		return p, err
	}
	a.Evidence = Evidence{At: now(), Digest: digest, AddressMAC: s.n.addressMAC(r.Address), Checkpoint: f.checkpoint, Form: f.digest}
	if a.Evidence.Sealed, err = seal(r, whose, sealEvidence, d.Notice); err != nil {
		return p, err
	}
	if s.n.Sign != nil {
		if p.bytes, err = s.n.Sign(p.bytes); err != nil {
			return p, fmt.Errorf("sign: %w", err)
		}
	}
	p.attempt = a
	return p, nil
}

// unprepared stops a notice whose mail cannot be made; a store or library that
// does not answer is only waited for.
func (s *sender) unprepared(ctx context.Context, notice Notice, err error) error {
	switch {
	case errors.Is(err, errMatter) || errors.Is(err, documents.ErrAway) || ctx.Err() != nil:
		return err
	case errors.Is(err, errForeign):
		return errors.Join(err, s.pause(notice.Seq, "foreign"))
	}
	return errors.Join(err, s.pause(notice.Seq, mail.ReasonContent))
}

// judge turns an answer into what is owing. revision is that of the delivery on
// disk: with the intent, or without.
func (s *sender) judge(notice Notice, d Delivery, revision int, p prepared, answer mail.Answer, err error, afterDot bool) error {
	v := mail.Classify(err, afterDot)
	next := d
	if afterDot {
		next = p.attempt
		next.Doubts = d.Doubts
	} else { // no message was handed over; one of an earlier attempt may have been
		next.Attempts++
		sent := d.Evidence
		next.Evidence = p.attempt.Evidence
		next.Evidence.Digest, next.Evidence.Form, next.Evidence.Checkpoint = sent.Digest, sent.Form, sent.Checkpoint
		next.Evidence.Sealed = sent.Sealed
		next.Language, next.Since = p.attempt.Language, p.attempt.Since
		next.MessageID, next.Date = p.attempt.MessageID, p.attempt.Date
	}
	next.Revision, next.State = revision, d.State
	next.Evidence.At = now()
	if err := p.answered(&next, answerText(answer, err)); err != nil {
		s.n.Log.Error("an answer is kept without what is personal in it", slog.String("err", nameless(err)))
	}
	switch {
	case v.Outcome == mail.Accepted:
		return s.owe(moved(next, Accepted, ""))
	case v.Outcome == mail.Unknown:
		next.Doubts = p.attempt.Doubts
		return s.doubt(next, p)
	case v.Pause, v.Break:
		if afterDot { // the intent has to be taken back: nothing was delivered
			back := d
			back.Revision = revision + 1
			back.Next = now()
			s.owing = append(s.owing, back)
		}
		if v.Pause {
			return errors.Join(err, ErrStopped, s.pause(notice.Seq, v.Reason))
		}
		return errors.Join(errRelay, err)
	}
	return s.refused(notice, d, next, v)
}

// answered keeps an answer: for all without what is personal in it, and in full for
// the person.
func (p prepared) answered(d *Delivery, answer string) error {
	d.Evidence.Answer = maskedAnswer(answer, p.to)
	was, err := sentTo(p.person, *d)
	if err != nil && !errors.Is(err, documents.ErrNotFound) {
		return err
	}
	full := answer
	if d.Evidence.Answer == answer {
		full = ""
	}
	if was.Answer == full {
		return nil
	}
	was.Answer = full
	sealed, err := seal(p.person, was, sealEvidence, d.Notice)
	if err == nil {
		d.Evidence.Sealed = sealed
	}
	return err
}

func answerText(answer mail.Answer, err error) string {
	var refusal *mail.Answer
	if errors.As(err, &refusal) {
		answer = *refusal
	}
	if answer.Code == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", answer.Code, answer.Text)
}

// doubt keeps an attempt whose outcome nobody knows. It is sent again after a
// wait, under the same Message-ID, or by hand.
func (s *sender) doubt(next Delivery, p prepared) error {
	when := p.attempt.Next
	next = moved(next, InDoubt, mail.ReasonDoubt)
	next.Next = when
	return s.owe(next)
}

// refused is for answers that concern this recipient: for now, or for good.
func (s *sender) refused(notice Notice, d, next Delivery, v mail.Verdict) error {
	repeated := d.State == Deferred && d.Reason == v.Reason
	if v.Outcome == mail.Later {
		wait, ok := mail.Delay(v.Retry, next.Attempts, uint64(d.Recipient))
		if ok {
			out := moved(next, Deferred, v.Reason)
			out.Next = now().Add(wait)
			return errors.Join(s.owe(out), s.gate(notice, v))
		}
	}
	err := s.owe(moved(next, Failed, v.Reason))
	if v.Suppress && (!v.Second || repeated || s.failedBefore(d, v.Reason)) {
		err = errors.Join(err, s.n.suppress(s.held, d.Recipient))
	}
	return errors.Join(err, s.gate(notice, v))
}

// failedBefore tells whether an earlier notice failed at this person for the
// same reason.
func (s *sender) failedBefore(d Delivery, reason string) bool {
	earlier, err := s.n.Store.DeliveriesTo(s.held, d.Recipient, d.Notice, 1)
	return err == nil && len(earlier) > 0 && earlier[0].State == Failed && earlier[0].Reason == reason
}

// suppress marks a recipient whose address is dead.
func (n *Notifier) suppress(ctx context.Context, recipient int64) error {
	r, err := n.Store.Recipient(ctx, recipient)
	if err != nil {
		return err
	}
	return n.setState(ctx, r.ExternalID, Unreachable, func(s RecipientState) bool { return s == Active })
}

// The share of a notice that may be refused before a person looks, and how many
// may be in any case.
const (
	gateFloor    = 20
	gateProtocol = 2
)

// gate stops a notice when a kind of refusal comes too often. Whoever resumes it
// has looked: from then on it is not stopped so.
func (s *sender) gate(notice Notice, v mail.Verdict) error {
	if v.Gate == "" {
		return nil
	}
	x, err := s.n.Store.Notice(s.held, notice.Seq)
	if err != nil || x.Ungated {
		return err
	}
	share := func(percent int64, reasons ...string) bool {
		sum := int64(1) // this one is not written yet
		for _, r := range reasons {
			sum += x.Reasons[r]
		}
		return sum > max(gateFloor, x.Figures.Due*percent/100)
	}
	switch v.Gate {
	case mail.GateProtocol:
		if s.n.protocolErrors.Add(1) <= gateProtocol {
			return nil
		}
	case mail.GatePolicy:
		if !share(1, mail.ReasonPolicy) {
			return nil
		}
	default:
		if !share(2, mail.ReasonNoMailbox, mail.ReasonBadAddress, mail.ReasonRefused) {
			return nil
		}
	}
	return errors.Join(ErrStopped, s.pause(notice.Seq, string(v.Gate)))
}

// pause stops a notice until a person has mended something.
func (s *sender) pause(seq documents.Seq, why string) error {
	s.n.Log.Error("notice stopped", slog.Any("notice", seq), slog.String("why", why))
	_, err := s.n.change(s.held, seq, func(x *Notice) error {
		if x.State.Sends() || x.State == Holding {
			x.State, x.Why = Stopped, "why-"+why
		}
		return nil
	})
	return err
}
