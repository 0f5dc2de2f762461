package notifier_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

// distant is a store that can be away, as one behind a network is. Each call
// counts.
type distant struct {
	notifier.Store
	away  atomic.Bool
	calls atomic.Int64
	tries atomic.Int64 // while it was away
	slow  func()       // in Recipient
	lease func()       // after a chunk was given
}

func (d *distant) answer() error {
	d.calls.Add(1)
	if d.away.Load() {
		d.tries.Add(1)
		return fmt.Errorf("dial tcp: %w", documents.ErrAway)
	}
	return nil
}

func (d *distant) Cursor(ctx context.Context) (s documents.Seq, err error) {
	if err = d.answer(); err == nil {
		s, err = d.Store.Cursor(ctx)
	}
	return s, err
}

func (d *distant) Mark(ctx context.Context, name string) (s string, err error) {
	if err = d.answer(); err == nil {
		s, err = d.Store.Mark(ctx, name)
	}
	return s, err
}

func (d *distant) Notices(ctx context.Context, before documents.Seq, limit int) (ns []notifier.Notice, err error) {
	if err = d.answer(); err == nil {
		ns, err = d.Store.Notices(ctx, before, limit)
	}
	return ns, err
}

func (d *distant) Notice(ctx context.Context, seq documents.Seq) (n notifier.Notice, err error) {
	if err = d.answer(); err == nil {
		n, err = d.Store.Notice(ctx, seq)
	}
	return n, err
}

func (d *distant) PutNotice(ctx context.Context, n notifier.Notice, rows []notifier.Delivery) error {
	if err := d.answer(); err != nil {
		return err
	}
	return d.Store.PutNotice(ctx, n, rows)
}

func (d *distant) Delivery(ctx context.Context, seq documents.Seq, recipient int64) (x notifier.Delivery, err error) {
	if err = d.answer(); err == nil {
		x, err = d.Store.Delivery(ctx, seq, recipient)
	}
	return x, err
}

func (d *distant) Lease(ctx context.Context, seq documents.Seq, owner string, now, until time.Time, limit int) (l notifier.Lease, ds []notifier.Delivery, err error) {
	if err = d.answer(); err == nil {
		l, ds, err = d.Store.Lease(ctx, seq, owner, now, until, limit)
	}
	if err == nil && d.lease != nil {
		d.lease()
	}
	return l, ds, err
}

func (d *distant) Settle(ctx context.Context, s notifier.Settlement) error {
	if err := d.answer(); err != nil {
		return err
	}
	return d.Store.Settle(ctx, s)
}

func (d *distant) Renew(ctx context.Context, l notifier.Lease, now, until time.Time) error {
	if err := d.answer(); err != nil {
		return err
	}
	return d.Store.Renew(ctx, l, now, until)
}

func (d *distant) Free(ctx context.Context, l notifier.Lease) error {
	if err := d.answer(); err != nil {
		return err
	}
	return d.Store.Free(ctx, l)
}

func (d *distant) Letters(ctx context.Context, now time.Time, limit int) (ls []notifier.Letter, err error) {
	if err = d.answer(); err == nil {
		ls, err = d.Store.Letters(ctx, now, limit)
	}
	return ls, err
}

func (d *distant) PutLetter(ctx context.Context, l notifier.Letter) (x notifier.Letter, err error) {
	if err = d.answer(); err == nil {
		x, err = d.Store.PutLetter(ctx, l)
	}
	return x, err
}

func (d *distant) Recipients(ctx context.Context, after int64, limit int) (rs []notifier.Recipient, err error) {
	if err = d.answer(); err == nil {
		rs, err = d.Store.Recipients(ctx, after, limit)
	}
	return rs, err
}

func (d *distant) Recipient(ctx context.Context, number int64) (r notifier.Recipient, err error) {
	if d.slow != nil {
		d.slow()
	}
	if err = d.answer(); err == nil {
		r, err = d.Store.Recipient(ctx, number)
	}
	return r, err
}

// between stands between a node and the store. before and after, if set, are
// called around each Settle; an error of before is its answer.
type between struct {
	distant
	before func(notifier.Settlement) error
	after  func(notifier.Settlement)
}

func (b *between) Settle(ctx context.Context, s notifier.Settlement) error {
	if b.before != nil {
		if err := b.before(s); err != nil {
			return err
		}
	}
	err := b.distant.Settle(ctx, s)
	if b.after != nil {
		b.after(s)
	}
	return err
}

// sleepy answers an intent of a letter after 20 minutes, once.
type sleepy struct {
	notifier.Store
	once atomic.Bool
}

func (s *sleepy) PutLetter(ctx context.Context, l notifier.Letter) (notifier.Letter, error) {
	l, err := s.Store.PutLetter(ctx, l)
	if l.State == notifier.InDoubt && !s.once.Swap(true) {
		time.Sleep(20 * time.Minute)
	}
	return l, err
}
