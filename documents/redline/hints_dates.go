package redline

import (
	"fmt"
	"strconv"
	"strings"
)

// date reads a date that begins with the number at word i: 2026-11-22,
// 22.11.2026, 22 ноября 2026 г., 2026 жылғы 22 қараша.
func (f *facts) date(i int) int {
	if key := numericDate(f.words[i].text); key != "" {
		f.add(finding{what: "date", key: key}, i, 1)
		return 1
	}
	n, err := strconv.Atoi(f.words[i].text)
	if err != nil {
		return 0
	}
	if year(f.words[i].text) {
		return f.yearFirst(i, n)
	}
	if n < 1 || n > 31 {
		return 0
	}
	j := i + 1
	if f.is(j, "of") || f.is(j, ".") {
		if _, m := f.group(j+1, "month"); m > 0 {
			j++
		}
	}
	month, m := f.group(j, "month")
	if m == 0 && j < len(f.words) && f.words[j].kind == wordLetters && f.digits(j+1) && year(f.words[j+1].text) {
		month, m = f.words[j].text, 1 // of another language
	}
	if m == 0 {
		return 0
	}
	return f.dated(i, j+m, n, month)
}

// dated takes a day and a month, which end before word j, with the year behind.
func (f *facts) dated(i, j, day int, month string) int {
	k := j
	if f.is(k, ",") {
		k++
	}
	y := ""
	if f.digits(k) && year(f.words[k].text) {
		y, j = f.words[k].text, k+1
		if g, m := f.group(j, "unit"); g == "year" {
			if j += m; f.is(j-1, "г") && f.is(j, ".") {
				j++
			}
		}
	}
	f.add(finding{what: "date", key: fmt.Sprintf("%s-%s-%02d", y, month, day)}, i, j-i)
	return j - i
}

// yearFirst reads a date as Kazakh writes it.
func (f *facts) yearFirst(i, y int) int {
	j := i + 1
	if g, m := f.group(j, "unit"); g != "year" {
		return 0
	} else if j += m; f.is(j, ".") {
		j++
	}
	if !f.digits(j) {
		return 0
	}
	day, err := strconv.Atoi(f.words[j].text)
	month, m := f.group(j+1, "month")
	if err != nil || m == 0 {
		return 0
	}
	f.add(finding{what: "date", key: fmt.Sprintf("%d-%s-%02d", y, month, day)}, i, j+1+m-i)
	return j + 1 + m - i
}

// monthFirst reads May 30, 2022 and May 2022. The word alone is "may".
func (f *facts) monthFirst(i int, month string) int {
	if !f.digits(i + 1) {
		return f.monthAlone(i)
	}
	text := f.words[i+1].text
	if year(text) {
		f.add(finding{what: "date", key: text + "-" + month}, i, 2)
		return 2
	}
	day, err := strconv.Atoi(text)
	if err != nil || day < 1 || day > 31 || !f.words[i].capital {
		return f.monthAlone(i)
	}
	return f.dated(i, i+2, day, month)
}

func (f *facts) monthAlone(i int) int {
	if f.is(i, "may") && !(f.words[i].capital && i > 0 && f.words[i-1].sentence == f.words[i].sentence) {
		f.add(finding{what: "modal", key: "permission"}, i, 1)
	}
	return 1
}

// numericDate is the key of 2026-11-22, 22.11.2026 or 22/11/2026, else "".
func numericDate(s string) string {
	if len(s) < 8 || len(s) > 10 {
		return ""
	}
	for _, sign := range []string{"-", ".", "/"} {
		parts := strings.Split(s, sign)
		if len(parts) != 3 {
			continue
		}
		if len(parts[0]) == 4 {
			parts[0], parts[2] = parts[2], parts[0]
		}
		d, e1 := strconv.Atoi(parts[0])
		m, e2 := strconv.Atoi(parts[1])
		if e1 == nil && e2 == nil && year(parts[2]) && d > 0 && d < 32 && m > 0 && m < 32 {
			return fmt.Sprintf("%s-%02d-%02d", parts[2], m, d)
		}
	}
	return ""
}
