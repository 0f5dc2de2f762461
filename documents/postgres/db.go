// Package postgres is the PostgreSQL database that the engines of all rooms
// share: its pool, transactions, notifications, migrations, and what tells whose
// it is. Everything lies in one schema, the first of the search_path ("vestnik"
// unless the URL names another), so several installations may share a database.
//
// PostgreSQL is the only coordinator of the nodes: what one committed all others
// see, and nothing else is promised.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"vestnik/documents"
)

// Schema is where everything lies if the URL has no search_path.
const Schema = "vestnik"

// The defaults of what a URL may say (pool_max_conns, connect_timeout).
const (
	poolSize       = 16
	connectTimeout = 5 * time.Second
	// statementTimeout bounds what one statement may take; no statement of ours
	// takes a hundredth of it. It bounds no COMMIT: one that was given up may have
	// been kept, and a standby may be what it waits for.
	statementTimeout = 30 * time.Second
)

// DB is a pool of connections to one database. It may be used from any goroutine.
type DB struct {
	pool   *pgxpool.Pool
	schema string
	log    *slog.Logger

	mu   sync.Mutex // guards bell
	bell chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup
}

// Open connects. A URL may name several hosts; target_session_attrs=read-write
// finds the one that may be written to. It neither creates nor migrates anything.
func Open(ctx context.Context, url string, log *slog.Logger) (*DB, error) {
	c, err := config(url)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	db := &DB{pool: pool, schema: c.ConnConfig.RuntimeParams["search_path"], log: log, bell: make(chan struct{})}
	if err := db.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	ctx, db.stop = context.WithCancel(context.Background())
	db.done.Go(func() { db.listen(ctx) })
	return db, nil
}

// Close ends all connections, after what runs on them.
func (db *DB) Close() error {
	db.stop()
	db.done.Wait()
	db.pool.Close()
	return nil
}

func config(url string) (*pgxpool.Config, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the URL of the database cannot be read; write postgres://user@host/database")
	}
	if c.MaxConns < poolSize {
		c.MaxConns = poolSize
	}
	params := c.ConnConfig.RuntimeParams
	for name, value := range map[string]string{
		"search_path": Schema, "application_name": "vestnik", "timezone": "UTC",
		"statement_timeout": fmt.Sprint(statementTimeout.Milliseconds()), "idle_in_transaction_session_timeout": "60000",
	} {
		if params[name] == "" {
			params[name] = value
		}
	}
	if c.ConnConfig.ConnectTimeout == 0 {
		c.ConnConfig.ConnectTimeout = connectTimeout
	}
	return c, nil
}

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error { return away(db.pool.Ping(ctx)) }

// Tx runs do in one transaction (READ COMMITTED) and commits unless do fails. do
// runs again where PostgreSQL ended the transaction for another one's sake
// (deadlock), so it must not keep anything from a round before. After an error of
// the commit itself the transaction may or may not have been kept.
func (db *DB) Tx(ctx context.Context, do func(pgx.Tx) error) error {
	return db.run(ctx, pgx.TxOptions{}, do)
}

// Snapshot runs do in one read-only transaction that sees the database as of one
// instant.
func (db *DB) Snapshot(ctx context.Context, do func(pgx.Tx) error) error {
	return db.run(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, do)
}

func (db *DB) run(ctx context.Context, o pgx.TxOptions, do func(pgx.Tx) error) error {
	for try := 0; ; try++ {
		err := db.once(ctx, o, do)
		if !again(err) || try == 4 || ctx.Err() != nil {
			return away(err)
		}
	}
}

func (db *DB) once(ctx context.Context, o pgx.TxOptions, do func(pgx.Tx) error) error {
	tx, err := db.pool.BeginTx(ctx, o)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, ended(tx.Rollback(context.WithoutCancel(ctx))))
	}
	return tx.Commit(context.WithoutCancel(ctx))
}

// ended is err unless the connection broke before: then there is nothing to roll
// back.
func ended(err error) error {
	if errors.Is(err, pgx.ErrTxClosed) || err != nil {
		return nil
	}
	return err
}

// Row runs query, which must answer with one row, and fills to. No row is
// documents.ErrNotFound.
func (db *DB) Row(ctx context.Context, query string, args []any, to ...any) error {
	err := db.pool.QueryRow(ctx, query, args...).Scan(to...)
	if errors.Is(err, pgx.ErrNoRows) {
		return documents.ErrNotFound
	}
	return away(err)
}

// Query runs query and gives each row to scan, in one go.
func (db *DB) Query(ctx context.Context, query string, args []any, scan func(pgx.Rows) error) error {
	rows, err := db.pool.Query(ctx, query, args...)
	if err != nil {
		return away(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return away(rows.Err())
}

// again tells whether the same transaction may well succeed now.
func again(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == "40001" || pe.Code == "40P01")
}

// Taken tells whether err says that a unique key is there already.
func Taken(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == "23505"
}

// away gives what says that the database cannot be reached, or is going down or
// may not be written to, the name that callers know.
func away(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch {
		case pe.Code[:2] == "08", pe.Code[:2] == "57", pe.Code == "25006", pe.Code[:2] == "53":
			return fmt.Errorf("%w: %w", documents.ErrAway, err)
		}
		return err
	}
	var ce *pgconn.ConnectError
	var ne net.Error
	if errors.As(err, &ce) || errors.As(err, &ne) || pgconn.SafeToRetry(err) || errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("%w: %w", documents.ErrAway, err)
	}
	return err
}
