package notifier

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/notifier/mail"
)

const (
	letterBatch = 10
	// letterClaim is how long a letter is one node's before its dot. A relay that
	// takes longer gets it from another node once more, and neither a dot.
	letterClaim = 2 * time.Minute
)

// Post queues a letter durably; Run sends it. Where a placeholder of its kind is
// missing or its address is malformed it is refused.
func (n *Notifier) Post(ctx context.Context, l Letter) error {
	to, err := mail.ParseAddress(l.To)
	if err != nil {
		return documents.Invalid("to", "letter-address", "the address cannot receive mail: write it as name@domain")
	}
	need := map[LetterKind][]string{LetterSignIn: {"url"}, LetterTest: {}, LetterAlarm: {"what", "text"}}
	keys, known := need[l.Kind]
	if !known {
		return fmt.Errorf("letter %q: unknown kind", l.Kind)
	}
	for _, k := range keys {
		if l.Args[k] == "" {
			return fmt.Errorf("letter %q: no %s", l.Kind, k)
		}
	}
	l.ID, l.Revision, l.State, l.To = 0, 1, Waiting, to.String()
	l.Next = now()
	if _, err := n.Store.PutLetter(ctx, l); err != nil {
		return fmt.Errorf("letter: %w", err)
	}
	n.wake()
	return nil
}

// letters sends those that are due. They are not held with the notices: nobody
// could sign in to release them.
func (s *sender) letters(ctx context.Context) (bool, error) {
	due, err := s.n.Store.Letters(ctx, now(), letterBatch)
	if err != nil || len(due) == 0 {
		return false, err
	}
	set, err := s.n.Settings(ctx)
	if err != nil {
		return false, err
	}
	worked := false
	for _, l := range due {
		relay := relayForLetter(set, l.To)
		if relay == "" || !s.n.breakers.of(relay).ready() || ctx.Err() != nil {
			continue
		}
		err := s.letter(ctx, l, set, relay)
		if errors.Is(err, documents.ErrConflict) {
			continue // another node has it
		}
		if errors.Is(err, errRelay) {
			return worked, nil
		}
		if err != nil {
			return worked, err
		}
		worked = true
	}
	return worked, nil
}

// relayForLetter: in rehearsal staff get real mail, everybody else has the
// built-in mailbox.
func relayForLetter(set Settings, to string) string {
	if set.Rehearsal && !slices.ContainsFunc(set.Staff, func(a string) bool { return strings.EqualFold(a, to) }) {
		return set.Mailbox
	}
	if set.Relay == "" {
		return set.Mailbox
	}
	return set.Relay
}

// letter makes one attempt. Claiming it is a write of its own, so that of several
// nodes one goes to the relay with it.
func (s *sender) letter(ctx context.Context, l Letter, set Settings, relay string) error {
	if reason, err := s.n.pointless(ctx, l); err != nil || reason != "" {
		return cmp.Or(err, s.putLetter(settled(l, Excluded, reason)))
	}
	if l.State == InDoubt && l.Doubts >= maxDoubts {
		return s.putLetter(settled(l, Failed, mail.ReasonDoubt))
	}
	l.Evidence.AddressMAC = s.n.addressMAC(l.To)
	from, err := mail.Sender(set.From)
	if err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if l.MessageID == "" {
		l.Date, l.MessageID = now(), s.n.messageID(from.Domain, "letter", l.ID)
	}
	to, message, err := s.n.composeLetter(l, set)
	if err != nil {
		s.n.Log.Error("letter cannot be composed", slog.Int64("letter", l.ID), slog.String("err", nameless(err)))
		return s.putLetter(settled(l, Failed, mail.ReasonContent))
	}
	if err := s.line.to(ctx, relay, set); err != nil {
		return err
	}
	unclaimed := l
	l.Next = now().Add(letterClaim)
	l.Revision++
	if err := s.putLetter(l); err != nil {
		return err
	}
	unclaimed.Revision = l.Revision + 1
	a, err := s.line.begin(ctx, from, to, message)
	if err != nil && ctx.Err() != nil {
		return s.writeLetter(unclaimed)
	}
	l.Attempts++
	if err != nil {
		return s.judgeLetter(l, mail.Answer{}, err, false)
	}
	l.State, l.Next = InDoubt, now().Add(doubtWait)
	l.Doubts++
	l.Revision++
	l.Evidence.Relay, l.Evidence.TLS = s.line.conn.Evidence()
	err = s.putLetter(l)
	if err == nil && late(l.Next) {
		err = errLate
	}
	if err != nil {
		return s.undoLetter(unclaimed, l, err)
	}
	answer, err := s.line.finish(ctx, a)
	return s.judgeLetter(l, answer, err, true)
}

// undoLetter takes back an intent that may have been kept. Nothing was sent.
func (s *sender) undoLetter(before, intent Letter, cause error) error {
	s.line.close()
	if errors.Is(cause, documents.ErrConflict) {
		return cause
	}
	before.Revision = intent.Revision + 1
	return errors.Join(cause, s.writeLetter(before))
}

// judgeLetter writes what came of an attempt.
func (s *sender) judgeLetter(l Letter, answer mail.Answer, err error, afterDot bool) error {
	v := mail.Classify(err, afterDot)
	l.Evidence.At, l.Evidence.Answer = now(), answerText(answer, err)
	if to, err := mail.ParseAddress(l.To); err == nil && l.Recipient != 0 {
		l.Evidence.Answer = maskedAnswer(l.Evidence.Answer, to)
	}
	if afterDot && v.Outcome != mail.Unknown {
		l.Doubts--
	}
	wait, again := mail.Delay(v.Retry, max(l.Attempts, 1), uint64(l.ID))
	switch {
	case v.Outcome == mail.Accepted:
		return s.writeLetter(settled(l, Accepted, ""))
	case v.Outcome == mail.Unknown:
		return nil // it stands in doubt, and is due again after a wait
	case v.Outcome == mail.Refused, !again:
		return s.writeLetter(settled(l, Failed, v.Reason))
	}
	l.State, l.Reason, l.Next = Deferred, v.Reason, now().Add(wait)
	l.Revision++
	return s.writeLetter(l)
}

// settled is a letter with which nothing more is done by itself. Its words may
// open a door: they go, and so does the address of a registered user.
func settled(l Letter, to DeliveryState, reason string) Letter {
	l.State, l.Reason, l.Next, l.Args = to, reason, time.Time{}, nil
	l.Revision++
	if l.Recipient != 0 {
		l.To = ""
	}
	return l
}

func (s *sender) putLetter(l Letter) error {
	_, err := s.n.Store.PutLetter(s.held, l)
	return err
}

// writeLetter writes what happened, as insist does, unless it stands there or
// somebody knows better.
func (s *sender) writeLetter(l Letter) error {
	err := s.insist(func() error {
		err := s.putLetter(l)
		if errors.Is(err, documents.ErrConflict) {
			return nil
		}
		return err
	})
	if err != nil && l.State != Waiting {
		s.doubtful++
	}
	return err
}
