package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"vestnik/documents/postgres/postgrestest"
)

// twoNodes are nodes of one installation, of which each request reaches another
// one. furnish gives them what there is; it may start the first.
func twoNodes(t *testing.T, furnish func(first *node)) (f *fleet, at string) {
	t.Helper()
	c := postgrestest.Start(t, postgrestest.Options{})
	f = &fleet{t: t, cluster: c}
	store := f.database(c.Schema())
	relay := newRecorder(t)
	for range 2 {
		f.nodes = append(f.nodes, &node{t: t, dir: filepath.Join(t.TempDir(), "data"), addr: freeAddr(t), args: store})
	}
	_, at = newBalancer(t, f.nodes)
	for _, n := range f.nodes {
		n.flags = []string{"-url", at, "-smtp", "smtp://" + relay.addr, "-from", "a@example.kz"}
	}
	t.Cleanup(f.kill)
	furnish(f.nodes[0])
	f.shareKeys()
	for _, n := range f.nodes {
		n.start()
	}
	return f, at
}

// A reader walks through the story of the demo, moved to a database, on two nodes
// in turn.
func TestReaderOnTwoNodes(t *testing.T) {
	t.Parallel()
	d, file := newDemo(t), filepath.Join(t.TempDir(), "demo.tar")
	d.command("backup", file)
	_, at := twoNodes(t, func(first *node) { first.command("restore", file) })
	browser := newBrowser(t)
	for _, width := range []int64{320, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) { newTab(t, browser, at).scriptless().sized(width).readerWalks() })
	}
}

// A document is written, reviewed, published and told of at the desk, of which each
// page and each act comes to another node than the one before.
func TestPublisherOnTwoNodes(t *testing.T) {
	t.Parallel()
	f, at := twoNodes(t, func(first *node) {
		first.command("settings", "organisation=Example", "postal=Almaty", "reply-to=a@example.kz", "hold=15m", "languages=ru,kk,en")
		text := filepath.Join(t.TempDir(), "0001.ru.md")
		if err := os.WriteFile(text, []byte("# Политика\n\n1. Данные\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		first.command("import", "-document", "privacy", text)
		first.command("open")
		first.command("recipients", "import", writePeople(t, told))
	})
	newHouse(t, at, f.nodes[1].command).publishes()
}
