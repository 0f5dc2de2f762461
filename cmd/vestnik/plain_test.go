package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// building gives the tests a folder for the program that they build.
type building struct{ *testing.M }

const plainFolder = "VESTNIK_TEST_PLAIN"

func (b building) Run() int {
	dir, err := os.MkdirTemp("", "vestnik-plain-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	os.Setenv(plainFolder, dir)
	return b.M.Run()
}

// plain is the program for tests that drive it as a process from outside. Where
// they run under the race detector, it is built without, as it is shipped: the
// detector makes it some ten times slower, and what it could find it finds in the
// scripts and in the rooms' own tests.
var plain = sync.OnceValues(func() (string, error) {
	if !raced {
		return "vestnik", nil // this very binary, see TestMain
	}
	path := filepath.Join(os.Getenv(plainFolder), "vestnik")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func plainProgram(t testing.TB) string {
	t.Helper()
	path, err := plain()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
