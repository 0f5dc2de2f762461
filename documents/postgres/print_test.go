package postgres_test

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vestnik/documents"
	"vestnik/documents/pgstore"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

// catalogue is what a schema consists of, whatever its name and its owner's.
const catalogue = `
WITH n AS (SELECT oid FROM pg_namespace WHERE nspname = 'SCHEMA')
SELECT kind || ' ' || replace(replace(replace(what, 'SCHEMA', '{schema}'), 'OWNER', '{owner}'), 'SERVICE', '{service}') FROM (
	SELECT 'relation' AS kind, concat_ws(' ', relkind, relname, relpersistence, relowner::regrole, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(relacl) a)) AS what
		FROM pg_class WHERE relnamespace = (SELECT oid FROM n)
	UNION ALL SELECT 'column', concat_ws(' ', relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attcollation, pg_get_expr(adbin, adrelid))
		FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
		WHERE relnamespace = (SELECT oid FROM n) AND attnum > 0
	UNION ALL SELECT 'constraint', concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = (SELECT oid FROM n)
	UNION ALL SELECT 'index', pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = (SELECT oid FROM n)
	UNION ALL SELECT 'function', concat_ws(' ', pg_get_functiondef(oid), proowner::regrole, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(proacl) a))
		FROM pg_proc WHERE pronamespace = (SELECT oid FROM n) AND prokind IN ('f', 'p')
	UNION ALL SELECT 'trigger', pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = (SELECT oid FROM n) AND NOT tgisinternal
	UNION ALL SELECT 'schema', concat_ws(' ', nspowner::regrole, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(nspacl) a)) FROM pg_namespace WHERE nspname = 'SCHEMA'
	UNION ALL SELECT 'version', 'base ' || version_id FROM "SCHEMA".base_migrations
	UNION ALL SELECT 'version', 'documents ' || version_id FROM "SCHEMA".documents_migrations
	UNION ALL SELECT 'version', 'shelf ' || version_id FROM "SCHEMA".shelf_migrations
	UNION ALL SELECT 'service', role FROM "SCHEMA".services
	UNION ALL SELECT 'needs', room || version FROM "SCHEMA".needs
) all_of_it ORDER BY 1`

func describe(t *testing.T, c *postgrestest.Cluster, schema, owner, service string) []string {
	t.Helper()
	q := strings.ReplaceAll(catalogue, "SCHEMA", schema)
	return c.Query(t, strings.ReplaceAll(strings.ReplaceAll(q, "'OWNER'", "'"+owner+"'"), "'SERVICE'", "'"+service+"'"))
}

func printed(t *testing.T, service, schema string, rooms ...postgres.Room) string {
	t.Helper()
	var b bytes.Buffer
	must(t, postgres.Print(&b, "v_owner", service, schema, rooms...))
	return b.String()
}

// psql runs SQL as an administrator would.
func psql(t *testing.T, c *postgrestest.Cluster, sql string) {
	t.Helper()
	cmd := exec.Command("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", c.URL(), "-f", "-")
	cmd.Stdin = strings.NewReader(sql)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("psql: %v\n%s\n%s", err, out, sql)
	}
}

func TestPrintedIsWhatMigrateMakes(t *testing.T) {
	odd := room(first, second, `-- +goose StatementBegin
CREATE FUNCTION odd() RETURNS text LANGUAGE plpgsql AS $sql$ BEGIN EXECUTE $do$ SELECT 1; $do$; RETURN 'it''s; :odd' /* $sql1$ */; END $sql$;
-- +goose StatementEnd
COMMENT ON TABLE shelf IS 'a $1 \ backslash';`, third)
	rooms := []postgres.Room{pgstore.Room(), odd}
	c := postgrestest.Start(t, postgrestest.Options{})

	psql(t, c, printed(t, "v_service", "printed", rooms...))
	service := c.URL() + "&search_path=printed&user=v_service"
	db := open(t, service)
	must(t, db.Ready(t.Context(), rooms...))
	must(t, db.Claim(t.Context(), postgres.Installation{}, postgres.Installation{LogKey: "a"}))

	url := c.Schema()
	owner, other := c.Role(url, true), c.Role(url, false)
	migrated := open(t, owner.URL)
	must(t, migrated.Migrate(t.Context(), rooms...))
	must(t, migrated.Grant(t.Context(), other.Name, rooms...))
	got, want := describe(t, c, "printed", "v_owner", "v_service"), describe(t, c, "t1", owner.Name, other.Name)
	if len(want) < 20 {
		t.Fatalf("the catalogue says too little: %q", want)
	}
	for _, lines := range [][]string{got, want} {
		for i := range lines {
			lines[i] = strings.NewReplacer("v_service", "{service}", "v_owner", "{owner}", owner.Name, "{owner}", other.Name, "{service}").Replace(lines[i])
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("migrated and printed differ (-migrated +printed):\n%s", d)
	}
	psql(t, c, printed(t, "v_service", "printed", rooms...)) // again: nothing to do
	must(t, db.Ready(t.Context(), rooms...))
}

// TestPrintedUpgrades: the newer file does what is missing.
func TestPrintedUpgrades(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	psql(t, c, printed(t, "V-service", "printed", room(first)))
	db := open(t, c.URL()+"&search_path=printed&user=V-service")
	must(t, db.Ready(t.Context(), room(first)))
	_, err := db.Exec(t.Context(), "INSERT INTO shelf (title) VALUES ('kept')")
	must(t, err)
	if err := db.Ready(t.Context(), room(first, second)); !errors.Is(err, postgres.ErrBehind) {
		t.Fatal(err)
	}
	psql(t, c, printed(t, "V-service", "printed", room(first, second)))
	must(t, db.Ready(t.Context(), room(first, second)))
	var title string
	must(t, db.Row(t.Context(), "SELECT title FROM shelf WHERE place = ''", nil, &title))
}

func TestPrintRefuses(t *testing.T) {
	for _, names := range [][3]string{{"a", "a", "s"}, {"", "b", "s"}, {"a", "b\n-- x", "s"}, {"a", "b", "S"}, {"a", "b", "pg_x"}, {"pg_a", "b", "s"}} {
		var refusal *documents.InvalidError
		if err := postgres.Print(&bytes.Buffer{}, names[0], names[1], names[2]); !errors.As(err, &refusal) {
			t.Errorf("%q: %v", names, err)
		}
	}
}
