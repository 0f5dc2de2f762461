package postgres

import (
	"context"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Grant gives a role that is there what a service needs, which is less than the
// owner has: it can add to the log, and can neither change nor forget. Whoever
// owns the schema calls it. Migrate renews it.
func (db *DB) Grant(ctx context.Context, role string, rooms ...Room) error {
	if err := checkRole(role); err != nil {
		return err
	}
	return db.Tx(ctx, func(tx pgx.Tx) error {
		var owns bool
		err := tx.QueryRow(ctx, `SELECT pg_has_role(r.oid, n.nspowner, 'MEMBER') FROM pg_roles r, pg_namespace n
			WHERE r.rolname = $1 AND n.nspname = $2`, role, db.schema).Scan(&owns)
		switch {
		case err == pgx.ErrNoRows:
			return invalid("there is no role " + role + " or no schema " + db.schema + " in the database; create the role and migrate first")
		case err != nil:
			return err
		case owns:
			return invalid("the role " + role + " can do all that the owner of the schema can; a service role must be another one, and no superuser")
		}
		if _, err = tx.Exec(ctx, grants(role, db.schema, rooms), pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		var makes bool
		err = tx.QueryRow(ctx, "SELECT has_schema_privilege($1, $2, 'CREATE')", role, db.schema).Scan(&makes)
		if err == nil && makes {
			err = invalid("the role " + role + " is a member of one that may create things in the schema " + db.schema + "; a service role must not")
		}
		return err
	})
}

// renew grants anew, in case a migration brought something to be granted.
func (db *DB) renew(ctx context.Context, rooms []Room) error {
	var roles []string
	err := db.Query(ctx, "SELECT role FROM services WHERE role IN (SELECT rolname FROM pg_roles) ORDER BY role", nil, func(rows pgx.Rows) error {
		roles = append(roles, "")
		return rows.Scan(&roles[len(roles)-1])
	})
	if err != nil {
		return err
	}
	for _, role := range roles {
		if err := db.Grant(ctx, role, rooms...); err != nil {
			return err
		}
	}
	return nil
}

// grants is SQL that may run again at any time.
func grants(role, schema string, rooms []Room) string {
	service := pgx.Identifier{role}.Sanitize()
	var b strings.Builder
	in := pgx.Identifier{schema}.Sanitize()
	// Whoever may make functions in the schema could put one in the way of those that
	// run as its owner. In a schema called public everybody may, up to PostgreSQL 14.
	b.WriteString("REVOKE CREATE ON SCHEMA " + in + " FROM PUBLIC, " + service + ";\n")
	b.WriteString("GRANT USAGE ON SCHEMA " + in + " TO " + service + ";\n")
	b.WriteString("INSERT INTO services VALUES (" + literal(role) + ") ON CONFLICT DO NOTHING;\n")
	for _, r := range all(rooms) {
		b.WriteString("GRANT SELECT ON " + pgx.Identifier{r.versions()}.Sanitize() + " TO " + service + ";\n")
		if sql := strings.TrimSpace(strings.ReplaceAll(r.Grants, "{service}", service)); sql != "" {
			b.WriteString(strings.TrimSuffix(sql, ";") + ";\n")
		}
	}
	return b.String()
}

var roleName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.@-]{0,62}$`)

func checkRole(role string) error {
	if !roleName.MatchString(role) || strings.HasPrefix(role, "pg_") {
		return invalid("the name of a role must be of letters, digits and _ . @ -, must not begin with a digit or pg_, and have at most 63 characters")
	}
	return nil
}

// literal quotes s for SQL.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
