package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents/value"
)

const (
	policyBefore = "# Privacy\n\n1. Data\n\n1.1. We keep it for ten days.\n\n1.2. You may ask us.\n"
	policyAfter  = "# Privacy\n\n1. Data\n\n1.1. We keep it for twenty days.\n\n1.2. You may ask us.\n"
)

// lived is the folder of an installation that was opened, published an editorial
// version and one that five people were told of, and whose notice is closed.
// Nobody serves it. Each test gets a copy.
func lived(t *testing.T) string {
	t.Helper()
	relay := newRecorder(t)
	p := newProgram(t, "-smtp", "smtp://"+relay.addr, "-from", "a@example.kz")
	p.start()
	p.command("open")
	p.command("recipients", "import", writePeople(t, 5))
	publishTwo(t, p)
	p.stop()
	return p.dir
}

// publishTwo publishes an editorial version and a notice, and waits until that
// is closed.
func publishTwo(t *testing.T, p *program) (notice int64) {
	t.Helper()
	var made published
	editorial := publication{Class: "editorial", Reason: "A typing error", Texts: map[string]string{"ru": policyBefore}}
	if err := p.client().callKeyed(t.Context(), "POST", "/documents/privacy/versions", "first", editorial, &made); err != nil {
		t.Fatal(err)
	}
	told := publication{Class: "notice", Reason: "The law demands it", Texts: map[string]string{"ru": policyAfter},
		Notes: map[string]note{"ru": {What: "The term", Whom: "Everyone", Means: "It is longer"}}}
	if err := p.client().callKeyed(t.Context(), "POST", "/documents/privacy/versions", "second", told, &made); err != nil {
		t.Fatal(err)
	}
	awaitClosing(t, p, made.Seq)
	return made.Seq
}

func awaitClosing(t *testing.T, p *program, seq int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		var n struct {
			Closing map[string]any `json:"closing"`
		}
		var missing *refusal // not followed yet
		err := p.client().call(ctx, "GET", fmt.Sprintf("/notices/%d", seq), nil, &n)
		if err != nil && !(errors.As(err, &missing) && missing.Status == 404) {
			t.Fatalf("notice %d does not close: %v\n%s", seq, err, p.log.String())
		}
		if len(n.Closing) > 0 {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
}

// stop ends the program as an operator does.
func (p *program) stop() {
	p.t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatalf("serve ended with %v\n%s", err, p.log.String())
	}
}

func copyFolder(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// outcome runs the program and returns its exit code and what it said. A serve
// that starts after all is stopped.
func outcome(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, plainProgram(t), args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Run()
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// tampering changes one thing as a hand with access to the file would: the
// checksums are right.
type tampering struct {
	name   string
	bucket string
	from   string // found in a value of the bucket, the last that has it
	to     string
	says   string // what check must name
	public bool   // verify can see it from outside
}

var tamperings = []tampering{
	{"text", "documents.sources", "twenty", "twelve", "text in ru of version 3", true},
	{"title of a version", "documents.versions", `"Privacy"`, `"Privasy"`, "title in ru of version 3", false},
	{"title beside an event", "documents.events", `"Privacy"`, `"Privasy"`, "title in ru", true},
	{"note of a version", "documents.versions", "The term", "The form", "note in ru of version 3", false},
	{"note beside an event", "documents.events", "The term", "The form", "note in ru", true},
	{"reason of a version", "documents.versions", "The law", "The lay", "reason of version 3", false},
	{"reason beside an event", "documents.events", "The law", "The lay", "reason", true},
	{"clause map", "documents.clauses", `"1.2."`, `"1.3."`, "clause map in ru of version 3", true},
	{"class of a version", "documents.versions", `"notice"`, `"notise"`, "class of version 3", false},
	{"state of a delivery", "notifier.deliveries", `"state":"accepted"`, `"state":"excluded"`, "notice", false},
	{"evidence of a delivery", "notifier.deliveries", `"digest":"`, `"digest":"`, "notice", false},
	{"figures", "notifier.tallies", `"accepted":5`, `"accepted":6`, "notice", false},
	{"closing figures", "notifier.notices", `"accepted":5`, `"accepted":4`, "notice", false},
}

func (c tampering) apply(t *testing.T, dir string) {
	t.Helper()
	db, err := bbolt.Open(folder(dir).database(), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	done := false
	err = db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(c.bucket))
		cur := b.Cursor()
		for k, v := cur.Last(); k != nil && !done; k, v = cur.Prev() {
			plain, err := value.Open(k, v)
			if err != nil {
				return err
			}
			at := bytes.LastIndex(plain, []byte(c.from))
			if at < 0 {
				continue
			}
			done = true
			changed := append(append(bytes.Clone(plain[:at]), c.to...), plain[at+len(c.from):]...)
			if c.from == c.to { // the byte after it
				changed[at+len(c.from)] = otherDigit(changed[at+len(c.from)])
			}
			return b.Put(bytes.Clone(k), value.Seal(k, changed))
		}
		return nil
	})
	if err != nil || !done {
		t.Fatalf("%s has no %s: %v", c.bucket, c.from, err)
	}
}

