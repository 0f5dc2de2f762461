package redline

import "unicode/utf8"

// slide moves edits that only add or only remove to where they read best: the
// same words may often be said to come one sentence or one word sooner or later.
func (w *wording) slide() {
	x, y := 0, 0
	for n := range w.edits {
		e := &w.edits[n]
		if n > 0 && n+1 < len(w.edits) && !e.equal && (e.a == 0 || e.b == 0) {
			before, after := &w.edits[n-1], &w.edits[n+1]
			s := sliding{&w.a, x, x + e.a}
			if e.a == 0 {
				s = sliding{&w.b, y, y + e.b}
			}
			left, right := before.a, after.a
			if n > 1 {
				left = w.a.spare(x-left, x, 1)
			}
			if n+2 < len(w.edits) {
				right = w.a.spare(x+e.a, x+e.a+right, -1)
			}
			by := s.best(left, right)
			x, y = x+by, y+by
			before.a, before.b = before.a+by, before.b+by
			after.a, after.b = after.a-by, after.b-by
		}
		x, y = x+e.a, y+e.b
	}
}

// spare returns how many of the tokens from to to an edit may take away from the
// run between it and another, which begins (1) or ends (-1) with them, so that the
// run stays long enough to part two edits.
func (p *passage) spare(from, to, way int) int {
	kept := 0
	for from < to && kept < regionCost {
		if way > 0 {
			kept += int(p.of[from].letters)
			from++
		} else {
			kept += int(p.of[to-1].letters)
			to--
		}
	}
	return to - from
}

// sliding is an edit of one text: tokens from to to of it.
type sliding struct {
	*passage
	from, to int
}

// best returns by how many tokens to move the edit, at most left towards the
// start and right towards the end.
func (s sliding) best(left, right int) int {
	first, last := 0, 0
	for first > -left && s.ids[s.from+first-1] == s.ids[s.to+first-1] {
		first--
	}
	for last < right && s.ids[s.from+last] == s.ids[s.to+last] {
		last++
	}
	found, top := 0, s.score(0)
	for by := first; by <= last; by++ {
		if score := s.score(by); score > top {
			found, top = by, score
		}
	}
	return found
}

// score says how well the edit reads after moving it: it should begin where a
// line, a sentence or a word begins, and end where one ends.
func (s sliding) score(by int) int {
	return s.border(s.from+by) + s.border(s.to+by)
}

// border says how well a text may be cut before token at: best where a line, a
// sentence, a part of one or a word begins, a little less well before the space
// that precedes it.
func (s sliding) border(at int) int {
	if at == 0 || at == len(s.of) {
		return 9
	}
	p, q := s.of[at].start, s.of[at-1].start
	here := 0
	if s.at(at-1) == border {
		return 7
	}
	if s.text[q] == ' ' && at > 1 {
		here, q = 1, s.of[at-2].start
	} else if s.text[p] != ' ' && s.text[p] != '\n' && s.text[q] < 0x80 {
		return 0
	}
	switch before, _ := utf8.DecodeRuneInString(s.text[q:]); before {
	case '\n':
		return 8 + here
	case '.', '!', '?', '…', '。', '؟', '！', '？':
		return 6 + here
	case ':', ';', '；', '：':
		return 4 + here
	case ',', '،', '、', '，', ')':
		return 2 + here
	}
	return here
}
