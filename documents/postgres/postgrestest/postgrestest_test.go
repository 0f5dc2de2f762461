package postgrestest_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents/postgres/postgrestest"
)

func TestStandbyKeepsWhatWasAcknowledged(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	c.Exec(t, "CREATE TABLE kept (n int)")
	s := c.Standby()
	c.Exec(t, "INSERT INTO kept VALUES (1)")
	c.Kill()
	s.Promote()
	s.Exec(t, "INSERT INTO kept VALUES (2)")
	if got := strings.Join(s.Query(t, "SELECT n::text FROM kept ORDER BY n"), " "); got != "1 2" {
		t.Fatalf("kept: %s", got)
	}
}

func TestKillAndRun(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{Durable: true})
	c.Exec(t, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)")
	for range 3 {
		c.Kill()
		c.Run()
	}
	if got := c.Query(t, "SELECT n::text FROM kept"); len(got) != 1 {
		t.Fatal(got)
	}
	c.Demote()
	if got := c.Query(t, "SHOW transaction_read_only"); got[0] != "on" {
		t.Fatal(got)
	}
	c.Reinstate()
	c.Stop()
	c.Run()
	c.Exec(t, "INSERT INTO kept VALUES (2)")
}

func TestRoles(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	url := c.Schema()
	owner, service := c.Role(url, true), c.Role(url, false)
	if _, err := connect(t, owner.URL).Exec(t.Context(), "CREATE TABLE mine (n int)"); err != nil {
		t.Fatal(err)
	}
	if _, err := connect(t, service.URL).Exec(t.Context(), "SELECT n FROM mine"); err == nil {
		t.Fatal("a role without grants reads")
	}
}

func TestProxy(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	p := c.Proxy()
	conn := connect(t, p.Via(c.URL()))
	p.Stall()
	asked := make(chan error, 1)
	go func() { _, err := conn.Exec(context.Background(), "SELECT 1"); asked <- err }()
	select {
	case err := <-asked:
		t.Fatalf("an answer through a stalled proxy: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	p.Resume()
	if err := <-asked; err != nil {
		t.Fatal(err)
	}
	p.Reset()
	if _, err := conn.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Fatal("a connection outlived its reset")
	}
	conn = connect(t, p.Via(c.URL()))
	p.Cut()
	if _, err := conn.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Fatal("a connection outlived a cut")
	}
	if _, err := pgx.Connect(t.Context(), p.Via(c.URL())); err == nil {
		t.Fatal("a cut proxy lets in")
	}
	p.Heal()
	connect(t, p.Via(c.URL()))
}

// TestKilled looks after a test whose process is killed.
func TestKilled(t *testing.T) {
	if os.Getenv("VESTNIK_KILLED") != "" {
		c := postgrestest.Start(t, postgrestest.Options{})
		os.Stdout.WriteString(c.URL() + "\n")
		select {}
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), "VESTNIK_KILLED=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 200)
	n, err := out.Read(line)
	url := strings.TrimSpace(string(line[:n]))
	if err != nil || !strings.HasPrefix(url, "postgres://") {
		t.Fatal(url, err)
	}
	connect(t, url)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for deadline := time.Now().Add(20 * time.Second); ; {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			return
		}
		_ = conn.Close(t.Context())
		if time.Now().After(deadline) {
			t.Fatal("PostgreSQL outlives a killed test")
		}
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
