package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// running is a `vestnik demo` that has told its story.
type running struct {
	t   *testing.T
	url string
	dir string
}

func newDemo(t *testing.T) *running {
	t.Helper()
	temp := t.TempDir()
	cmd := exec.Command(plainProgram(t), "demo", "-addr", freeAddr(t))
	cmd.Env = append(os.Environ(), "TMPDIR="+temp)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the demo ended with %v: %s", err, errs.String())
		}
	})
	d := &running{t: t}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, after, ok := strings.Cut(lines.Text(), "http://"); ok && strings.HasSuffix(after, "/desk/mailbox") {
			d.url = "http://" + strings.TrimSuffix(after, "/desk/mailbox")
		}
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			break
		}
	}
	found, err := filepath.Glob(filepath.Join(temp, "vestnik-demo-*"))
	if err != nil || len(found) != 1 || d.url == "" {
		t.Fatalf("the demo did not begin (%q): %s", found, errs.String())
	}
	d.dir = found[0]
	return d
}

func (d *running) command(args ...string) string {
	d.t.Helper()
	return (&program{t: d.t, dir: d.dir}).command(args...)
}

// invited is the link by which a new member of staff signs in for the first
// time.
func (d *running) invited(args ...string) string {
	d.t.Helper()
	return strings.TrimSpace(d.command(append([]string{"staff", "invite", "-roles", everyRole}, args...)...))
}
