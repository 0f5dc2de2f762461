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
		{"service", "TRUNCATE requests", "42501"},
		{"service", "INSERT INTO counters VALUES ('x', 1)", "42501"},
		{"service", "ALTER FUNCTION make_deliveries(bigint) SECURITY INVOKER", "42501"},
		{"stranger", "SELECT make_deliveries(1)", "42501"},
		{"stranger", "SELECT * FROM recipients", "42501"},
		{"stranger", "SELECT * FROM requests", "42501"},
		{"stranger", "SELECT * FROM links", "42501"},
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

// TestDamageIsRecognised harms each table in each way, and reads it in every way.
func TestDamageIsRecognised(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	s, _ := fresh(t, url)
	ctx := context.Background()
	_, err := s.PutRecipients(ctx, []notifier.Recipient{{ExternalID: "p1", Key: []byte("k1"), Revision: 1}, {ExternalID: "p2", Key: []byte("k2"), Revision: 1}})
	ok(t, err)
	for _, code := range []string{"c1", "c2"} {
		_, err := s.Act(ctx, notifier.Act{
			Request: &notifier.Request{Code: code, Recipient: 1, Kind: notifier.RequestErase, State: notifier.RequestDone, Revision: 1},
			Tokens:  []notifier.Token{{Hash: "h" + code[1:], Until: at, Purpose: notifier.LinkAct}},
		})
		ok(t, err)
	}
	_, schema, _ := strings.Cut(url, "search_path=")
	dump := func() error { return s.Dump(ctx, io.Discard) }
	recipient := func() error { _, err := s.Recipient(ctx, 1); return err }
	for _, at := range []struct {
		table, column, first, second string
		reads                        []func() error
	}{
		{"recipients", "record", "number = 1", "number = 2", []func() error{dump, recipient}},
		{"recipients", "personal", "number = 1", "number = 2", []func() error{dump, recipient}},
		{"links", "record", "hash = 'h1'", "hash = 'h2'", []func() error{func() error { _, err := s.Token(ctx, "h1"); return err }}},
		{"requests", "record", "id = 1", "id = 2", []func() error{dump,
			func() error { _, err := s.Request(ctx, 1); return err },
			func() error { _, err := s.RequestCoded(ctx, "c1"); return err },
			func() error { _, err := s.Requests(ctx, notifier.RequestQuery{Recipient: 1, Limit: 9}); return err },
			func() error { _, err := s.Erasures(ctx, 0, 9); return err },
		}},
	} {
		in := strings.NewReplacer("{table}", schema+"."+at.table, "{column}", at.column, "{first}", at.first, "{second}", at.second).Replace
		for name, harm := range map[string]string{
			"a bit":       "UPDATE {table} SET {column} = set_bit({column}, 20, 1 - get_bit({column}, 20)) WHERE {first}",
			"the end":     "UPDATE {table} SET {column} = substring({column} FOR 3) WHERE {first}",
			"a neighbour": "UPDATE {table} SET {column} = (SELECT {column} FROM {table} WHERE {second}) WHERE {first}",
		} {
			c.Exec(t, in("CREATE TABLE intact AS SELECT {column} FROM {table} WHERE {first}"), in(harm))
			for i, read := range at.reads {
				if err := read(); !errors.Is(err, value.ErrDamaged) {
					t.Errorf("%s of %s.%s, read in way %d: got %v, want damage", name, at.table, at.column, i, err)
				}
			}
			c.Exec(t, in("UPDATE {table} SET {column} = (SELECT {column} FROM intact) WHERE {first}"), "DROP TABLE intact")
			for _, read := range at.reads {
				ok(t, read())
			}
		}
	}
}
