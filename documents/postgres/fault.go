package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"vestnik/documents"
	"vestnik/documents/value"
)

// away names an error of the database itself so that callers know it.
func away(err error) error {
	if errors.Is(err, documents.ErrAway) {
		return err
	}
	return fmt.Errorf("%w: %w", documents.ErrAway, err)
}

// fault gives an error that came up while conn was used the name that callers
// know: ErrAway if the database cannot be reached or written to now, ENOSPC if it
// has no room, ErrDamaged if it says so of itself. Others stay as they are, also
// that the caller gave up. It looks at conn and not only at err, for what a
// caller's own reader or writer failed with looks just like a broken connection.
//
// Where the fault is of more than this connection, all are thrown away, so that
// the next ones find the host that is in charge now.
func (db *DB) fault(ctx context.Context, conn *pgxpool.Conn, err error) error {
	if err == nil {
		return nil
	}
	broken := conn.Conn().IsClosed()
	if kind := code(err); kind == "25006" || broken && ctx.Err() == nil {
		db.suspect()
	}
	if ctx.Err() == context.Canceled && errors.Is(err, context.Canceled) {
		return err
	}
	if broken || pgconn.Timeout(err) {
		return away(err)
	}
	return name(err)
}

// suspect throws away the connections that are not in use, and those in use once
// they are given back. The listening one is looked at.
func (db *DB) suspect() {
	db.pool.Reset()
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.node.wake != nil {
		db.node.wake()
	}
}

// name knows what the server itself said, and that it had no row.
func name(err error) error {
	kind := code(err)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return documents.ErrNotFound
	case kind == "53100":
		return fmt.Errorf("%w: %w", syscall.ENOSPC, err)
	case kind == "XX001", kind == "XX002":
		return fmt.Errorf("%w: %w", value.ErrDamaged, err)
	case strings.HasPrefix(kind, "08"), strings.HasPrefix(kind, "53"), strings.HasPrefix(kind, "57"), kind == "25006", kind == "25P03", kind == "25P04", kind == "58030":
		return away(err)
	}
	return err
}

// code is the SQLSTATE of an error of the server's, or "".
func code(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

// again tells whether the same transaction, which was rolled back, may well
// succeed now: another one was in its way, or was given precedence, or the
// database is no longer in charge and another one may be.
func again(err error) bool {
	kind := code(err)
	return kind == "40001" || kind == "40P01" || kind == "25006"
}

// Taken tells whether err says that a unique key is there already.
func Taken(err error) bool { return code(err) == "23505" }

// refusal says of an error at the start what a person has to mend.
func refusal(err error) error {
	var pe *pgconn.PgError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &pe) && (strings.HasPrefix(pe.Code, "28") || pe.Code == "42501"):
		return invalid("the database lets nobody in with this URL (" + pe.Message + "); check user and password, or its pg_hba.conf")
	case errors.As(err, &pe) && pe.Code == "3D000":
		return invalid("there is no such database (" + pe.Message + "); create it, or name another in the URL")
	case errors.As(err, &pe) && pe.Code == "42704":
		return invalid("the database does not know a parameter of the URL (" + pe.Message + ")")
	case errors.As(err, &certificate):
		return invalid("the certificate of the database cannot be verified (" + certificate.Err.Error() + "); name its authority in the URL with sslrootcert=FILE")
	case strings.Contains(err.Error(), "server refused TLS connection"):
		return invalid("the database does not speak TLS; turn it on there, or write sslmode=disable into the URL if the network is trusted")
	}
	return fmt.Errorf("database: %w", err)
}
