package pgstore_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"vestnik/documents/postgres/postgrestest"
	"vestnik/documents/value"
	"vestnik/notifier"
	"vestnik/notifier/pgstore"
)

// TestServiceMakesRoomAndNothingElse: the role of the service may have a notice's
// partition made, and neither make nor change a table, nor make that function do
// anything else.
func TestServiceMakesRoomAndNothingElse(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	c.Exec(t, "CREATE ROLE service LOGIN", "CREATE ROLE stranger LOGIN")
	url := c.Schema()
	s, _ := fresh(t, url)
	ok(t, connect(t, url).Grant(t.Context(), "service", pgstore.Room()))
	ok(t, s.PutNotice(t.Context(), notifier.Notice{Seq: 1, State: notifier.Sending, Revision: 1}, nil))
	_, schema, _ := strings.Cut(url, "search_path=")
	c.Exec(t, "GRANT USAGE ON SCHEMA "+schema+" TO stranger")
	for _, try := range []struct {
		role, sql string
		refused   string // SQLSTATE
	}{
		{"service", "SELECT make_deliveries(1)", ""}, // it is there already
		{"service", "SELECT make_deliveries(2)", "P0001"},
		{"service", "CREATE TEMP TABLE notices AS SELECT 2::bigint AS seq; SELECT make_deliveries(2)", "P0001"},
		{"service", "CREATE TEMP TABLE deliveries_1 (a int); SELECT make_deliveries(1)", ""},
		{"service", "SET search_path = pg_temp; SELECT " + schema + ".make_deliveries(1)", ""},
		{"service", "CREATE TABLE mine (a int)", "42501"},
		{"service", "DROP TABLE deliveries_1", "42501"},
		{"service", "TRUNCATE deliveries", "42501"},
		{"service", "INSERT INTO counters VALUES ('x', 1)", "42501"},
		{"service", "ALTER FUNCTION make_deliveries(bigint) SECURITY INVOKER", "42501"},
		{"stranger", "SELECT make_deliveries(1)", "42501"},
		{"stranger", "SELECT * FROM recipients", "42501"},
	} {
		conn, err := pgx.Connect(t.Context(), strings.Replace(url, "postgres://postgres@", "postgres://"+try.role+"@", 1))
		ok(t, err)
		_, err = conn.Exec(t.Context(), try.sql)
		conn.Close(t.Context())
		var pe *pgconn.PgError
		if errors.As(err, &pe); (err == nil) != (try.refused == "") || err != nil && (pe == nil || pe.Code != try.refused) {
			t.Errorf("%s: %s: got %v, want %q", try.role, try.sql, err, try.refused)
		}
	}
}

func TestDamageIsRecognised(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	s, _ := fresh(t, url)
	ctx := context.Background()
	two := []notifier.Recipient{{ExternalID: "p1", Revision: 1}, {ExternalID: "p2", Revision: 1}}
	_, err := s.PutRecipients(ctx, two)
	ok(t, err)
	_, schema, _ := strings.Cut(url, "search_path=")
	read := func() error { _, err := s.Recipient(ctx, 1); return err }
	for name, harm := range map[string]string{
		"a bit":       "UPDATE recipients SET record = set_bit(record, 20, 1 - get_bit(record, 20)) WHERE number = 1",
		"the end":     "UPDATE recipients SET record = substring(record FOR 3) WHERE number = 1",
		"a neighbour": "UPDATE recipients SET record = (SELECT record FROM recipients WHERE number = 2) WHERE number = 1",
	} {
		c.Exec(t, "SET search_path = "+schema+"; CREATE TABLE intact AS SELECT * FROM recipients; "+harm)
		if err := read(); !errors.Is(err, value.ErrDamaged) {
			t.Errorf("%s: got %v, want damage", name, err)
		}
		if err := s.Dump(ctx, io.Discard); !errors.Is(err, value.ErrDamaged) {
			t.Errorf("%s: dumped: %v", name, err)
		}
		c.Exec(t, "SET search_path = "+schema+"; UPDATE recipients r SET record = i.record FROM intact i WHERE i.number = r.number; DROP TABLE intact")
		ok(t, read())
	}
}
