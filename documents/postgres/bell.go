package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	channel = "vestnik"
	poll    = time.Second // how long anybody waits at most before looking
	// watch is how long the listening connection hears nothing before it asks
	// whether the database is still there, and still in charge.
	watch = 10 * time.Second
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

// listen hears the notifications over a connection of its own, again and again,
// with a second between two attempts.
func (db *DB) listen(ctx context.Context) {
	for deaf := false; ctx.Err() == nil; {
		err := db.hear(ctx, func() {
			if deaf {
				db.log.Info("the database answers again")
			}
			deaf = false
		})
		if ctx.Err() == nil && !deaf {
			db.log.Warn("the database does not answer", "err", err)
			deaf = true
		}
		_ = db.Await(ctx, nil)
	}
}

// hear calls back once it hears, and returns when the connection fails. Then the
// others are as suspect.
func (db *DB) hear(ctx context.Context, hears func()) error {
	conn, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer db.left()
	defer end(conn)
	wait(conn, 0) // everything below has a time of its own
	if err := briefly(ctx, func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "LISTEN "+channel)
		return err
	}); err != nil {
		return err
	}
	hears()
	db.ring() // what came before is not heard
	for {
		if err := db.next(ctx, conn); err != nil {
			if ctx.Err() == nil {
				db.pool.Reset()
			}
			return err
		}
	}
}

// next waits for one notification, or until it is time to see to the connection.
func (db *DB) next(ctx context.Context, conn *pgx.Conn) error {
	waiting, cancel := context.WithTimeout(ctx, watch)
	defer cancel()
	if db.due(cancel) {
		return briefly(ctx, func(ctx context.Context) error { return db.enter(ctx, conn) })
	}
	n, err := conn.WaitForNotification(waiting)
	switch {
	case err == nil && n.Payload == db.schema:
		db.ring()
	case err != nil && waiting.Err() != nil && ctx.Err() == nil && !conn.IsClosed():
		return briefly(ctx, func(ctx context.Context) error {
			return db.pool.Config().ConnConfig.ValidateConnect(ctx, conn.PgConn())
		})
	case err != nil:
		return err
	}
	return nil
}

// briefly bounds what the listening connection asks.
func briefly(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return ask(ctx)
}

// end closes conn without waiting for anybody.
func end(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}
