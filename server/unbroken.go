package server

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// laidOut is execute for a page that people read at length: what belongs together
// stays in one line.
func laidOut(name string, data any) ([]byte, error) {
	body, err := execute(name, data)
	return unbroken(body), err
}

const (
	unbrokenStart = `<span class="nb">`
	unbrokenEnd   = `</span>`
)

// rawText are the elements whose text is left alone: markup has no place in it, or
// the line is kept anyway.
var rawText = strings.Fields("title script style option textarea pre code time")

// unbroken keeps a date, and a number with the word that it numbers, in one line:
// "§ 5", "п. 6.1", "4.3-тармақ", "24 декабря 2026 г.". It adds elements between the
// characters of the page and changes none of them, so that what is copied or
// searched for is the text as it was published.
func unbroken(page []byte) []byte {
	out := make([]byte, 0, len(page)+len(page)/64)
	for raw := ""; len(page) > 0; {
		text, rest := page, []byte(nil)
		if i := bytes.IndexByte(page, '<'); i >= 0 {
			text, rest = page[:i], page[i:]
		}
		if raw == "" {
			out = appendUnbroken(out, text)
		} else {
			out = append(out, text...)
		}
		end := bytes.IndexByte(rest, '>') + 1
		if end == 0 {
			end = len(rest)
		}
		out, page = append(out, rest[:end]...), rest[end:]
		switch name, closing := tagOf(rest[:end]); {
		case raw == "" && !closing && slices.Contains(rawText, name):
			raw = name
		case closing && name == raw:
			raw = ""
		}
	}
	return out
}

// tagOf is the name of a tag.
func tagOf(tag []byte) (name string, closing bool) {
	tag, closing = bytes.CutPrefix(bytes.TrimPrefix(tag, []byte("<")), []byte("/"))
	if i := bytes.IndexAny(tag, " \n\t/>"); i >= 0 {
		tag = tag[:i]
	}
	return string(tag), closing
}

// appendUnbroken copies a run of text. Its character references stay as they are.
func appendUnbroken(out, text []byte) []byte {
	done := 0
	for i := 0; i < len(text); {
		if !digit(text[i]) || i > 0 && !begins(text[:i]) {
			i++
			continue
		}
		from, to := numbered(text, i, done), bound(text, i)
		if to > from && (from < i || to > numberEnd(text, i)) {
			out = append(append(append(append(out, text[done:from]...), unbrokenStart...), text[from:to]...), unbrokenEnd...)
			done = to
		}
		i = to
	}
	return append(out, text[done:]...)
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// begins tells whether a number can begin after what stands before it.
func begins(before []byte) bool {
	r, _ := utf8.DecodeLastRune(before)
	return unicode.IsSpace(r) || strings.ContainsRune("(«„“\"[—–§№", r)
}

// numberEnd is where the number at i ends: 2026, 6.1, 6.1.1 without the full stop.
func numberEnd(text []byte, i int) int {
	for i < len(text) && (digit(text[i]) || text[i] == '.' && i+1 < len(text) && digit(text[i+1])) {
		i++
	}
	return i
}

// numbering are words before a number that mean little without it, and monthly the
// names of months, in lower case.
var (
	numbering = strings.Fields("§ §§ № п. пп. ч. ст. гл. пункт пункта пункте пункту пунктом пункты пунктов пунктах статья статьи статье статью статьёй статей раздел раздела разделе clause clauses section sections article articles art. no. para.")
	monthly   = strings.Fields("января февраля марта апреля мая июня июля августа сентября октября ноября декабря қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан january february march april may june july august september october november december")
)

// numbered is where the word begins that the number at i belongs to: i itself if
// there is none. What lies before least has been written.
func numbered(text []byte, i, least int) int {
	before, spaced := bytes.CutSuffix(text[least:i], []byte(" "))
	if !spaced {
		return i
	}
	start := 0
	if j := bytes.LastIndexFunc(before, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(".§№", r) }); j >= 0 {
		_, size := utf8.DecodeRune(before[j:])
		start = j + size
	}
	if slices.Contains(numbering, strings.ToLower(string(before[start:]))) {
		return least + start
	}
	return i
}

// bound is where ends what belongs to the number at i: "-тармақ", a month with its
// year, or as in "2026 ж. 24 желтоқсан" the day after the year.
func bound(text []byte, i int) int {
	end := numberEnd(text, i)
	if n := letters(text, end+1); end < len(text) && text[end] == '-' && n > end+1 {
		return n
	}
	if rest, ok := bytes.CutPrefix(text[end:], []byte(" ж. ")); ok && len(rest) > 0 && digit(rest[0]) {
		day := len(text) - len(rest)
		if month := monthEnd(text, numberEnd(text, day)); month > 0 {
			return month
		}
	}
	month := monthEnd(text, end)
	if month == 0 || end-i > 2 {
		return end
	}
	if month+5 <= len(text) && text[month] == ' ' && numberEnd(text, month+1) == month+5 {
		month += 5
		if bytes.HasPrefix(text[month:], []byte(" г.")) {
			month += len(" г.")
		}
	}
	return month
}

// monthEnd is where the name of a month ends that follows at i after a space, or 0.
func monthEnd(text []byte, i int) int {
	if i >= len(text) || text[i] != ' ' {
		return 0
	}
	end := letters(text, i+1)
	if slices.Contains(monthly, strings.ToLower(string(text[i+1:end]))) {
		return end
	}
	return 0
}

// letters is where the letters at i end.
func letters(text []byte, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRune(text[i:])
		if !unicode.IsLetter(r) {
			break
		}
		i += size
	}
	return i
}
