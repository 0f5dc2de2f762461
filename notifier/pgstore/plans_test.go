package pgstore

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/notifier"
)

// crowd fills a schema with two notices to as many people: of the first nearly
// all have been told, of the second nearly nobody. Records are as long as those
// of a delivery that was accepted.
const crowd = `
	INSERT INTO recipients SELECT g, convert_to('p' || g, 'UTF8'), 1, decode(repeat('ab', 250), 'hex') FROM generate_series(1, %[1]d) g;
	INSERT INTO notices SELECT g, true, 1, decode(repeat('ab', 500), 'hex') FROM generate_series(1, 2) g;
	SELECT make_deliveries(g) FROM generate_series(1, 2) g;
	INSERT INTO deliveries
		SELECT n, g, state, '', CASE WHEN state IN ('waiting', 'deferred') THEN timestamptz '2026-11-22' END, 1, decode(repeat('ab', CASE WHEN state = 'accepted' THEN 700 ELSE 120 END), 'hex')
		FROM generate_series(1, 2) n, generate_series(1, %[1]d) g,
			LATERAL (SELECT CASE g %% (%[1]d / 5) WHEN 1 THEN 'failed' WHEN 2 THEN 'in-doubt' WHEN 3 THEN 'deferred' WHEN 4 THEN 'excluded' WHEN 5 THEN 'covered'
				WHEN 6 THEN CASE n WHEN 1 THEN 'waiting' ELSE 'accepted' END ELSE CASE n WHEN 1 THEN 'accepted' ELSE 'waiting' END END AS state) s;
	INSERT INTO chunks (notice, chunk, due)
		SELECT notice, (recipient - 1) / 128, min(next) FROM deliveries GROUP BY 1, 2;
	INSERT INTO tallies SELECT notice, ((recipient - 1) / 128) %% 32, state, detail, count(*) FROM deliveries GROUP BY 1, 2, 3, 4;
	INSERT INTO letters SELECT g, g %% 10000 = 1, CASE WHEN g %% 10000 = 1 THEN timestamptz '2026-11-22' END, 1, decode(repeat('ab', 300), 'hex') FROM generate_series(1, %[1]d / 10) g;
	INSERT INTO requests SELECT g, convert_to('c' || g, 'UTF8'), 1 + g / 4, CASE g %% (%[1]d / 5) WHEN 1 THEN 'open' WHEN 2 THEN 'refused' ELSE 'done' END::bytea,
		g %% (%[1]d / 5) IN (3, 4), 1, decode(repeat('ab', 300), 'hex') FROM generate_series(1, %[1]d) g;
	INSERT INTO tokens SELECT convert_to('n' || g, 'UTF8'), decode(repeat('ab', 100), 'hex') FROM generate_series(1, %[1]d) g;
	INSERT INTO links SELECT convert_to('h' || g, 'UTF8'), timestamptz '2026-11-22' + g * interval '1 s', decode(repeat('ab', 200), 'hex') FROM generate_series(1, %[1]d) g;
`

// statement is SQL as the store runs it, after what it sets before.
type statement struct {
	set, sql string
	args     []any
}

