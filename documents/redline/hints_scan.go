package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// term is a word, a number, an address or a sign of a text, as the hints read it.
type term struct {
	text       string // in small letters, ё as е, ’ as '
	start, end int32
	sentence   int32
	kind       wordKind
	capital    bool // begins with a capital
	upper      bool // has no small letters
}

type wordKind byte

const (
	wordLetters wordKind = iota
	wordDigits
	wordSign
	wordAddress // an e-mail address or a URL
)

// scanning reads the words of pieces of a text.
type scanning struct {
	text             string
	words            []term
	sentence         int32
	kazakh, cyrillic int // letters
}

// scan reads text[from:to].
func (s *scanning) scan(from, to int) {
	s.sentence++
	for i := from; i < to; {
		r, size := s.rune(i)
		switch {
		case r == ' ':
			i++
		case r == '\n':
			s.sentence++
			i++
		case alphabetic(r) || unicode.IsDigit(r):
			i = s.word(i, to)
		case unicode.IsSpace(r) || attached(r):
			i += size
		default:
			s.words = append(s.words, term{start: int32(i), end: int32(i + size), text: s.text[i : i+size], kind: wordSign, sentence: s.sentence})
			i += size
			if (r == '.' || r == '!' || r == '?') && s.ends(i) {
				s.sentence++
			}
		}
	}
}

// rune is the rune at i and its length.
func (s *scanning) rune(i int) (rune, int) {
	if c := s.text[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s.text[i:])
}

// alphabetic is unicode.IsLetter, quick for Latin and Cyrillic.
func alphabetic(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return latin(r)
	case r >= 0x400 && r < 0x530:
		return r < 0x482 || r > 0x489
	}
	return unicode.IsLetter(r)
}

// big is unicode.IsUpper, likewise.
func big(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r >= 'A' && r <= 'Z'
	case r >= 0x400 && r < 0x460:
		return r < 0x430
	}
	return unicode.IsUpper(r)
}

// ends tells whether the sign before place i, which is the last word, ends a
// sentence: a space and a capital follow, and no abbreviation stands before.
func (s *scanning) ends(i int) bool {
	rest := strings.TrimLeft(s.text[i:min(len(s.text), i+8)], " \u00a0")
	r, _ := utf8.DecodeRuneInString(rest)
	if n := len(s.words) - 2; n >= 0 && utf8.RuneCountInString(s.words[n].text) <= 3 && s.words[n].kind == wordLetters {
		return false
	}
	return s.text[i:] != "" && s.text[i] == ' ' && unicode.IsUpper(r)
}

// word reads the word at i and returns its end.
func (s *scanning) word(i, to int) int {
	w := term{start: int32(i), kind: wordLetters, sentence: s.sentence}
	if n := urlLength(s.text[i:to]); n > 0 {
		w.kind, w.end, w.text = wordAddress, int32(i+n), s.text[i:i+n]
		s.words = append(s.words, w)
		return i + n
	}
	first, _ := s.rune(i)
	digit := !alphabetic(first)
	if digit {
		w.kind = wordDigits
	}
	w.capital, w.upper = big(first), true
	fold, before := false, rune(0)
	j := i
	for j < to {
		if k := s.plain(j, to); k > j && w.kind != wordDigits {
			w.upper, before, j = false, 'a', k
			continue
		}
		if s.text[j] == ' ' {
			break
		}
		r, size := s.rune(j)
		switch {
		case alphabetic(r):
			if digit && w.kind == wordDigits {
				w.kind = wordLetters // 2nd, 3G
			}
			if upper := big(r); upper || r == 'ё' {
				fold = true
			} else {
				w.upper = false
			}
			s.count(r)
		case unicode.IsDigit(r) || attached(r):
		case r == '@' && j > i && j+1 < to && wordly(rune(s.text[j+1])):
			w.kind = wordAddress
		default:
			if j+size >= to {
				return s.finish(w, j, fold)
			}
			if after, _ := s.rune(j + size); !holds(before, r, after, w.kind) {
				return s.finish(w, j, fold)
			}
			fold = fold || r == '’'
		}
		j, before = j+size, r
	}
	return s.finish(w, j, fold)
}

// plain is the end of a run of small letters, Latin ones or those of Russian but ё.
func (s *scanning) plain(j, to int) int {
	for j < to {
		switch c := s.text[j]; {
		case c >= 'a' && c <= 'z':
			j++
		case (c == 0xd0 && j+1 < to && s.text[j+1] >= 0xb0) || (c == 0xd1 && j+1 < to && s.text[j+1] < 0x90): // а to я
			s.cyrillic++
			j += 2
		default:
			return j
		}
	}
	return j
}

// holds tells whether r holds a word together between before and after.
func holds(before, r, after rune, kind wordKind) bool {
	if !alphabetic(after) && !unicode.IsDigit(after) {
		return false
	}
	digits := unicode.IsDigit(before) && unicode.IsDigit(after)
	switch r {
	case '\'', '’', 'ʼ', '_':
		return true
	case '-', '‐', '‑':
		return kind != wordDigits || digits
	case '.':
		return digits || kind == wordAddress || !unicode.IsDigit(before) && !(unicode.IsUpper(after) && unicode.IsLower(before))
	case ',', '/', ':':
		return digits
	}
	return false
}

func (s *scanning) finish(w term, end int, fold bool) int {
	w.end, w.text = int32(end), s.text[w.start:end]
	if fold {
		w.text = folded(w.text)
	}
	s.words = append(s.words, w)
	return end
}

func folded(s string) string {
	return strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); r {
		case 'ё':
			return 'е'
		case '’':
			return '\''
		}
		return r
	}, s)
}

func (s *scanning) count(r rune) {
	if r < 0x400 {
		return
	}
	s.cyrillic++
	switch r {
	case 'ә', 'ғ', 'қ', 'ң', 'ө', 'ұ', 'ү', 'һ', 'і', 'Ә', 'Ғ', 'Қ', 'Ң', 'Ө', 'Ұ', 'Ү', 'Һ', 'І':
		s.kazakh++
	}
}

// isKazakh tells whether the words are: there every fifth letter or so is one
// that Russian has not.
func (s *scanning) isKazakh() bool { return s.kazakh*14 > s.cyrillic }

// urlLength measures a URL at the start of s, without the punctuation behind it.
func urlLength(s string) int {
	if c := s[0] | 0x20; c != 'h' && c != 'w' || !(strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "www.")) {
		return 0
	}
	end := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>\"«»|", r) })
	if end < 0 {
		end = len(s)
	}
	return len(strings.TrimRight(s[:end], ".,;:!?'”’…*)"))
}
