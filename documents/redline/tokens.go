package redline

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a run of bytes of a text that an edit never cuts: a word, a number, a
// date, an address, white space, or one sign.
type token struct {
	start, end int
	letters    int // 0 for space and signs
}

// tokens cuts s. The first prefix bytes, a clause's number, are one token.
func tokens(s string, prefix int) []token {
	out := make([]token, 0, len(s)/5+4)
	if prefix > 0 {
		out = append(out, token{0, prefix, 1})
	}
	for i := prefix; i < len(s); {
		n, letters := next(s[i:])
		out = append(out, token{i, i + n, letters})
		i += n
	}
	return out
}

// next returns the length of the first token of s and how many letters it has.
func next(s string) (n, letters int) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == '\n':
		return size, 0
	case unicode.IsSpace(r):
		return spaces(s), 0
	case alone(r):
		return size + marks(s[size:]), 1
	case wordly(r):
		if n := address(s); n > 0 {
			return n, n
		}
		if n := grouped(s); n > 0 {
			return n, n
		}
		return word(s)
	}
	return size + marks(s[size:]), 0
}

func spaces(s string) int {
	for i, r := range s {
		if r == '\n' || !unicode.IsSpace(r) {
			return i
		}
	}
	return len(s)
}

// marks returns the length of what belongs to the sign before s: accents,
// joiners, variation selectors.
func marks(s string) int {
	for i, r := range s {
		if !attached(r) {
			return i
		}
	}
	return len(s)
}

func attached(r rune) bool {
	if r < 0x80 {
		return false
	}
	return unicode.In(r, unicode.M, unicode.Cf) || (r >= 0x1f3fb && r <= 0x1f3ff)
}

func wordly(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
	}
	return unicode.In(r, unicode.L, unicode.N)
}

// alone tells whether r is a word by itself, in scripts without spaces.
func alone(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// word measures a run of letters and digits. Signs between two of them that hold
// a word, number, date or time together belong to it.
func word(s string) (n, letters int) {
	var before rune
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case alone(r):
			return n, letters
		case wordly(r):
			letters++
		case attached(r):
		default:
			after, _ := utf8.DecodeRuneInString(s[n+size:])
			if n == 0 || !joins(before, r, after) {
				return n, letters
			}
		}
		n, before = n+size, r
	}
	return n, letters
}

// joins tells whether r holds together what stands before and after it.
func joins(before, r, after rune) bool {
	if !wordly(after) || alone(after) {
		return false
	}
	switch r {
	case '-', '‐', '‑', '\'', '’', 'ʼ', '·', '_', '@':
		return true
	case '.', ':', '/', ',':
		return unicode.IsDigit(before) && unicode.IsDigit(after) || r == '.' && (unicode.IsLetter(before) && unicode.IsLower(after) || unicode.IsUpper(before) && unicode.IsDigit(after))
	}
	return false
}

// grouped measures a number whose thousands are set apart by spaces, and 0 if s
// does not begin with one.
func grouped(s string) int {
	n := digits(s)
	if n == 0 || n > 3 {
		return 0
	}
	found := false
	for range 9 { // groups; longer runs are no number
		gap := 0
		for _, space := range []string{" ", "\u00a0", "\u202f"} {
			if strings.HasPrefix(s[n:], space) {
				gap = len(space)
			}
		}
		if gap == 0 || digits(s[n+gap:]) != 3 {
			break
		}
		n, found = n+gap+3, true
	}
	if !found {
		return 0
	}
	if n+1 < len(s) && (s[n] == ',' || s[n] == '.') {
		if d := digits(s[n+1:]); d > 0 {
			n += 1 + d
		}
	}
	if r, _ := utf8.DecodeRuneInString(s[n:]); wordly(r) || attached(r) {
		return 0
	}
	return n
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// address measures a URL that s begins with, without the punctuation of the
// sentence around it: one with a scheme, or a host with a path.
func address(s string) int {
	if !schemed(s) && !hosted(s) {
		return 0
	}
	end := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>\"«»|", r) })
	if end < 0 {
		end = len(s)
	}
	run := s[:end]
	open := strings.Count(run, "(") - strings.Count(run, ")")
	for {
		short := strings.TrimRight(run, ".,;:!?'”’…*")
		if open < 0 && strings.HasSuffix(short, ")") {
			short, open = short[:len(short)-1], open+1
		}
		if len(short) == len(run) {
			return len(run)
		}
		run = short
	}
}

// schemed tells whether s begins with a scheme, or with what people write for one.
func schemed(s string) bool {
	if strings.HasPrefix(s, "mailto:") || strings.HasPrefix(s, "www.") {
		return true
	}
	at := strings.Index(s[:min(len(s), 16)], "://")
	return at > 0 && strings.IndexFunc(s[:at], func(r rune) bool { return !latin(r) }) < 0
}

func latin(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// hosted tells whether s begins with a host, its last label of two or more
// letters, and a slash.
func hosted(s string) bool {
	letters := -1 // of the last label; -1 before the first dot or after a digit
	for i := 0; i < len(s) && i < 254; i++ {
		switch c := rune(s[i]); {
		case c == '/':
			return letters >= 2
		case c == '.':
			letters = 0
		case latin(c) && letters >= 0:
			letters++
		case c == '-' || c >= '0' && c <= '9':
			letters = -1
		case !latin(c):
			return false
		}
	}
	return false
}

// lexicon gives words numbers, so that they compare as integers.
type lexicon struct {
	ids     map[string]int32
	letters []int32 // the weight of a word
}

func newLexicon() *lexicon { return &lexicon{ids: map[string]int32{}} }

func (l *lexicon) id(word string, letters int) int32 {
	id, ok := l.ids[word]
	if !ok {
		id = int32(len(l.letters))
		l.ids[word] = id
		l.letters = append(l.letters, int32(letters))
	}
	return id
}

// bag collects the words of s.
func (l *lexicon) bag(s string) bag {
	b := bag{ready: true}
	for i := 0; i < len(s); {
		n, letters := next(s[i:])
		if letters > 0 {
			b.ids = append(b.ids, l.id(s[i:i+n], letters))
			b.weight += letters
		}
		i += n
	}
	slices.Sort(b.ids)
	return b
}

// common is the weight of the words that stand in both bags.
func (l *lexicon) common(a, b bag) int {
	sum := 0
	for i, j := 0, 0; i < len(a.ids) && j < len(b.ids); {
		switch x, y := a.ids[i], b.ids[j]; {
		case x < y:
			i++
		case x > y:
			j++
		default:
			sum += int(l.letters[x])
			i, j = i+1, j+1
		}
	}
	return sum
}

// likeness of two bags, from 0 to 1.
func (l *lexicon) likeness(a, b bag) float64 {
	if a.weight+b.weight == 0 {
		return 0
	}
	return 2 * float64(l.common(a, b)) / float64(a.weight+b.weight)
}
