package redline

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// compareCharacters names the characters of edits that readers cannot tell from
// those that they replace, and invisible ones that came or went. An edit whose
// words differ to the eye is searched word by word.
func compareCharacters(spans []Span) []Detail {
	var out []Detail
	for i := 0; i < len(spans); {
		var removed, added strings.Builder
		for ; i < len(spans) && spans[i].Op != opSame; i++ {
			if spans[i].Op == opRemoved {
				removed.WriteString(spans[i].Text)
			} else {
				added.WriteString(spans[i].Text)
			}
		}
		if removed.Len()+added.Len() > 0 && len(out) <= detailsShown {
			out = append(out, compareEdit(removed.String(), added.String())...)
		}
		for i < len(spans) && spans[i].Op == opSame {
			i++
		}
	}
	return out
}

func compareEdit(a, b string) []Detail {
	if plainASCII(a) && plainASCII(b) {
		return nil
	}
	if out, ok := replaced(a, b); ok {
		return out
	}
	var out []Detail
	byLooks := map[string][]string{}
	rest := map[string]int{} // words of b, less those that a has too
	for w := range strings.FieldsSeq(b) {
		rest[w]++
	}
	var left []string
	for w := range strings.FieldsSeq(a) {
		if rest[w] > 0 {
			rest[w]--
		} else {
			left = append(left, w)
		}
	}
	for w := range strings.FieldsSeq(b) {
		if rest[w] > 0 {
			rest[w]--
			byLooks[appearance(w)] = append(byLooks[appearance(w)], w)
		}
	}
	for _, w := range left {
		if o := byLooks[appearance(w)]; len(o) > 0 {
			if d, ok := replaced(w, o[0]); ok {
				out = append(out, d...)
				byLooks[appearance(w)] = o[1:]
			}
		}
	}
	return append(out, unseen(a, b)...)
}

// plainASCII tells whether s has no character that could pass for another of s.
func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] < ' ' && s[i] != '\n' {
			return false
		}
	}
	return true
}

// glyph is what a reader takes a character for, and the character.
type glyph struct{ like, is rune }

// glyphs reads s as the eye does. Characters that nobody sees are 0.
func glyphs(s string) []glyph {
	out := make([]glyph, 0, len(s))
	space := false
	for _, r := range s {
		switch {
		case invisible(r):
			out = append(out, glyph{0, r})
			continue
		case unicode.IsSpace(r) && r != '\n':
			if space {
				out = append(out, glyph{0, r})
				continue
			}
			out = append(out, glyph{' ', r})
		default:
			out = append(out, seen(r)...)
		}
		space = unicode.IsSpace(r)
	}
	return out
}

// seen is how a character looks: one glyph, or those of a ligature.
func seen(r rune) []glyph {
	if like, ok := twins[r]; ok {
		return []glyph{{like, r}}
	}
	if r < 0x80 {
		return []glyph{{r, r}}
	}
	if d, ok := digit(r); ok {
		return []glyph{{seen(d)[0].like, r}}
	}
	form := norm.NFD
	if compatible(r) {
		form = norm.NFKD
	}
	var out []glyph
	for _, c := range form.String(string(r)) {
		if like, ok := twins[c]; ok {
			c = like
		}
		out = append(out, glyph{c, r})
	}
	return out
}

// compatible tells whether r is another form of letters: of full or half width,
// a Roman numeral, a ligature, a letter of mathematics, an ellipsis.
func compatible(r rune) bool {
	return r == '…' || r >= 0x2160 && r <= 0x217f || r >= 0xfb00 && r <= 0xfb06 || r >= 0xff01 && r <= 0xffef || r >= 0x1d400 && r <= 0x1d7ff
}

// digit is the value of a decimal digit of any script, which stand ten in a row.
func digit(r rune) (rune, bool) {
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	first := r
	for r-first < 9 && unicode.Is(unicode.Nd, first-1) {
		first--
	}
	if r >= 0x1d7ce && r <= 0x1d7ff { // five rows in one
		return '0' + (r-0x1d7ce)%10, true
	}
	return '0' + r - first, true
}

// appearance is s as the eye reads it.
func appearance(s string) string {
	var b strings.Builder
	for _, g := range glyphs(s) {
		if g.like != 0 {
			b.WriteRune(g.like)
		}
	}
	return b.String()
}

// replaced names the characters by which two strings differ that look the same;
// ok is false if they do not.
func replaced(a, b string) (out []Detail, ok bool) {
	x, y := glyphs(a), glyphs(b)
	for i, j := 0, 0; i < len(x) || j < len(y); {
		switch {
		case i < len(x) && j < len(y) && x[i].is == y[j].is:
			i, j = i+1, j+1
		case i < len(x) && x[i].like == 0:
			out = append(out, Detail{"character", character(x[i].is), ""})
			i++
		case j < len(y) && y[j].like == 0:
			out = append(out, Detail{"character", "", character(y[j].is)})
			j++
		case i < len(x) && j < len(y) && x[i].like == y[j].like && twin(x[i].is, y[j].is, len(x)+len(y)):
			if d := (Detail{"character", character(x[i].is), character(y[j].is)}); len(out) == 0 || out[len(out)-1] != d {
				out = append(out, d)
			}
			i, j = i+1, j+1
		default:
			return nil, false
		}
	}
	return out, true
}

