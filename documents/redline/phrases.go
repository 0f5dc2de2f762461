package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// phrases joins tokens that say one thing, so that it is replaced whole: a date
// (1 марта 2024 года), an amount (10 000 ₸, US$ 3,000), a legal reference
// (пп. 2) п. 1 ст. 9, § 5 Abs. 2, 7-баптың 2-тармағы, № 94-V ЗРК). It reuses of.
//
// A phrase grows from a number to its neighbours. It holds numbers, signs and the
// words that classOf knows, and nothing else.
func phrases(s string, of []token) []token {
	p := phrasing{s: s, of: of, out: of[:0]}
	for p.i < len(of) {
		if t := of[p.i]; t.letters > 0 && p.numeric(t) {
			p.grow()
			continue
		}
		p.out = append(p.out, of[p.i])
		p.i++
	}
	return p.out
}

// phrasing reads tokens of s from left to right: those from i on lie in of, those
// before in out, joined.
type phrasing struct {
	s   string
	of  []token
	i   int
	out []token
}

// longest is how many bytes a phrase may have; a longer one ends and another begins.
const longest = 200

func (p *phrasing) text(t token) string { return p.s[t.start:t.end] }

// right is the text of the nth token from i on, "" past the end.
func (p *phrasing) right(n int) string {
	if p.i+n >= len(p.of) {
		return ""
	}
	return p.text(p.of[p.i+n])
}

// left is the text of the nth token before i, the last one being 1; "" before the
// start.
func (p *phrasing) left(n int) string {
	if n > len(p.out) {
		return ""
	}
	return p.text(p.out[len(p.out)-n])
}

// before is the class of the nth token before i; a phrase announces nothing.
func (p *phrasing) before(n int) class {
	if n > len(p.out) || p.out[len(p.out)-n].phrase != ofNothing {
		return ofNothing
	}
	return classOf(p.left(n))
}

// space is 1 if text is one space, 0 if not.
func space(text string) int {
	if text == " " || text == "\u00a0" || text == "\u202f" {
		return 1
	}
	return 0
}

// numeric tells whether a phrase may begin to grow from t: a number, a Roman one or
// a letter behind a word like Section, or 第.
func (p *phrasing) numeric(t token) bool {
	s := p.text(t)
	switch r, size := utf8.DecodeRuneInString(s); {
	case unicode.IsDigit(r), r == '第':
		return true
	case size == len(s) && unicode.IsLower(r):
		return p.right(1) == ")" || p.left(2) == "." && p.left(3) == "lit" || p.left(2) == "Buchstabe"
	case size == len(s) && unicode.IsUpper(r), len(s) < 8 && strings.Trim(s, "IVXLC") == "":
		n, c := p.announced()
		return n > 0 && c == ofClause
	}
	return false
}

