package redline

import (
	"slices"
	"strings"
)

// edit is a stretch of two token lists: equal, or the one replaced by the other.
type edit struct {
	equal bool
	a, b  int // tokens
}

// joined joins neighbours of one kind.
func joined(edits []edit) []edit {
	out := edits[:0]
	for _, e := range edits {
		if n := len(out); n > 0 && out[n-1].equal == e.equal {
			out[n-1].a, out[n-1].b = out[n-1].a+e.a, out[n-1].b+e.b
			continue
		}
		if e.a+e.b > 0 {
			out = append(out, e)
		}
	}
	return out
}

// render turns edits into spans: what is removed before what is added.
func (w *wording) render(edits []edit) []Span {
	out := make([]Span, 0, len(edits)*2)
	done, x, y := 0, 0, 0
	for _, e := range edits {
		if !e.equal {
			out = put(out, opSame, w.a.text[done:w.a.place(x)])
			done = w.a.place(x + e.a)
			out = put(out, opRemoved, w.a.text[w.a.place(x):done])
			out = put(out, opAdded, w.b.text[w.b.place(y):w.b.place(y+e.b)])
		}
		x, y = x+e.a, y+e.b
	}
	return put(out, opSame, w.a.text[done:])
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

// place is where token x begins, or, after the last, where that one ends.
func (p *passage) place(x int) int {
	switch {
	case x < len(p.of):
		return int(p.of[x].start)
	case x > 0:
		return int(p.of[x-1].end)
	}
	return p.head
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
