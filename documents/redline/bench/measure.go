package main

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

type op byte

const (
	same op = iota
	removed
	added
)

// stretch is a run of text that one thing happened to.
type stretch struct {
	op   op
	text string
}

// piece is a line of the source, an entry, or a whole text.
type piece struct {
	runs  []stretch
	aside bool // has a difference that its words do not show
	apart bool // white space stands between the runs that the tool does not write
}

// figures are what one answer amounts to.
type figures struct {
	regions, bridged, marked, cut int
	read                          int // bytes of both sides that the tool speaks of
}

func (f *figures) add(g figures) {
	f.regions += g.regions
	f.bridged += g.bridged
	f.marked += g.marked
	f.cut += g.cut
	f.read += g.read
}

func measure(of []piece) figures {
	f := figures{regions: regions(of), bridged: bridged(of)}
	for _, p := range of {
		f.cut += p.cutWords(added) + p.cutWords(removed)
		for _, r := range p.runs {
			f.read += len(r.text)
			if r.op == same {
				f.read += len(r.text)
			} else {
				f.marked += len(r.text)
			}
		}
	}
	return f
}

func (p piece) has(edited bool) bool {
	for _, r := range p.runs {
		if r.text != "" && (r.op != same) == edited {
			return true
		}
	}
	return false
}

// regions counts maximal runs of edits that not even a space parts.
func regions(of []piece) int {
	n, open := 0, false
	for _, p := range of {
		edits, rest := p.has(true), p.has(false)
		switch {
		case edits && !rest:
			if !open {
				n++
			}
			open = true
			continue
		case edits:
			n += inside(p.runs)
		case p.aside:
			n++
		case !rest:
			continue
		}
		open = false
	}
	return n
}

func inside(runs []stretch) int {
	n, open := 0, false
	for _, r := range runs {
		if r.text == "" {
			continue
		}
		if r.op != same && !open {
			n++
		}
		open = r.op != same
	}
	return n
}

// bridged counts runs of edits that more than white space parts.
func bridged(of []piece) int {
	n, open := 0, false
	for _, p := range of {
		if p.aside && !p.has(true) {
			n, open = n+1, false
			continue
		}
		for _, r := range p.runs {
			switch {
			case r.op != same && r.text != "":
				if !open {
					n++
				}
				open = true
			case strings.TrimSpace(r.text) != "":
				open = false
			}
		}
	}
	return n
}

// cutWords counts the words of one side that an edit begins or ends inside of:
// side is what that side alone has.
func (p piece) cutWords(side op) int {
	var text strings.Builder
	var edges []int
	for i, r := range p.runs {
		if p.apart {
			text.WriteByte(' ')
		}
		if i > 0 && r.op != p.runs[i-1].op {
			edges = append(edges, text.Len())
		}
		if r.op == same || r.op == side {
			text.WriteString(r.text)
		}
	}
	if len(edges) == 0 {
		return 0
	}
	n := 0
	for line, at := range lines(text.String()) {
		for len(edges) > 0 && edges[0] <= at {
			edges = edges[1:]
		}
		if len(edges) == 0 {
			break
		}
		if edges[0] < at+len(line) {
			n += cutIn(line, at, edges)
		}
	}
	return n
}

// lines yields the lines of s and where they begin. No word goes over a line end.
func lines(s string) func(func(string, int) bool) {
	return func(yield func(string, int) bool) {
		at := 0
		for line := range strings.Lines(s) {
			if !yield(line, at) {
				return
			}
			at += len(line)
		}
	}
}

// cutIn counts the words of a line that begins at byte at with an edge inside.
func cutIn(line string, at int, edges []int) int {
	n, state := 0, -1
	for line != "" {
		var word string
		word, line, state = uniseg.FirstWordInString(line, state)
		for len(edges) > 0 && edges[0] <= at {
			edges = edges[1:]
		}
		if len(edges) == 0 {
			break
		}
		at += len(word)
		if edges[0] < at && strings.IndexFunc(word, isWord) >= 0 {
			n++
		}
	}
	return n
}

func isWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N) }
