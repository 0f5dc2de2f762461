// Package postgres is the PostgreSQL database that the engines of all rooms
// share: its pool, transactions, notifications, migrations, and what tells whose
// it is. Everything lies in one schema, the search_path ("vestnik" unless the URL
// names another), so several installations may share a database.
//
// PostgreSQL is the only coordinator of the nodes: what one committed all others
// see, and nothing else is promised.
//
// What cannot be reached or written to is documents.ErrAway, and recovers by
// itself: broken connections are thrown away together, and new ones look for the
// host that may be written to. A full disk of the database is syscall.ENOSPC, a
// damaged page value.ErrDamaged.
package postgres

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// acquireTimeout is how long somebody waits for a connection at most: for a free
// one of the pool, or for the database to let one in.
const acquireTimeout = 10 * time.Second

const closeTimeout = 5 * time.Second

// DB is a pool of connections to one database. It may be used from any goroutine.
type DB struct {
	pool   *pgxpool.Pool
	schema string
	// silence is how long the database may say nothing while an answer is due; 0:
	// for ever.
	silence time.Duration
	log     *slog.Logger
	stop    context.CancelFunc
	done    sync.WaitGroup

	mu   sync.Mutex // guards what follows
	bell chan struct{}
	node node
}

// Open connects. A URL may name several hosts; the one that may be written to is
// taken. It neither creates nor migrates anything. What a person has to mend, in
// the URL or in the database, is a *documents.InvalidError.
//
// A pooler in between has to leave each client its session: locks of sessions and
// LISTEN are used.
func Open(ctx context.Context, url string, log *slog.Logger) (*DB, error) {
	c, silence, err := parse(url)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, invalid("the pool of the database cannot be made as the URL says")
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	db := &DB{
		pool: pool, schema: c.ConnConfig.RuntimeParams["search_path"], silence: silence, log: log,
		bell: make(chan struct{}), node: node{held: make(chan struct{})},
	}
	if err := db.Ping(ctx); err != nil {
		pool.Close()
		return nil, refusal(err)
	}
	ctx, db.stop = context.WithCancel(context.Background())
	db.done.Go(func() { db.listen(ctx) })
	return db, nil
}

// Close ends all connections, after what runs on them. It is ErrAway if something,
// such as a commit that waits for a standby, does not end within closeTimeout;
// then what becomes of that nobody is told.
func (db *DB) Close() error {
	db.stop()
	db.done.Wait()
	closed := make(chan struct{})
	go func() {
		db.pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
		return nil
	case <-time.After(closeTimeout):
		return away(errors.New("something still runs in the database"))
	}
}

// Ping asks the database for a sign of life, and whether it may be written to.
func (db *DB) Ping(ctx context.Context) error {
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	err = pgconn.ValidateConnectTargetSessionAttrsReadWrite(ctx, conn.Conn().PgConn())
	if errors.Is(err, pgconn.ErrReadOnlyConnection) {
		db.suspect()
		return away(err)
	}
	return db.fault(ctx, conn, err)
}

// acquire is a connection of the pool, to be released. One that was idle for a
// second is asked for a sign of life first.
func (db *DB) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, acquireTimeout)
	defer cancel()
	conn, err := db.pool.Acquire(waiting)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() == context.Canceled:
		return nil, ctx.Err()
	}
	return nil, away(err)
}
