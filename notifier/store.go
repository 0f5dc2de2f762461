package notifier

import (
	"context"
	"io"
)

// Store is the contract of the notifier's engine.
type Store interface {
	Dump(ctx context.Context, w io.Writer) error
	Load(ctx context.Context, r io.Reader) error
}
