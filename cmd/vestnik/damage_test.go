package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everyCommand is each command that opens an installation, with what it needs.
func everyCommand(t *testing.T, dir string) map[string][]string {
	t.Helper()
	text, people := filepath.Join(t.TempDir(), "0001.ru.md"), writePeople(t, 2)
	if err := os.WriteFile(text, []byte(policyAfter), 0o600); err != nil {
		t.Fatal(err)
	}
	beside := t.TempDir()
	return map[string][]string{
		"serve":             {"serve", "-addr", "127.0.0.1:0", "-data", dir},
		"check":             {"check", "-data", dir},
		"import":            {"import", "-document", "other", "-data", dir, text},
		"publish":           {"publish", "-document", "privacy", "-class", "editorial", "-text", "ru=" + text, "-data", dir},
		"recipients import": {"recipients", "import", "-data", dir, people},
		"recipients export": {"recipients", "export", "-data", dir, filepath.Join(beside, "people.ndjson")},
		"notices":           {"notices", "list", "-data", dir},
		"settings":          {"settings", "-data", dir, "organisation=Other"},
		"staff":             {"staff", "list", "-data", dir},
		"token":             {"token", "-role", "auditor", "-name", "a", "-data", dir},
		"open":              {"open", "-data", dir},
		"backup":            {"backup", "-data", dir, filepath.Join(beside, "backup")},
		"copy":              {"copy", "bolt:" + dir, "bolt:" + filepath.Join(beside, "copy")},
		"restore":           {"restore", "-data", dir, text},
	}
}

// snapshot is all that lies in a folder.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %s", path, info.Mode())
		if e.Type().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b.Write(content)
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// untouched demands that a command refuses with one sentence, and that it changes
// nothing.
func untouched(t *testing.T, dir, name string, args []string) {
	t.Helper()
	before := snapshot(t, dir)
	code, out, errs := outcome(t, args...)
	want, said := exitTrouble, errs
	if name == "check" {
		want, said = exitNegative, out
	}
	if code != want || strings.Count(said, "\n") != 1 || strings.Contains(errs, "goroutine ") {
		t.Errorf("%s: exit code %d, want %d and one sentence\n%s%s", name, code, want, out, errs)
	}
	if after := snapshot(t, dir); after != before {
		t.Errorf("%s changed a damaged folder", name)
	}
}

// Whatever is damaged, each command says so before it uses or changes anything.
func TestDamagedFolder(t *testing.T) {
	whole := lived(t)
	good, err := os.ReadFile(folder(whole).database())
	if err != nil {
		t.Fatal(err)
	}
	besideStore := []string{"key of the log", "key for links", "checkpoint", "no key"}
	for name, damage := range map[string]func(folder) error{
		"cut in half": func(d folder) error { return os.Truncate(d.database(), int64(len(good)/2)) },
		"empty":       func(d folder) error { return os.Truncate(d.database(), 0) },
		"foreign": func(d folder) error {
			return os.WriteFile(d.database(), bytes.Repeat([]byte("%PDF-1.7\n"), 4096), 0o600)
		},
		"value": func(d folder) error {
			return os.WriteFile(d.database(), bytes.ReplaceAll(good, []byte("twenty"), []byte("twelve")), 0o600)
		},
		"second meta page": func(d folder) error { return flipAt(d.database(), 4096+16+50) },
		"key of the log":   func(d folder) error { return flipAt(d.logKey(), 60) },
		"key for links":    func(d folder) error { return flipAt(d.tokenKey(), 10) },
		"checkpoint":       func(d folder) error { return flipAt(d.checkpoint(), 3) },
		"no key":           func(d folder) error { return os.Remove(d.logKey()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := copyFolder(t, whole)
			if err := damage(folder(dir)); err != nil {
				t.Fatal(err)
			}
			for command, args := range everyCommand(t, dir) {
				if command == "copy" && slices.Contains(besideStore, name) {
					continue // it moves the store alone
				}
				untouched(t, dir, command, args)
			}
		})
	}
}

func flipAt(path string, at int64) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[at] ^= 1
	return os.WriteFile(path, b, 0o600)
}

// A store that is gone while its signed checkpoint is there is not begun anew.
func TestMissingStore(t *testing.T) {
	dir := lived(t)
	if err := os.Remove(folder(dir).database()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"serve", "import", "settings"} {
		untouched(t, dir, name, everyCommand(t, dir)[name])
	}
}

func TestTruncatedStore(t *testing.T) {
	t.Parallel()
	dir := lived(t)
	good, err := os.ReadFile(folder(dir).database())
	if err != nil {
		t.Fatal(err)
	}
	used := len(bytes.TrimRight(good, "\x00"))
	random := rand.New(rand.NewPCG(5, 6))
	lengths := []int{0, 1, 15, 16, 79, 80, 511, 512, 4095, 4096, 4097, 8191, 8192, 8193, 16384}
	for range 60 {
		lengths = append(lengths, random.IntN(used-8192))
	}
	for _, n := range lengths {
		if err := os.WriteFile(folder(dir).database(), good[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out := inside(t, "check", "-data", dir); code != exitNegative {
			t.Errorf("cut to %d bytes: exit code %d\n%s", n, code, out)
		}
		if info, err := os.Stat(folder(dir).database()); err != nil || info.Size() != int64(n) {
			t.Fatalf("cut to %d bytes, and then changed", n)
		}
	}
}

// inside runs a command in this process: a crash of it is a crash of the test.
func inside(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var b bytes.Buffer
	code = run(t.Context(), args, streams{strings.NewReader(""), &b, &b})
	return code, b.String()
}

// Each flipped bit of any file is found, or changes nothing that is read.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	dir := folder(lived(t))
	want, err := everything(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	store, err := os.ReadFile(dir.database())
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 8))
	for path, times := range map[string]int{dir.database(): 500, dir.logKey(): 60, dir.tokenKey(): 60, dir.checkpoint(): 60} {
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for range times {
			at, bit := random.IntN(len(good)), random.IntN(8)
			bad := bytes.Clone(good)
			bad[at] ^= 1 << bit
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := everything(t, dir)
			switch {
			case err != nil:
				found++
				toldOf(t, dir, path, bad)
			case got != want:
				t.Errorf("bit %d of byte %d of %s is not found and changes what is read", bit, at, path)
			}
			// Opening a sound store writes to it.
			if err := errors.Join(os.WriteFile(dir.database(), store, 0o600), os.WriteFile(path, good, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("%s: %d of %d flips found", filepath.Base(path), found, times)
		if found == 0 {
			t.Errorf("no flip of %s was found", path)
		}
	}
}

// toldOf demands that check says of a damage what is so, and leaves it alone.
func toldOf(t *testing.T, dir folder, path string, bad []byte) {
	t.Helper()
	code, out := inside(t, "check", "-data", string(dir))
	if code != exitNegative || strings.Count(out, "\n") != 1 {
		t.Errorf("a flip in %s: exit code %d\n%s", path, code, out)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, bad) {
		t.Errorf("%s was changed after it was found to be damaged", path)
	}
}

// everything is what the rooms and the log read, if serve would start.
func everything(t *testing.T, dir folder) (string, error) {
	t.Helper()
	in, err := openInstallation(t.Context(), dir, false, options{loopback: true})
	if err != nil {
		return "", err
	}
	defer in.close()
	if err := in.sound(t.Context(), nil); err != nil {
		return "", err
	}
	var b bytes.Buffer
	for _, r := range in.stores.rooms() {
		if err := r.dump(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	key, err := dir.personalKey()
	fmt.Fprintf(&b, "%x %s", key, in.tree.VerifierKey())
	return b.String(), err
}
