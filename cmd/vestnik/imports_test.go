package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "vestnik"

// arrows says which rooms each room may import: cmd → server → notifier →
// documents, server → web, and an engine only its own room, with the documents
// that the room's contract speaks of. Where a folder is not named, the one above
// it counts. leaves may be imported anywhere.
var (
	trunk  = []string{"documents", "documents/markdown", "documents/redline", "documents/translog"}
	arrows = map[string][]string{
		"documents":               {"documents/markdown", "documents/redline"},
		"documents/lang":          {},
		"documents/value":         {},
		"documents/markdown":      {},
		"documents/redline":       {"documents/markdown"},
		"documents/redline/bench": {"documents/markdown", "documents/redline"},
		"documents/translog":      {},
		"documents/boltstore":     {"documents"},
		"documents/postgres":      {"documents"},
		"documents/pgstore":       {"documents", "documents/postgres"},
		"documents/storetest":     {"documents"},
		"notifier":                append(trunk[:len(trunk):len(trunk)], "notifier/mail"),
		"notifier/mail":           {},
		"notifier/boltstore":      {"documents", "notifier"},
		"notifier/pgstore":        {"documents", "documents/postgres", "notifier"},
		"notifier/storetest":      {"documents", "notifier"},
		"server":                  append(trunk[:len(trunk):len(trunk)], "notifier", "notifier/mail", "web"),
		"server/boltstore":        {"documents", "server"},
		"server/pgstore":          {"documents", "documents/postgres", "server"},
		"server/storetest":        {"documents", "server"},
		"web":                     {},
		"cmd":                     {"*"},
	}
	leaves = []string{"documents/lang", "documents/value"}
)

// libraries stay where they were let in.
var libraries = map[string][]string{
	"github.com/yuin/goldmark":    {"documents/markdown"},
	"github.com/sergi/go-diff":    {"documents/redline/bench"},
	"github.com/wneessen/go-mail": {"notifier/mail"},
	"go.etcd.io/bbolt":            {"documents/boltstore", "notifier/boltstore", "server/boltstore", "cmd"},
	"github.com/jackc/pgx":        {"documents/postgres", "documents/pgstore", "notifier/pgstore", "server/pgstore"},
	"github.com/pressly/goose":    {"documents/postgres"},
	"github.com/chromedp":         {"server", "web", "cmd"},
}

// forTests are libraries for tests and for packages whose name ends in "test".
var forTests = []string{"testing", "github.com/google/go-cmp", "pgregory.net/rapid", "github.com/rogpeppe/go-internal"}

func under(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

// room is the longest named folder above dir.
func room(dir string) string {
	for d := dir; d != "."; d = path.Dir(d) {
		if _, ok := arrows[d]; ok {
			return d
		}
	}
	return ""
}

// wrong tells whether a file in dir may not import what. Tests may also use the
// engines and suites of their own room and of those below it, and open the files
// and databases that those engines work on.
func wrong(dir, what string, test bool) bool {
	from := room(dir)
	if target, ours := strings.CutPrefix(what, module+"/"); ours {
		to := room(target)
		return from == "" || to != from && !slices.Contains(leaves, to) &&
			!slices.Contains(arrows[from], "*") && !slices.Contains(arrows[from], to) && !(test && engine(from, to))
	}
	for library, rooms := range libraries {
		if under(what, library) {
			return !slices.Contains(rooms, from) && !(test && opensEngine(from, rooms))
		}
	}
	return !test && !strings.HasSuffix(dir, "test") && slices.ContainsFunc(forTests, func(l string) bool { return under(what, l) })
}

// engine tells whether to is an engine, its database or a suite at or below the storey of from,
// for from a whole storey, its engines or its suite.
func engine(from, to string) bool {
	storeys := []string{"documents", "notifier", "server"}
	mine, theirs := slices.Index(storeys, strings.Split(from, "/")[0]), slices.Index(storeys, strings.Split(to, "/")[0])
	kind := path.Base(to)
	return mine >= 0 && theirs >= 0 && theirs <= mine && slices.Contains([]string{"boltstore", "pgstore", "postgres", "storetest"}, kind)
}

func opensEngine(from string, rooms []string) bool {
	if kind := path.Base(from); kind == "boltstore" || kind == "pgstore" {
		from = path.Dir(from)
	}
	return slices.Contains(rooms, from+"/boltstore") || slices.Contains(rooms, from+"/pgstore")
}

func TestImportsPointOneWay(t *testing.T) {
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		files++
		return checkFile(t, root, name)
	})
	if err != nil || files < 20 {
		t.Fatalf("%d files read: %v", files, err)
	}
}

