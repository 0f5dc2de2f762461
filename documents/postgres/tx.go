package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"vestnik/documents"
)

// tries of one transaction that others are in the way of.
const tries = 8

// Tx runs do in one transaction (READ COMMITTED) and commits unless do fails; a
// row that do asked for and that is not there is documents.ErrNotFound. do runs
// again where PostgreSQL rolled the transaction back for another one's sake (a
// deadlock), or because it is no longer the host in charge, so it must not keep
// anything from a round before.
//
// The commit is neither cancelled with ctx nor bounded in time. After an error
// from it the transaction may or may not have been kept.
func (db *DB) Tx(ctx context.Context, do func(pgx.Tx) error) error {
	return db.run(ctx, pgx.TxOptions{}, do)
}

// TxAfter is Tx with a first statement, without arguments, that goes out with BEGIN
// and so costs no turn of its own.
func (db *DB) TxAfter(ctx context.Context, first string, do func(pgx.Tx) error) error {
	return db.run(ctx, pgx.TxOptions{BeginQuery: "BEGIN; " + first}, do)
}

// Snapshot runs do in one read-only transaction that sees the database as of one
// instant. It is Patient.
func (db *DB) Snapshot(ctx context.Context, do func(pgx.Tx) error) error {
	return db.run(Patient(ctx), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, do)
}

type patient struct{}

// Patient lets the statements of a transaction, and what is done between them,
// take as long as they need, and runs it only once. It is for work on all that
// there is, such as reading a dump, whose reader cannot begin again.
func Patient(ctx context.Context) context.Context { return context.WithValue(ctx, patient{}, true) }

func patience(ctx context.Context) bool { return ctx.Value(patient{}) != nil }

func (db *DB) run(ctx context.Context, o pgx.TxOptions, do func(pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := db.once(ctx, o, do)
		if !again(err) {
			return err
		}
		if patience(ctx) || try == tries || code(err) == "25006" && try > 1 || pause(ctx, try) != nil {
			return away(err)
		}
	}
}

// pause is short and a matter of chance, so that those who stood in each other's
// way do not meet again.
func pause(ctx context.Context, try int) error {
	t := time.NewTimer(time.Duration(rand.Int64N(int64(2*time.Millisecond) << try)))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func (db *DB) once(ctx context.Context, o pgx.TxOptions, do func(pgx.Tx) error) error {
	conn, tx, err := db.begin(ctx, o)
	if err != nil {
		return err
	}
	defer conn.Release() // ends the connection if the transaction has not ended
	defer wait(conn.Conn(), db.silence)
	if patience(ctx) {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
			return db.fault(ctx, conn, err)
		}
		wait(conn.Conn(), 0)
	}
	if err := do(tx); err != nil {
		err = db.fault(ctx, conn, err)
		rollback(ctx, tx)
		return err
	}
	wait(conn.Conn(), 0)
	return db.fault(context.WithoutCancel(ctx), conn, tx.Commit(context.WithoutCancel(ctx)))
}

// rollback, where it fails, leaves a connection that is thrown away.
func rollback(ctx context.Context, tx pgx.Tx) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingTimeout)
	defer cancel()
	_ = tx.Rollback(ctx)
}

// begin tries a second time if the connection proves to be broken, for nothing
// has happened yet.
func (db *DB) begin(ctx context.Context, o pgx.TxOptions) (*pgxpool.Conn, pgx.Tx, error) {
	for try := 1; ; try++ {
		conn, err := db.acquire(ctx)
		if err != nil {
			return nil, nil, err
		}
		tx, err := conn.BeginTx(ctx, o)
		if err == nil {
			return conn, tx, nil
		}
		err = db.fault(ctx, conn, err)
		conn.Release()
		if try == 2 || ctx.Err() != nil || !errors.Is(err, documents.ErrAway) {
			return nil, nil, err
		}
	}
}

// Row runs query, which must answer with one row, and fills to. No row is
// documents.ErrNotFound. What must be kept, or be known to be kept, is written by
// Tx or Exec: here the end of ctx takes it back, or comes before the answer.
func (db *DB) Row(ctx context.Context, query string, args []any, to ...any) error {
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return db.fault(ctx, conn, conn.QueryRow(ctx, query, args...).Scan(to...))
}

// Query runs query and gives each row to scan. Neither may take long: the
// connection is busy meanwhile.
func (db *DB) Query(ctx context.Context, query string, args []any, scan func(pgx.Rows) error) error {
	conn, err := db.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return db.fault(ctx, conn, Query(ctx, conn, query, args, scan))
}

// Query is DB.Query within tx.
func Query(ctx context.Context, tx interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, query string, args []any, scan func(pgx.Rows) error) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Must runs a statement that has to touch a row; refused says that it did not.
func Must(ctx context.Context, tx pgx.Tx, refused error, statement string, args ...any) error {
	tag, err := tx.Exec(ctx, statement, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return refused
	}
	return err
}

// Exec runs one statement in a transaction of its own and tells how many rows it
// touched.
func (db *DB) Exec(ctx context.Context, statement string, args ...any) (rows int64, err error) {
	err = db.Tx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, statement, args...)
		rows = tag.RowsAffected()
		return err
	})
	return rows, err
}
