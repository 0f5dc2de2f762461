package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3/database"
)

// Print writes the SQL that Migrate and Grant would run, for an administrator of
// the database to review and run: a role that owns, a role for the service, the
// schema, all migrations and what is noted of them, and the grants. It runs as one
// transaction, and again after an upgrade, when it does what is missing.
func Print(w io.Writer, owner, service, schema string, rooms ...Room) error {
	if err := errors.Join(checkRole(owner), checkRole(service)); err != nil {
		return err
	}
	if owner == service {
		return invalid("the owner and the service must be two roles: the service must not be able to change the log")
	}
	if !plain(schema) {
		return invalid("the name of the schema must be of lower-case letters, digits and _, and must not begin with pg_")
	}
	var b strings.Builder
	b.WriteString(prologue(owner, service, schema))
	for _, r := range all(rooms) {
		if err := printRoom(&b, r); err != nil {
			return err
		}
	}
	fmt.Fprintf(&b, "\n-- What the service may do. It may add to the log, not change it.\n%s\nCOMMIT;\n", grants(service, schema, rooms))
	_, err := io.WriteString(w, b.String())
	return err
}

func prologue(owner, service, schema string) string {
	o, s, n := pgx.Identifier{owner}.Sanitize(), pgx.Identifier{service}.Sanitize(), pgx.Identifier{schema}.Sanitize()
	return `-- Vestnik: the database of one installation.
--
-- Run it as a superuser in the database that is meant for it:
--
--     psql -X -v ON_ERROR_STOP=1 -d DATABASE -f THIS-FILE
--
-- It is one transaction: all of it or nothing. After an upgrade run the newer
-- one: it does what is missing.
--
-- ` + o + ` owns everything. Nobody can sign in as it: upgrades run
-- through this file. To let "vestnik migrate" do them, give it LOGIN and a password.
--
-- ` + s + ` is what "vestnik serve" signs in as. It has no password yet, so
-- that none stands in a file: set one with \password, or let pg_hba.conf
-- recognise it otherwise (peer, cert).

BEGIN;
` + strings.ReplaceAll("SELECT pg_advisory_xact_lock("+migrateKey+");", "$1", literal(schema)) + `

` + printRole(owner, o+" NOLOGIN") + printRole(service, s+" LOGIN") + `
CREATE SCHEMA IF NOT EXISTS ` + n + ` AUTHORIZATION ` + o + `;

-- Everything below is made, and owned, by the owner.
SET LOCAL ROLE ` + o + `;
SET LOCAL search_path = ` + n + `;
SET LOCAL statement_timeout = 0;
`
}

func printRole(role, how string) string {
	return guarded("NOT EXISTS (SELECT FROM pg_roles WHERE rolname = "+literal(role)+")", "CREATE ROLE "+how+";")
}

// printRoom writes each migration so that it runs unless it has.
func printRoom(b *strings.Builder, r Room) error {
	steps, err := r.steps()
	if err != nil {
		return err
	}
	store, err := database.NewStore(database.DialectPostgres, r.versions())
	if err != nil {
		return err
	}
	var rec recorder
	if err := errors.Join(store.CreateVersionTable(context.Background(), &rec), store.Insert(context.Background(), &rec, database.InsertRequest{})); err != nil {
		return err
	}
	fmt.Fprintf(b, "\n-- %s\n%s", r.Name, guarded("to_regclass("+literal(r.versions())+") IS NULL", rec.String()))
	for _, s := range steps {
		var note recorder
		if err := store.Insert(context.Background(), &note, database.InsertRequest{Version: s.version}); err != nil {
			return err
		}
		missing := fmt.Sprintf("NOT EXISTS (SELECT FROM %s WHERE version_id = %d AND is_applied)", pgx.Identifier{r.versions()}.Sanitize(), s.version)
		fmt.Fprintf(b, "\n-- %s: %s\n%s", r.Name, s.name, guarded(missing, s.up+"\n"+note.String()))
	}
	return nil
}

// guarded is SQL that runs statements if condition holds.
func guarded(condition, statements string) string {
	statements = "\n" + strings.TrimSpace(statements) + "\n"
	inner := tag("sql", statements)
	body := "\nBEGIN\nIF " + condition + " THEN EXECUTE " + inner + statements + inner + ";\nEND IF;\nEND\n"
	outer := tag("do", body)
	return "DO " + outer + body + outer + ";\n"
}

// tag is a dollar quote that does not occur in text.
func tag(word, text string) string {
	t := "$" + word + "$"
	for n := 1; strings.Contains(text, t); n++ {
		t = "$" + word + strconv.Itoa(n) + "$"
	}
	return t
}

// recorder keeps the statements that goose would run, so that what is printed is
// what it runs.
type recorder struct{ strings.Builder }

func (r *recorder) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	for i, a := range args {
		query = strings.ReplaceAll(query, "$"+strconv.Itoa(i+1), fmt.Sprint(a))
	}
	r.WriteString(query + ";\n")
	return nil, nil
}

var errRecorder = errors.New("nothing is asked while SQL is printed")

func (r *recorder) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, errRecorder
}

func (r *recorder) QueryRowContext(context.Context, string, ...any) *sql.Row { return nil }
