package notifier

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"vestnik/documents"
)

// String is how the public log writes figures.
func (f Figures) String() string {
	return fmt.Sprintf("due=%d accepted=%d failed=%d excluded=%d covered=%d", f.Due, f.Accepted, f.Failed, f.Excluded, f.Covered)
}

// close writes the closing figures to the public log, with the root of the
// ledger, and then to the notice. If the process ends between the two the log
// answers with the event of the first time.
func (n *Notifier) close(ctx context.Context, x Notice) error {
	figures, root, err := n.ledger(ctx, x.Seq)
	if err != nil {
		return fmt.Errorf("close notice %d: %w", x.Seq, err)
	}
	if figures != x.Figures {
		return nil // it moved meanwhile: later
	}
	e, err := n.Library.Close(ctx, x.Seq, figures.String(), root)
	if err != nil {
		return fmt.Errorf("close notice %d: %w", x.Seq, err)
	}
	var closing Figures
	if _, err := fmt.Sscanf(e.Figures, "due=%d accepted=%d failed=%d excluded=%d covered=%d",
		&closing.Due, &closing.Accepted, &closing.Failed, &closing.Excluded, &closing.Covered); err != nil {
		return fmt.Errorf("close notice %d: figures of event %d: %w", x.Seq, e.Seq, err)
	}
	_, err = n.change(ctx, x.Seq, func(x *Notice) error {
		if x.Closing == nil {
			x.Closing, x.ClosedSeq = &closing, e.Seq
		}
		if x.State == Sending {
			x.State = Finished
		}
		return nil
	})
	return err
}

// ledger recounts the rows of a notice and returns the Merkle root (RFC 6962) of
// them in the order of recipients' numbers, in bounded memory.
func (n *Notifier) ledger(ctx context.Context, seq documents.Seq) (Figures, documents.Digest, error) {
	var f Figures
	var tree forest
	for after := int64(0); ; {
		ds, err := n.Store.Deliveries(ctx, seq, after, sweepBatch)
		if err != nil {
			return f, documents.Digest{}, err
		}
		for _, d := range ds {
			f.add(d.State)
			tree.add(tlog.RecordHash(n.ledgerRow(d)))
			after = d.Recipient
		}
		if len(ds) < sweepBatch {
			return f, documents.Digest(tree.root()), nil
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

// Check recounts every ledger and returns what does not balance, in sentences.
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
		got, _, err := n.ledger(ctx, x.Seq)
		if err != nil {
			return faults, err
		}
		// Sending may go on meanwhile: what is compared was read after the rows.
		again, err := n.Store.Notice(ctx, x.Seq)
		if errors.Is(err, documents.ErrNotFound) {
			continue
		}
		if err != nil {
			return faults, err
		}
		f := again.Figures
		if f.Due != f.Open+f.Accepted+f.Failed+f.Excluded+f.Covered {
			faults = append(faults, fmt.Sprintf("notice %d: the figures do not add up: %d due, %d open, %s", x.Seq, f.Due, f.Open, f))
		}
		if got != f && x.Figures == f {
			faults = append(faults, fmt.Sprintf("notice %d: its rows say %s and %d open, its figures %s and %d open", x.Seq, got, got.Open, f, f.Open))
		}
	}
	if progress != nil {
		progress(len(all), len(all))
	}
	return faults, nil
}
