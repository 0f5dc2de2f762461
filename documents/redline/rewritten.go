package redline

import (
	"unicode/utf8"

	"vestnik/documents/markdown"
)

// A text of fewer characters is shown word by word whatever happened to it, and so
// is one of which more than a quarter stayed.
const (
	rewrittenLetters = 600
	rewrittenShare   = 4
)

// Rewritten tells whether so little of either text is in the other that comparing
// them clause by clause says less than reading both.
func (r *Redline) Rewritten() bool {
	old, new, same := 0, 0, 0
	for i := range r.Changes {
		for _, s := range r.Changes[i].Spans {
			n := utf8.RuneCountInString(s.Text)
			switch s.Op {
			case opRemoved:
				old += n
			case opAdded:
				new += n
			default:
				same += n
			}
		}
	}
	shorter := min(old, new) + same
	return shorter >= rewrittenLetters && rewrittenShare*same < shorter
}

// outline is the upper clauses of one text.
type outline struct {
	head  string
	lines []string
}

const outlineLines = 40

// outline lists the upper clauses of both texts.
func (s speech) outline() [2]outline {
	return [2]outline{{s.T("outline_old"), s.upper(s.old)}, {s.T("outline_new"), s.upper(s.new)}}
}

// upper names the clauses of the highest levels that outlineLines hold, at least
// those of the first.
func (s speech) upper(t *markdown.Text) []string {
	levels := map[int]int{}
	for _, c := range t.Clauses {
		levels[c.Level]++
	}
	level, sum := 1, levels[1]
	for levels[level+1] > 0 && sum+levels[level+1] <= outlineLines {
		level++
		sum += levels[level]
	}
	var out []string
	for i, c := range t.Clauses {
		if c.Level > level {
			continue
		}
		if len(out) == outlineLines {
			return append(out, s.N("and_more", sum-outlineLines))
		}
		out = append(out, s.listed(t, i, titleLetters))
	}
	if len(out) == 0 {
		out = append(out, s.N("blocks", len(t.Blocks)))
	}
	return out
}
