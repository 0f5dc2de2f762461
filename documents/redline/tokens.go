package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a run of bytes of a text that an edit never cuts: a word, a number, an
// address, white space, or one sign; after phrases, also several of these that
// say one thing. No token ends inside a word of UAX #29, with two exceptions:
// U+202F, which that standard counts among letters, is a space to readers; and the
// two spaces of an empty cell belong each to its border.
type token struct {
	start, end int32
	letters    int32 // 0 for space and signs
	phrase     class // of several words that say one thing
}

// tokens cuts s. The first prefix bytes, a clause's number, are one token. What
// is a token depends on the text alone, never on its language.
func tokens(s string, prefix int) []token {
	return appendTokens(make([]token, 0, len(s)/5+4), s, prefix)
}

func appendTokens(out []token, s string, prefix int) []token {
	if prefix > 0 {
		out = append(out, token{0, int32(prefix), 1, ofNothing})
	}
	for i := prefix; i < len(s); {
		n, letters := next(s[i:])
		if s[i] == '/' && (i == 0 || opensPath(s[:i])) {
			if m := path(s[i:]); m > n {
				n, letters = m, m
			}
		}
		out = append(out, token{int32(i), int32(i + n), int32(letters), ofNothing})
		i += n
	}
	return out
}

// letters counts those of some tokens.
func letters(of []token) int {
	sum := 0
	for _, t := range of {
		sum += int(t.letters)
	}
	return sum
}

// next returns the length of the first token of s and how many letters it has.
func next(s string) (n, letters int) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == '\n', strings.HasPrefix(s, "\r\n"):
		return strings.IndexByte(s, '\n') + 1, 0
	case bordered(s):
		return len(border), 0
	case unicode.IsSpace(r):
		return spaces(s), 0
	case r == '+' || r == '(' || isDigit(s, 0):
		if n := phone(s); n > 0 {
			return n, n
		}
		if n := number(s); n > 0 {
			return n, n
		}
	}
	switch {
	case alone(r):
		return size + marks(s[size:]), ideograph
	case wordly(r) || katakana(r):
		n, letters = word(s)
		if m := address(s, n); m > n {
			return m, m
		}
		return n, letters
	case regional(r):
		return flag(s), 0
	case attached(r):
		return marks(s), 0
	}
	return size + marks(s[size:]), 0
}

// ideograph is what a sign that is a word, or most of one, weighs in letters.
const ideograph = 2

func spaces(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r == '\n' || !unicode.IsSpace(r) || n > 0 && r == '\r' {
			break
		}
		n += size
		n += marks(s[n:])
	}
	return n
}

// marks returns the length of what belongs to the sign before s: accents,
// variation selectors, and joiners with what they join.
func marks(s string) int {
	joined := false
	for i, r := range s {
		switch {
		case r == '\u200d':
			joined = true
		case attached(r):
		case !joined || unicode.IsSpace(r) || wordly(r):
			return i
		default:
			joined = false
		}
	}
	return len(s)
}

func attached(r rune) bool {
	if r < 0x300 {
		return r == 0xad
	}
	return !cyrillic(r) && (unicode.In(r, unicode.M, unicode.Cf) || r == 0xff9e || r == 0xff9f || r >= 0x1f3fb && r <= 0x1f3ff)
}

func cyrillic(r rune) bool { return r >= 0x400 && r <= 0x481 || r >= 0x48a && r <= 0x52f }

func wordly(r rune) bool {
	switch {
	case r < 0x80:
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
	case r < 0x2c2:
		return r >= 0xc0 && r != 0xd7 && r != 0xf7 || r == 0xaa || r == 0xb5 || r == 0xba || r == 0xb2 || r == 0xb3 || r == 0xb9 || r >= 0xbc && r <= 0xbe
	case cyrillic(r):
		return true
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.Pc) || unicode.Is(letterlike, r)
}

// letterlike are the signs that UAX #29 counts among letters and digits.
var letterlike = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x02c2, 0x02df, 1}, {0x02e5, 0x02ff, 1}, {0x055a, 0x055c, 1}, {0x055e, 0x055e, 1}, {0x058a, 0x058a, 1}, {0x05f3, 0x05f3, 1},
		{0x066b, 0x066b, 1}, {0x070f, 0x070f, 1}, {0x24b6, 0x24e9, 1}, {0xa708, 0xa716, 1}, {0xa720, 0xa721, 1}, {0xa789, 0xa78a, 1}, {0xab5b, 0xab5b, 1},
	},
	R32: []unicode.Range32{{0x1f130, 0x1f149, 1}, {0x1f150, 0x1f169, 1}, {0x1f170, 0x1f189, 1}},
}

// alone tells whether r is a word by itself, in scripts without spaces.
func alone(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) && unicode.In(r, unicode.Lo, unicode.Nl)
}

func katakana(r rune) bool {
	return r >= 0x3031 && (unicode.Is(unicode.Katakana, r) || r <= 0x3035 || r == 0x309b || r == 0x309c || r == 0x30a0 || r == 0x30fc || r == 0xff70)
}

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// flag measures one or two regional indicators.
func flag(s string) int {
	n := utf8.RuneLen(0x1f1e6)
	n += marks(s[n:])
	if r, size := utf8.DecodeRuneInString(s[n:]); regional(r) {
		n += size
		n += marks(s[n:])
	}
	return n
}

// word measures a run of letters and digits. Signs between two of them that hold
// a word, number, date or time together belong to it.
func word(s string) (n, letters int) {
	var before rune
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case r < 0x80 && wordly(r) && before < 0x80:
			letters++
		case attached(r):
			n += marks(s[n:])
			continue
		case alone(r) || n > 0 && apart(before, r):
			return n, letters
		case katakana(r):
			letters += ideograph
		case wordly(r):
			letters++
		default:
			if !joins(before, r, s[n+size:]) {
				return n, letters
			}
		}
		n, before = n+size, r
	}
	return n, letters
}

// apart tells whether a word ends between x and y because one of them is katakana.
func apart(x, y rune) bool {
	return katakana(x) != katakana(y) && wordly(y) && !unicode.In(x, unicode.Pc) && !unicode.Is(unicode.Pc, y)
}

// joins tells whether r holds together what stands before and after it.
func joins(before, r rune, rest string) bool {
	if hebrew(before) && r == '\'' {
		return true
	}
	after, _ := utf8.DecodeRuneInString(rest[marks(rest):])
	if !wordly(after) || alone(after) || katakana(after) {
		return false
	}
	digits, letters := unicode.IsDigit(before) && unicode.IsDigit(after), letter(before) && letter(after)
	switch r {
	case '-', '‐', '‑', '\'', '’', 'ʼ', '·', '@':
		return true
	case '"':
		return hebrew(before) && hebrew(after)
	case '/', '–':
		return digits
	case '.':
		return digits || letters || unicode.IsUpper(before) && unicode.IsDigit(after)
	case ':':
		return digits || letters
	}
	return digits && strings.ContainsRune(withinNumbers, r) || letters && strings.ContainsRune(withinWords, r)
}

func letter(r rune) bool { return unicode.In(r, unicode.L, unicode.Nl, letterlike) }

func hebrew(r rune) bool { return r >= 0x5d0 && r <= 0x5f2 || r >= 0xfb1d && r <= 0xfb4f }

// The signs of UAX #29, WB6 and WB11, that hold words and numbers together.
const (
	withinWords   = "\u0387\u055f\u05f4\u2018\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a"
	withinNumbers = ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2018\u2024\u2044\ufe10\ufe14\ufe50\ufe52\ufe54\uff07\uff0c\uff0e\uff1b"
)
