package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// number is the number of a clause.
type number struct {
	text   string // as written
	style  string // clauses of one style are siblings: "1." "1)" "(1)" "a." "a)" "(a)" "A." "i)" "article" …
	parts  []int  // 6.1.1 is 6, 1, 1; a letter is its place in its alphabet
	dotted bool   // digits, with or without dots between; neither brackets nor a word
	closed bool   // ends in a mark, so that it cannot be the beginning of a sentence
}

// Limits that keep years, sums and pathological input from being numbers.
const (
	maxPart  = 999
	maxParts = 9
)

// words that make a number of what follows (or, in Kazakh, precedes) them, and
// the style that they belong to. The ASCII form is used in anchors.
var before = map[string]string{
	"article": "article", "section": "section", "статья": "statya", "пункт": "punkt",
	"§": "s",
}
var after = map[string]string{"бап": "bap", "тармақ": "tarmaq"}

// letters in the order in which they number things; Kazakh includes Russian.
var alphabets = []string{"abcdefghijklmnopqrstuvwxyz", "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"}

// scan reads a number at the start of a line of Markdown, behind marks of
// emphasis. rest is what follows the number and white space.
func scan(line string) (n number, rest string, ok bool) {
	line = strings.TrimLeft(line, " \t")
	body := strings.TrimLeft(line, "*_")
	if len(line)-len(body) > 3 || body == "" {
		return number{}, "", false
	}
	n, end := scanDigits(body)
	for _, f := range []func(string) (number, int){scanKazakh, scanWord, scanBrackets, scanLetter} {
		if end == 0 {
			n, end = f(body)
		}
	}
	if end == 0 {
		return number{}, "", false
	}
	n.text = body[:end]
	tail := strings.TrimLeft(body[end:], "*_")
	rest = strings.TrimLeft(tail, " \t\u00a0\r\n")
	if rest == tail && tail != "" && !(len(n.parts) > 1 && n.closed && startsUpper(tail)) {
		return number{}, "", false
	}
	return n, rest, true
}

// scanInts reads 6.1.1 and returns the offset behind it.
func scanInts(s string) (parts []int, end int) {
	for len(parts) < maxParts {
		v, i := 0, end
		for i < len(s) && s[i] >= '0' && s[i] <= '9' && v <= maxPart {
			v = v*10 + int(s[i]-'0')
			i++
		}
		if i == end || v > maxPart || s[end] == '0' && i-end > 1 {
			break
		}
		parts, end = append(parts, v), i
		if end >= len(s) || s[end] != '.' {
			return parts, end
		}
		end++
	}
	if end > 0 && s[end-1] == '.' {
		end--
	}
	if end < len(s) && s[end] >= '0' && s[end] <= '9' {
		return nil, 0
	}
	return parts, end
}

func scanDigits(s string) (number, int) {
	parts, end := scanInts(s)
	if end == 0 || end >= len(s) && len(parts) < 2 {
		return number{}, 0
	}
	switch {
	case end < len(s) && s[end] == '.':
		if end+1 < len(s) && (s[end+1] == '.' || s[end+1] >= '0' && s[end+1] <= '9') {
			return number{}, 0
		}
		return number{style: "1.", parts: parts, dotted: true, closed: true}, end + 1
	case end < len(s) && s[end] == ')':
		return number{style: "1)", parts: parts, dotted: len(parts) > 1, closed: true}, end + 1
	case len(parts) > 1:
		return number{style: "1.", parts: parts, dotted: true}, end
	}
	return number{}, 0
}

func scanKazakh(s string) (number, int) {
	parts, end := scanInts(s)
	if end == 0 || !strings.HasPrefix(s[end:], "-") {
		return number{}, 0
	}
	word := letterRun(s[end+1:])
	style := after[strings.ToLower(word)]
	if style == "" {
		return number{}, 0
	}
	return closeWord(number{style: style, parts: parts}, s, end+1+len(word))
}

func scanWord(s string) (number, int) {
	word := letterRun(s)
	if strings.HasPrefix(s, "§") {
		word = "§"
	}
	style := before[strings.ToLower(word)]
	if style == "" {
		return number{}, 0
	}
	i := len(word)
	digits := strings.TrimLeft(s[i:], " \t\u00a0")
	if word != "§" && len(digits) == len(s)-i {
		return number{}, 0
	}
	i = len(s) - len(digits)
	parts, end := scanInts(digits)
	if end == 0 {
		return number{}, 0
	}
	if more, n := scanInts(strings.TrimPrefix(digits[end:], "-")); n > 0 && digits[end] == '-' {
		parts, end = append(parts, more...), end+1+n
	}
	if end < len(digits) && digits[end] >= 'a' && digits[end] <= 'z' {
		parts = append(parts, int(digits[end]-'a')+1)
		end++
	}
	return closeWord(number{style: style, parts: parts}, s, i+end)
}

