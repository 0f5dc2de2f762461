package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// What a Batch should hold at most, but for its last statement.
const (
	batchStatements = 1000
	batchBytes      = 4 << 20
)

// Batch is statements that go out together, in one round trip.
type Batch struct {
	statements pgx.Batch
	bytes      int
}

// Add puts a statement behind those that wait.
func (b *Batch) Add(statement string, args ...any) {
	for _, a := range args {
		if bytes, ok := a.([]byte); ok {
			b.bytes += len(bytes)
		}
	}
	b.statements.Queue(statement, args...)
}

// Full tells whether it is time to send.
func (b *Batch) Full() bool { return b.statements.Len() >= batchStatements || b.bytes >= batchBytes }

// Send runs what waits, up to the first that fails, and forgets it.
func (b *Batch) Send(ctx context.Context, tx pgx.Tx) error {
	err := tx.SendBatch(ctx, &b.statements).Close()
	*b = Batch{}
	return err
}
