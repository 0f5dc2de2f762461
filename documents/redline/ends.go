package redline

import (
	"unicode"
	"unicode/utf8"
)

// ends measures the sentences that two texts begin and end with alike, so that they
// need not be cut into tokens: tokens of what is left are the same as within the
// whole. Ends of less than half of the longer text are not worth the look: 0, 0.
func ends(a, b string, prefix int) (head, tail int) {
	n := shared(a, b)
	for at := n; at > prefix; at-- {
		if parted(a, prefix, at) && at < n {
			head = at
			break
		}
	}
	a, b = a[head:], b[head:]
	n = sharedEnd(a, b)
	for at := len(a) - n + 1; at < len(a); at++ {
		if parted(a, len(a)-n, at) {
			tail = len(a) - at
			break
		}
	}
	if 2*(head+tail) < head+max(len(a), len(b)) {
		return 0, 0
	}
	return head, tail
}

// shared measures the characters that two texts begin with alike.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return n
}

func sharedEnd(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// parted tells whether a sentence begins at place at of s after a space, a dot and a
// word that is part of no phrase, all of which stand at or after from. Whatever
// stands before, a token begins there, and none that begins before ends after it.
func parted(s string, from, at int) bool {
	if at < from+8 || s[at-1] != ' ' || s[at-2] != '.' {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(s[at:]); unicode.IsSpace(r) || r == '|' || attached(r) || r == utf8.RuneError {
		return false
	}
	word, letters := at-2, 0
	for word > from {
		r, size := utf8.DecodeLastRuneInString(s[from:word])
		if !unicode.IsLetter(r) || alone(r) {
			break
		}
		word, letters = word-size, letters+1
	}
	return letters > 3 && word > from && s[word-1] == ' ' && classOf(s[word:at-2]) == ofNothing
}
