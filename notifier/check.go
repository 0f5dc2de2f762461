package notifier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"vestnik/documents"
)

// Check recounts every ledger, holds those of closed notices against the log, and
// returns what does not agree, in sentences.
func (n *Notifier) Check(ctx context.Context, progress func(done, of int)) ([]string, error) {
	all, err := n.notices(ctx)
	if err != nil {
		return nil, err
	}
	var faults []string
	for i, x := range all {
		if progress != nil {
			progress(i, len(all))
		}
		more, err := n.checkFigures(ctx, x)
		if err != nil {
			return faults, err
		}
		faults = append(faults, more...)
		if more, err = n.checkClosing(ctx, x); err != nil {
			return faults, err
		}
		faults = append(faults, more...)
	}
	if progress != nil {
		progress(len(all), len(all))
	}
	return faults, nil
}

func (n *Notifier) checkFigures(ctx context.Context, x Notice) (faults []string, err error) {
	got, _, _, err := n.ledger(ctx, x.Seq)
	if err != nil {
		return nil, err
	}
	// Sending may go on meanwhile: what is compared was read after the rows.
	again, err := n.Store.Notice(ctx, x.Seq)
	if errors.Is(err, documents.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f := again.Figures
	if f.Due != f.Open+f.Accepted+f.Failed+f.Excluded+f.Covered {
		faults = append(faults, fmt.Sprintf("notice %d: the figures do not add up: %d due, %d open, %s", x.Seq, f.Due, f.Open, f))
	}
	if got != f && x.Figures == f {
		faults = append(faults, fmt.Sprintf("notice %d: its rows say %s and %d open, its figures %s and %d open", x.Seq, got, got.Open, f, f.Open))
	}
	return faults, nil
}

// checkClosing holds a closed notice against the event that closed it.
func (n *Notifier) checkClosing(ctx context.Context, x Notice) ([]string, error) {
	if x.ClosedSeq == 0 {
		return nil, nil
	}
	e, err := n.Library.Event(ctx, x.ClosedSeq)
	if err != nil || e.Kind != documents.Closed || e.Notice != x.Seq {
		return []string{fmt.Sprintf("notice %d: event %d did not close it", x.Seq, x.ClosedSeq)}, nil
	}
	closing, err := parseFigures(e.Figures)
	if err != nil {
		return []string{fmt.Sprintf("notice %d: the figures of event %d cannot be read", x.Seq, e.Seq)}, nil
	}
	if x.Closing == nil || *x.Closing != closing {
		return []string{fmt.Sprintf("notice %d: its closing figures are not those of event %d, which are %s", x.Seq, e.Seq, closing)}, nil
	}
	root, err := n.ledgerAt(ctx, x.Seq, closing.Due, e.Time)
	if err != nil {
		return nil, err
	}
	if root != e.LedgerRoot {
		return []string{fmt.Sprintf("notice %d: its rows are not those that event %d closed", x.Seq, e.Seq)}, nil
	}
	return nil, nil
}

// ledgerAt is the root of the ledger as it was closed at t with count rows, all
// of them settled: a row that was not is of somebody who joined later.
func (n *Notifier) ledgerAt(ctx context.Context, seq documents.Seq, count int64, t time.Time) (documents.Digest, error) {
	var tree forest
	for after := int64(0); tree.count < count; {
		ds, err := n.Store.Deliveries(ctx, seq, after, sweepBatch)
		if err != nil {
			return documents.Digest{}, err
		}
		for _, d := range ds {
			after = d.Recipient
			if d = settledAt(d, t); d.State.settled() && tree.count < count {
				tree.add(tlog.RecordHash(n.ledgerRow(d)))
			}
		}
		if len(ds) < sweepBatch {
			break
		}
	}
	return documents.Digest(tree.root()), nil
}

// settledAt takes back what became of a delivery after t: it was settled only
// then, it bounced, was seen, or was opened again.
func settledAt(d Delivery, t time.Time) Delivery {
	for i := len(d.History) - 1; i >= 0; i-- {
		m := d.History[i]
		if !m.At.After(t) {
			break
		}
		d.State, d.Reason = m.From, ""
		if i > 0 {
			d.Reason = d.History[i-1].Why
		}
		if m.Evidence != nil {
			d.Evidence = *m.Evidence
		}
	}
	return d
}

func (s DeliveryState) settled() bool {
	return s == Accepted || s == Failed || s == Excluded || s == Covered
}
