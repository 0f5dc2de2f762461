package redline

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// nearRunes is how many characters beside an edit are shown with it, if the
// sentence does not end before.
const nearRunes = 160

// leastNear is which part of that is shown even if a sentence ends before.
const leastNear = 4

// tidy puts what is removed before what is added. A space that a line end replaced,
// or that replaced one, is no edit beside it.
func tidy(spans []Span) []Span {
	out := readable(spans)
	for i := 1; i < len(out); i++ {
		was, is := &out[i-1], &out[i]
		switch {
		case was.Op != opRemoved || is.Op != opAdded:
		case was.Text == " " && is.Text == "\n":
			was.Op = opSame
		case was.Text == "\n" && is.Text == " ":
			is.Op = opSame
		}
	}
	return out
}

// legible shows an edit of line ends, or of signs without a shape, as what it is.
func legible(s string) string {
	switch {
	case strings.Trim(s, " \n") == "":
		return strings.ReplaceAll(s, "\n", "¶\n")
	case strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && !invisible(r) }):
		return s
	}
	for _, r := range s {
		if r != ' ' {
			s += fmt.Sprintf(" U+%04X", r)
		}
	}
	return s
}

// besides parts an unchanged run into what belongs to the edit before it, what lies
// far from edits, and what belongs to the edit after it. far is empty where hiding
// it is not worth a gap.
func besides(s string, before, after bool, keep int) (head, far, tail string) {
	if before || !after {
		head = firstSentence(s, keep)
	}
	if after {
		tail = lastSentence(s[len(head):], keep)
	}
	far = s[len(head) : len(s)-len(tail)]
	if utf8.RuneCountInString(far) <= keep/4 {
		return s, "", ""
	}
	return head, far, tail
}

// elide is s without what lies far from edits.
func elide(s string, before, after bool, keep int) string {
	head, far, tail := besides(s, before, after, keep)
	if far == "" {
		return s
	}
	return strings.TrimRight(head, " ") + " … " + strings.TrimLeft(tail, " ")
}

// firstSentence is how s goes on to the end of a sentence, or as many whole words
// of it as keep characters hold.
func firstSentence(s string, keep int) string {
	window := firstRunes(s, keep)
	for kept, rest, state := 0, window, -1; rest != ""; {
		var sentence string
		sentence, rest, state = uniseg.FirstSentenceInString(rest, state)
		if kept += len(sentence); rest != "" && utf8.RuneCountInString(window[:kept]) >= keep/leastNear {
			return window[:kept]
		}
	}
	return keepStart(s, keep)
}

// lastSentence is how s ends since the begin of a sentence, or as many whole words
// of its end as keep characters hold.
func lastSentence(s string, keep int) string {
	window := lastRunes(s, keep)
	found := ""
	for rest, state := window, -1; rest != ""; {
		_, rest, state = uniseg.FirstSentenceInString(rest, state)
		if utf8.RuneCountInString(rest) >= keep/leastNear {
			found = rest
		}
	}
	if found != "" {
		return found
	}
	return keepEnd(s, keep)
}

// keepStart keeps whole words of the begin of s, at most n characters.
func keepStart(s string, n int) string {
	window := firstRunes(s, n)
	if len(window) == len(s) {
		return s
	}
	if i := strings.LastIndexAny(window, " \n"); i > len(window)/2 {
		return window[:i]
	}
	for kept := 0; ; {
		rest := s[kept:]
		word, _, _ := uniseg.FirstWordInString(rest[:min(len(rest), 4*n+64)], -1)
		if kept+len(word) > len(window) || word == "" {
			return s[:kept]
		}
		kept += len(word)
	}
}

// keepEnd keeps whole words of the end of s, at most n characters.
func keepEnd(s string, n int) string {
	window := lastRunes(s, n)
	if len(window) == len(s) {
		return s
	}
	if i := strings.IndexAny(window, " \n"); i >= 0 && i < len(window)/2 {
		return window[i:]
	}
	_, rest, _ := uniseg.FirstWordInString(window, -1) // it may be the end of one
	return rest
}

// firstRunes is the begin of s, at most n characters.
func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// lastRunes is the end of s, at most n characters.
func lastRunes(s string, n int) string {
	i := len(s)
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return s[i:]
}
