package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// node is what makes this process one that others see. DB.mu guards it.
type node struct {
	wanted bool               // Present was called
	pid    uint32             // of the session that holds the lock; 0: none
	held   chan struct{}      // closed once it is held
	wake   context.CancelFunc // ends the wait of the listening connection
}

// nodeKey is an advisory lock that every node shares.
const nodeKey = "hashtextextended('vestnik node ' || $1, 0)"

// Present makes this process a node that Others of other processes counts, until
// Close. It returns once it is counted; where the connection is lost it will be
// counted anew by itself.
func (db *DB) Present(ctx context.Context) error {
	db.mu.Lock()
	db.node.wanted = true
	held := db.node.held
	if db.node.wake != nil {
		db.node.wake()
	}
	db.mu.Unlock()
	select {
	case <-held:
		return nil
	case <-ctx.Done():
		if ctx.Err() == context.Canceled {
			return ctx.Err()
		}
		return away(ctx.Err())
	}
}

// Others counts the nodes but this one. A node whose machine vanished is counted
// for half a minute more.
func (db *DB) Others(ctx context.Context) (n int, err error) {
	db.mu.Lock()
	own := db.node.pid
	db.mu.Unlock()
	err = db.Row(ctx, `WITH lock AS (SELECT `+nodeKey+` AS key)
		SELECT count(*) FROM pg_locks, lock
		WHERE locktype = 'advisory' AND objsubid = 1 AND mode = 'ShareLock' AND granted AND pid <> $2::bigint
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND classid::bigint = (key >> 32) & 4294967295 AND objid::bigint = key & 4294967295`, []any{db.schema, int64(own)}, &n)
	return n, err
}

// Skew is how far the clock of this machine is ahead of the database's, as well
// as the way there and back lets one tell.
func (db *DB) Skew(ctx context.Context) (skew time.Duration, err error) {
	best := time.Duration(-1)
	for range 3 {
		var there time.Time
		start := time.Now()
		if err := db.Row(ctx, "SELECT clock_timestamp()", nil, &there); err != nil {
			return 0, err
		}
		if took := time.Since(start); best < 0 || took < best {
			best, skew = took, start.Add(took/2).Sub(there)
		}
	}
	return skew, nil
}

// due tells whether the lock has to be taken. Otherwise wake will end the wait
// that follows once it has.
func (db *DB) due(wake context.CancelFunc) bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.node.wake = wake
	return db.node.wanted && db.node.pid == 0
}

// enter takes the lock for the session of conn.
func (db *DB) enter(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock_shared("+nodeKey+")", db.schema); err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.node.pid = conn.PgConn().PID()
	close(db.node.held)
	return nil
}

// left: the session has ended, and its lock with it.
func (db *DB) left() {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.node.pid != 0 {
		db.node.pid, db.node.held = 0, make(chan struct{})
	}
}