func otherDigit(b byte) byte {
	if b == '0' {
		return '1'
	}
	return '0'
}

func TestTampering(t *testing.T) {
	whole := lived(t)
	if code, out, errs := outcome(t, "check", "-data", whole); code != 0 {
		t.Fatalf("check of an untouched installation: exit code %d\n%s%s", code, out, errs)
	}
	if code, out := verified(t, whole); code != 0 {
		t.Fatalf("verify of an untouched installation: exit code %d\n%s", code, out)
	}
	for _, c := range tamperings {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := copyFolder(t, whole)
			c.apply(t, dir)
			refused(t, dir, c.says)
			if code, out := verified(t, dir); c.public != (code == exitNegative) {
				t.Errorf("verify: exit code %d\n%s", code, out)
			}
		})
	}
}

// refused demands that check finds the fault and names it, and that serve does
// not start.
func refused(t *testing.T, dir, says string) {
	t.Helper()
	code, out, errs := outcome(t, "check", "-data", dir)
	if code != exitNegative || !strings.Contains(out, says) {
		t.Errorf("check: exit code %d, and this does not say %q:\n%s%s", code, says, out, errs)
	}
	code, _, errs = outcome(t, "serve", "-data", dir, "-addr", "127.0.0.1:0")
	if code != exitTrouble || strings.Count(errs, "\n") != 1 || strings.Contains(errs, "goroutine") {
		t.Errorf("serve: exit code %d\n%s", code, errs)
	}
}

// verified runs verify against pages served from dir by a program that does not
// look at what it serves.
func verified(t *testing.T, dir string) (int, string) {
	t.Helper()
	in, err := openInstallation(t.Context(), folder(dir), false, options{url: "http://127.0.0.1", loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer in.close()
	srv := httptest.NewServer(in.server)
	defer srv.Close()
	code, out, errs := outcome(t, "verify", srv.URL)
	return code, out + errs
}

// What was signed may not change either: neither an event nor the checkpoint.
func TestTamperedLog(t *testing.T) {
	whole := lived(t)
	for name, line := range map[string]string{"time": "\ntime 2", "origin": "\norigin ", "class": "\nclass n", "digest": "\nsource-ru-sha256 ", "figures": "\nfigures due=", "form": "vestnik/"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := copyFolder(t, whole)
			changeEvent(t, dir, line)
			refused(t, dir, "")
			if err := os.Remove(folder(dir).checkpoint()); err != nil {
				t.Fatal(err)
			}
			if name == "digest" { // the rest is public only to who kept an older checkpoint
				refused(t, dir, "text in ru of version 3")
				if code, out := verified(t, dir); code != exitNegative {
					t.Errorf("verify: exit code %d\n%s", code, out)
				}
			}
		})
	}
}

// changeEvent changes the byte after the last occurrence of line in the log.
func changeEvent(t *testing.T, dir, line string) {
	t.Helper()
	db, err := bbolt.Open(folder(dir).database(), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Update(func(tx *bbolt.Tx) error {
		cur := tx.Bucket([]byte("documents.events")).Cursor()
		for k, v := cur.Last(); k != nil; k, v = cur.Prev() {
			var stored map[string]any
			if err := value.Decode(k, v, &stored); err != nil {
				return err
			}
			b, err := base64.StdEncoding.DecodeString(stored["bytes"].(string))
			if err != nil {
				return err
			}
			at := bytes.LastIndex(b, []byte(line))
			if at < 0 {
				continue
			}
			b[at+len(line)] = otherDigit(b[at+len(line)])
			stored["bytes"] = b
			return tx.Bucket([]byte("documents.events")).Put(bytes.Clone(k), value.Encode(k, stored))
		}
		return fmt.Errorf("no event has %q", line)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTamperedCheckpoint(t *testing.T) {
	whole := lived(t)
	good, err := os.ReadFile(folder(whole).checkpoint())
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(good); at += 1 + len(good)/12 {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			dir := copyFolder(t, whole)
			bad := bytes.Clone(good)
			bad[at] ^= 1
			if err := os.WriteFile(folder(dir).checkpoint(), bad, 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, dir, "checkpoint")
		})
	}
}
