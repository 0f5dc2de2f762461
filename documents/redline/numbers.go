package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// number measures a number whose thousands are set apart by spaces or that has a
// percent sign, with the ending that a language hangs on it, and 0 if s does not
// begin with one.
func number(s string) int {
	n := grouped(s)
	if n == 0 {
		if n = digits(s); n == 0 {
			return 0
		}
		if m, _ := word(s); m > n {
			n = m
		}
		if p := percent(s[n:]); p > 0 {
			return n + p + ending(s[n+p:])
		}
		return 0
	}
	n += percent(s[n:])
	n += ending(s[n:])
	if r, _ := utf8.DecodeRuneInString(s[n:]); wordly(r) && !alone(r) || attached(r) {
		return 0
	}
	return n
}

// grouped measures digits in groups of three.
func grouped(s string) int {
	n := digits(s)
	if n == 0 || n > 3 {
		return 0
	}
	found := false
	for range 9 { // groups; longer runs are no number
		g := gap(s[n:])
		if g == 0 || digits(s[n+g:]) != 3 {
			break
		}
		n, found = n+g+3, true
	}
	if !found {
		return 0
	}
	if n+1 < len(s) && (s[n] == ',' || s[n] == '.') {
		if d := digits(s[n+1:]); d > 0 {
			n += 1 + d
		}
	}
	return n
}

// gap measures the one space that a number may have inside.
func gap(s string) int {
	for _, space := range []string{" ", "\u00a0", "\u202f", "\u2009"} {
		if strings.HasPrefix(s, space) {
			return len(space)
		}
	}
	return 0
}

func percent(s string) int {
	g := gap(s)
	for _, sign := range []string{"%", "‰"} {
		if strings.HasPrefix(s[g:], sign) {
			return g + len(sign) + marks(s[g+len(sign):])
		}
	}
	return 0
}

// ending measures what follows a number after a hyphen: 10 000-нан, 30 %-ға.
func ending(s string) int {
	if strings.HasPrefix(s, "-") {
		if r, _ := utf8.DecodeRuneInString(s[1:]); unicode.IsLetter(r) && !alone(r) {
			n, _ := word(s[1:])
			return 1 + n
		}
	}
	return 0
}

func digits(s string) int {
	n := 0
	for isDigit(s, n) {
		n++
	}
	return n
}

func isDigit(s string, i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }

// phone measures a telephone number that s begins with: groups of digits, of which
// the first has a plus sign, or one is in brackets, or the last two are pairs.
func phone(s string) int {
	n, count, groups, brackets := 0, 0, 0, false
	plus := strings.HasPrefix(s, "+")
	if plus {
		n = 1
	}
	end, pairs := 0, 0
	for n < len(s) && groups < 8 {
		sep := gap(s[n:])
		if groups == 0 && sep > 0 {
			break
		}
		if sep == 0 && groups > 0 && n < len(s) && (s[n] == '-' || s[n] == '.') {
			sep = 1
		}
		at := n + sep
		open := at < len(s) && s[at] == '('
		if open {
			at++
		}
		d := digits(s[at:])
		if d == 0 || d > 12 || open && (brackets || !strings.HasPrefix(s[at+d:], ")")) || groups > 0 && sep == 0 && !open && s[n-1] != ')' {
			break
		}
		if n = at + d; open {
			n, brackets = n+1, true
		}
		if pairs++; d != 2 {
			pairs = 0
		}
		end, count, groups = n, count+d, groups+1
	}
	if r, _ := utf8.DecodeRuneInString(s[end:]); end > 0 && (wordly(r) && !alone(r) || attached(r) || s[end-1] == ')') {
		return 0
	}
	switch {
	case plus && count >= 7 && count <= 15, brackets && groups > 1 && count >= 9 && count <= 15, pairs >= 2 && count >= 10 && count <= 12 && groups >= 4:
		return end
	}
	return 0
}