// asked are the statements of desk and senders, with values for a crowd.
func asked(count int64) map[string]statement {
	middle := fmt.Sprint(count / 2)
	until, now := time.Now().Add(time.Hour).Format(time.RFC3339), time.Now().Format(time.RFC3339)
	chunk := chunkOf(count / 2)
	first, last := span(chunk)
	three := fmt.Sprintf("{%s,%d,%d}", middle, count/2+1, count/2+2)
	all := map[string]statement{
		"Notices":         {"", noticesBelow, []any{0, 1 << 40, 100}},
		"Delivery":        {"", deliveryAt, []any{1, middle}},
		"Deliveries":      {"", deliveriesIn, []any{1, middle, 100}},
		"DeliveriesTo":    {"", deliveriesTo, []any{middle, 1 << 40, 100}},
		"Lease 1 chunk":   {"", freeChunk, []any{1, now}},
		"Lease 2 chunk":   {"", freeChunk, []any{2, now}},
		"Lease due":       {"", dueIn, []any{2, first, last, now, 100}},
		"Lease correct":   {"", correctDue, []any{1, chunk, first, last}},
		"Free":            {"", putBack, []any{1, chunk, 1, first, last}},
		"Renew":           {"", renew, []any{1, chunk, 1, now, until}},
		"Settle lock":     {once, lockRows, []any{1, three}},
		"Settle count":    {once, recount, []any{1, three, "{1,1,1}", "{failed,failed,failed}", "{a,b,c}"}},
		"Settle put":      {once, replaceRows, []any{1, three, "{failed,failed,failed}", "{a,b,c}", "{NULL,NULL,NULL}", "{2,2,2}", "{a,b,c}"}},
		"Owed":            {"", owed, []any{}},
		"Letters":         {"", lettersDue, []any{now, 10}},
		"Recipient":       {"", recipientAt, []any{middle}},
		"Recipients":      {"", recipientsAfter, []any{middle, 1000}},
		"RecipientsNamed": {"", recipientsNamed, []any{"{p1,p7,p" + middle + "}"}},
		"Recipients lock": {"", lockRecipients, []any{three}},
		"Token":           {"", tokenAt, []any{"h7"}},
		"Act link":        {"", spendLink, []any{"h7", now}},
		"Act links":       {"", endLinks, []any{"2026-11-22 00:01"}},
		"Act links all":   {"", endLinks, []any{"2100-01-01"}},
		"Act recipient":   {"", changeRecipient, []any{middle, "p" + middle, 2, "a", "b"}},
		"Act request":     {"", replaceRequest, []any{middle, "c" + middle, count/8 + 1, "open", false, 2, "a"}},
		"Request":         {"", requestAt, []any{middle}},
		"RequestCoded":    {"", requestCoded, []any{"c" + middle}},
		"Requests":        {"", requestsBelow, []any{middle, 100}},
		"Requests of":     {"", requestsOf, []any{1 << 40, 100, count / 8}},
		"Requests of, in": {"", requestsOfAndIn, []any{1 << 40, 100, count / 8, "open"}},
		"Requests open":   {"", requestsIn, []any{1 << 40, 100, "open"}},
		"Requests done":   {"", requestsIn, []any{middle, 100, "done"}},
		"Requests none":   {"", requestsIn, []any{middle, 100, "unknown"}},
		"Erasures":        {"", erasuresAfter, []any{0, 100}},
		"Erasures end":    {"", erasuresAfter, []any{count, 100}},
	}
	for _, s := range []notifier.DeliveryState{notifier.Deferred, notifier.InDoubt, notifier.Failed, notifier.Excluded, notifier.Covered, notifier.Accepted, notifier.Waiting} {
		all["Deliveries 1 "+string(s)] = statement{inOrder, inStates([]notifier.DeliveryState{s}), []any{1, 0, 100}}
		all["Deliveries 2 "+string(s)] = statement{inOrder, inStates([]notifier.DeliveryState{s}), []any{2, 0, 100}}
	}
	all["Deliveries 1 open"] = statement{inOrder, inStates([]notifier.DeliveryState{notifier.Waiting, notifier.Deferred, notifier.InDoubt}), []any{1, 0, 100}}
	return all
}

// explain runs a statement as a prepared one and returns its plan.
func explain(t testing.TB, conn *pgx.Conn, st statement) string {
	t.Helper()
	ctx := context.Background()
	var args []string
	for _, a := range st.args {
		args = append(args, fmt.Sprintf("'%v'", a))
	}
	list := ""
	if len(args) > 0 {
		list = "(" + strings.Join(args, ", ") + ")"
	}
	for _, s := range []string{"BEGIN", st.set, "PREPARE q AS " + st.sql} {
		if _, err := conn.Exec(ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	rows, _ := conn.Query(ctx, "EXPLAIN (ANALYZE, COSTS OFF, BUFFERS) EXECUTE q"+list, pgx.QueryExecModeSimpleProtocol)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", st.sql, err)
	}
	for _, s := range []string{"ROLLBACK", "DEALLOCATE q"} {
		if _, err := conn.Exec(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(lines, "\n")
}

var (
	// A scan of a table, of an index with most of it thrown away, or of more than a
	// page.
	scans = regexp.MustCompile(`Seq Scan on (deliveries|recipients|letters|chunks|requests|links|tokens)|Rows Removed by Filter: \d{4}|rows=\d{5}`)
	took  = regexp.MustCompile(`Execution Time: ([0-9.]+) ms`)
)

// plans fails where a statement reads a whole table, with the plan that is made
// for its values as with the one that is made for any, whether the database has
// looked at its tables since they grew or not.
func plans(t testing.TB, count int64) {
	c := postgrestest.Start(t, postgrestest.Options{Settings: map[string]string{"autovacuum": "off"}})
	url := c.Schema()
	db, err := postgres.Open(context.Background(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(context.Background(), Room()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), fmt.Sprintf(crowd, count)); err != nil {
		t.Fatal(err)
	}
	for _, known := range []string{"SELECT", "VACUUM ANALYZE"} {
		for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
			for _, s := range []string{known, "SET plan_cache_mode = " + mode} {
				if _, err := conn.Exec(context.Background(), s); err != nil {
					t.Fatal(err)
				}
			}
			for name, st := range asked(count) {
				plan := explain(t, conn, st)
				if scans.MatchString(plan) {
					t.Errorf("%s, %s, %s reads a whole table:\n%s", name, known, mode, plan)
				}
				t.Logf("%-26s %-14s %-18s %s ms", name, known, mode, took.FindStringSubmatch(plan)[1])
				if testing.Verbose() && known != "SELECT" {
					t.Logf("%s\n%s", st.sql, plan)
				}
			}
		}
	}
}

func TestPlansReadNoWholeTable(t *testing.T) { plans(t, 20_000) }

// BenchmarkPlans shows the plans and times of a million deliveries.
func BenchmarkPlans(b *testing.B) {
	for b.Loop() {
		plans(b, 1_000_000)
	}
}
