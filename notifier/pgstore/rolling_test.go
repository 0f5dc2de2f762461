package pgstore_test

import (
	"fmt"
	"io/fs"
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/documents/value"
	"vestnik/notifier"
	"vestnik/notifier/pgstore"
)

// earlier is the room as the release before had it.
func earlier(t *testing.T) postgres.Room {
	t.Helper()
	const first = "00001_notifier.sql"
	text, err := fs.ReadFile(pgstore.Room().Migrations, first)
	ok(t, err)
	return postgres.Room{Name: "notifier", Migrations: fstest.MapFS{first: &fstest.MapFile{Data: text}}}
}

// What a node of the release before sends, as it was then.
const (
	earlierPerson  = "INSERT INTO recipients (number, external_id, revision, record) VALUES ($1, $2, $3, $4)"
	earlierReplace = `UPDATE recipients r SET revision = u.revision, record = u.record
		FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bytea[]) AS u(number, external_id, revision, record)
		WHERE r.number = u.number AND r.external_id = u.external_id AND r.revision = u.revision - 1`
	earlierLetter = "INSERT INTO letters (id, open, next, revision, record) VALUES ($1, $2, $3, $4, $5)"
	earlierDue    = "SELECT id::text AS k, record FROM letters WHERE next <= now() ORDER BY next, letters.id LIMIT 10"
)

func sealed(table string, k int64, v any) []byte {
	return value.Encode(fmt.Appendf(nil, "%s/%d", table, k), v)
}

// TestReleaseBeforeWorksOn migrates under a node of the release before. It goes on
// reading and writing, sends no letter that it has no words for, and what it
// writes over keeps what it knows nothing of.
func TestReleaseBeforeWorksOn(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	before := connect(t, url)
	ok(t, before.Migrate(t.Context(), earlier(t)))
	exec := func(sql string, args ...any) {
		t.Helper()
		if n, err := before.Exec(t.Context(), sql, args...); err != nil || n != 1 {
			t.Fatal(n, err)
		}
	}
	p := notifier.Recipient{Number: 1, ExternalID: "p1", Name: "one", Revision: 1}
	exec(earlierPerson, p.Number, []byte("p1"), 1, sealed("recipients", 1, p))
	exec("UPDATE counters SET n = n + 1 WHERE name = 'recipients'")
	s, _ := fresh(t, url)
	ok(t, before.Ready(t.Context(), earlier(t)))

	got, err := s.Recipient(t.Context(), 1)
	if err != nil || !reflect.DeepEqual(got, p) {
		t.Fatalf("got %+v, %v", got, err)
	}
	got.Revision, got.Key, got.NotMine, got.Corrected = 2, []byte("key"), "mac", map[string]string{"name": "was"}
	letters := []notifier.Letter{{Kind: notifier.LetterAct, State: notifier.Waiting, Next: at, Revision: 1}, {Kind: notifier.LetterTest, State: notifier.Waiting, Next: at, Revision: 1}}
	_, err = s.Act(t.Context(), notifier.Act{Recipient: &got, Letters: letters})
	ok(t, err)

	p.Revision, p.Name = 3, "another"
	exec(earlierReplace, []int64{1}, [][]byte{[]byte("p1")}, []int64{3}, [][]byte{sealed("recipients", 1, p)})
	exec(earlierPerson, 2, []byte("p2"), 1, sealed("recipients", 2, notifier.Recipient{Number: 2, ExternalID: "p2", Revision: 1}))
	exec("UPDATE counters SET n = n + 1 WHERE name = 'recipients'")
	exec(earlierLetter, 3, true, at, 1, sealed("letters", 3, notifier.Letter{ID: 3, Kind: notifier.LetterAlarm, State: notifier.Waiting, Next: at, Revision: 1}))
	var due []string
	ok(t, before.Query(t.Context(), earlierDue, nil, func(rows pgx.Rows) error {
		var k string
		var record []byte
		err := rows.Scan(&k, &record)
		due = append(due, k)
		return err
	}))
	if !reflect.DeepEqual(due, []string{"2", "3"}) {
		t.Errorf("the release before would send letters %v", due)
	}

	p.Key, p.NotMine, p.Corrected = got.Key, got.NotMine, got.Corrected
	if got, err := s.Recipient(t.Context(), 1); err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("after the release before: %+v, %v", got, err)
	}
	if all, err := s.Letters(t.Context(), at, 10); err != nil || len(all) != 3 {
		t.Errorf("letters: %+v, %v", all, err)
	}
	if next, err := s.PutRecipients(t.Context(), []notifier.Recipient{{ExternalID: "p3", Revision: 1}}); err != nil || next[0].Number != 3 {
		t.Errorf("the next number: %+v, %v", next, err)
	}
}
