package redline

import "unicode/utf8"

// slide moves edits that only add or only remove to where they read best: the
// same words may often be said to come one sentence or one word sooner or later.
func (w *wording) slide(edits []edit, a, b string, ta, tb []token) {
	x, y := 0, 0
	for n := range edits {
		e := &edits[n]
		if n > 0 && n+1 < len(edits) && !e.equal && edits[n-1].equal && edits[n+1].equal && (e.a == 0 || e.b == 0) {
			s := sliding{ids: w.a, text: a, of: ta, from: x, to: x + e.a}
			if e.a == 0 {
				s = sliding{ids: w.b, text: b, of: tb, from: y, to: y + e.b}
			}
			by := s.best(edits[n-1].a-1, edits[n+1].a-1)
			x, y = x+by, y+by
			edits[n-1].a, edits[n-1].b = edits[n-1].a+by, edits[n-1].b+by
			edits[n+1].a, edits[n+1].b = edits[n+1].a-by, edits[n+1].b-by
		}
		x, y = x+e.a, y+e.b
	}
}

// sliding is an edit of one text: tokens from to to of it.
type sliding struct {
	ids      []int32
	text     string
	of       []token
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

func (s sliding) border(at int) int {
	p := s.of[at].start
	before, _ := utf8.DecodeLastRuneInString(s.text[:p])
	switch {
	case p == 0 || before == '\n':
		return 4
	case before != ' ':
		return 0
	}
	switch end, _ := utf8.DecodeLastRuneInString(s.text[:p-1]); end {
	case '.', '!', '?', '…', ':', ';', '|', '。':
		return 3
	case ',':
		return 2
	}
	return 1
}
