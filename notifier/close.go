package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"vestnik/documents"
)

// String is how the public log writes figures.
func (f Figures) String() string {
	return fmt.Sprintf("due=%d accepted=%d failed=%d excluded=%d covered=%d", f.Due, f.Accepted, f.Failed, f.Excluded, f.Covered)
}

func parseFigures(s string) (f Figures, err error) {
	_, err = fmt.Sscanf(s, "due=%d accepted=%d failed=%d excluded=%d covered=%d", &f.Due, &f.Accepted, &f.Failed, &f.Excluded, &f.Covered)
	return f, err
}

// close writes the closing figures to the public log, with the root of the
// ledger, and then to the notice. If the process ends between the two, or another
// node does the same, the log answers with the event of the first time. It reports
// whether it closed it.
func (n *Notifier) close(ctx context.Context, x Notice) (bool, error) {
	figures, root, last, err := n.ledger(ctx, x.Seq)
	if err != nil {
		return false, fmt.Errorf("close notice %d: %w", x.Seq, err)
	}
	// It moved meanwhile, or the clock of another node is ahead: later.
	if figures != x.Figures || last.After(now()) {
		return false, nil
	}
	e, err := n.Library.Close(ctx, x.Seq, figures.String(), root)
	if err != nil {
		return false, fmt.Errorf("close notice %d: %w", x.Seq, err)
	}
	closing, err := parseFigures(e.Figures)
	if err != nil {
		return false, fmt.Errorf("close notice %d: figures of event %d: %w", x.Seq, e.Seq, err)
	}
	proven := e.Seq
	if root != e.LedgerRoot || last.After(e.Time) { // somebody joined since, or clocks differ
		if root, err = n.ledgerAt(ctx, x.Seq, closing.Due, e.Time); err != nil {
			return false, fmt.Errorf("close notice %d: %w", x.Seq, err)
		}
	}
	if root != e.LedgerRoot {
		// A backup that was made during the closing has the event, but older rows,
		// which were then sent again. Check must not hold them to that root.
		n.Log.Error("the ledger is not the one that the log closed", slog.Any("notice", x.Seq), slog.Any("event", e.Seq))
		proven = 0
	}
	_, err = n.change(ctx, x.Seq, func(x *Notice) error {
		if x.Closing == nil {
			x.Closing, x.ClosedSeq = &closing, proven
		}
		if x.State == Sending {
			x.State = Finished
		}
		return nil
	})
	return err == nil, err
}

// ledger recounts the rows of a notice and returns the Merkle root (RFC 6962) of
// them in the order of recipients' numbers, and when the last of them moved, in
// bounded memory.
func (n *Notifier) ledger(ctx context.Context, seq documents.Seq) (f Figures, root documents.Digest, last time.Time, err error) {
	var tree forest
	for after := int64(0); ; {
		ds, err := n.Store.Deliveries(ctx, seq, after, sweepBatch)
		if err != nil {
			return f, root, last, err
		}
		for _, d := range ds {
			f.add(d.State)
			tree.add(tlog.RecordHash(n.ledgerRow(d)))
			after = d.Recipient
			if len(d.History) > 0 {
				last = later(last, d.History[len(d.History)-1].At)
			}
		}
		if len(ds) < sweepBatch {
			return f, documents.Digest(tree.root()), last, nil
		}
	}
}

func (f *Figures) add(s DeliveryState) {
	f.Due++
	switch s {
	case Accepted:
		f.Accepted++
	case Failed:
		f.Failed++
	case Excluded:
		f.Excluded++
	case Covered:
		f.Covered++
	default:
		f.Open++
	}
}

// ledgerRow is what the root covers of one delivery. The salt, made from our
// key, keeps others from guessing rows; who is to prove one is told its salt.
func (n *Notifier) ledgerRow(d Delivery) []byte {
	salt := n.mac("ledger salt", d.Notice, d.Recipient)
	return fmt.Appendf(nil, "vestnik ledger row\n%x\n%d\n%d\n%s\n%s\n%s\n%s\n",
		salt, d.Notice, d.Recipient, d.State, d.Reason, d.Evidence.AddressMAC, d.Evidence.Digest)
}

// forest holds the roots of the perfect trees that the leaves so far make up, the
// largest first.
type forest struct {
	count int64
	roots []tlog.Hash
}

func (f *forest) add(leaf tlog.Hash) {
	for bit := f.count; bit&1 == 1; bit >>= 1 {
		last := len(f.roots) - 1
		leaf = tlog.NodeHash(f.roots[last], leaf)
		f.roots = f.roots[:last]
	}
	f.roots = append(f.roots, leaf)
	f.count++
}

// root of no leaves is the SHA-256 of nothing.
func (f *forest) root() tlog.Hash {
	if len(f.roots) == 0 {
		return tlog.Hash(documents.SHA256(nil))
	}
	h := f.roots[len(f.roots)-1]
	for i := len(f.roots) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.roots[i], h)
	}
	return h
}
