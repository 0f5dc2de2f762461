package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// term is a word, a number, an address or a sign of a text, as the hints read it.
type term struct {
	start, end int
	text       string // in small letters, ё as е, ’ as '
	kind       wordKind
	capital    bool // begins with a capital
	upper      bool // has no small letters
	sentence   int
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
	sentence         int
	kazakh, cyrillic int // letters
}

// scan reads text[from:to].
func (s *scanning) scan(from, to int) {
	s.sentence++
	for i := from; i < to; {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		switch {
		case r == '\n':
			s.sentence++
			i += size
		case unicode.IsSpace(r) || attached(r):
			i += size
		case wordly(r):
			i = s.word(i, to)
		default:
			s.words = append(s.words, term{start: i, end: i + size, text: s.text[i : i+size], kind: wordSign, sentence: s.sentence})
			i += size
			if (r == '.' || r == '!' || r == '?') && s.ends(i) {
				s.sentence++
			}
		}
	}
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
	w := term{start: i, kind: wordLetters, sentence: s.sentence}
	if n := urlLength(s.text[i:to]); n > 0 {
		w.kind, w.end = wordAddress, i+n
		w.text = s.text[i:w.end]
		s.words = append(s.words, w)
		return w.end
	}
	first, _ := utf8.DecodeRuneInString(s.text[i:])
	digit := unicode.IsDigit(first)
	if digit {
		w.kind = wordDigits
	}
	small, fold, before := false, false, rune(0)
	j := i
	for j < to {
		r, size := utf8.DecodeRuneInString(s.text[j:])
		switch {
		case wordly(r):
			if digit && unicode.IsLetter(r) && w.kind == wordDigits {
				w.kind = wordLetters // 2nd, 3G
			}
			small, fold = small || unicode.IsLower(r), fold || r < 0x80 && unicode.IsUpper(r) || r >= 0x80
			s.count(r)
		case attached(r):
		case r == '@' && j > i && j+1 < to && wordly(rune(s.text[j+1])):
			w.kind = wordAddress
		default:
			after, _ := utf8.DecodeRuneInString(s.text[j+size:])
			if !holds(before, r, after, w.kind) {
				return s.finish(w, j, small, fold)
			}
			fold = fold || r == '’'
		}
		j, before = j+size, r
	}
	return s.finish(w, j, small, fold)
}

// holds tells whether r holds a word together between before and after.
func holds(before, r, after rune, kind wordKind) bool {
	if !wordly(after) {
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

func (s *scanning) finish(w term, end int, small, fold bool) int {
	w.end = end
	w.text = s.text[w.start:end]
	first, _ := utf8.DecodeRuneInString(w.text)
	w.capital, w.upper = unicode.IsUpper(first), !small
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
	if strings.ContainsRune("әғқңөұүһіӘҒҚҢӨҰҮҺІ", r) {
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
