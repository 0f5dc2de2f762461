package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/sergi/go-diff/diffmatchpatch"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// tool compares two texts: how long it took, each time, and what it says.
type tool struct {
	name    string
	compare func(old, new []byte, repeat int) ([]time.Duration, []piece, error)
	source  bool // is given the source even where others get what readers see
	silent  bool // says what another row says already: only its time counts
	idle    bool // compares nothing
}

// startTools returns the tools that are there, and what ends them.
func startTools(o options) ([]tool, func(), error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, nil, err
	}
	done := func() { os.RemoveAll(dir) }
	tools := []tool{
		{name: "vestnik", compare: vestnik(false), source: true},
		{name: "vestnik, with parsing", compare: vestnik(true), source: true, silent: true},
		{name: "go-diff", compare: goDiff},
	}
	if _, err := exec.LookPath("git"); err == nil {
		tools = append(tools, tool{name: "git --word-diff", compare: gitIn(dir)},
			tool{name: "git --version", compare: gitVersion, idle: true})
	} else {
		fmt.Fprintln(os.Stderr, "git is not installed: left out")
	}
	if o.wikidiff2 == "off" {
		return tools, done, nil
	}
	w, err := startWikidiff2()
	if err != nil {
		fmt.Fprintf(os.Stderr, "wikidiff2 is left out (%v): install php-cli and php-wikidiff2\n", err)
		return tools, done, nil
	}
	tools = append(tools, tool{name: "wikidiff2 " + w.version, compare: w.compare})
	return tools, func() { w.stop(); done() }, nil
}

func vestnik(parsing bool) func(old, new []byte, repeat int) ([]time.Duration, []piece, error) {
	return func(old, new []byte, repeat int) ([]time.Duration, []piece, error) {
		var r *redline.Redline
		took := make([]time.Duration, repeat)
		for i := range took {
			runtime.GC()
			start := time.Now()
			a, err := markdown.Parse(old)
			if err != nil {
				return nil, nil, err
			}
			b, err := markdown.Parse(new)
			if err != nil {
				return nil, nil, err
			}
			if !parsing {
				start = time.Now()
			}
			r = redline.Compare(a, b)
			took[i] = time.Since(start)
		}
		return took, entries(r), nil
	}
}

// entries reads a redline as pieces.
func entries(r *redline.Redline) []piece {
	ops := map[string]op{"same": same, "removed": removed, "added": added}
	out := make([]piece, len(r.Changes))
	for i, e := range r.Changes {
		out[i].aside = len(e.Details) > 0
		for _, s := range e.Spans {
			out[i].runs = append(out[i].runs, stretch{ops[s.Op], s.Text})
		}
	}
	return out
}

func goDiff(old, new []byte, repeat int) ([]time.Duration, []piece, error) {
	a, b := string(old), string(new)
	var diffs []diffmatchpatch.Diff
	took := make([]time.Duration, repeat)
	for i := range took {
		runtime.GC()
		start := time.Now()
		d := diffmatchpatch.New()
		diffs = d.DiffCleanupSemantic(d.DiffMain(a, b, false))
		took[i] = time.Since(start)
	}
	ops := map[diffmatchpatch.Operation]op{diffmatchpatch.DiffEqual: same, diffmatchpatch.DiffDelete: removed, diffmatchpatch.DiffInsert: added}
	var p piece
	for _, d := range diffs {
		p.runs = append(p.runs, stretch{ops[d.Type], d.Text})
	}
	return took, []piece{p}, nil
}

func gitVersion(_, _ []byte, repeat int) ([]time.Duration, []piece, error) {
	took := make([]time.Duration, repeat)
	for i := range took {
		var err error
		if _, took[i], err = git("--version"); err != nil {
			return nil, nil, err
		}
	}
	return took, nil, nil
}

func gitIn(dir string) func(old, new []byte, repeat int) ([]time.Duration, []piece, error) {
	a, b := filepath.Join(dir, "old"), filepath.Join(dir, "new")
	return func(old, new []byte, repeat int) ([]time.Duration, []piece, error) {
		if err := errors.Join(os.WriteFile(a, old, 0o600), os.WriteFile(b, new, 0o600)); err != nil {
			return nil, nil, err
		}
		took := make([]time.Duration, repeat)
		for i := range took {
			var err error
			if _, took[i], err = git("diff", "--no-index", "--word-diff=porcelain", a, b); err != nil {
				return nil, nil, err
			}
		}
		// All unchanged lines are wanted to see what ends a region.
		out, _, err := git("diff", "--no-index", "--word-diff=porcelain", "-U1000000000", a, b)
		return took, porcelain(out), err
	}
}

// git runs git as it is without anybody's settings; its exit code 1 means a
// difference.
func git(args ...string) ([]byte, time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "git", args...)
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C")
	var out bytes.Buffer
	c.Stdout = &out
	start := time.Now()
	err := c.Run()
	took := time.Since(start)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil
	}
	return out.Bytes(), took, err
}

// porcelain reads git's word diff: a line is a run, ~ ends a line of the text.
func porcelain(out []byte) []piece {
	_, body, ok := strings.Cut(string(out), "\n@@")
	if !ok {
		return nil
	}
	_, body, _ = strings.Cut(body, "\n")
	ops := map[byte]op{' ': same, '-': removed, '+': added}
	pieces := []piece{{apart: true}}
	for line := range strings.SplitSeq(body, "\n") {
		if line == "" || line[0] == '\\' {
			continue
		}
		last := &pieces[len(pieces)-1]
		if line[0] == '~' {
			pieces = append(pieces, piece{apart: true})
		} else if o, ok := ops[line[0]]; ok {
			last.runs = append(last.runs, stretch{o, line[1:]})
		}
	}
	return pieces
}
