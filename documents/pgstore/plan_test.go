package pgstore

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

// large fills the tables: 100,000 events, and as many versions, texts, drafts and
// approvals, of a thousand documents. No trigger is asked.
const large = `
SET session_replication_role = replica;
INSERT INTO events (seq, document, origin, record) SELECT n, 'd' || n % 1000, 'o', '' FROM generate_series(1, 100000) n;
INSERT INTO publication_audits (first, record) SELECT n, '' FROM generate_series(1, 100000) n;
INSERT INTO publication_keys (key, record) SELECT convert_to('k' || n, 'UTF8'), '' FROM generate_series(1, 100000) n;
INSERT INTO versions (document, number, record) SELECT 'd' || n % 1000, n / 1000, '' FROM generate_series(1000, 100999) n;
INSERT INTO texts (document, number, lang, source, clauses)
	SELECT 'd' || n % 1000, n / 1000, lang, '', '' FROM generate_series(1000, 100999) n, unnest(ARRAY['en', 'kk', 'ru']) lang;
INSERT INTO drafts (document, revision, record, standing) SELECT 'd' || n % 1000, n / 1000, '', '' FROM generate_series(1000, 100999) n;
INSERT INTO draft_texts (document, revision, lang, source) SELECT document, revision, 'ru', '' FROM drafts;
INSERT INTO approvals (document, revision, record) SELECT document, revision, '' FROM drafts;
INSERT INTO draft_heads (document, latest) SELECT document, max(revision) FROM drafts GROUP BY document;
INSERT INTO documents (id, revision, record) SELECT document, 1, '' FROM draft_heads;
ANALYZE;`

// TestQueriesUseIndexes: what readers and the desk ask for costs the same however
// long the log has become, planned for its arguments or once and for all.
func TestQueriesUseIndexes(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	db, err := postgres.Open(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(t.Context(), Room()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), large); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		if _, err := conn.Exec(t.Context(), "SET plan_cache_mode = "+mode); err != nil {
			t.Fatal(err)
		}
		for _, q := range []struct {
			query string
			args  []any
		}{
			{selectDocument, []any{"d7"}}, {selectDocuments, []any{"d7", 50}},
			{selectDraft, []any{"d7", 0}}, {selectDraft, []any{"d7", 50}}, {selectDrafts, []any{"d7", 50, 20}}, {selectApprovals, []any{"d7", 50}},
			{selectVersion, []any{"d7", 50}}, {selectVersions, []any{"d7", 10, 20}}, {selectTraces, []any{"d7", "ru", 10, 20}}, {selectLastNumber, []any{"d7"}},
			{selectEvent, []any{50000}}, {selectEvents, []any{50000, 100}}, {selectEventsOf, []any{"d7", 50000, 100}},
			{selectLast, nil}, {selectLastOf, []any{"d7"}}, {selectLastOf, []any{"none"}},
			{selectAudit, []any{50000}}, {selectKey, []any{[]byte("k7")}},
		} {
			indexed(t, conn, q.query, q.args)
		}
	}
}

// indexed fails if a query reads rows only to throw them away.
func indexed(t *testing.T, conn *pgx.Conn, query string, args []any) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "EXPLAIN "+query, args...)
	if err != nil {
		t.Fatal(query, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(query, err)
	}
	plan := strings.Join(lines, "\n")
	if strings.Contains(plan, "Seq Scan") || strings.Contains(plan, " Filter:") && !strings.Contains(plan, "One-Time Filter:") {
		t.Errorf("%s\n%s", query, plan)
	}
}
