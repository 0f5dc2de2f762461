package redline

import (
	"slices"
	"strings"
)

// weigh counts the letters of each edit.
func weigh(edits []edit, ta, tb []token) []edit {
	x, y := 0, 0
	for i := range edits {
		e := &edits[i]
		for range e.a {
			e.lettersA += ta[x].letters
			x++
		}
		for range e.b {
			e.letB += tb[y].letters
			y++
		}
	}
	return edits
}

// tidy merges edits that a lesser equal run keeps apart: readers follow a few
// whole phrases more easily than many scattered words.
func tidy(edits []edit) []edit {
	for range 12 {
		out := edits[:0:0]
		for i := 0; i < len(edits); i++ {
			e := edits[i]
			if n := len(out); e.equal && n > 0 && i+1 < len(edits) && slight(e, out[n-1], edits[i+1]) {
				out[n-1] = merge(merge(out[n-1], e), edits[i+1])
				i++
				continue
			}
			out = append(out, e)
		}
		if len(out) == len(edits) {
			return out
		}
		edits = out
	}
	return edits
}

// slight tells whether an equal run is too small to stand between two edits.
func slight(e, before, after edit) bool {
	return e.lettersA <= max(before.lettersA, before.letB) && e.lettersA <= max(after.lettersA, after.letB)
}

func merge(x, y edit) edit {
	return edit{false, x.a + y.a, x.b + y.b, x.lettersA + y.lettersA, x.letB + y.letB}
}

// mostly tells whether at least about a third of the letters are equal.
func mostly(edits []edit) bool {
	same, all := 0, 0
	for _, e := range edits {
		all += e.lettersA + e.letB
		if e.equal {
			same += e.lettersA + e.letB
		}
	}
	return all == 0 || 3*same >= all
}

// clean shows one text removed and the other added; an equal number at the
// start stays.
func clean(edits []edit, number bool) []edit {
	var head []edit
	if number && edits[0].equal {
		head = []edit{{true, 1, 1, 1, 1}}
		edits[0].a, edits[0].b = edits[0].a-1, edits[0].b-1
	}
	var all edit
	for _, e := range edits {
		all = merge(all, e)
	}
	return append(head, all)
}

// render turns edits into spans: what is removed before what is added.
func render(edits []edit, a, b string, ta, tb []token) []Span {
	out := make([]Span, 0, len(edits)*2)
	x, y := 0, 0
	for _, e := range edits {
		left, right := cut(a, ta, x, e.a), cut(b, tb, y, e.b)
		x, y = x+e.a, y+e.b
		if e.equal {
			out = put(out, opSame, left)
			continue
		}
		out = put(put(out, opRemoved, left), opAdded, right)
	}
	return out
}

func put(spans []Span, op, text string) []Span {
	if text == "" {
		return spans
	}
	if n := len(spans); n > 0 && spans[n-1].Op == op {
		spans[n-1].Text += text
		return spans
	}
	return append(spans, Span{op, text})
}

func cut(s string, of []token, from, n int) string {
	if n == 0 {
		return ""
	}
	return s[of[from].start:of[from+n-1].end]
}

// turned swaps removed and added, and leaves each span in its place.
func turned(spans []Span) []Span {
	out := slices.Clone(spans)
	for i, s := range out {
		switch s.Op {
		case opRemoved:
			out[i].Op = opAdded
		case opAdded:
			out[i].Op = opRemoved
		}
	}
	return out
}

// readable puts what is removed before what is added, as people read a change.
// The spans themselves are those of the canonical direction, so in the other one
// they stand the other way round.
func readable(spans []Span) []Span {
	out := make([]Span, 0, len(spans))
	for i := 0; i < len(spans); {
		if spans[i].Op == opSame {
			out = append(out, spans[i])
			i++
			continue
		}
		var removed, added strings.Builder
		for ; i < len(spans) && spans[i].Op != opSame; i++ {
			if spans[i].Op == opRemoved {
				removed.WriteString(spans[i].Text)
			} else {
				added.WriteString(spans[i].Text)
			}
		}
		out = put(put(out, opRemoved, removed.String()), opAdded, added.String())
	}
	return out
}
