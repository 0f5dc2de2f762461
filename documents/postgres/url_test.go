package postgres

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"vestnik/documents"
)

const secret = "s3cr3t"

func TestURLRefused(t *testing.T) {
	for _, url := range []string{
		"", "vestnik", "mysql://u:s3cr3t@h/d", "host=h password=s3cr3t", "postgres:u:s3cr3t@h",
		"postgres://u:s3cr3t%zz@h/d", "postgres://u:s3cr3t/x@h/d", "postgres://u:x:s3cr3t@h:port/d", "postgres://u@h:s3cr3t/d", "postgres://u:s3cr3t@h/d?sslmode=verify-full&sslmode=disable",
		"postgres://u:s3cr3t@h:70000/d", "postgres://u:s3cr3t@h:1,h:2,h:3/d?port=s3cr3t", "postgres://u:s3cr3t@h/d?sslmode=maybe", "postgres://u:s3cr3t@h/d?sslmode=",
		"postgres://u:s3cr3t@h/d?search_path=", "postgres://u:s3cr3t@h/d?search_path=a,b", "postgres://u:s3cr3t@h/d?search_path=Vestnik",
		"postgres://u:s3cr3t@h/d?search_path=pg_catalog", `postgres://u:s3cr3t@h/d?search_path="x"`, "postgres://u:s3cr3t@h/d?search_path=x'y", "postgres://u:s3cr3t@h/d?search_path=x\n",
		"postgres://u:s3cr3t@h/d?search_path=information_schema", "postgres://u:s3cr3t@h/d?search_path=" + strings.Repeat("x", 64),
		"postgres://u:s3cr3t@h/d?pool_max_conns=0", "postgres://u:s3cr3t@h/d?pool_max_conns=s3cr3t", "postgres://u:s3cr3t@h/d?connect_timeout=5s",
		"postgres://u:s3cr3t@h/d?statement_timeout=30s", "postgres://u:s3cr3t@h/d?pool_max_conn_lifetime=s3cr3t",
		"postgres://u:s3cr3t@h/d?synchronous_commit=off", "postgres://u:s3cr3t@h/d?synchronous_commit=0",
		"postgres://u:s3cr3t@h/d?target_session_attrs=standby", "postgres://u:s3cr3t@h/d?target_session_attrs=read-only",
		"postgres://u:s3cr3t@h/d?sslrootcert=/nowhere/s3cr3t.pem",
	} {
		_, _, err := parse(url)
		var refusal *documents.InvalidError
		if !errors.As(err, &refusal) {
			t.Errorf("%q is not refused: %v", url, err)
			continue
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q: the refusal repeats it: %v", url, err)
		}
	}
}

// TestURLTLS: mode is what may be spoken, "" nothing of TLS, "verify" that and
// nothing else.
func TestURLTLS(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://u@db.example.kz/d":                             "verify",
		"postgres://u@10.0.0.1/d":                                  "verify",
		"postgres://u@localhost:1,db.example.kz:2/d":               "verify",
		"postgresql://u@/d?host=db.example.kz":                     "verify",
		"postgres://u@[2001:db8::1]:5432/d":                        "verify",
		"postgres://u@db.example.kz/d?sslmode=require":             "unverified",
		"postgres://u@db.example.kz/d?sslmode=disable":             "plain",
		"postgres://u@db.example.kz/d?sslmode=prefer":              "unverified plain",
		"postgres://u@127.0.0.1/d":                                 "unverified plain",
		"postgres://u@127.0.0.1/d?sslmode=disable":                 "plain",
		"postgres://u@localhost,[::1]/d?sslmode=verify-full":       "verify",
		"postgres:///d?host=/var/run/postgresql":                   "plain",
		"postgres://u@%2Fvar%2Frun%2Fpostgresql/d?sslmode=disable": "plain",
	} {
		c, _, err := parse(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		spoken := map[string]bool{}
		for _, f := range append(c.ConnConfig.Fallbacks, &pgconn.FallbackConfig{TLSConfig: c.ConnConfig.TLSConfig}) {
			switch {
			case f.TLSConfig == nil:
				spoken["plain"] = true
			case f.TLSConfig.InsecureSkipVerify:
				spoken["unverified"] = true
			default:
				spoken["verify"] = true
			}
		}
		for _, mode := range []string{"verify", "unverified", "plain"} {
			if spoken[mode] != strings.Contains(" "+want+" ", " "+mode+" ") {
				t.Errorf("%s: %s is %v, want %s", url, mode, spoken[mode], want)
			}
		}
	}
}

func TestURLDefaults(t *testing.T) {
	c, silence, err := parse("postgres://u@127.0.0.1:1,127.0.0.1:2/d?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	conn := c.ConnConfig
	if c.MaxConns != 16 || conn.ConnectTimeout != 5*time.Second || conn.ValidateConnect == nil || silence != 40*time.Second || len(conn.Fallbacks) != 1 ||
		c.MaxConnLifetimeJitter == 0 || conn.RuntimeParams["search_path"] != "vestnik" || conn.RuntimeParams["statement_timeout"] != "30000" {
		t.Fatal(c.MaxConns, conn.ConnectTimeout, silence, len(conn.Fallbacks), conn.RuntimeParams)
	}
	c, silence, err = parse("postgres://u@127.0.0.1/d?sslmode=disable&pool_max_conns=3&connect_timeout=9&search_path=other&statement_timeout=0&pool_max_conn_lifetime=2m")
	if err != nil {
		t.Fatal(err)
	}
	conn = c.ConnConfig
	if c.MaxConns != 3 || conn.ConnectTimeout != 9*time.Second || silence != 0 || conn.RuntimeParams["search_path"] != "other" || c.MaxConnLifetime != 2*time.Minute {
		t.Fatal(c.MaxConns, conn.ConnectTimeout, silence, c.MaxConnLifetime, conn.RuntimeParams)
	}
}
