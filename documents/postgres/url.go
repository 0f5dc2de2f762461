package postgres

import (
	"cmp"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"vestnik/documents"
)

// Schema is where everything lies if the URL has no search_path.
const Schema = "vestnik"

// The defaults of what a URL may say.
const (
	poolSize       = 16              // pool_max_conns
	connectTimeout = 5 * time.Second // connect_timeout, for each host
	// statementTimeout (statement_timeout) bounds one statement, on the server; no
	// ordinary one takes a hundredth of it. It bounds no COMMIT: one that was given
	// up may have been kept, and a standby may be what it waits for.
	statementTimeout = 30 * time.Second
	// idleTimeout (idle_in_transaction_session_timeout) bounds how long a node that
	// stands still keeps its locks, such as that of the end of the log: shorter than
	// statementTimeout, so that those who wait for them get through.
	idleTimeout = 15 * time.Second
	// lifetime (pool_max_conn_lifetime) of a connection, up to a quarter longer by
	// chance, so that not all are made anew together.
	lifetime    = 30 * time.Minute
	pingTimeout = 5 * time.Second // pool_ping_timeout
)

var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// plain tells whether a schema may be called so, which needs no quotes then.
func plain(schema string) bool {
	return identifier.MatchString(schema) && !strings.HasPrefix(schema, "pg_") && schema != "information_schema"
}

func invalid(reason string) error {
	return &documents.InvalidError{Field: "store", Reason: reason}
}

// parse reads the URL of a database. Nothing that it says repeats what may be a
// password. silence is how long a connection waits for an answer.
func parse(address string) (c *pgxpool.Config, silence time.Duration, err error) {
	address = strings.TrimSuffix(address, "?")
	q, err := parameters(address)
	if err != nil {
		return nil, 0, err
	}
	if err := check(q); err != nil {
		return nil, 0, err
	}
	if c, err = pgxpool.ParseConfig(address); err == nil && !local(c) && !q.Has("sslmode") && !q.Has("ssl") && os.Getenv("PGSSLMODE") == "" {
		mark := "?"
		if len(q) > 0 {
			mark = "&"
		}
		c, err = pgxpool.ParseConfig(address + mark + "sslmode=verify-full")
	}
	if err != nil {
		return nil, 0, invalid("the URL of the database has a host, a port or a parameter that cannot be read; write postgres://user@host:5432/database?sslmode=verify-full, with special characters of a password as %XX")
	}
	silence, err = defaults(c, q)
	return c, silence, err
}

// parameters are what follows the question mark. A URL of several hosts is none
// of net/url's.
func parameters(address string) (url.Values, error) {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || scheme != "postgres" && scheme != "postgresql" {
		return nil, invalid("the URL of the database must be of the form postgres://user@host/database")
	}
	if i := strings.IndexAny(rest, "@/"); i >= 0 && rest[i] == '@' {
		rest = rest[i+1:]
	}
	_, query, _ := strings.Cut(rest, "?")
	q, err := url.ParseQuery(query)
	for _, values := range q {
		if len(values) > 1 {
			err = errors.New("twice")
		}
	}
	if err != nil {
		return nil, invalid("the parameters of the URL of the database cannot be read; write each once, as ?name=value&name=value")
	}
	return q, nil
}

// check refuses what would otherwise fail later, or not at all.
func check(q url.Values) error {
	if s := q.Get("search_path"); q.Has("search_path") && !plain(s) {
		return invalid("search_path must be the name of one schema, of lower-case letters, digits and _, that does not begin with pg_")
	}
	modes := []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
	if s := q.Get("sslmode"); q.Has("sslmode") && !slices.Contains(modes, s) {
		return invalid("sslmode must be one of " + strings.Join(modes, ", "))
	}
	for _, name := range []string{"sslrootcert", "sslcert", "sslkey"} {
		if s := q.Get(name); s != "" && s != "system" {
			if f, err := os.Open(filepath.Clean(s)); err != nil {
				return invalid(name + " names a file that cannot be read")
			} else {
				_ = f.Close()
			}
		}
	}
	for name, least := range map[string]int{"pool_max_conns": 1, "connect_timeout": 1, "statement_timeout": 0, "idle_in_transaction_session_timeout": 0} {
		if n, err := strconv.Atoi(q.Get(name)); q.Has(name) && (err != nil || n < least || n > 1<<30) {
			return invalid(name + " must be a whole number, at least " + strconv.Itoa(least))
		}
	}
	if s := q.Get("synchronous_commit"); q.Has("synchronous_commit") && !slices.Contains([]string{"on", "local", "remote_write", "remote_apply"}, s) {
		return invalid("synchronous_commit must be on, local, remote_write or remote_apply: what is acknowledged must be on disk")
	}
	if s := q.Get("target_session_attrs"); q.Has("target_session_attrs") && s != "read-write" && s != "primary" && s != "any" {
		return invalid("target_session_attrs must be read-write, for everything is written to one host")
	}
	return nil
}

// local tells whether every host is this machine.
func local(c *pgxpool.Config) bool {
	here := func(host string) bool {
		network, _ := pgconn.NetworkAddress(host, 1)
		return network == "unix" || host == "localhost" || net.ParseIP(host).IsLoopback()
	}
	return here(c.ConnConfig.Host) && !slices.ContainsFunc(c.ConnConfig.Fallbacks, func(f *pgconn.FallbackConfig) bool { return !here(f.Host) })
}

// defaults fills in what the URL leaves open.
func defaults(c *pgxpool.Config, q url.Values) (silence time.Duration, err error) {
	if !q.Has("pool_max_conns") {
		c.MaxConns = poolSize
	}
	if !q.Has("pool_max_conn_lifetime") {
		c.MaxConnLifetime = lifetime
	}
	if !q.Has("pool_max_conn_lifetime_jitter") {
		c.MaxConnLifetimeJitter = c.MaxConnLifetime / 4
	}
	c.PingTimeout = cmp.Or(c.PingTimeout, pingTimeout)
	conn := c.ConnConfig
	conn.ConnectTimeout = cmp.Or(conn.ConnectTimeout, connectTimeout)
	if conn.ValidateConnect == nil {
		conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	params := conn.RuntimeParams
	for name, value := range map[string]string{
		"search_path": Schema, "application_name": "vestnik", "timezone": "UTC",
		"statement_timeout":                   milliseconds(statementTimeout),
		"idle_in_transaction_session_timeout": milliseconds(idleTimeout),
		"synchronous_commit":                  "on", // a role may turn it off for itself
		// The server, too, must notice that a node's machine vanished: locks and
		// leases of its session are free then.
		"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3", "tcp_user_timeout": milliseconds(vanished),
	} {
		params[name] = cmp.Or(params[name], value)
	}
	// Whoever waited for a lock must then see what the one before committed,
	// whatever is the default of the role or the database.
	params["default_transaction_isolation"] = "read committed"
	n, err := strconv.Atoi(params["statement_timeout"])
	if err != nil {
		return 0, invalid("statement_timeout must be a whole number of milliseconds")
	}
	if n > 0 {
		silence = time.Duration(n) * time.Millisecond * 4 / 3 // the server has the first word
	}
	conn.DialFunc = dial(silence)
	return silence, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
