package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts in testdata/script drive the program as a person does, in a folder
// of their own with an empty home. $ADDR is a free address on loopback. Those that
// TestScriptsOnPostgreSQL names run there too: where a line does not say -store,
// the program is given the database.
func TestMain(m *testing.M) {
	testscript.Main(building{m}, map[string]func(){"vestnik": func() {
		if store := os.Getenv(testStore); store != "" && len(os.Args) > 1 && takesStore(os.Args[1]) && !slices.Contains(os.Args, "-store") {
			os.Args = slices.Insert(os.Args, 2, "-store", store)
		}
		main()
	}})
}

const testStore = "VESTNIK_TEST_STORE"

func takesStore(name string) bool {
	for _, c := range commands() {
		if c.name == name {
			f := flag.NewFlagSet(name, flag.ContinueOnError)
			c.setup(f)
			return f.Lookup("store") != nil
		}
	}
	return false
}

func TestScripts(t *testing.T) { runScripts(t, "testdata/script", nil) }

// onBoth are the scripts that say the same of either engine.
var onBoth = []string{"badinput", "desk", "notices", "path", "recipients"}

func TestScriptsOnPostgreSQL(t *testing.T) {
	var files []string
	for _, name := range onBoth {
		files = append(files, filepath.Join("testdata/script", name+".txtar"))
	}
	runScripts(t, "", files)
}

// runScripts runs those in dir on bbolt, or files on PostgreSQL.
func runScripts(t *testing.T, dir string, files []string) {
	shared := len(files) > 0
	databases := &scriptDatabases{t: t}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		Files:               files,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		ContinueOnError:     true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("ADDR", freeAddr(t))
			e.Setenv("NOPORT", freeAddr(t))
			// The race detector lets a program linger for a second at its end.
			e.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
			e.Values["relay"] = &relaySlot{}
			if shared {
				e.Setenv("DATABASE_URL", databases.cluster().Schema())
				e.Setenv(testStore, "env:DATABASE_URL")
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "bolt" {
				return false, fmt.Errorf("there is no condition %q", name)
			}
			return !shared, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"relay": scriptRelay, "mails": scriptMails, "until": scriptUntil,
			"people": scriptPeople, "send": scriptSend, "setenv": scriptSetenv, "field": scriptField,
			"unchanged": scriptUnchanged,
			"get":       scriptGet,
			"await":     scriptAwait,
			"code":      scriptCode,
			"bytes":     scriptBytes,
			"same":      scriptSame,
			"database":  databases.database,
			"role":      databases.role,
			"sql":       databases.sql,
		},
	})
}

func freeAddr(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// await URL [STATUS]: until it answers, with this status if one is given.
func scriptAwait(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		resp, err := http.Get(args[0])
		if err == nil {
			resp.Body.Close()
			if len(args) < 2 || strconv.Itoa(resp.StatusCode) == args[1] {
				return
			}
		}
		<-tick.C
	}
	ts.Fatalf("%s does not answer", args[0])
}

// get [-status N] [-H NAME:VALUE] URL [FILE]: writes the body to FILE, default
// body.
func scriptGet(ts *testscript.TestScript, _ bool, args []string) {
	status, header := 200, http.Header{}
	for len(args) > 1 && strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-status":
			status, _ = strconv.Atoi(args[1])
		case "-H":
			name, value, _ := strings.Cut(args[1], ":")
			header.Set(name, strings.TrimSpace(value))
		}
		args = args[2:]
	}
	req, err := http.NewRequest("GET", args[0], nil)
	ts.Check(err)
	req.Header = header
	resp, err := http.DefaultTransport.RoundTrip(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	name := "body"
	if len(args) > 1 {
		name = args[1]
	}
	ts.Check(os.WriteFile(ts.MkAbs(name), body, 0o600))
	if resp.StatusCode != status {
		ts.Fatalf("%s answered %s, not %d:\n%s", args[0], resp.Status, status, body)
	}
}

// code N COMMAND...: runs it and demands exactly this exit code.
func scriptCode(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%s: exit code %d, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// bytes FILE SIZE FILL: makes a file of SIZE bytes by repeating FILL, which Go
// unquotes.
func scriptBytes(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	fill, err := strconv.Unquote(`"` + args[2] + `"`)
	ts.Check(err)
	b := strings.Repeat(fill, size/max(len(fill), 1)+1)[:size]
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b), 0o600))
}

// same FOLDER SUMS: the first time it records the content of every file below
// the folder in SUMS, afterwards it demands the same.
func scriptSame(ts *testscript.TestScript, _ bool, args []string) {
	var now strings.Builder
	root := ts.MkAbs(args[0])
	ts.Check(filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		fmt.Fprintf(&now, "%s %x\n", strings.TrimPrefix(path, root), b)
		return err
	}))
	sums := ts.MkAbs(args[1])
	before, err := os.ReadFile(sums)
	if errors.Is(err, os.ErrNotExist) {
		ts.Check(os.WriteFile(sums, []byte(now.String()), 0o600))
		return
	}
	ts.Check(err)
	if string(before) != now.String() {
		ts.Fatalf("something in %s was changed", args[0])
	}
}
