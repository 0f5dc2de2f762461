package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	channel = "vestnik"
	poll    = time.Second // how long anybody waits at most before looking
)

// Ring says, as part of tx, that there is something new to look for. All nodes
// hear it once tx is committed.
func Ring(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT pg_notify($1, current_schema())", channel)
	return err
}

// Bell is closed at the next ring, of whichever node. It saves a wait and
// promises nothing: whoever waits also looks every second.
func (db *DB) Bell() <-chan struct{} {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.bell
}

// Await returns at the next ring after bell was taken, after a second, or with
// the error of ctx.
func (db *DB) Await(ctx context.Context, bell <-chan struct{}) error {
	t := time.NewTimer(poll)
	defer t.Stop()
	select {
	case <-bell:
	case <-t.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (db *DB) ring() {
	db.mu.Lock()
	defer db.mu.Unlock()
	close(db.bell)
	db.bell = make(chan struct{})
}

// listen hears the notifications over a connection of its own, again and again.
func (db *DB) listen(ctx context.Context) {
	for ctx.Err() == nil {
		if err := db.hear(ctx); err != nil && ctx.Err() == nil {
			db.log.Debug("notifications are not heard", "err", err)
			_ = db.Await(ctx, nil)
		}
	}
}

func (db *DB) hear(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	db.ring() // what came before is not heard
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if n.Payload == db.schema {
			db.ring()
		}
	}
}