// twin tells whether one of two characters that look alike may pass for the
// other: letters of one script are different letters, and a digit alone is no
// letter.
func twin(a, b rune, length int) bool {
	if unicode.IsLetter(a) != unicode.IsLetter(b) && (unicode.IsDigit(a) || unicode.IsDigit(b)) {
		return length > 2
	}
	return !unicode.IsLetter(a) || !unicode.IsLetter(b) || script(a) != script(b) || compatible(a) || compatible(b)
}

// unseen names the invisible characters that stand more often in one of two
// strings than in the other.
func unseen(a, b string) []Detail {
	count := map[rune]int{}
	var order []rune
	note := func(s string, n int) {
		for _, r := range s {
			if invisible(r) {
				if _, ok := count[r]; !ok {
					order = append(order, r)
				}
				count[r] += n
			}
		}
	}
	note(a, -1)
	note(b, 1)
	var out []Detail
	for _, r := range order {
		switch n := count[r]; {
		case n < 0:
			out = append(out, Detail{"character", character(r), ""})
		case n > 0:
			out = append(out, Detail{"character", "", character(r)})
		}
	}
	return out
}

// invisible tells whether r takes no room on a page: joiners, controls of the
// reading direction, soft hyphens, variation selectors, fillers.
func invisible(r rune) bool {
	switch {
	case r < 0x80:
		return r < ' ' && r != '\n' && r != '\t' || r == 0x7f
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	case r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0:
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Cc, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// character names r as Detail says.
func character(r rune) string {
	code := fmt.Sprintf("U+%04X", r)
	switch name := names[r]; {
	case invisible(r) && name == "":
		return "invisible (" + code + ")"
	case invisible(r) || unicode.IsSpace(r):
		return cmp.Or(name, "space") + " (" + code + ")"
	case name != "":
		return string(r) + " (" + name + ", " + code + ")"
	}
	if s := script(r); s != "" {
		return string(r) + " (" + s + ", " + code + ")"
	}
	return string(r) + " (" + code + ")"
}

// scripts are those that have a name in each language of the catalogue.
var scripts = []struct {
	name string
	of   *unicode.RangeTable
}{
	{"Latin", unicode.Latin}, {"Cyrillic", unicode.Cyrillic}, {"Greek", unicode.Greek}, {"Arabic", unicode.Arabic},
	{"Hebrew", unicode.Hebrew}, {"Armenian", unicode.Armenian}, {"Georgian", unicode.Georgian}, {"Devanagari", unicode.Devanagari},
	{"Cherokee", unicode.Cherokee},
}

// script is the name of the script of r, digit for ours, or "".
func script(r rune) string {
	for _, s := range scripts {
		if unicode.Is(s.of, r) {
			return s.name
		}
	}
	if unicode.IsDigit(r) {
		return "digit"
	}
	return ""
}

// names are the characters that have no script.
var names = map[rune]string{
	' ': "space", '\u00a0': "no-break space", '\u202f': "narrow no-break space", '\u2007': "figure space",
	'\u2009': "thin space", '\u200a': "thin space", '\u2002': "wide space", '\u2003': "wide space", '\u3000': "wide space",
	'\u200b': "zero-width space", '\u200c': "zero-width non-joiner", '\u200d': "zero-width joiner", '\u2060': "word joiner",
	'\ufeff': "byte-order mark", '\u00ad': "soft hyphen",
	'\u200e': "left-to-right mark", '\u200f': "right-to-left mark", '\u061c': "right-to-left mark",
	'\u202a': "change of direction", '\u202b': "change of direction", '\u202c': "end of a change of direction",
	'\u202d': "change of direction", '\u202e': "change of direction", '\u2066': "change of direction",
	'\u2067': "change of direction", '\u2068': "change of direction", '\u2069': "end of a change of direction",
	'-': "hyphen", '‐': "hyphen", '‑': "no-break hyphen", '‒': "dash", '–': "short dash", '—': "long dash", '―': "long dash", '−': "minus",
	'"': "quotation mark", '“': "quotation mark", '”': "quotation mark", '„': "quotation mark", '‟': "quotation mark",
	'\'': "apostrophe", '’': "apostrophe", '‘': "apostrophe", 'ʼ': "apostrophe", '`': "apostrophe", '´': "apostrophe", '′': "apostrophe",
	'.': "full stop", '…': "ellipsis",
}

// families are characters that look alike; the first stands for all.
const families = `aаαɑ cсϲ eе oоοօ OОΟՕ0 pрρ xхχ yуγүʏ iіι jјϳ sѕ hһҺ lIІӀӏΙ1Ɩ vνѵ uυս wѡԝ dԁ qԛ nո gɡց kкκ rг mм tт bЬ
 AАΑᎪ BВΒᏴ CСϹᏟ EЕΕᎬ HНΗᎻ JЈᎫ KКΚᏦ MМΜᎷ NΝ PРΡᏢ SЅᏚ TТΤᎢ XХΧ YУΥҮ VѴᏙ WԜᎳ ZΖᏃ QԚ GԌᏀ ЗƷ3 б6 әəǝ ӘƏ өɵθ ӨƟΘ Ұ¥ ПΠ ГΓ ФΦ фφ ЛΛ ңӊ µμ
 -‐‑‒–—―−﹘﹣－ "“”„‟″＂ '’‘ʼ′´‛ʹ＇` + "`"

// twins maps each of a family to its first.
var twins = func() map[rune]rune {
	out := map[rune]rune{}
	for family := range strings.FieldsSeq(families) {
		first, _ := utf8.DecodeRuneInString(family)
		for _, r := range family {
			out[r] = first
		}
	}
	return out
}()
