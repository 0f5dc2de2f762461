package server

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldedText is a text as a search compares it: small letters without marks, one space
// between words, line feeds between blocks. Each of its bytes comes from raw's
// bytes from to to.
type foldedText struct {
	text     string
	from, to []int32
}

// alike are letters that people type for others: those that a Russian keyboard has
// in place of the Kazakh ones, the forms of Arabic and Persian letters, straight
// quotes and hyphens. web/static/script/reading.js has the same.
var alike = pairs("әа ғг қк ңн өо ұу үу һх іи ςσ ıi ٱا ىي ةه کك یي ’' ‘' ʼ' “\" ”\" „\" «\" »\" ‐- ‑- –- —- ٠0 ١1 ٢2 ٣3 ٤4 ٥5 ٦6 ٧7 ٨8 ٩9 ۰0 ۱1 ۲2 ۳3 ۴4 ۵5 ۶6 ۷7 ۸8 ۹9")

func pairs(list string) map[rune]rune {
	out := map[rune]rune{}
	for pair := range strings.FieldsSeq(list) {
		runes := []rune(pair)
		out[runes[0]] = runes[1]
	}
	return out
}

// foldRune is what one character becomes: nothing if it is a mark or cannot be seen.
func foldRune(r rune) string {
	var b strings.Builder
	for _, d := range norm.NFD.String(string(r)) {
		d = unicode.ToLower(d)
		if same, ok := alike[d]; ok {
			d = same
		}
		switch {
		case unicode.IsSpace(d):
			b.WriteByte(' ')
		case unicode.In(d, unicode.M, unicode.Cf, unicode.Cc) || d == 'ـ':
		default:
			b.WriteRune(d)
		}
	}
	return b.String()
}

// foldText folds raw, which has blocks that end at breaks.
func foldText(raw string, breaks []int) foldedText {
	out := foldedText{from: make([]int32, 0, len(raw)), to: make([]int32, 0, len(raw))}
	var b strings.Builder
	known := map[rune]string{}
	last := byte(' ')
	put := func(s string, from, to int) {
		for i := range len(s) {
			out.from, out.to = append(out.from, int32(from)), append(out.to, int32(to))
			last = s[i]
		}
		b.WriteString(s)
	}
	for i, next := 0, 0; i < len(raw); i = next {
		r, size := utf8.DecodeRuneInString(raw[i:])
		next = i + size
		for len(breaks) > 0 && breaks[0] <= i {
			breaks = breaks[1:]
			put("\n", i, i)
		}
		s, ok := known[r]
		if !ok {
			s = foldRune(r)
			known[r] = s
		}
		if s == " " && last == ' ' {
			continue
		}
		put(s, i, next)
	}
	out.text = b.String()
	return out
}
