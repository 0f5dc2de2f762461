package pgstore_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"vestnik/documents"
	"vestnik/documents/postgres/postgrestest"
)

// of is an event of a log; lasting unless origin ends as a rehearsal's.
func of(origin string, v documents.Version) documents.Batch {
	return documents.Batch{Expect: -1, Key: "key", Entries: []documents.Entry{{Event: documents.Event{Origin: origin, Kind: documents.Published}, Version: &v}}}
}

func first(document string) documents.Version {
	return documents.Version{Document: document, Number: 1, Texts: []documents.Text{{Lang: "ru", Title: "T", Source: "Text."}}}
}

func TestServiceRoleOnlyAdds(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	_, service := migrated(t, c)
	sample(t, store(t, service.URL))
	conn := connect(t, service.URL)
	var denied []string
	for table, column := range map[string]string{
		"events": "record", "versions": "record", "texts": "source", "publication_audits": "record", "publication_keys": "record",
		"approvals": "record", "draft_texts": "source", "drafts": "record",
	} {
		denied = append(denied, "UPDATE "+table+" SET "+column+" = ''", "DELETE FROM "+table, "TRUNCATE "+table,
			"ALTER TABLE "+table+" DISABLE TRIGGER ALL", "DROP TABLE "+table)
	}
	denied = append(denied, "UPDATE texts SET clauses = ''", "UPDATE events SET origin = 'x/rehearsal'", "SELECT FROM events FOR UPDATE",
		"DELETE FROM documents", "DELETE FROM draft_heads", "DELETE FROM log_head", "INSERT INTO log_head (one) VALUES (true)", "TRUNCATE documents", "CREATE TABLE more (n int)",
		"CREATE OR REPLACE FUNCTION restart_log() RETURNS boolean LANGUAGE sql AS 'SELECT true'")
	for _, statement := range denied {
		var pe *pgconn.PgError
		_, err := conn.Exec(t.Context(), statement)
		if !errors.As(err, &pe) || pe.Code != "42501" {
			t.Errorf("%s: got %v, want that it is denied", statement, err)
		}
	}
}

// TestLastingLogIsNotRestarted tries what a service role that fell into wrong
// hands could: forged columns, forged events, tables of the same names before
// those of the schema.
func TestLastingLogIsNotRestarted(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	_, service := migrated(t, c)
	s := store(t, service.URL)
	if _, err := s.Append(t.Context(), of("example.kz/log", first("a"))); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, service.URL)
	for _, trick := range []string{
		"SELECT",
		"UPDATE log_head SET origin = 'example.kz/log/rehearsal'",
		"INSERT INTO events (seq, document, origin, record) VALUES (2, '', 'example.kz/log/rehearsal', '')",
		"CREATE TEMP TABLE events (origin text)",
		"CREATE FUNCTION pg_temp.yes(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
		"SET search_path = pg_temp",
	} {
		if _, err := conn.Exec(t.Context(), trick); err != nil {
			t.Fatal(trick, err)
		}
		var done bool
		schema := schemaOf(t, service.URL)
		if err := conn.QueryRow(t.Context(), "SELECT "+schema+".restart_log()").Scan(&done); err != nil || done {
			t.Fatalf("after %s: restarted %v, %v", trick, done, err)
		}
	}
	if e, err := s.Event(t.Context(), 1); err != nil || e.Origin != "example.kz/log" {
		t.Fatal(e, err)
	}
}

// TestStrangerMayNotRestart: whoever may connect may not call the function.
func TestStrangerMayNotRestart(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	owner, service := migrated(t, c)
	stranger := c.Role(service.URL, false)
	schema := schemaOf(t, owner.URL)
	c.Exec(t, "GRANT USAGE ON SCHEMA "+schema+" TO "+stranger.Name)
	var pe *pgconn.PgError
	if _, err := connect(t, stranger.URL).Exec(t.Context(), "SELECT restart_log()"); !errors.As(err, &pe) || pe.Code != "42501" {
		t.Fatalf("got %v", err)
	}
}

// TestServiceRoleAddsAtTheEnd: whoever has the role can write no event beyond the
// end of the log, and say nothing of who published what is there.
func TestServiceRoleAddsAtTheEnd(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	_, service := migrated(t, c)
	s := store(t, service.URL)
	b := of("example.kz/log", first("a"))
	more := first("b")
	b.Entries = append(b.Entries, documents.Entry{Event: documents.Event{Origin: "example.kz/log", Kind: documents.Published}, Version: &more})
	b.Audit.By = "saule"
	if _, err := s.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, service.URL)
	for _, forged := range []string{
		"INSERT INTO events (seq, document, origin, record) VALUES (4, '', 'x', '')",
		"CREATE TEMP TABLE events AS SELECT 8::bigint AS seq; INSERT INTO " + schemaOf(t, service.URL) + ".events (seq, document, origin, record) VALUES (9, '', 'x', '')",
		"INSERT INTO publication_audits (first, record) VALUES (2, '')",
		"INSERT INTO publication_audits (first, record) VALUES (3, '')",
	} {
		var pe *pgconn.PgError
		if _, err := conn.Exec(t.Context(), forged); !errors.As(err, &pe) || pe.Code != "P0001" {
			t.Errorf("%s: got %v, want that it is refused", forged, err)
		}
	}
	if _, err := conn.Exec(t.Context(), "UPDATE log_head SET seq = 7"); err != nil {
		t.Fatal(err)
	}
	b = of("example.kz/log", first("c"))
	b.Key = ""
	if events, err := s.Append(t.Context(), b); err == nil {
		t.Errorf("behind a forged end %d was appended", events[0].Seq)
	}
	if a, err := s.Audit(t.Context(), 2); err != nil || a.By != "saule" {
		t.Error(a, err)
	}
}