// announced returns how many tokens before i announce the number there, and of what
// class they are.
func (p *phrasing) announced() (int, class) {
	n := space(p.left(1)) + 1
	dot := p.left(n) == "."
	if dot {
		n++
	}
	word := p.left(n)
	switch c := p.before(n); {
	case c == ofClause && (dot || !strings.EqualFold(word, "no")): // No 5, without the dot, may deny
		if k := n + 1; n < 4 && space(p.left(k)) > 0 && p.before(k+1) == ofClause && (word == "№" || strings.EqualFold(word, "nr")) {
			return k + 1, c // приложение № 2
		}
		return n, c
	case c == ofMonth && n > 1, c == ofMoney && !dot && (len(word) == 3 && word == strings.ToUpper(word) || unicode.Is(unicode.Sc, firstRune(word))):
		return n, c
	}
	return 0, ofNothing
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// grow joins the number at i with its neighbours.
func (p *phrasing) grow() {
	back, c := p.announced()
	ahead := p.parts(back > 0 && begins(strings.ToLower(p.left(back)), "пп", "подп"))
	switch {
	case p.right(0) == "第":
		back, ahead, c = 0, p.articles(), ofClause
	case c == ofClause || p.suffixed(&ahead):
		back, c = p.chained(back), ofClause
		for range 2 { // ГК РФ
			if space(p.right(ahead)) > 0 && classOf(p.right(ahead+1)) == ofAct {
				ahead += 2
			}
		}
	case c == ofMonth && digits(p.right(0)) == 4:
		ahead, c = p.yearWord(1), ofDate
	case c == ofMonth:
		ahead, c = p.yearAfter(ahead), ofDate
	default:
		if n := p.date(); n > 0 {
			back, ahead, c = 0, n, ofDate
			if p.left(1) == "«" && p.right(1) == "»" {
				back = 1
			}
			break
		}
		back, ahead, c = p.amount(back, c, ahead)
	}
	p.join(back, ahead, c)
}

// join makes one token of the last back tokens of out and the next ahead ones.
func (p *phrasing) join(back, ahead int, c class) {
	t := p.of[p.i]
	for _, x := range p.of[p.i+1 : p.i+ahead] {
		t.end, t.letters = x.end, t.letters+x.letters
	}
	at := len(p.out) - back
	for _, x := range p.out[at:] {
		t.letters += x.letters
	}
	if back > 0 {
		t.start = p.out[at].start
	}
	if back+ahead > 1 || c == ofClause {
		t.phrase = c
	}
	p.out = append(p.out[:at], t)
	p.i += ahead
}

// parts measures a number with what follows it without a space: 6(1)(f), and, where
// the word before or after it wants one, a bracket: подпункт 2), 2) тармақша.
func (p *phrasing) parts(bracket bool) int {
	n := 1
	for n < 16 && p.right(n) == "(" && p.right(n+2) == ")" && utf8.RuneCountInString(p.right(n+1)) <= 4 {
		n += 3
	}
	if n == 1 && p.right(1) == ")" && (bracket || space(p.right(2)) > 0 && classOf(p.right(3)) == ofClause) {
		n++
	}
	return n
}

// suffixed tells whether the number says itself that it is a clause's (7-баптың),
// or the word after it does: 2) тармақша.
func (p *phrasing) suffixed(ahead *int) bool {
	if *ahead == 2 && classOf(p.right(3)) == ofClause {
		*ahead = 4
		return true
	}
	return suffixed(p.right(0))
}

// chained adds to the back tokens that announce a reference the references and the
// act before them: п. 3 ст. 12, paragraph 2 of Article 6, GDPR Article 6.
func (p *phrasing) chained(back int) int {
	n := back + 1
	if space(p.left(n)) == 0 {
		return back
	}
	if p.left(n+1) == "of" && space(p.left(n+2)) > 0 {
		n += 2
	}
	if n++; n > len(p.out) {
		return back
	}
	t := p.out[len(p.out)-n]
	if t.phrase == ofClause && t.end-t.start < longest || n == back+2 && t.phrase == ofNothing && classOf(p.text(t)) == ofAct {
		return n
	}
	return back
}

// articles measures 第三条第2款.
func (p *phrasing) articles() int {
	n := 0
	for n < 24 && p.right(n) == "第" {
		k := n + 1
		for k < n+8 && p.right(k) != "" && (isDigit(p.right(k), 0) || strings.Contains("一二三四五六七八九十百千〇零", p.right(k))) {
			k++
		}
		if k == n+1 || p.right(k) == "" || !strings.Contains("条條款項项章節节号號编編部", p.right(k)) {
			break
		}
		n = k + 1
	}
	return max(n, 1)
}

// date measures a date that begins with the number at i, or 0.
func (p *phrasing) date() int {
	s := p.right(0)
	n := 1
	for n < 12 && strings.ContainsAny(p.right(n), "年月日") {
		if n++; !isDigit(p.right(n), 0) || !strings.ContainsAny(p.right(n+1), "年月日") {
			return n
		}
		n++
	}
	if n > 1 {
		return n
	}
	if len(s) == 4 && digits(s) == 4 {
		n = p.yearAfter(0)
		if n < 2 {
			return 0
		}
		if k := p.day(n + 1); space(p.right(n)) > 0 && k > 0 {
			return k
		}
		return n
	}
	if k := p.day(0); k > 0 {
		return p.yearAfter(k)
	}
	return 0
}

// day measures, up to n tokens on, a day and its month, or returns 0.
func (p *phrasing) day(n int) int {
	if s := p.right(n); len(s) > 10 || s == "" {
		return 0
	} else if !unicode.IsDigit(firstRune(s)) {
		return 0
	}
	if n++; p.right(n) == "." || p.right(n) == "»" {
		n++
	}
	if space(p.right(n)) == 0 || classOf(p.right(n+1)) != ofMonth {
		return 0
	}
	return n + 2
}

// yearAfter adds to the n tokens from i on a year and its word: 2024 года, and
// after a month ", 2024".
func (p *phrasing) yearAfter(n int) int {
	k := n
	if n > 0 {
		if p.right(k) == "," || p.right(k) == "." {
			k++
		}
		if space(p.right(k)) == 0 {
			return p.yearWord(n)
		}
		k++
	}
	if s := p.right(k); len(s) < 4 || digits(s) != 4 && !foreignYear(s) {
		return n
	}
	return p.yearWord(k + 1)
}

// foreignYear tells whether s is four digits that are not ASCII.
func foreignYear(s string) bool {
	return utf8.RuneCountInString(s) == 4 && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
}

func (p *phrasing) yearWord(n int) int {
	w := p.right(n + 1)
	if space(p.right(n)) == 0 || classOf(w) != ofYear {
		return n
	}
	if n += 2; utf8.RuneCountInString(w) == 1 && p.right(n) == "." {
		n++
	}
	return n
}

// amount measures a sum of money or a great number: back tokens of class c, which
// announce it, and the next ahead ones.
func (p *phrasing) amount(back int, c class, ahead int) (int, int, class) {
	if c != ofMoney {
		back = 0
	} else if back > 0 && p.before(back+1) == ofDollar && p.left(back) == "$" {
		back++ // US$
	}
	for range 2 {
		k := ahead + space(p.right(ahead))
		switch classOf(p.right(k)) {
		case ofThousands:
			ahead = p.dotted(k + 1)
			continue
		case ofMoney:
			ahead = p.dotted(k + 1)
			if p.right(ahead) == "/" && classOf(p.right(ahead+1)) == ofMoney {
				ahead += 2
			}
			return back, ahead, ofMoney
		}
		break
	}
	return back, ahead, ofMoney
}

// dotted adds the dot of an abbreviation: млн. тенге.
func (p *phrasing) dotted(n int) int {
	if w := p.right(n - 1); p.right(n) == "." && utf8.RuneCountInString(w) <= 4 && space(p.right(n+1)) > 0 {
		if unicode.IsLower(firstRune(p.right(n + 2))) {
			return n + 1
		}
	}
	return n
}
