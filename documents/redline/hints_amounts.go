package redline

import (
	"strconv"
	"strings"
)

// number reads what a number at word i says together with the words around it: a
// date, an age, a period, an amount of money, a share, or itself.
func (f *facts) number(i int) int {
	if !f.digits(i) {
		return 0
	}
	if n := f.date(i); n > 0 {
		return n
	}
	value, n := f.value(i)
	if m := f.counted(i, n, value); m > 0 {
		return m
	}
	if f.refers(i, n) {
		f.ref = i + n
		return n
	}
	f.plain(i, n, value)
	return n
}

// value reads a number, its thousands perhaps set apart, as its digits with a
// point before the fraction.
func (f *facts) value(i int) (string, int) {
	text, n := f.words[i].text, 1
	if len(text) <= 3 {
		for n < 9 && f.digits(i+n) && f.words[i+n].start-f.words[i+n-1].end <= 3 && thousands(f.words[i+n].text) {
			text += f.words[i+n].text
			n++
		}
	}
	if at := strings.LastIndexAny(text, ",."); at >= 0 {
		whole := strings.NewReplacer(",", "", ".", "").Replace(text[:at])
		if len(text)-at-1 == 3 && text[at] == ',' {
			return whole + text[at+1:], n
		}
		return whole + "." + text[at+1:], n
	}
	return text, n
}

// thousands tells whether s is three digits, perhaps with a fraction.
func thousands(s string) bool {
	return len(s) >= 3 && digits(s) == 3 && (len(s) == 3 || (s[3] == ',' || s[3] == '.') && len(s) > 4)
}

// counted reads a number of n words with what it counts.
func (f *facts) counted(i, n int, value string) int {
	j := i + n
	if f.is(j, "(") { // 30 (thirty) days, thirty (30) days
		for k := j + 1; k < j+5; k++ {
			if f.is(k, ")") {
				if f.digits(j + 1) {
					value, _ = f.value(j + 1)
				}
				j = k + 1
				break
			}
		}
	}
	if second, m := f.upTo(j); m > 0 {
		value, j = value+"-"+second, j+m
	}
	if f.is(j, "-") || f.is(j, "‑") {
		j++ // 30-day
	}
	if j >= len(f.words) {
		return 0
	}
	if g, m := f.group(j, "scale"); m > 0 {
		value, j = value+g, j+m
		if f.is(j, ".") {
			j++
		}
	}
	if g, m := f.group(j, "currency"); m > 0 {
		f.add(finding{what: "money", key: value + g}, i, j+m-i)
		return j + m - i
	}
	if _, m := f.group(j, "percent"); m > 0 {
		f.add(finding{what: "percent", key: value}, i, j+m-i)
		return j + m - i
	}
	return f.period(i, j, value)
}

// period reads the unit of a number, which begins at word i, at word j.
func (f *facts) period(i, j int, value string) int {
	kind := ""
	for range 2 {
		g, m := f.group(j, "adj")
		kind, j = kind+g, j+m
	}
	unit, m := f.group(j, "unit")
	if m == 0 {
		return 0
	}
	x := finding{what: "duration", key: value + kind + unit}
	if unit == "age" {
		x.what = "age"
	}
	if year(value) && unit == "year" {
		x.what, x.key = "date", value
	}
	f.add(x, i, j+m-i)
	return j + m - i
}

// upTo reads the end of a span of numbers: –60, to 60, или 60.
func (f *facts) upTo(j int) (string, int) {
	_, m := f.group(j, "joint")
	if f.is(j, "–") || f.is(j, "-") || f.is(j, "—") {
		m = 1
	}
	if m == 0 || !f.digits(j+m) {
		return "", 0
	}
	value, n := f.value(j + m)
	if _, unit := f.group(j+m+n, "unit"); unit == 0 {
		if _, adj := f.group(j+m+n, "adj"); adj == 0 {
			return "", 0
		}
	}
	return value, m + n
}

func year(value string) bool {
	n, err := strconv.Atoi(value)
	return err == nil && n >= 1900 && n < 2100
}

// refers tells whether the number is of a clause, a version, a table: what it
// counts nobody changed.
func (f *facts) refers(i, n int) bool {
	at := i - 1
	for f.is(at, ".") || f.is(at, "№") || f.is(at, ":") {
		at--
	}
	if _, m := f.group(at, "ref"); m > 0 {
		return true
	}
	if f.ref == i-1 && i > 0 { // 6.1, 6.2 and 6.3
		if _, m := f.group(at, "joint"); m > 0 || strings.Contains(",–-—", f.words[at].text) {
			return true
		}
	}
	if f.is(i-1, "]") || f.is(i-1, "[") || f.is(i+n, ")") && (f.is(i-1, "(") || i == 0) {
		return true // a note, an item
	}
	if f.glued(i-1) || f.glued(i+n) {
		return true // 01-Oct-17, 152-ФЗ
	}
	if at >= 0 && f.words[at].kind == wordLetters && f.words[at].upper && (len(f.words[at].text) > 1 || strings.Contains("ivx", f.words[at].text)) {
		return true // ISO 27001, BGBl. I 1601
	}
	_, m := f.group(i+n, "ref") // 3 тармақ
	return m > 0 && f.isIn || strings.ContainsAny(f.words[i].text, ".:/-")
}

// glued tells whether word i is a hyphen between two words without spaces.
func (f *facts) glued(i int) bool {
	if i < 1 || i+1 >= len(f.words) || !strings.Contains("-‐‑", f.words[i].text) {
		return false
	}
	w := f.words[i-1 : i+2]
	return w[0].end == w[1].start && w[1].end == w[2].start
}

// plain is a number that counts nothing known: a year, an age where the sentence
// is about ages, part of an address where it is about one, else itself.
func (f *facts) plain(i, n int, value string) {
	x := finding{what: "number", key: value}
	if year(value) && n == 1 {
		x.what = "date"
	}
	f.add(x, i, n)
	if x.what == "number" {
		f.showNext(i + n)
	}
}

// moneyFirst reads an amount whose currency stands before it.
func (f *facts) moneyFirst(i int, currency string) int {
	if !f.digits(i + 1) {
		return 1
	}
	value, n := f.value(i + 1)
	g, m := f.group(i+1+n, "scale")
	f.add(finding{what: "money", key: value + g + currency}, i, 1+n+m)
	return 1 + n + m
}
