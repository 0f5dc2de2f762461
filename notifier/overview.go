package notifier

import (
	"context"
	"sync"
	"time"

	"vestnik/documents"
)

// overviewTime is how old an overview may be: the conductor makes a new one every
// second while it is idle.
const overviewTime = pace + pace/2

// overview is what the senders of this process know of the notices. One reads for
// all, and one finds for all that nothing is due: many nodes at rest should not
// keep a database busy. It only says where to look: what a sender may do it asks
// the store.
type overview struct {
	mu    sync.Mutex // guards the rest; held while somebody reads
	at    time.Time
	rings int64 // of the bell before it was read
	all   []Notice
	idle  map[documents.Seq]bool
}

// read reads all notices, newest first.
func (o *overview) read(ctx context.Context, n *Notifier) ([]Notice, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	err := o.renew(ctx, n)
	return o.all, err
}

func (o *overview) renew(ctx context.Context, n *Notifier) error {
	rings, at := n.bell.rung(), time.Now()
	all, err := n.notices(ctx)
	if err != nil {
		o.at = time.Time{}
		return err
	}
	o.at, o.rings, o.all, o.idle = at, rings, all, map[documents.Seq]bool{}
	return nil
}

// due lists those that may have something to send, the oldest first.
func (o *overview) due(ctx context.Context, n *Notifier) (due []Notice, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.rings != n.bell.rung() || time.Since(o.at) >= overviewTime {
		if err := o.renew(ctx, n); err != nil {
			return nil, err
		}
	}
	for i := len(o.all) - 1; i >= 0; i-- {
		if x := o.all[i]; x.State.Sends() && x.Figures.Open > 0 && !o.idle[x.Seq] {
			due = append(due, x)
		}
	}
	return due, nil
}

// nothing says that nothing of a notice is due that is not leased.
func (o *overview) nothing(seq documents.Seq) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.idle[seq] = true
}
