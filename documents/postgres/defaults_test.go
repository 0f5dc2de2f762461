package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"vestnik/documents/postgres/postgrestest"
)

// TestRoleHasOtherDefaults: what a role or a database prefers does not change what
// a transaction promises.
func TestRoleHasOtherDefaults(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	role := c.Role(c.Schema(), true)
	for name, value := range map[string]string{"default_transaction_isolation": "'repeatable read'", "synchronous_commit": "off", "search_path": "public", "timezone": "'Asia/Almaty'"} {
		c.Exec(t, "ALTER ROLE "+role.Name+" SET "+name+" = "+value)
	}
	for _, url := range []string{role.URL, role.URL + "&default_transaction_isolation=serializable&options=-csynchronous_commit%3Doff"} {
		db := open(t, url)
		var got [2]string
		show := "SELECT current_setting('transaction_isolation'), current_setting('synchronous_commit')"
		must(t, db.Tx(t.Context(), func(tx pgx.Tx) error { return tx.QueryRow(t.Context(), show).Scan(&got[0], &got[1]) }))
		if want := [2]string{"read committed", "on"}; got != want {
			t.Errorf("transactions are %q, want %q", got, want)
		}
		must(t, db.Row(t.Context(), show, nil, &got[0], &got[1]))
		if want := [2]string{"read committed", "on"}; got != want {
			t.Errorf("statements by themselves are %q, want %q", got, want)
		}
	}
}
