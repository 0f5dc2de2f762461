package redline

import (
	"strings"
	"unicode"
)

// guise is a character that stands for another; none stands for nothing.
type guise struct{ was, is rune }

const none = rune(-1)

// compareCharacters names the characters of edits that readers cannot tell from
// those that they replace, and invisible ones that came or went. An edit whose
// words differ to the eye is searched word by word. Other quotation marks, dashes
// and spaces are named where nothing else differs.
func compareCharacters(spans []Span) []Detail {
	var found []guise
	visible := false
	for i := 0; i < len(spans) && len(found) <= detailsShown; {
		var removed, added strings.Builder
		for ; i < len(spans) && spans[i].Op != opSame; i++ {
			if spans[i].Op == opRemoved {
				removed.WriteString(spans[i].Text)
			} else {
				added.WriteString(spans[i].Text)
			}
		}
		if removed.Len()+added.Len() > 0 {
			guises, same := compareEdit(removed.String(), added.String())
			found, visible = append(found, guises...), visible || !same
		}
		for i < len(spans) && spans[i].Op == opSame {
			i++
		}
	}
	var out []Detail
	for _, s := range found {
		if !visible || !s.typographic() {
			out = append(out, Detail{"character", character(s.was), character(s.is)})
		}
	}
	return out
}

// typographic tells whether s is about signs between words, or about marks that
// honest texts have.
func (s guise) typographic() bool {
	switch {
	case s.was == none:
		return usual(s.is)
	case s.is == none:
		return usual(s.was)
	}
	return !unicode.In(s.was, unicode.L, unicode.N) && !unicode.In(s.is, unicode.L, unicode.N)
}

// compareEdit names the characters of one edit; same tells whether readers see no
// difference at all.
func compareEdit(a, b string) (found []guise, same bool) {
	if plainASCII(a) && plainASCII(b) {
		return nil, false
	}
	if found, same = replaced(a, b); same {
		return found, true
	}
	return append(wordByWord(a, b), unseen(a, b)...), false
}

// wordByWord compares the words that stand in one string only with those of the
// other that look the same.
func wordByWord(a, b string) (found []guise) {
	rest := map[string]int{} // words of b, less those that a has too
	for w := range strings.FieldsSeq(b) {
		rest[w]++
	}
	var left []string
	for w := range strings.FieldsSeq(a) {
		if rest[w] > 0 {
			rest[w]--
		} else {
			left = append(left, w)
		}
	}
	byLooks := map[string][]string{}
	for w := range strings.FieldsSeq(b) {
		if rest[w] > 0 {
			rest[w]--
			byLooks[appearance(w)] = append(byLooks[appearance(w)], w)
		}
	}
	for _, w := range left {
		o := byLooks[appearance(w)]
		if len(o) == 0 {
			continue
		}
		if guises, ok := replaced(w, o[0]); ok {
			found = append(found, guises...)
			byLooks[appearance(w)] = o[1:]
		}
	}
	return found
}

// plainASCII tells whether s has no character that could pass for another of s.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] < ' ' && s[i] != '\n' {
			return false
		}
	}
	return true
}

// replaced names the characters by which two strings differ that look the same;
// ok is false if they do not.
func replaced(a, b string) (out []guise, ok bool) {
	x, y := glyphs(a), glyphs(b)
	for i, j := 0, 0; i < len(x) || j < len(y); {
		switch {
		case i < len(x) && j < len(y) && x[i].is == y[j].is:
			i, j = i+1, j+1
		case i < len(x) && x[i].like == 0:
			out = append(out, guise{x[i].is, none})
			i++
		case j < len(y) && y[j].like == 0:
			out = append(out, guise{none, y[j].is})
			j++
		case i < len(x) && j < len(y) && x[i].like == y[j].like && twin(x[i].is, y[j].is, len(x)+len(y)):
			s := guise{x[i].is, y[j].is}
			if accent := unicode.In(s.was, unicode.M) || unicode.In(s.is, unicode.M); !accent && (len(out) == 0 || out[len(out)-1] != s) {
				out = append(out, s)
			}
			i, j = i+1, j+1
		default:
			return nil, false
		}
	}
	return out, true
}

// twin tells whether one of two characters that look alike may pass for the
// other: letters of one script are different letters, and a digit alone is no
// letter.
func twin(a, b rune, length int) bool {
	if unicode.IsLetter(a) != unicode.IsLetter(b) && (unicode.IsDigit(a) || unicode.IsDigit(b)) {
		return length > 2
	}
	return !unicode.IsLetter(a) || !unicode.IsLetter(b) || script(a) != script(b) || compatible(a) || compatible(b)
}

// unseen names the invisible characters that stand more often in one of two
// strings than in the other.
func unseen(a, b string) (out []guise) {
	count := map[rune]int{}
	var order []rune
	note := func(s string, n int) {
		for _, r := range s {
			if invisible(r) && !usual(r) {
				if _, ok := count[r]; !ok {
					order = append(order, r)
				}
				count[r] += n
			}
		}
	}
	note(a, -1)
	note(b, 1)
	for _, r := range order {
		switch n := count[r]; {
		case n < 0:
			out = append(out, guise{r, none})
		case n > 0:
			out = append(out, guise{none, r})
		}
	}
	return out
}
