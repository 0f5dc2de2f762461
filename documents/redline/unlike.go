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
		w.unlike(&out, from, fx, fy)
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
	if !w.middle {
		w.unlike(&out, 0, 0, 0)
	}
	return joined(out)
}

// unlike makes one edit of those from the given one on, which cover the tokens
// from x and y on, if less than a third of their letters are equal. Signs and the
// number at their ends stay.
func (w *wording) unlike(edits *[]edit, from, x, y int) {
	of := (*edits)[from:]
	same, all, a, b := 0, 0, 0, 0
	for _, e := range of {
		n, m := letters(w.a.of[x+a:x+a+e.a]), letters(w.b.of[y+b:y+b+e.b])
		all += n + m
		if e.equal {
			same += n + m
		}
		a, b = a+e.a, b+e.b
	}
	if len(of) < 2 || 3*same >= all {
		return
	}
	head, tail := 0, 0
	if e := of[0]; e.equal {
		for head < e.a && w.sign(x+head) {
			head++
		}
	}
	if e := of[len(of)-1]; e.equal {
		for tail < e.a && w.sign(x+a-tail-1) {
			tail++
		}
	}
	out := (*edits)[:from]
	for _, e := range []edit{{equal: true, a: head, b: head}, {a: a - head - tail, b: b - head - tail}, {equal: true, a: tail, b: tail}} {
		if e.a+e.b > 0 {
			out = append(out, e)
		}
	}
	*edits = out
}

// sign tells whether token x of a is no word, or the number of the block.
func (w *wording) sign(x int) bool {
	return w.a.of[x].letters == 0 || x == 0 && w.numbered
}

// begins tells whether a sentence, a line or a cell begins at token x.
func (p *passage) begins(x int) bool {
	if x <= 0 || x >= len(p.of) {
		return true
	}
	switch before := p.at(x - 1); {
	case before == "\n" || strings.Contains("。！？", before):
		return true
	case before[0] != ' ' || x < 2:
		return false
	}
	end := p.at(x - 2)
	switch next := firstRune(p.at(x)); {
	case end == "|":
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
