package main

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A backup that was cut exactly between two of its files, such as by a disk that
// was full or a transfer that broke off, is no backup.
func TestRestoreRefusesCutBackup(t *testing.T) {
	dir, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "backup")
	for _, args := range [][]string{{"settings", "-data", dir, "hold=0"}, {"backup", "-data", dir, file}} {
		if code, _, errs := outcome(t, args...); code != 0 {
			t.Fatal(args, errs)
		}
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := bytes.NewReader(whole)
	var cuts []int // where a file begins, and the end mark
	for in := tar.NewReader(r); ; {
		at := len(whole) - r.Len()
		_, err := in.Next()
		cuts = append(cuts, (at+511)/512*512)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, in); err != nil {
			t.Fatal(err)
		}
	}
	if len(cuts) != 6 || cuts[5] != len(whole)-1024 {
		t.Fatalf("cuts at %d of %d bytes", cuts, len(whole))
	}
	for _, at := range append(cuts, len(whole)-512) {
		cut, to := filepath.Join(t.TempDir(), "cut"), filepath.Join(t.TempDir(), "restored")
		if err := os.WriteFile(cut, whole[:at], 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, errs := outcome(t, "restore", "-data", to, cut)
		if code != 2 || !strings.Contains(errs, "nothing was restored") || exists(to) {
			t.Errorf("cut at %d of %d bytes: exit %d: %s", at, len(whole), code, errs)
		}
	}
}
