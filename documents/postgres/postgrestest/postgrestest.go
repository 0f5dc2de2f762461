// Package postgrestest starts PostgreSQL clusters of a test's own, from Debian's
// packages, in temporary folders and on free ports: never the system's.
package postgrestest

import (
	"bytes"
	"context"
	"fmt"
	"net"
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
	"time"

	"github.com/jackc/pgx/v5"
)

// Cluster is a running PostgreSQL.
type Cluster struct {
	t    *testing.T
	Data string // its folder
	Port int
	bin  string
	cmd  *exec.Cmd
	gone chan struct{} // closed when cmd has ended
	log  *bytes.Buffer
	next atomic.Int64
}

// Options of Start.
type Options struct {
	// Durable keeps fsync on, for tests that kill the server.
	Durable bool
	// Settings are lines of postgresql.conf.
	Settings map[string]string
}

// Start starts a cluster that ends with the test.
func Start(t *testing.T, o Options) *Cluster {
	t.Helper()
	bin := binaries(t)
	home := folder(t)
	c := &Cluster{t: t, Data: filepath.Join(home, "data"), Port: freePort(t), bin: bin}
	c.initdb()
	settings := map[string]string{
		"port": strconv.Itoa(c.Port), "listen_addresses": "127.0.0.1", "unix_socket_directories": home,
		"max_connections": "300", "shared_buffers": "64MB", "logging_collector": "off", "log_min_messages": "warning",
	}
	if !o.Durable {
		settings["fsync"], settings["synchronous_commit"], settings["full_page_writes"] = "off", "off", "off"
	}
	for k, v := range o.Settings {
		settings[k] = v
	}
	c.Configure(settings)
	c.Run()
	return c
}

// binaries is the folder of the newest PostgreSQL that is installed.
func binaries(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		if p, err := exec.LookPath("initdb"); err == nil {
			found = []string{p}
		}
	}
	if len(found) == 0 {
		t.Fatal("PostgreSQL is missing: install Debian's package postgresql")
	}
	return filepath.Dir(found[len(found)-1])
}

// folder is a temporary one that the user whom PostgreSQL runs as may enter.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vestnik-postgres-") // short: the path of a socket has little room
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if u := runAs(t); u != nil {
		if err := os.Chown(dir, int(u.Uid), int(u.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runAs is who PostgreSQL runs as, for it refuses root. nil is whoever runs the
// test.
func runAs(t *testing.T) *syscall.Credential {
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

func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: runAs(c.t)}
	return cmd
}

// template is a fresh data folder, made once in a process.
var template struct {
	once sync.Once
	tar  []byte
	err  error
}

// initdb makes the data folder. A second of work is done once and copied.
func (c *Cluster) initdb() {
	c.t.Helper()
	template.once.Do(func() {
		cmd := c.command("initdb", "-D", c.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
		if out, err := cmd.CombinedOutput(); err != nil {
			template.err = fmt.Errorf("initdb: %w\n%s", err, out)
			return
		}
		template.tar, template.err = c.plain("tar", "-C", c.Data, "-c", ".").Output()
	})
	if template.err != nil {
		c.t.Fatal(template.err)
	}
	if _, err := os.Stat(c.Data); err == nil {
		return
	}
	cmd := c.plain("sh", "-c", `mkdir -m 700 "$0" && tar -C "$0" -x`, c.Data)
	cmd.Stdin = bytes.NewReader(template.tar)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("unpack the data folder: %v\n%s", err, out)
	}
}

// plain is a command of the system, as the user whom PostgreSQL runs as.
func (c *Cluster) plain(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: runAs(c.t)}
	return cmd
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

// Run starts the server and waits until it answers.
func (c *Cluster) Run() {
	c.t.Helper()
	c.log = &bytes.Buffer{}
	c.cmd = c.command("postgres", "-D", c.Data)
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	cmd, gone := c.cmd, make(chan struct{})
	c.gone = gone
	go func() { cmd.Wait(); close(gone) }()
	c.t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGQUIT) // at once; the data are thrown away
		<-gone
	})
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		conn, err := pgx.Connect(context.Background(), c.URL())
		if err == nil {
			conn.Close(context.Background())
			return
		}
		select {
		case <-gone:
			c.t.Fatalf("PostgreSQL ended:\n%s", c.log)
		case <-time.After(20 * time.Millisecond):
		}
	}
	c.t.Fatal("PostgreSQL does not answer")
}

// Kill ends all of its processes at once, as a power failure would.
func (c *Cluster) Kill() {
	c.t.Helper()
	c.cmd.Process.Kill()
	<-c.gone
	// The children notice that the postmaster is gone, and end; the next Run needs
	// their shared memory to be free.
	deadline := time.Now().Add(10 * time.Second)
	for c.plain("pgrep", "-f", c.Data).Run() == nil && time.Now().Before(deadline) {
		c.plain("pkill", "-9", "-f", c.Data).Run()
		<-time.After(20 * time.Millisecond)
	}
	os.Remove(filepath.Join(c.Data, "postmaster.pid"))
}

// URL is the superuser's, without a schema.
func (c *Cluster) URL() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", c.Port)
}

// Schema is the URL of a schema of this test's own, which is not there yet.
func (c *Cluster) Schema() string {
	return fmt.Sprintf("%s&search_path=t%d", c.URL(), c.next.Add(1))
}

// Exec runs statements as the superuser.
func (c *Cluster) Exec(t *testing.T, statements ...string) {
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

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
