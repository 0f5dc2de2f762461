package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// scarcity takes the room to write away from a running program, and gives it
// back.
type scarcity interface {
	begin(t *testing.T, p *program)
	end(t *testing.T, p *program)
}

// ballast fills a file system of a few megabytes.
type ballast struct{ path string }

func (b ballast) begin(t *testing.T, _ *program) {
	t.Helper()
	f, err := os.Create(b.path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	if !isDiskFull(err) {
		t.Fatal(err)
	}
}

func (b ballast) end(t *testing.T, _ *program) {
	t.Helper()
	if err := os.Remove(b.path); err != nil {
		t.Fatal(err)
	}
}

func isDiskFull(err error) bool { return err != nil && strings.Contains(err.Error(), "no space left") }

// limit lets the program write to the beginning of files alone: of its store, to
// the meta pages.
type limit struct{}

func (limit) begin(t *testing.T, p *program) { limitSize(t, p, "8192") }

func (limit) end(t *testing.T, p *program) { limitSize(t, p, "unlimited") }

func limitSize(t *testing.T, p *program, size string) {
	t.Helper()
	if out, err := exec.Command("prlimit", "--pid", strconv.Itoa(p.cmd.Process.Pid), "--fsize="+size+":unlimited").CombinedOutput(); err != nil {
		t.Fatalf("prlimit: %v\n%s", err, out)
	}
}

// A disk without room refuses what is to be written, in a sentence; reading goes
// on; whoever is owed a notice gets it once there is room again, and exactly once.
func TestFullDisk(t *testing.T) {
	t.Run("no space", func(t *testing.T) {
		small := filepath.Join(t.TempDir(), "small")
		if err := os.Mkdir(small, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=4m"); err != nil {
			t.Skipf("a small file system cannot be mounted here (%v); the limit of file sizes is tested all the same", err)
		}
		t.Cleanup(func() { syscall.Unmount(small, 0) })
		throughFullDisk(t, filepath.Join(small, "data"), ballast{filepath.Join(small, "ballast")})
	})
	t.Run("file size", func(t *testing.T) { throughFullDisk(t, filepath.Join(t.TempDir(), "data"), limit{}) })
}

func throughFullDisk(t *testing.T, dir string, room scarcity) {
	const people = 400
	relay := newRecorder(t)
	p := newProgram(t, "-smtp", "smtp://"+relay.addr, "-from", "a@example.kz")
	if err := os.CopyFS(dir, os.DirFS(p.dir)); err != nil {
		t.Fatal(err)
	}
	p.dir = dir
	p.start()
	p.command("open")
	p.command("recipients", "import", writePeople(t, people))
	room.begin(t, p)
	refusedForRoom(t, p)
	readable(t, p, "Десять", "disk is full")
	restartedWithoutRoom(t, p)
	room.end(t, p)
	if made := publishLong(t, p); made.Version != 2 {
		t.Fatalf("version %d was published after there was room again", made.Version)
	}
	seq := tellWithoutRoom(t, p, relay, room)
	awaitClosing(t, p, seq)
	p.stop()
	relay.judge(t, p.dir, seq, people, 2)
	if code, out, errs := outcome(t, "check", "-data", p.dir); code != 0 {
		t.Errorf("check: exit code %d\n%s%s", code, out, errs)
	}
}

// longText needs more room than free pages of a small store have.
func longText() string {
	var b strings.Builder
	b.WriteString("# Политика\n\n1. Данные\n\n")
	for i := range 4000 {
		fmt.Fprintf(&b, "1.%d. Это длинный пункт, чтобы место было нужно: %d.\n\n", i+1, i)
	}
	return b.String()
}

func refusedForRoom(t *testing.T, p *program) {
	t.Helper()
	text := filepath.Join(t.TempDir(), "long.ru.md")
	if err := os.WriteFile(text, []byte(longText()), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"publish":           {"publish", "-document", "privacy", "-class", "editorial", "-text", "ru=" + text},
		"import":            {"import", "-document", "other", text},
		"recipients import": {"recipients", "import", writePeople(t, 4000)},
	} {
		code, out, errs := outcome(t, append(args, "-data", p.dir)...)
		if code != exitTrouble || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "room on the disk") {
			t.Errorf("%s without room: exit code %d\n%s%s%s", name, code, out, errs, p.log.String())
		}
	}
}

// readable demands that the public pages answer, and that operators learn what is
// missing, if anybody has tried to write.
func readable(t *testing.T, p *program, text, fault string) {
	t.Helper()
	for path, has := range map[string]string{
		"/privacy/ru": text, "/privacy/register?lang=ru": "/log/proof/1", "/log/proof/1": "vestnik/1", "/log/checkpoint": "\n\n— ", "/readyz": fault,
	} {
		if status, body := fetched(t, p, path); status != 200 || !strings.Contains(body, has) {
			t.Errorf("%s without room: %d; it should have %q\n%.300s", path, status, has, body)
		}
	}
}

func fetched(t *testing.T, p *program, path string) (status int, body string) {
	t.Helper()
	resp, err := http.Get("http://" + p.addr + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// restartedWithoutRoom: the room is taken from the file system, so also from a
// program that starts then.
func restartedWithoutRoom(t *testing.T, p *program) {
	p.stop()
	p.start()
	readable(t, p, "Десять", `"ready":true`)
}

// saysFull waits until the health has learned of it from the sending alone.
func saysFull(t *testing.T, p *program) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if _, body := fetched(t, p, "/readyz"); strings.Contains(body, "disk is full") {
			return
		}
	}
	t.Errorf("the health does not say that the disk is full\n%s", p.log.String())
}

func publishLong(t *testing.T, p *program) (made published) {
	t.Helper()
	body := publication{Class: "editorial", Texts: map[string]string{"ru": longText()}}
	if err := p.client().callKeyed(t.Context(), "POST", "/documents/privacy/versions", "long", body, &made); err != nil {
		t.Fatalf("there is room again, and: %v", err)
	}
	return made
}

// tellWithoutRoom takes the room away while a notice is being sent.
func tellWithoutRoom(t *testing.T, p *program, relay *recorder, room scarcity) int64 {
	t.Helper()
	var made published
	body := publication{Class: "notice", Texts: map[string]string{"ru": "# Политика\n\n1. Данные\n\n1.1. Двадцать дней.\n"},
		Notes: map[string]note{"ru": {What: "Срок.", Whom: "Всех.", Means: "Дольше."}}}
	if err := p.client().callKeyed(t.Context(), "POST", "/documents/privacy/versions", "told", body, &made); err != nil {
		t.Fatal(err)
	}
	relay.await(5)
	room.begin(t, p)
	relay.await(1)
	saysFull(t, p)
	readable(t, p, "Политика", "disk is full")
	room.end(t, p)
	return made.Seq
}