// closeWord takes in the dot behind a number that has a word.
func closeWord(n number, s string, end int) (number, int) {
	if end < len(s) && s[end] == '.' {
		n.closed = true
		return n, end + 1
	}
	if r, _ := utf8.DecodeRuneInString(s[end:]); end < len(s) && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
		return number{}, 0
	}
	return n, end
}

func scanBrackets(s string) (number, int) {
	if s[0] != '(' {
		return number{}, 0
	}
	inner, _, ok := strings.Cut(s[1:min(len(s), 16)], ")")
	if !ok || inner == "" {
		return number{}, 0
	}
	if parts, end := scanInts(inner); end == len(inner) {
		return number{style: "(1)", parts: parts, closed: true}, len(inner) + 2
	}
	if v, style := ordinal(inner); v > 0 {
		return number{style: "(" + style + ")", parts: []int{v}, closed: true}, len(inner) + 2
	}
	return number{}, 0
}

func scanLetter(s string) (number, int) {
	r, size := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(r) {
		return number{}, 0
	}
	run := letterRun(s)
	if len(run) > size && strings.Trim(run, "ivx") != "" && strings.Trim(run, "IVX") != "" || len(run) >= len(s) {
		return number{}, 0
	}
	mark := s[len(run)]
	if mark != '.' && mark != ')' {
		return number{}, 0
	}
	v, style := ordinal(run)
	if v == 0 {
		return number{}, 0
	}
	return number{style: style + string(mark), parts: []int{v}, closed: true}, len(run) + 1
}

// ordinal is the place of a letter in its alphabet, or the value of a Roman
// numeral of several letters up to xxxix.
func ordinal(s string) (int, string) {
	lower := strings.ToLower(s)
	if utf8.RuneCountInString(s) > 1 {
		if lower != s {
			return roman(lower), "I"
		}
		return roman(s), "i"
	}
	for i, alphabet := range alphabets {
		if at := strings.Index(alphabet, lower); at >= 0 {
			style := []string{"a", "а"}[i]
			if lower != s {
				style = strings.ToUpper(style)
			}
			return utf8.RuneCountInString(alphabet[:at]) + 1, style
		}
	}
	return 0, ""
}

func roman(s string) int {
	for v := 1; v < 40; v++ {
		tens := strings.Repeat("x", v/10)
		ones := []string{"", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"}[v%10]
		if tens+ones == s {
			return v
		}
	}
	return 0
}

// nextLetter is how far apart two letters may be that follow one another: Russian
// leaves out those that only Kazakh has.
const nextLetter = 3

// near tells whether n follows m closely, in its last part.
func (n number) near(m number) bool {
	k := len(n.parts)
	d := n.compare(m)
	return k == len(m.parts) && n.compareTo(m, k-1) == 0 && d > 0 && d <= nextLetter
}

// asRoman reads a single i, v or x as a numeral.
func (n number) asRoman() (number, bool) {
	letter := strings.Trim(n.text, "().")
	if len(letter) != 1 || !strings.Contains("ivxIVX", letter) {
		return n, false
	}
	n.style, n.parts = strings.NewReplacer("a", "i", "A", "I").Replace(n.style), []int{roman(strings.ToLower(letter))}
	return n, true
}

func letterRun(s string) string {
	for i, r := range s {
		if !unicode.IsLetter(r) {
			return s[:i]
		}
		if i > 32 {
			return ""
		}
	}
	return s
}

// startsUpper tells whether s begins like a sentence: with a letter that is not
// lower case, or with a mark that opens one.
func startsUpper(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) && !unicode.IsLower(r) || strings.ContainsRune("«„“\"'([*_!`<", r)
}

// compare orders two numbers of one style.
func (n number) compare(m number) int {
	for i := 0; i < len(n.parts) && i < len(m.parts); i++ {
		if d := n.parts[i] - m.parts[i]; d != 0 {
			return d
		}
	}
	return len(n.parts) - len(m.parts)
}

// first tells whether n begins a sequence.
func (n number) first() bool {
	r, _ := n.asRoman()
	return n.parts[len(n.parts)-1] <= 1 || r.parts[0] == 1
}

// within tells whether m begins with all the parts of n.
func (n number) within(m number) bool {
	return n.style == m.style && len(n.parts) < len(m.parts) && m.compareTo(n, len(n.parts)) == 0
}

func (n number) compareTo(m number, k int) int {
	n.parts, m.parts = n.parts[:k], m.parts[:k]
	return n.compare(m)
}
