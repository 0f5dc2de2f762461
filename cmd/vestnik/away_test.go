package main

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vestnik/documents/postgres/postgrestest"
)

// TestRefusedDatabase: whatever keeps a process from its database is one sentence
// that says what to do, without the password and without what pgx tells of the way.
func TestRefusedDatabase(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{})
	owner := c.Schema()
	vestnik(t, 0, "migrate", "-store", inFile(t, owner))
	role := c.Role(owner, false)
	schema := c.Query(t, "SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 'server_settings'")[0]
	with := func(change func(*url.URL)) string {
		u, err := url.Parse(role.URL)
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	same := func(*url.URL) {}
	for _, one := range []struct {
		name   string
		before string // SQL
		change func(*url.URL)
		want   string
	}{
		{"granted nothing", "REVOKE ALL ON SCHEMA " + schema + " FROM " + role.Name, same, "run `vestnik migrate -store env:OWNER_URL -service ROLE`"},
		{"granted the schema alone", "GRANT USAGE ON SCHEMA " + schema + " TO " + role.Name, same, `may not do this \(permission denied for table`},
		{"no host", "", func(u *url.URL) { u.Host = "database.invalid" }, `does not answer \(database.invalid: .*\); see that it runs`},
		{"nobody there", "", func(u *url.URL) { u.Host = "127.0.0.1:1,127.0.0.1:2" }, `does not answer \(nobody listens there\); see that it runs`},
		{"no TLS", "", func(u *url.URL) { q := u.Query(); q.Set("sslmode", "require"); u.RawQuery = q.Encode() }, "does not speak TLS; turn it on"},
		{"no database", "", func(u *url.URL) { u.Path = "/nowhere" }, "there is no such database"},
		{"one connection", "GRANT SELECT ON ALL TABLES IN SCHEMA " + schema + " TO " + role.Name + "; ALTER ROLE " + role.Name + " CONNECTION LIMIT 1", same, "gives this process no second connection"},
		{"no connection", "ALTER ROLE " + role.Name + " CONNECTION LIMIT 0", same, `has no connection left \(too many connections .*\); raise max_connections`},
		{"read only", "ALTER ROLE " + role.Name + " CONNECTION LIMIT -1; ALTER ROLE " + role.Name + " SET default_transaction_read_only = on", same, "can only be read; name the host that takes writes"},
	} {
		if one.before != "" {
			c.Exec(t, strings.Split(one.before, "; ")...)
		}
		var out, errs strings.Builder
		code := run(t.Context(), []string{"notices", "-data", t.TempDir(), "-store", inFile(t, with(one.change))}, streams{strings.NewReader(""), &out, &errs})
		said := strings.TrimSpace(errs.String())
		last := said[strings.LastIndex(said, "\n")+1:] // below warnings
		if code != exitTrouble || !regexp.MustCompile(one.want).MatchString(last) {
			t.Errorf("%s: %d %s", one.name, code, said)
		}
		if regexp.MustCompile("SQLSTATE|failed to connect|dial|:secret@").MatchString(last) {
			t.Errorf("%s says too much: %s", one.name, last)
		}
	}
}

// inFile is -store for a URL.
func inFile(t *testing.T, url string) string {
	path := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(path, []byte(url), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file:" + path
}
