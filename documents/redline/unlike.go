package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentences decides for each sentence, and then for the whole, whether its words
// are compared: what is less than about a third alike is removed and added as one.
func (w *wording) sentences() []edit {
	out := make([]edit, 0, len(w.edits))
	from, fx, fy := 0, 0, 0 // where the sentence begins: in out, in a, in b
	x, y := 0, 0
	end := func() {
		out = append(out[:from], w.unlike(out[from:], fx, fy)...)
		from, fx, fy = len(out), x, y
	}
	for _, e := range w.edits {
		if !e.equal {
			out = append(out, e)
			x, y = x+e.a, y+e.b
			continue
		}
		start := x
		for ; x <= start+e.a; x, y = x+1, y+1 {
			if w.a.begins(x) && w.b.begins(y) {
				if n := x - start; n > 0 {
					out = append(out, edit{equal: true, a: n, b: n})
				}
				e.a, start = e.a-(x-start), x
				end()
			}
		}
		x, y = x-1, y-1
		if e.a > 0 {
			out = append(out, edit{equal: true, a: e.a, b: e.a})
		}
	}
	end()
	if !w.middle && !w.rows {
		out = w.unlike(out, 0, 0)
	}
	return joined(out)
}

// unlike makes one edit of all between the first and the last of the given ones,
// which cover the tokens from x and y on, if less than a third of their letters are
// equal.
func (w *wording) unlike(edits []edit, x, y int) []edit {
	same, all, first, last := 0, 0, -1, 0
	for i, e := range edits {
		n := letters(w.a.of[x:x+e.a]) + letters(w.b.of[y:y+e.b])
		if x, y, all = x+e.a, y+e.b, all+n; e.equal {
			same += n
			continue
		}
		if last = i; first < 0 {
			first = i
		}
	}
	if first < 0 || 3*same >= all {
		return edits
	}
	var one edit
	for _, e := range edits[first : last+1] {
		one.a, one.b = one.a+e.a, one.b+e.b
	}
	out := append(edits[:first:first], one)
	return append(out, edits[last+1:]...)
}

// begins tells whether a sentence, a line or a cell begins at token x.
func (p *passage) begins(x int) bool {
	if x <= 0 || x >= len(p.of) {
		return true
	}
	switch before := p.at(x - 1); {
	case before == "\n" || before == border || strings.Contains("。！？", before):
		return true
	case before[0] != ' ' || x < 2:
		return false
	}
	end := p.at(x - 2)
	switch next := firstRune(p.at(x)); {
	case end == ":" || end == ";":
		return true
	case unicode.IsLower(next) || !strings.ContainsAny(end[len(end)-1:], ".!?") && end != "…" && end != "؟":
		return false
	}
	return end != "." || x < 3 || !abbreviation(p.at(x-3))
}

func (p *passage) at(x int) string { return p.text[p.of[x].start:p.of[x].end] }

// abbreviation tells whether a dot after word hardly ends a sentence: ул. Абая.
func abbreviation(word string) bool {
	return utf8.RuneCountInString(word) <= 3 && unicode.IsLower(firstRune(word))
}
