package main

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"vestnik/documents/postgres/postgrestest"
)

// scriptDatabases is a cluster that is started for the first script that needs it.
type scriptDatabases struct {
	t    *testing.T
	once sync.Once
	c    *postgrestest.Cluster
}

func (d *scriptDatabases) cluster() *postgrestest.Cluster {
	d.once.Do(func() { d.c = postgrestest.Start(d.t, postgrestest.Options{}) })
	return d.c
}

// database NAME: $NAME is the URL of a schema of its own, which is not there yet.
func (d *scriptDatabases) database(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], d.cluster().Schema())
}

// role NAME DATABASE owner|service: $NAME is the URL of a new role, which owns the
// schema of $DATABASE or may do nothing there yet, and $NAME_ROLE its name.
func (d *scriptDatabases) role(ts *testscript.TestScript, _ bool, args []string) {
	r := d.cluster().Role(ts.Getenv(args[1]), args[2] == "owner")
	ts.Setenv(args[0], r.URL)
	ts.Setenv(args[0]+"_ROLE", r.Name)
}

// sql DATABASE STATEMENT...: as the superuser, in the schema of $DATABASE.
func (d *scriptDatabases) sql(ts *testscript.TestScript, _ bool, args []string) {
	u, err := url.Parse(ts.Getenv(args[0]))
	ts.Check(err)
	d.cluster().Exec(d.t, append([]string{"SET search_path = " + u.Query().Get("search_path")}, args[1:]...)...)
}

// Of several nodes that begin at once on an empty database one makes the
// installation; the others leave no keys of their own behind.
func TestNodesRaceToCreate(t *testing.T) {
	url := postgrestest.Start(t, postgrestest.Options{}).Schema()
	t.Setenv("RACED_DATABASE", url)
	type ended struct {
		dir  folder
		code int
		errs string
	}
	all := make(chan ended)
	for range 4 {
		dir := filepath.Join(t.TempDir(), "data")
		go func() {
			code, _, errs := outcome(t, "settings", "-data", dir, "-store", "env:RACED_DATABASE", "hold=0")
			all <- ended{folder(dir), code, errs}
		}()
	}
	made := 0
	for range 4 {
		e := <-all
		switch {
		case e.code == 0:
			made++
		case !strings.Contains(e.errs, "copy keys/ from"):
			t.Errorf("a node that was slower says: %s", e.errs)
		case exists(e.dir.logKey()) || exists(e.dir.tokenKey()):
			t.Error("a node that was slower keeps keys of its own")
		}
	}
	if made != 1 {
		t.Errorf("%d nodes made the installation", made)
	}
}

// While a node drains it answers; a second signal does not wait for that.
func TestSecondSignal(t *testing.T) {
	p := newProgram(t, "-drain", "1h")
	p.start()
	p.cmd.Process.Signal(syscall.SIGTERM)
	for late := time.After(20 * time.Second); ; {
		resp, err := http.Get("http://" + p.addr + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusServiceUnavailable {
			break
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-late:
			t.Fatal("it does not say that it leaves")
		}
	}
	gone := make(chan struct{})
	go func() { p.cmd.Wait(); close(gone) }()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		p.cmd.Process.Kill()
		t.Fatal("a second signal does not end it")
	}
}
