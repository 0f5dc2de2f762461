package main

import (
	"bufio"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// traced are the system calls that change files, or tell others of it.
const traced = "openat,write,pwrite64,ftruncate,fsync,fdatasync,mkdirat,renameat,renameat2,linkat,unlinkat"

// stracing is the command that runs the program and records its calls in file.
func stracing(t *testing.T, file string, args ...string) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("the writes of the store cannot be recorded: install Debian's package strace")
	}
	program, err := exec.LookPath(plainProgram(t))
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command("strace", append([]string{"-f", "-yy", "-xx", "-s", "100000000", "-e", "signal=none", "-e", "trace=" + traced, "-o", file, program}, args...)...)
}

// call is one system call that succeeded. Calls stand in the order of their ends,
// but a write to a socket at its beginning: from then on others may know.
type call struct {
	name   string
	path   string // of the file or folder that it is about, absolute
	to     string // of renameat and linkat
	socket string // of write, as strace names it
	data   []byte
	at     int64 // of pwrite64; the length of ftruncate
	create bool  // openat may create
}

func parseTrace(t *testing.T, file string) (calls []call) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	begun := map[string]string{} // by thread
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<30)
	for lines.Scan() {
		thread, line, _ := strings.Cut(lines.Text(), " ")
		line = strings.TrimSpace(line)
		if head, ok := strings.CutSuffix(line, "<unfinished ...>"); ok {
			begun[thread] = strings.TrimSpace(head)
			if c, ok := parseCall(t, head+`) = 1`); ok && c.socket != "" {
				calls = append(calls, c)
				begun[thread] = ""
			}
			continue
		}
		if _, rest, ok := strings.Cut(line, " resumed>"); ok && strings.HasPrefix(line, "<... ") {
			line = begun[thread] + rest
		}
		if c, ok := parseCall(t, line); ok {
			calls = append(calls, c)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return calls
}

func parseCall(t *testing.T, line string) (c call, ok bool) {
	t.Helper()
	name, rest, ok := strings.Cut(line, "(")
	end := strings.LastIndex(rest, ") ")
	if !ok || end < 0 || !strings.Contains(","+traced+",", ","+name+",") {
		return c, false
	}
	result := strings.TrimSpace(rest[end+2:])
	if !strings.HasPrefix(result, "= ") || strings.HasPrefix(result, "= -1") {
		return c, false
	}
	args := strings.Split(rest[:end], ", ")
	c.name = name
	switch name {
	case "write", "pwrite64", "ftruncate", "fsync", "fdatasync":
		c.path, c.socket = descriptor(args[0])
	case "openat":
		c.path, c.create = below(args[0], args[1]), strings.Contains(args[2], "O_CREAT")
		if strings.Contains(args[2], "O_TRUNC") {
			t.Fatalf("a file is emptied in place: %s", c.path)
		}
	case "mkdirat", "unlinkat":
		c.path = below(args[0], args[1])
	case "renameat", "renameat2", "linkat":
		c.path, c.to = below(args[0], args[1]), below(args[2], args[3])
	}
	switch name {
	case "write", "pwrite64":
		c.data = []byte(unhex(args[1]))
	}
	switch name {
	case "pwrite64", "ftruncate":
		c.at, _ = strconv.ParseInt(args[len(args)-1], 10, 64)
	}
	return c, true
}

// descriptor is 5<\x2f…> or 7<TCP:[…]>.
func descriptor(arg string) (path, socket string) {
	_, inside, _ := strings.Cut(strings.TrimSuffix(arg, ">"), "<")
	if strings.Contains(inside, ":[") {
		return "", arg
	}
	return unhex(inside), ""
}

func below(dir, name string) string {
	path := unhex(name)
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	_, base, _ := strings.Cut(strings.TrimSuffix(dir, ">"), "<")
	return filepath.Join(unhex(base), path)
}

func unhex(s string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(s, `"`), `\x`, ""))
	if err != nil {
		return ""
	}
	return string(b)
}