func checkFile(t *testing.T, root, name string) error {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	name, err = filepath.Rel(root, name)
	if err != nil {
		return err
	}
	name = filepath.ToSlash(name)
	for _, i := range f.Imports {
		what, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return err
		}
		if wrong(path.Dir(name), what, strings.HasSuffix(name, "_test.go")) {
			t.Errorf("%s must not import %s", name, what)
		}
	}
	return nil
}

func TestArrows(t *testing.T) {
	for _, c := range []struct {
		dir, what   string
		code, tests bool // wrong in the program, in a test
	}{
		{"documents", "vestnik/notifier", true, true},
		{"documents", "vestnik/documents/translog", true, true},
		{"documents", "vestnik/documents/boltstore", true, false},
		{"documents", "vestnik/documents/lang", false, false},
		{"documents/markdown", "vestnik/documents", true, true},
		{"documents/translog", "vestnik/documents", true, true},
		{"documents/boltstore", "vestnik/documents", false, false},
		{"documents/boltstore", "vestnik/documents/storetest", true, false},
		{"documents/boltstore", "vestnik/notifier", true, true},
		{"documents/value", "vestnik/documents/lang", false, false},
		{"notifier", "vestnik/server", true, true},
		{"notifier", "vestnik/server/boltstore", true, true},
		{"notifier", "vestnik/documents/boltstore", true, false},
		{"notifier/boltstore", "vestnik/documents/boltstore", true, false},
		{"notifier/mail/mailtest", "vestnik/notifier/mail", false, false},
		{"notifier/mail", "vestnik/documents", true, true},
		{"server", "vestnik/web", false, false},
		{"server", "vestnik/cmd/vestnik/sample", true, true},
		{"server/mailbox", "vestnik/notifier/mail", false, false},
		{"web", "vestnik/server", true, true},
		{"cmd/vestnik", "vestnik/notifier/boltstore", false, false},
		{"elsewhere", "vestnik/documents", true, true},
		{"documents", "github.com/yuin/goldmark/ast", true, true},
		{"documents/markdown", "github.com/yuin/goldmark/ast", false, false},
		{"server", "go.etcd.io/bbolt", true, false},
		{"documents/markdown", "go.etcd.io/bbolt", true, true},
		{"documents/pgstore", "go.etcd.io/bbolt", true, false},
		{"cmd/vestnik", "go.etcd.io/bbolt/errors", false, false},
		{"cmd/vestnik", "github.com/jackc/pgx/v5", true, true},
		{"notifier/pgstore", "github.com/jackc/pgx/v5", false, false},
		{"notifier/pgstore", "vestnik/documents/pgstore", true, false},
		{"notifier", "github.com/jackc/pgx/v5", true, false},
		{"web", "github.com/jackc/pgx/v5", true, true},
		{"notifier", "github.com/wneessen/go-mail", true, true},
		{"documents", "testing", true, false},
		{"documents/storetest", "testing", false, false},
		{"notifier/mail/mailtest", "testing/synctest", false, false},
		{"documents/redline", "github.com/sergi/go-diff/diffmatchpatch", true, true},
		{"documents/redline/bench", "github.com/sergi/go-diff/diffmatchpatch", false, false},
		{"documents", "strings", false, false},
	} {
		if code, tests := wrong(c.dir, c.what, false), wrong(c.dir, c.what, true); code != c.code || tests != c.tests {
			t.Errorf("%s importing %s: wrong %v, in tests %v; want %v, %v", c.dir, c.what, code, tests, c.code, c.tests)
		}
	}
}
