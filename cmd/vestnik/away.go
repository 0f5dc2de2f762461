package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"vestnik/documents"
	"vestnik/documents/postgres"
)

// The SQLSTATEs that a person can do something about.
const (
	denied  = "42501"
	tooMany = "53300"
)

// readOnly is what pgx says of a host that takes no writes.
const readOnly = "read only connection"

// said is what went wrong with the database, in one sentence that says what to do.
// What nobody can mend from here stays as it is.
func (b database) said(err error) error {
	state := sqlState(err)
	switch {
	case err == nil || !b.shared():
		return err
	case state == denied:
		return fmt.Errorf("%s: the role of %s may not do this (%s); run `vestnik migrate -store env:OWNER_URL -service ROLE` with the URL of the schema's owner", b, b.arg(), causes(err))
	case state == tooMany:
		return fmt.Errorf("%s has no connection left (%s); raise max_connections there, or lower pool_max_conns in the URL of the nodes", b, causes(err))
	case errors.Is(err, documents.ErrAway) && causes(err) == readOnly:
		return fmt.Errorf("%s can only be read; name the host that takes writes, or all hosts with target_session_attrs=read-write", b)
	case errors.Is(err, documents.ErrAway):
		return fmt.Errorf("%s does not answer (%s); see that it runs and that -store is right", b, causes(err))
	}
	return err
}

// presence bounds the wait for a second connection, which others see this process by.
const presence = 15 * time.Second

// enter makes this process one that others see.
func (b database) enter(ctx context.Context, db *postgres.DB) error {
	waiting, cancel := context.WithTimeout(ctx, presence)
	defer cancel()
	err := db.Present(waiting)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("%s gives this process no second connection; see that it runs, its max_connections and the CONNECTION LIMIT of the role", b)
	}
	return err
}

// fromServer is what PostgreSQL itself answered: SEVERITY: MESSAGE (SQLSTATE CODE).
type fromServer interface {
	error
	SQLState() string
}

func sqlState(err error) string {
	var said fromServer
	if errors.As(err, &said) {
		return said.SQLState()
	}
	return ""
}

// causes are what lies at the bottom of an error, each once: pgx tells the whole way
// to it for each address and attempt.
func causes(err error) string {
	var all []string
	for _, e := range leaves(err) {
		if text := plainly(e); text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, "; ")
}

func leaves(err error) (all []error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			all = append(all, leaves(one)...)
		}
		return all
	}
	if next := errors.Unwrap(err); next != nil {
		return leaves(next)
	}
	return []error{err}
}

func plainly(err error) string {
	var said fromServer
	var name *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case err == documents.ErrAway:
		return ""
	case errors.As(err, &said):
		message, _, _ := strings.Cut(said.Error(), " (SQLSTATE ")
		_, message, _ = strings.Cut(message, ": ")
		return message
	case errors.As(err, &name):
		return name.Name + ": " + name.Err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there"
	}
	return oneLine(err)
}
