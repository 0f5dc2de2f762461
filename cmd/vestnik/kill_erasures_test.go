package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"vestnik/notifier"
)

// leaving is an installation whose people all hold the fresh link that erases them,
// but for the last, who stays. Its program does not run yet.
type leaving struct {
	*program
	links  []string // of recipient 1 and on
	backup string   // from before anybody left
}

func newLeaving(t *testing.T, people int) *leaving {
	t.Helper()
	l := &leaving{program: &program{t: t, dir: filepath.Join(t.TempDir(), "data"), addr: freeAddr(t)}, backup: filepath.Join(t.TempDir(), "backup")}
	in := registered(t, folder(l.dir), people+1)
	for i := range people {
		l.links = append(l.links, in.asked(t, string(rune('a'+i))))
	}
	if err := in.close(); err != nil {
		t.Fatal(err)
	}
	l.command("backup", l.backup)
	t.Cleanup(func() {
		if l.cmd != nil && l.cmd.ProcessState == nil {
			l.kill()
		}
	})
	return l
}

// press tells whether the program said that somebody is erased.
func (l *leaving) press(number int) bool {
	resp, err := http.Post("http://"+l.addr+notifier.FreshPath+l.links[number-1], "application/x-www-form-urlencoded", nil)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// list are the recipients in state/erasures.
func (l *leaving) list() (numbers []int64) {
	l.t.Helper()
	all, _, err := folder(l.dir).readErasures()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, e := range all {
		numbers = append(numbers, e.Recipient)
	}
	return numbers
}

// copied waits until the list has as many.
func (l *leaving) copied(count int) {
	l.t.Helper()
	if !until(20*time.Second, func() bool { return len(l.list()) >= count }) {
		l.t.Fatalf("the list has %v, want %d people\n%s", l.list(), count, l.log.String())
	}
}

// stored are the erased in the store of a program that does not run.
func (l *leaving) stored() (numbers []int64) {
	l.t.Helper()
	opened(l.t, l.dir, func(s *stores) {
		rs, err := s.notifier.Recipients(l.t.Context(), 0, 100)
		if err != nil {
			l.t.Fatal(err)
		}
		for _, r := range rs {
			if r.State == notifier.Erased {
				numbers = append(numbers, r.Number)
			}
		}
	})
	return numbers
}

// staysErased demands that all but the last are gone from the folder and do not
// come back with the next list of the organisation.
func (l *leaving) staysErased() {
	l.t.Helper()
	var csv strings.Builder
	csv.WriteString("external_id,address,language,name,registered_at,groups\n")
	for i := range len(l.links) + 1 {
		id := string(rune('a' + i))
		csv.WriteString(id + "," + id + "@example.kz,ru,Name,2020-01-01,\n")
	}
	file := filepath.Join(l.t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte(csv.String()), 0o600); err != nil {
		l.t.Fatal(err)
	}
	l.command("recipients", "import", file)
	if gone := l.stored(); len(gone) != len(l.links) {
		l.t.Errorf("%v are erased, want %d", gone, len(l.links))
	}
	var dump bytes.Buffer
	opened(l.t, l.dir, func(s *stores) {
		rs, err := s.notifier.Recipients(l.t.Context(), 0, 100)
		if err != nil || len(rs) != len(l.links)+1 {
			l.t.Errorf("the store has %d recipients, %v", len(rs), err)
		}
		for _, r := range rs {
			if (r.Address != "" || r.Name != "") != (r.State == notifier.Active) {
				l.t.Errorf("recipient %d, who is %s, has an address or a name, or lacks it", r.Number, r.State)
			}
		}
		if err := s.notifier.Dump(l.t.Context(), &dump); err != nil {
			l.t.Fatal(err)
		}
	})
	if bytes.Contains(dump.Bytes(), []byte(`"external_id":"a"`)) {
		l.t.Error("the store names somebody erased")
	}
	if out := l.command("check"); !strings.Contains(out, "No fault") {
		l.t.Error(out)
	}
}

// restored is a new folder with the state of l, and a backup from before.
func (l *leaving) restored() *leaving {
	l.t.Helper()
	next := &leaving{program: &program{t: l.t, dir: filepath.Join(l.t.TempDir(), "data"), addr: l.addr}, links: l.links}
	if err := os.CopyFS(filepath.Join(next.dir, "state"), os.DirFS(filepath.Join(l.dir, "state"))); err != nil {
		l.t.Fatal(err)
	}
	next.command("restore", l.backup)
	return next
}

// A program that is killed while people are erased has erased each or not: whom it
// told so stays erased, the list outside of the store has nobody who is not, and
// after the next start everybody who is. Neither the next list of the organisation
// nor a backup from before brings anybody back.
func TestKilledWhileErasing(t *testing.T) {
	t.Parallel()
	const people = 12
	l := newLeaving(t, people)
	seed := rand.New(rand.NewPCG(5, 6))
	behind := 0
	for number := 1; number <= people; number++ {
		l.start()
		told := make(chan bool, 1)
		go func() { told <- l.press(number) }()
		<-time.After(time.Duration(seed.IntN(10_000)) * time.Microsecond)
		l.kill()
		gone, list := l.stored(), l.list()
		if <-told && !slices.Contains(gone, int64(number)) {
			t.Fatalf("recipient %d was told that they are erased, and is not", number)
		}
		for _, one := range list {
			if !slices.Contains(gone, one) {
				t.Fatalf("the list has recipient %d, who is not erased", one)
			}
		}
		behind += len(gone) - len(list)
	}
	t.Logf("%d of %d were killed between the store and the list", behind, people)
	before := l.stored()
	l.start()
	l.copied(len(before))
	for number := range people {
		if !l.press(number + 1) {
			t.Fatalf("recipient %d cannot ask again", number+1)
		}
	}
	l.copied(people)
	l.kill()
	if list := l.list(); len(slices.Compact(slices.Sorted(slices.Values(list)))) != people || len(list) != people {
		t.Errorf("the list has %v", list)
	}
	l.staysErased()
	l.restored().staysErased()
}

// An erasure is in the store, and the process died before it was in the list, or
// before the disk had it: the next start puts it there, and makes it last.
func TestStartCopiesErasures(t *testing.T) {
	t.Parallel()
	for name, left := range map[string][]byte{"nothing": nil, "an empty file": {}, "half a line": []byte(`{"request":1,"co`)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLeaving(t, 1)
			in, err := openInstallation(t.Context(), folder(l.dir), false, options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := in.notifier.Do(t.Context(), l.links[0]); err != nil {
				t.Fatal(err)
			}
			if err := in.close(); err != nil {
				t.Fatal(err)
			}
			if left != nil {
				if err := os.WriteFile(folder(l.dir).erasures(), left, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			l.recorded()
			l.staysErased()
			l.restored().staysErased()
		})
	}
}

// recorded runs the program until the list has somebody, and demands that the line
// was synced, and after that the name of the list.
func (l *leaving) recorded() {
	l.t.Helper()
	file := filepath.Join(l.t.TempDir(), "trace")
	cmd := stracing(l.t, file, "serve", "-data", l.dir, "-addr", l.addr)
	cmd.Stderr = &l.log
	if err := cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	defer cmd.Wait()
	pid := tracedProcess(l.t, file)
	defer syscall.Kill(pid, syscall.SIGKILL)
	l.copied(1)
	syscall.Kill(pid, syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		l.t.Fatalf("serve ended with %v\n%s", err, l.log.String())
	}
	var seen []string
	list := folder(l.dir).erasures()
	for _, c := range parseTrace(l.t, file) {
		switch {
		case c.path == list && c.name == "write":
			seen = []string{"write"}
		case c.path == list && c.name == "fsync":
			seen = append(seen, "fsync")
		case c.path == filepath.Dir(list) && c.name == "fsync":
			seen = append(seen, "fsync of the folder")
		}
	}
	if len(seen) < 3 || !slices.Equal(seen[:3], []string{"write", "fsync", "fsync of the folder"}) {
		l.t.Errorf("the list is not made to last: %q", seen)
	}
}

// While the list cannot be written, or its sync fails, people are erased all the
// same; it is tried again for as long as it takes, and also after a kill.
func TestListOfErasuresFails(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]string{"write": "/proc/none/list", "sync": "/dev/null"} { // a null device has nothing to sync
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLeaving(t, 2)
			list := folder(l.dir).erasures()
			l.start()
			if err := os.Symlink(target, list); err != nil {
				t.Fatal(err)
			}
			if !l.press(1) {
				t.Error("the list is not there, and nobody is erased")
			}
			if !until(20*time.Second, func() bool { return strings.Contains(l.said(), "The notifier does not answer") }) {
				t.Error("the health does not say that the list fails")
			}
			mended := filepath.Join(l.dir, "mended") // by a rename: it is not missing for a moment
			if err := errors.Join(os.WriteFile(mended, nil, 0o600), os.Rename(mended, list)); err != nil {
				t.Fatal(err)
			}
			l.copied(1)
			if err := errors.Join(os.Remove(list), os.Symlink(target, list)); err != nil {
				t.Fatal(err)
			}
			if !l.press(2) {
				t.Error("the list is not there, and nobody is erased")
			}
			l.kill()
			if err := os.Remove(list); err != nil {
				t.Fatal(err)
			}
			l.start()
			l.copied(2)
			l.kill()
			l.staysErased()
			l.restored().staysErased()
		})
	}
}

// said is what the health says.
func (l *leaving) said() string {
	_, body := fetched(l.t, l.program, "/readyz")
	return body
}
