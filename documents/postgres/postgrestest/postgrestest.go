// Package postgrestest starts PostgreSQL clusters of a test's own, from Debian's
// packages, in temporary folders and on free ports: never the system's.
//
//	c := postgrestest.Start(t, postgrestest.Options{})
//	url := c.Schema()             // the superuser's, with a schema of its own
//	owner := c.Role(url, true)    // Role{Name, URL}: owns the schema, no superuser
//	service := c.Role(url, false) // has only what is granted, see DB.Grant
//
//	p := c.Proxy()                // stands between a node and the database
//	p.Via(url)                    // the same URL through the proxy
//	p.Stall(), p.Resume()         // nothing passes and nothing is closed
//	p.Reset()                     // RST to all connections; new ones are let in
//	p.Cut(), p.Heal()             // closes all and refuses; lets in again
//
//	c.Kill(), c.Run()             // kill -9 of all processes; start again
//	c.Stop(), c.Run()             // in order
//	c.Demote(), c.Reinstate()     // read-only, on the connections there are too
//	c.Exec(t, …), c.Query(t, …)   // as the superuser
//	s := c.Standby()              // synchronous: a COMMIT waits for it
//	c.Kill(), s.Promote()         // what was acknowledged is there
//	postgrestest.Join(url, s)     // a URL of several hosts: that of url, then s
//
// Everything ends with the test, even one that is killed.
package postgrestest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Cluster is a PostgreSQL of this test's own.
type Cluster struct {
	t    testing.TB
	Data string // its folder
	port int
	bin  string
	as   *syscall.Credential
	next *atomic.Int64 // numbers schemas and roles; a standby's are its primary's

	cmd  *exec.Cmd
	gone chan struct{} // closed when cmd has ended
	log  *bytes.Buffer // may be read once gone is closed
}

// Options of Start.
type Options struct {
	// Durable keeps fsync on. A test that kills processes does not need it: what
	// they wrote the machine still has.
	Durable bool
	// Settings are lines of postgresql.conf.
	Settings map[string]string
}

// Start starts a cluster that ends with the test.
func Start(t testing.TB, o Options) *Cluster {
	t.Helper()
	c := plan(t)
	c.initdb()
	settings := map[string]string{"max_connections": "300", "shared_buffers": "64MB", "logging_collector": "off", "log_min_messages": "warning"}
	if !o.Durable {
		settings["fsync"], settings["full_page_writes"] = "off", "off"
	}
	for k, v := range o.Settings {
		settings[k] = v
	}
	c.Configure(c.place())
	c.Configure(settings)
	c.Run()
	return c
}

// plan is a cluster whose folder is still to be filled.
func plan(t testing.TB) *Cluster {
	t.Helper()
	as := runAs(t)
	return &Cluster{t: t, Data: filepath.Join(folder(t, as), "data"), port: freePort(t), bin: binaries(t), as: as, next: new(atomic.Int64)}
}

// place are the settings of where it is reached.
func (c *Cluster) place() map[string]string {
	return map[string]string{"port": strconv.Itoa(c.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": filepath.Dir(c.Data)}
}

// binaries is the folder of the newest PostgreSQL that is installed.
func binaries(t testing.TB) string {
	t.Helper()
	newest, best := "", 0
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	for _, path := range found {
		bin := filepath.Dir(path)
		if n, err := strconv.Atoi(filepath.Base(filepath.Dir(bin))); err == nil && n > best {
			newest, best = bin, n
		}
	}
	if newest == "" {
		path, err := exec.LookPath("initdb")
		if err != nil {
			t.Fatal("PostgreSQL is missing: install Debian's package postgresql")
		}
		newest = filepath.Dir(path)
	}
	return newest
}

// runAs is who PostgreSQL runs as, for it refuses root. nil is whoever runs the
// test.
func runAs(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal("PostgreSQL refuses to run as root, and there is no user postgres, which Debian's package makes")
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// command is a program of PostgreSQL's, or of the system's, as the user whom
// PostgreSQL runs as.
func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	if path := filepath.Join(c.bin, name); exists(path) {
		name = path
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// template is a fresh data folder, packed, made once in a process.
var template struct {
	once sync.Once
	tar  []byte
	err  error
}

// initdb makes the data folder. Half a second of work is done once and copied.
func (c *Cluster) initdb() {
	c.t.Helper()
	template.once.Do(func() {
		cmd := c.command("initdb", "-D", c.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
		if out, err := cmd.CombinedOutput(); err != nil {
			template.err = fmt.Errorf("initdb: %w\n%s", err, out)
			return
		}
		template.tar, template.err = c.command("tar", "-C", c.Data, "-c", ".").Output()
	})
	if template.err != nil {
		c.t.Fatal(template.err)
	}
	if exists(c.Data) {
		return
	}
	cmd := c.command("sh", "-c", `mkdir -m 700 "$0" && tar -C "$0" -x`, c.Data)
	cmd.Stdin = bytes.NewReader(template.tar)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("unpack the data folder: %v\n%s", err, out)
	}
}

// Configure appends settings, which hold from the next Run.
func (c *Cluster) Configure(settings map[string]string) {
	c.t.Helper()
	f, err := os.OpenFile(filepath.Join(c.Data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	defer f.Close()
	for k, v := range settings {
		if _, err := fmt.Fprintf(f, "%s = '%s'\n", k, strings.ReplaceAll(v, "'", "''")); err != nil {
			c.t.Fatal(err)
		}
	}
}

// URL is the superuser's, without a schema.
func (c *Cluster) URL() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", c.port)
}

// Schema is the URL of a schema of this test's own, which is not there yet.
func (c *Cluster) Schema() string {
	return fmt.Sprintf("%s&search_path=t%d", c.URL(), c.next.Add(1))
}

// Exec runs statements as the superuser.
func (c *Cluster) Exec(t testing.TB, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), c.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, s := range statements {
		if _, err := conn.Exec(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", strings.TrimSpace(s), err)
		}
	}
}
