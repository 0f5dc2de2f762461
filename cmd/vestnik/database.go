package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"vestnik/documents"
	documentspg "vestnik/documents/pgstore"
	"vestnik/documents/postgres"
	notifierpg "vestnik/notifier/pgstore"
	serverpg "vestnik/server/pgstore"
)

// database is the PostgreSQL database that -store names. The zero value is none:
// the data lie in the folder, in bbolt.
type database struct {
	url  string // with its password, if it has one
	flag string // what -store said, which holds none
}

// storeHelp says what -store takes.
const storeHelp = "bolt, which keeps the data in the folder, or a PostgreSQL `URL`: env:NAME, file:PATH"

// parseStore reads what -store says.
func parseStore(flag string) (database, error) {
	value, err := secret("store", flag)
	switch {
	case err != nil:
		return database{}, err
	case value == "bolt":
		return database{}, nil
	case isPostgres(value):
		return database{value, flag}, nil
	}
	return database{}, usagef("-store is bolt or the URL of a PostgreSQL database, not %q", flag)
}

func isPostgres(value string) bool {
	return strings.HasPrefix(value, "postgres://") || strings.HasPrefix(value, "postgresql://")
}

func (b database) shared() bool { return b.url != "" }

// String names the database to people: its machine, its name, and the schema that
// its URL names, no more.
func (b database) String() string {
	u, err := url.Parse(b.url)
	if err != nil {
		return "the database of " + b.flag
	}
	name := "postgres://" + u.Host + u.Path
	if schema := u.Query().Get("search_path"); schema != "" {
		name += "?search_path=" + url.QueryEscape(schema)
	}
	return name
}

// from says where an installation lies.
func from(d folder, b database) string {
	if b.shared() {
		return string(d) + " and " + b.String()
	}
	return string(d)
}

// arg is -store as it is typed again.
func (b database) arg() string {
	if strings.ContainsAny(b.flag, " &?*$'\"\\;|<>()") {
		return "-store '" + strings.ReplaceAll(b.flag, "'", `'\''`) + "'"
	}
	return "-store " + b.flag
}

// schema is what all rooms keep in a database.
func schema() []postgres.Room {
	return []postgres.Room{documentspg.Room(), notifierpg.Room(), serverpg.Room()}
}

// connect opens the database. One that is away is refused within the timeout of
// its URL, by serve too: whoever started it sees at once that it does not run, and
// systemd tries again.
func (b database) connect(ctx context.Context, log *slog.Logger) (*postgres.DB, error) {
	db, err := postgres.Open(ctx, b.url, log)
	var refused *documents.InvalidError
	if errors.As(err, &refused) {
		return nil, fmt.Errorf("%s: %w", b, refused)
	}
	return db, b.said(err)
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// ready refuses a schema that this program cannot work with. One that is behind is
// migrated if it holds no installation, the command may make one, and its role owns
// the schema. An installation is migrated by `vestnik migrate` alone, after a backup
// that only its own release or PostgreSQL can make: this program does not know how
// to read an earlier schema.
func (b database) ready(ctx context.Context, db *postgres.DB, create bool) error {
	err := db.Ready(ctx, schema()...)
	if errors.Is(err, postgres.ErrAhead) {
		return b.ahead(err)
	}
	if !errors.Is(err, postgres.ErrBehind) {
		return err
	}
	if owns, err := db.Owns(ctx); err != nil || !owns {
		return cmp.Or(err, fmt.Errorf("%s is not migrated for this program, or its role was granted nothing there; run `vestnik migrate -store env:OWNER_URL -service ROLE` with the URL of the schema's owner and the role of %s", b, b.arg()))
	}
	taken, err := inhabited(ctx, db)
	switch {
	case err != nil:
		return err
	case taken:
		return fmt.Errorf("%s holds an installation in the form of an earlier release; back it up (with pg_dump, or `vestnik backup` of that release), then run `vestnik migrate %s`", b, b.arg())
	case !create:
		return fmt.Errorf("there is no installation in %s, and it is not migrated for this program; `vestnik serve %s` makes one, `vestnik migrate %s` only the schema", b, b.arg(), b.arg())
	}
	return db.Migrate(ctx, schema()...)
}

// inhabited tells whether a schema of any release holds an installation, which
// claims its database before it keeps anything. What was copied there and is
// claimed by nobody yet still lies where it was copied from.
func inhabited(ctx context.Context, db *postgres.DB) (taken bool, err error) {
	err = db.Row(ctx, "SELECT to_regclass('installation') IS NOT NULL", nil, &taken)
	if err == nil && taken {
		err = db.Row(ctx, "SELECT EXISTS (SELECT FROM installation)", nil, &taken)
	}
	return taken, err
}

func (b database) ahead(err error) error {
	return fmt.Errorf("%s: %w; this is Vestnik %s, use the newer one", b, err, version())
}
