package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

// node is one `vestnik serve` of several.
type node struct {
	t     testing.TB
	dir   string
	addr  string
	args  []string // of every command: where the store is
	flags []string // of serve
	cmd   *exec.Cmd
	log   bytes.Buffer
}

func (n *node) run(args ...string) (string, error) {
	var out, errs bytes.Buffer
	cmd := exec.Command(plainProgram(n.t), append(append(args, "-data", n.dir), n.args...)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("vestnik %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

func (n *node) command(args ...string) string {
	n.t.Helper()
	out, err := n.run(args...)
	if err != nil {
		n.t.Fatal(err)
	}
	return out
}

// start runs it until it answers.
func (n *node) start() {
	n.t.Helper()
	n.log.Reset()
	args := append([]string{"serve", "-data", n.dir, "-addr", n.addr, "-trusted-proxy", "127.0.0.1"}, n.args...)
	n.cmd = exec.Command(plainProgram(n.t), append(args, n.flags...)...)
	n.cmd.Stderr = &n.log
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	if !until(20*time.Second, func() bool { return n.get("/healthz") != nil }) {
		n.t.Fatalf("serve does not answer:\n%s", n.log.String())
	}
}

// end sends a signal and waits for the end.
func (n *node) end(s os.Signal) {
	n.t.Helper()
	n.cmd.Process.Signal(s)
	if err := n.cmd.Wait(); err != nil && s == syscall.SIGTERM {
		n.t.Errorf("serve did not end well: %v\n%s", err, n.log.String())
	}
	n.cmd = nil
}

// get is what is served under a path, or nil.
func (n *node) get(path string) []byte {
	resp, err := http.Get("http://" + n.addr + path)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil
	}
	return b
}

func (n *node) client() *client { return socketClient(folder(n.dir)) }

// until asks again and again, and tells whether it came true in time.
func until(patience time.Duration, is func() bool) bool {
	for end := time.Now().Add(patience); ; {
		if is() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
		<-time.After(5 * time.Millisecond)
	}
}

// fleet is several nodes of one installation on one database.
type fleet struct {
	t       testing.TB
	cluster *postgrestest.Cluster
	db      *postgres.DB
	schema  string
	nodes   []*node
}

// newFleet makes an open installation with people in it and as many nodes, which
// do not run yet. A size of 0 is one node on bbolt.
func newFleet(t testing.TB, size int, relay string, people int) *fleet {
	t.Helper()
	if size == 0 {
		return (&fleet{t: t}).staffed(1, nil, relay, people)
	}
	c := postgrestest.Start(t, postgrestest.Options{Durable: true})
	return newFleetOn(t, c, c.Schema(), size, relay, people)
}

// newFleetOn is newFleet on a database that nodes reach under a URL.
func newFleetOn(t testing.TB, c *postgrestest.Cluster, url string, size int, relay string, people int) *fleet {
	t.Helper()
	f := &fleet{t: t, cluster: c}
	return f.staffed(size, f.database(url), relay, people)
}

func (f *fleet) staffed(size int, store []string, relay string, people int) *fleet {
	t := f.t
	t.Helper()
	for range size {
		n := &node{t: t, dir: filepath.Join(t.TempDir(), "data"), addr: freeAddr(t), args: store, flags: []string{"-smtp", relay, "-from", "a@example.kz"}}
		f.nodes = append(f.nodes, n)
	}
	t.Cleanup(f.kill)
	f.furnish(people)
	f.shareKeys()
	return f
}

func (f *fleet) kill() {
	for _, n := range f.running() {
		n.cmd.Process.Kill()
		n.cmd.Wait()
	}
}

// shareKeys gives every node the keys of the first, and no state.
func (f *fleet) shareKeys() {
	f.t.Helper()
	for _, n := range f.nodes[1:] {
		if err := os.CopyFS(filepath.Join(n.dir, "keys"), os.DirFS(filepath.Join(f.nodes[0].dir, "keys"))); err != nil {
			f.t.Fatal(err)
		}
		for _, dir := range []string{n.dir, filepath.Join(n.dir, "keys")} {
			if err := os.Chmod(dir, 0o700); err != nil {
				f.t.Fatal(err)
			}
		}
	}
}

// database returns the -store of a URL.
func (f *fleet) database(address string) []string {
	f.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		f.t.Fatal(err)
	}
	f.schema = u.Query().Get("search_path")
	file := filepath.Join(f.t.TempDir(), "url")
	if err := os.WriteFile(file, []byte(address), 0o600); err != nil {
		f.t.Fatal(err)
	}
	db, err := postgres.Open(context.Background(), address, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { db.Close() })
	f.db = db
	return []string{"-store", "file:" + file}
}

// others are documents that versions are published of while people are told.
var others = []string{"cookies", "terms"}

func (f *fleet) furnish(people int) {
	f.t.Helper()
	n, dir := f.nodes[0], f.t.TempDir()
	n.command("settings", "organisation=Example", "postal=Almaty", "reply-to=a@example.kz", "hold=0")
	first := filepath.Join(dir, "0001.ru.md")
	if err := os.WriteFile(first, []byte("# Политика\n\n1. Данные\n\n1.1. Десять дней.\n"), 0o600); err != nil {
		f.t.Fatal(err)
	}
	for _, document := range append([]string{"privacy"}, others...) {
		n.command("import", "-document", document, first)
	}
	n.command("open")
	var list strings.Builder
	for i := range people {
		fmt.Fprintf(&list, `{"external_id":"u%d","address":"p%[1]d@example.kz","language":"ru","registered_at":"2024-01-01T00:00:00Z"}`+"\n", i)
	}
	file := filepath.Join(dir, "people.ndjson")
	if err := os.WriteFile(file, []byte(list.String()), 0o600); err != nil {
		f.t.Fatal(err)
	}
	n.command("recipients", "import", file)
}

func (f *fleet) running() (up []*node) {
	for _, n := range f.nodes {
		if n.cmd != nil {
			up = append(up, n)
		}
	}
	return up
}

// tell publishes what everybody has to be told, and returns the notice.
func (f *fleet) tell(people int) documents.Seq {
	f.t.Helper()
	body := publication{Class: "notice", Texts: map[string]string{"ru": "# Политика\n\n1. Данные\n\n1.1. Двадцать дней.\n"},
		Notes: map[string]note{"ru": {What: "Срок.", Whom: "Всех.", Means: "Дольше."}}}
	n := int64(people)
	body.Recipients = &n
	var made published
	if err := f.nodes[0].client().callKeyed(context.Background(), "POST", "/documents/privacy/versions", "k", body, &made); err != nil {
		f.t.Fatal(err)
	}
	return documents.Seq(made.Seq)
}

// publishing publishes version after version of one document, each asked for until
// it is acknowledged, through whichever client. lost is told of each request that
// no node answered. It returns how many versions there were.
func publishing(ctx context.Context, t testing.TB, document string, through func() *client, lost func(error)) (count int) {
	for ; ctx.Err() == nil; count++ {
		key, want := fmt.Sprintf("%s-%d", document, count), count+2
		body := publication{Class: "editorial", Texts: map[string]string{"ru": fmt.Sprintf("# Политика\n\n1. Данные\n\n1.1. %d дней.\n", count)}}
		var made published
		var refused *refusal
		acknowledged := until(time.Minute, func() bool {
			err := through().callKeyed(context.Background(), "POST", "/documents/"+document+"/versions", key, body, &made)
			if errors.As(err, &refused) && refused.Status < 500 {
				return true
			}
			if err != nil {
				lost(err)
			}
			return err == nil
		})
		switch {
		case !acknowledged:
			t.Errorf("%s: version %d is not acknowledged in a minute", document, want)
			return count
		case made.Version != want:
			t.Errorf("%s: version %d was published, want %d (%v)", document, made.Version, want, refused)
			return count
		}
	}
	return count
}

// one picks a node at random.
func one(r *rand.Rand, nodes []*node) *node { return nodes[r.IntN(len(nodes))] }
