package notifier

import (
	"context"
	"errors"
	"fmt"

	"vestnik/documents"
	"vestnik/notifier/mail"
)

// ErrOtherBytes: a message was sent by a release that put the same words into other
// bytes, and this one cannot make those again.
var ErrOtherBytes = errors.New("the message cannot be made again byte for byte")

// Masked rebuilds the message of a delivery with personal tokens masked; its
// SHA-256 is the Evidence's Digest. The words are kept, so that templates may change;
// where the bytes nevertheless differ it is ErrOtherBytes, beside what this release
// makes of the same words.
func (n *Notifier) Masked(ctx context.Context, seq documents.Seq, recipient int64) ([]byte, error) {
	d, f, err := n.sentForm(ctx, seq, recipient)
	if err != nil {
		return nil, err
	}
	return f.asSent(d)
}

func (f form) asSent(d Delivery) ([]byte, error) {
	raw, err := f.masked(d.MessageID, d.Date)
	if err == nil && documents.SHA256(raw) != d.Evidence.Digest {
		err = ErrOtherBytes
	}
	return raw, err
}

// Sent rebuilds the message of a delivery as it was sent, but for our signature.
// After an erasure nobody can: it is documents.ErrNotFound. Other bytes than those
// that were sent it does not give out: ErrOtherBytes.
func (n *Notifier) Sent(ctx context.Context, seq documents.Seq, recipient int64) ([]byte, error) {
	d, f, err := n.sentForm(ctx, seq, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := f.asSent(d); err != nil {
		return nil, err
	}
	r, err := n.Store.Recipient(ctx, recipient)
	if err != nil {
		return nil, err
	}
	p, err := sentTo(r, d)
	if err != nil {
		return nil, err
	}
	to, err := mail.ParseAddress(p.To)
	if err != nil {
		return nil, fmt.Errorf("the address of a message of notice %d: %w", seq, errSealed)
	}
	return mail.Compose(f.message(to, d.MessageID, d.Date, n.token(seq, recipient), p.Account))
}

// sentForm is a delivery whose message was handed over, and what it was made from.
func (n *Notifier) sentForm(ctx context.Context, seq documents.Seq, recipient int64) (d Delivery, f form, err error) {
	if d, err = n.Store.Delivery(ctx, seq, recipient); err != nil {
		return d, f, err
	}
	if d.Evidence.Form.IsZero() {
		return d, f, fmt.Errorf("a message of notice %d: %w", seq, documents.ErrNotFound)
	}
	raw, err := n.Store.Form(ctx, d.Evidence.Form)
	if err != nil {
		return d, f, fmt.Errorf("form of notice %d: %w", seq, err)
	}
	f, err = decodeForm(raw)
	return d, f, err
}
