package main

import (
	"net/url"
	"sync"
	"testing"

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
