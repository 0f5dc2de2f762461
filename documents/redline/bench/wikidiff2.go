package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed wikidiff2.php
var script string

// wikidiff2 is a PHP process that compares what it is sent.
type wikidiff2 struct {
	version string
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func startWikidiff2() (*wikidiff2, error) {
	c := exec.Command("php", "-d", "memory_limit=-1", "-r", strings.TrimPrefix(script, "<?php"))
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	w := &wikidiff2{process: c, in: in, out: bufio.NewReader(out)}
	line, err := w.out.ReadString('\n')
	w.version = strings.TrimSpace(line)
	if err == nil && w.version == "none" {
		err = errors.New("php has no wikidiff2")
	}
	if err != nil {
		w.stop()
		return nil, err
	}
	return w, nil
}

func (w *wikidiff2) stop() {
	w.in.Close()
	w.process.Wait()
}

func (w *wikidiff2) compare(old, new []byte, repeat int) ([]time.Duration, []piece, error) {
	go func() { // an answer begins after the last byte; a failed write shows there
		fmt.Fprintf(w.in, "%d %d %d\n", len(old), len(new), repeat)
		w.in.Write(old)
		w.in.Write(new)
	}()
	line, err := w.out.ReadString('\n')
	if err != nil {
		return nil, nil, fmt.Errorf("php stopped: %w", err)
	}
	head := strings.Fields(line)
	var took []time.Duration
	var n int
	for i, field := range head {
		v, err := strconv.Atoi(field)
		if err != nil {
			return nil, nil, fmt.Errorf("php says %q", line)
		}
		if i == 0 {
			n = v
		} else {
			took = append(took, time.Duration(v))
		}
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(w.out, b); err != nil {
		return nil, nil, err
	}
	pieces, err := wikiLines(b)
	return took, pieces, err
}

// The types of lines in wikidiff2's JSON.
const (
	wikiAdded = iota + 1
	wikiDeleted
	wikiChanged
	wikiMovedFrom
	wikiMovedTo
)

type wikiLine struct {
	Type   int
	Text   string
	Ranges []wikiRange `json:"highlightRanges"`
}

type wikiRange struct{ Start, Length, Type int } // bytes; type 0 added, 1 deleted

// wikiLines reads the JSON form as pieces. A moved line stands where it went.
func wikiLines(b []byte) ([]piece, error) {
	if len(b) == 0 {
		return nil, nil
	}
	var v struct{ Diff []wikiLine }
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, fmt.Errorf("wikidiff2's JSON: %w", err)
	}
	var out []piece
	for _, l := range v.Diff {
		switch l.Type {
		case wikiAdded:
			out = append(out, piece{runs: []stretch{{added, l.Text}}})
		case wikiDeleted:
			out = append(out, piece{runs: []stretch{{removed, l.Text}}})
		case wikiMovedFrom:
		default:
			out = append(out, piece{runs: l.runs()})
		}
	}
	return out, nil
}

func (l wikiLine) runs() []stretch {
	var out []stretch
	at := 0
	slices.SortFunc(l.Ranges, func(a, b wikiRange) int { return a.Start - b.Start })
	for _, r := range l.Ranges {
		start, end := min(max(r.Start, at), len(l.Text)), min(r.Start+r.Length, len(l.Text))
		if start > at {
			out = append(out, stretch{same, l.Text[at:start]})
		}
		o := added
		if r.Type == 1 {
			o = removed
		}
		out = append(out, stretch{o, l.Text[start:max(start, end)]})
		at = max(start, end)
	}
	return append(out, stretch{same, l.Text[at:]})
}
