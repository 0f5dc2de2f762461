package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// address measures a URL or an e-mail address that s begins with, without the
// punctuation of the sentence around it; n is the length of the word at its start.
func address(s string, n int) int {
	if n >= len(s) {
		return 0
	}
	switch c := s[n]; {
	case c == ':' && (strings.HasPrefix(s[n:], "://") && scheme(s[:n])), c == '/' && host(s[:n]),
		strings.HasPrefix(s, "www.") && n > 4, strings.HasPrefix(s, "mailto:"):
		return url(s)
	case c == '+' || c == '%' || c == '.' && n < 64:
		return mail(s, n)
	}
	return 0
}

// url measures what runs on to a space and sheds the punctuation at its end.
func url(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("<>\"«»|、。，（）「」", r)
	})
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
			return len(run) + marks(s[len(run):])
		}
		run = short
	}
}

// scheme tells whether word may stand before ://.
func scheme(word string) bool {
	return len(word) < 16 && strings.IndexFunc(word, func(r rune) bool { return !latin(r) }) < 0
}

func latin(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// host tells whether word is the name of a host, whose last label has two or more
// letters.
func host(word string) bool {
	dot := strings.LastIndexByte(word, '.')
	return dot > 0 && len(word)-dot > 2 && len(word) < 254 && strings.IndexFunc(word[dot+1:], func(r rune) bool { return !latin(r) }) < 0
}

// mail measures an e-mail address whose first word, n bytes long, is not all that
// stands before the @.
func mail(s string, n int) int {
	for n < len(s) && n < 64 && s[n] != '@' {
		if r := rune(s[n]); !latin(r) && !isDigit(s, n) && !strings.ContainsRune(".+_-%'", r) {
			return 0
		}
		n++
	}
	if n+1 >= len(s) || s[n] != '@' {
		return 0
	}
	if r, _ := utf8.DecodeRuneInString(s[n+1:]); !wordly(r) || alone(r) {
		return 0
	}
	m, _ := word(s[n+1:])
	return n + 1 + m
}

// path measures a path of a site or an interface that s begins with, of two parts
// or more: /v2/da/ingest. It ends with a word.
func path(s string) int {
	end, parts, empty := 0, 0, true // the part that at lies in
	for at := 0; at < len(s); {
		r, size := utf8.DecodeRuneInString(s[at:])
		if wordly(r) && !alone(r) && !katakana(r) {
			n, _ := word(s[at:])
			if at += n; empty {
				parts, empty = parts+1, false
			}
			end = at
			continue
		}
		if !strings.ContainsRune("/-._~%{}:@+=?&#", r) || r == '/' && empty && at > 0 {
			break
		}
		empty = empty || r == '/'
		at += size
	}
	if parts < 2 {
		return 0
	}
	return end
}

// opensPath tells whether a path may begin behind s: not within words/and/words.
func opensPath(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsSpace(r) || strings.ContainsRune("(\"'“«„‘[`", r)
}
