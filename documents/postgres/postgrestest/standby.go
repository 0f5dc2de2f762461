package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Standby starts a synchronous standby: from now on a COMMIT on c waits until
// the standby has written it, and waits for ever once the standby is gone.
func (c *Cluster) Standby() *Cluster {
	c.t.Helper()
	s := plan(c.t)
	s.next = c.next
	primary := fmt.Sprintf("host=127.0.0.1 port=%d user=postgres application_name=standby%d sslmode=disable", c.port, s.port)
	out, err := c.command("pg_basebackup", "-d", primary, "-D", s.Data, "-X", "stream", "-c", "fast", "--no-sync").CombinedOutput()
	if err != nil {
		c.t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	settings := s.place()
	settings["primary_conninfo"], settings["synchronous_commit"], settings["wal_retrieve_retry_interval"] = primary, "on", "100ms"
	s.Configure(settings)
	s.signal()
	s.Run()
	c.Exec(c.t, "ALTER SYSTEM SET synchronous_commit = on", "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
	c.until("the standby is not synchronous", func() bool {
		return c.says("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming')")
	})
	return s
}

// signal makes the next Run that of a standby.
func (c *Cluster) signal() {
	c.t.Helper()
	path := filepath.Join(c.Data, "standby.signal")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		c.t.Fatal(err)
	}
	if c.as != nil {
		if err := os.Chown(path, int(c.as.Uid), int(c.as.Gid)); err != nil {
			c.t.Fatal(err)
		}
	}
}

// Promote makes a standby the primary. It waits for no standby of its own.
func (c *Cluster) Promote() {
	c.t.Helper()
	c.Exec(c.t, "SELECT pg_promote(true, 30)")
	c.until("the standby is not promoted", func() bool { return c.says("SELECT NOT pg_is_in_recovery()") })
}

// Demote makes every transaction that begins from now on read-only, on the
// connections that there are as on new ones, as a primary does that another one
// took over from.
func (c *Cluster) Demote() { c.readOnly("on") }

// Reinstate ends what Demote began.
func (c *Cluster) Reinstate() { c.readOnly("off") }

func (c *Cluster) readOnly(value string) {
	c.t.Helper()
	c.Exec(c.t, "SET default_transaction_read_only = off", "ALTER SYSTEM SET default_transaction_read_only = "+value, "SELECT pg_reload_conf()")
	c.until("the setting does not hold", func() bool {
		return c.says("SELECT current_setting('default_transaction_read_only') = '" + value + "'")
	})
}

// says runs a query whose answer is yes or no.
func (c *Cluster) says(query string) (yes bool) {
	c.t.Helper()
	conn, err := pgx.Connect(context.Background(), c.URL())
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), query).Scan(&yes); err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	return yes
}

// Join is a URL of several hosts: that of address first, then those of others.
func Join(address string, others ...*Cluster) string {
	u, err := url.Parse(address)
	if err != nil {
		panic("not a URL of this package")
	}
	for _, c := range others {
		u.Host += fmt.Sprintf(",127.0.0.1:%d", c.port)
	}
	q := u.Query()
	q.Set("target_session_attrs", "read-write")
	u.RawQuery = q.Encode()
	return u.String()
}

// Role is somebody who may sign in, without a password.
type Role struct{ Name, URL string }

// Role makes a role, no superuser, and its URL for the schema of address. If it
// owns, the schema is made for it or given to it; otherwise it may do nothing
// until it is granted something.
func (c *Cluster) Role(address string, owns bool) Role {
	c.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		c.t.Fatal(err)
	}
	name := fmt.Sprintf("role%d", c.next.Add(1))
	schema := pgx.Identifier{u.Query().Get("search_path")}.Sanitize()
	c.Exec(c.t, "CREATE ROLE "+name+" LOGIN")
	if owns {
		c.Exec(c.t, "CREATE SCHEMA IF NOT EXISTS "+schema, "ALTER SCHEMA "+schema+" OWNER TO "+name)
	}
	u.User = url.User(name)
	return Role{Name: name, URL: u.String()}
}

// Query is the first column of what the superuser's query answers, as text.
func (c *Cluster) Query(t testing.TB, query string) (lines []string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), c.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(context.Background(), query, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatalf("%s: %v", strings.TrimSpace(query), err)
	}
	lines, err = pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", strings.TrimSpace(query), err)
	}
	return lines
}
