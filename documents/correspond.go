package documents

import (
	"strconv"
	"strings"
	"unicode"

	"vestnik/documents/markdown"
)

// counterpart names the clause of the leading text that a clause says in another
// language; lead is -1 where there is none.
type counterpart struct {
	lead int
	sure bool
}

// maxAlign bounds the table of correspond, in cells.
const maxAlign = 4 << 20

// correspond pairs the clauses of two languages. Words cannot be compared, so
// places are: texts with the same tree and numbers correspond one to one;
// otherwise the longest common run of numbers is sure, and what lies between two
// pairs in equal number and shape is a guess.
func correspond(lead, other []markdown.Clause) []counterpart {
	out := make([]counterpart, len(other))
	a, b := shapes(lead), shapes(other)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		out[head] = counterpart{head, true}
		head++
	}
	if head == len(a) && head == len(b) {
		return out
	}
	for i := head; i < len(b); i++ {
		out[i] = counterpart{lead: -1}
	}
	// An unnumbered heading looks like any other, so it is sure only with a number
	// between it and the place where the texts part.
	numbered := false
	for i := head - 1; i >= 0; i-- {
		numbered = numbered || bears(b[i])
		out[i].sure = numbered
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	numbered = false
	for i := len(b) - tail; i < len(b); i++ {
		numbered = numbered || bears(b[i])
		out[i] = counterpart{i - len(b) + len(a), numbered}
	}
	middle(a[head:len(a)-tail], b[head:len(b)-tail], head, out)
	between(a, b, out)
	return out
}

// shapes spells each clause's level and the digits of its number, which are all
// that languages have in common: "1:7" is both "Статья 7" and "7-бап".
func shapes(clauses []markdown.Clause) []string {
	out := make([]string, len(clauses))
	for i, c := range clauses {
		digits := strings.FieldsFunc(c.Number, func(r rune) bool { return !unicode.IsDigit(r) })
		out[i] = strconv.Itoa(c.Level) + ":" + strings.Join(digits, ".")
	}
	return out
}

// bears tells whether the clause of a shape has a number.
func bears(shape string) bool { return !strings.HasSuffix(shape, ":") }

// middle aligns what common beginnings and ends leave, by the longest common
// subsequence.
func middle(a, b []string, head int, out []counterpart) {
	if len(a) == 0 || len(b) == 0 || len(a) > maxAlign/len(b) {
		return
	}
	width := len(b) + 1
	longest := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i*width+j] = 1 + longest[(i+1)*width+j+1]
			} else {
				longest[i*width+j] = max(longest[(i+1)*width+j], longest[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			out[head+j] = counterpart{head + i, bears(b[j])}
			i, j = i+1, j+1
		case longest[(i+1)*width+j] >= longest[i*width+j+1]:
			i++
		default:
			j++
		}
	}
}

// between guesses for runs without a counterpart that have as many clauses in
// both texts.
func between(a, b []string, out []counterpart) {
	for j := 0; j < len(b); j++ {
		if out[j].lead >= 0 {
			continue
		}
		end, from, to := j, 0, len(a)
		for end < len(b) && out[end].lead < 0 {
			end++
		}
		if j > 0 {
			from = out[j-1].lead + 1
		}
		if end < len(b) {
			to = out[end].lead
		}
		for k := j; k < end && to-from == end-j; k++ {
			out[k] = counterpart{from + k - j, false}
		}
		j = end
	}
}
