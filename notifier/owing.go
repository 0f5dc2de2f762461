package notifier

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"vestnik/documents"
	"vestnik/documents/value"
)

// errOvertaken: somebody else changed the delivery since it was read. Nothing was
// sent.
var errOvertaken = errors.New("the delivery was changed meanwhile")

// errNoIntent: the store did not take an intent, or not in time, which was said.
// Nothing was sent.
var errNoIntent = errors.New("no intent could be written")

// errLate: the intent was written, but so long ago that there must be no dot.
var errLate = errors.New("it took too long")

// late tells whether next, which an intent set, is too near for a dot. The process
// was stopped, or its machine slept, or the answer of the store was long under way:
// until the relay has answered, nobody may take the message for one in doubt.
func late(next time.Time) bool { return now().After(next.Add(leaseTime - doubtWait)) }

// intent is what must be on disk before a final dot.
type intent struct {
	delivery Delivery
	token    Token
	form     []byte
}

// intend writes an intent, and with it what is owing, in one commit. Where that
// fails the connection is left inside DATA, so that nothing is sent, and the
// intent is taken back to undo if the store has kept it after all.
func (s *sender) intend(in *intent, undo Delivery) error {
	at := now()
	err := s.n.Store.Settle(s.held, Settlement{
		Lease: s.chunk, Now: at, Until: at.Add(leaseTime), Intent: true,
		Deliveries: append(s.owing[:len(s.owing):len(s.owing)], in.delivery),
		Tokens:     []Token{in.token}, Forms: [][]byte{in.form},
	})
	if err == nil {
		s.owing = nil
		if !late(in.delivery.Next) {
			return nil
		}
		err = errLate
	}
	s.line.close()
	switch {
	case errors.Is(err, ErrLease), errors.Is(err, ErrStopped):
	case errors.Is(err, documents.ErrConflict):
		err = errOvertaken
	default:
		s.n.fails(s.name, fmt.Errorf("intent: %w", err))
		back := s.insist(func() error { return s.takeBack(in.delivery, undo) })
		if back != nil {
			s.doubtful++
		}
		err = errors.Join(errNoIntent, back)
	}
	return errors.Join(err, s.flush())
}

// takeBack puts before in the place of an intent, but of this one alone: where the
// store has not kept it another node may have written its own, and sent the
// message. To renew the lease waits for an intent that is still being written.
func (s *sender) takeBack(in, before Delivery) error {
	at := now()
	if err := s.n.Store.Renew(s.held, *s.chunk, at, at.Add(leaseTime)); err != nil && !errors.Is(err, ErrLease) {
		return err
	}
	there, err := s.n.Store.Delivery(s.held, in.Notice, in.Recipient)
	if errors.Is(err, documents.ErrNotFound) {
		return nil
	}
	if err != nil {
		return s.unlessDamaged(err)
	}
	if there.Revision != in.Revision || !there.Evidence.At.Equal(in.Evidence.At) || !there.Next.Equal(in.Next) {
		return nil
	}
	before.Revision = in.Revision + 1
	err = s.n.Store.Settle(s.held, Settlement{Now: now(), Deliveries: []Delivery{before}})
	if errors.Is(err, documents.ErrConflict) {
		return nil
	}
	return s.unlessDamaged(err)
}

// flush writes what is owing, as insist does.
func (s *sender) flush() error {
	if len(s.owing) == 0 {
		return nil
	}
	err := s.insist(s.write)
	s.doubtful += len(s.owing)
	s.owing = nil
	return err
}

// The waits between two tries to write what happened.
const (
	insistFirst = 100 * time.Millisecond
	insistMost  = 5 * time.Second
)

// insist calls write until it succeeds, however long the store is away: what
// happened must not be lost. It gives up only once the process is to end and its
// time is over.
func (s *sender) insist(write func() error) error {
	for try := 0; ; try++ {
		err := write()
		if err == nil {
			if try > 0 {
				s.n.works(s.name)
				s.n.works(partStore)
			}
			return nil
		}
		s.line.close() // the relay need not wait
		s.n.fails(s.name, err)
		if s.held.Err() != nil {
			return fmt.Errorf("what happened is not written: %w", err)
		}
		rest(s.held, nil, spread(min(insistFirst<<min(try, 10), insistMost)))
	}
}

// write stores what is owing without the lease, because an outcome is a fact
// whoever has the chunk. What cannot be written does not keep the rest from it,
// and is owing still.
func (s *sender) write() error {
	err := s.n.Store.Settle(s.held, Settlement{Now: now(), Deliveries: s.owing})
	if err == nil {
		s.owing = nil
		return nil
	}
	if errors.Is(err, documents.ErrAway) || s.held.Err() != nil {
		return err
	}
	var left []Delivery
	err = nil
	for _, d := range s.owing {
		if e := s.fact(d); e != nil {
			left, err = append(left, d), e
		}
	}
	s.owing = left
	return err
}

// fact writes one outcome. Where the delivery was changed meanwhile only one thing
// still counts: that a relay took the message.
func (s *sender) fact(d Delivery) error {
	err := s.n.Store.Settle(s.held, Settlement{Now: now(), Deliveries: []Delivery{d}})
	if !errors.Is(err, documents.ErrConflict) {
		return s.unlessDamaged(err)
	}
	there, err := s.n.Store.Delivery(s.held, d.Notice, d.Recipient)
	if errors.Is(err, documents.ErrNotFound) {
		return nil
	}
	if err != nil {
		return s.unlessDamaged(err)
	}
	if d.State != Accepted || there.State == Accepted || there.State == Covered {
		return nil
	}
	d.Attempts, d.Doubts, d.Revision = max(d.Attempts, there.Attempts), there.Doubts, there.Revision+1
	d.History = append(there.History, Moved{At: now(), From: there.State, To: Accepted})
	return s.n.Store.Settle(s.held, Settlement{Now: now(), Deliveries: []Delivery{d}})
}

// unlessDamaged is err, or nil for a row that nobody can write to any more.
func (s *sender) unlessDamaged(err error) error {
	if !errors.Is(err, value.ErrDamaged) {
		return err
	}
	s.n.note(err)
	s.n.Log.Error("an outcome cannot be written", slog.String("err", nameless(err)))
	return nil
}
