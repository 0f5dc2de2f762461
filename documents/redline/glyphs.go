package redline

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

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

// usual tells whether honest texts have r: what joins and parts letters in Arabic,
// Persian and Indic writing and in emoji, and where they meet Latin.
func usual(r rune) bool {
	return r == '\u200c' || r == '\u200d' || r == '\u200e' || r == '\u200f' || r == '\u061c' || unicode.Is(unicode.Variation_Selector, r)
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
	if r == none {
		return ""
	}
	code := fmt.Sprintf("U+%04X", r)
	switch name := names[r]; {
	case unicode.Is(unicode.Cc, r):
		return "control character (" + code + ")"
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

// face is a lower letter as the eye takes it, by one look: a Latin one that has a
// Cyrillic twin is that.
func face(r rune) rune {
	switch {
	case r < 0x80:
		return faces[r]
	case r >= 0x180 && r < 0x400:
		if like, ok := twins[r]; ok {
			return face(like)
		}
	}
	return r
}

// faces are those of ASCII.
var faces = func() (out [0x80]rune) {
	for r := range out {
		out[r] = rune(r)
	}
	for r, like := range twins {
		if first := out[like&0x7f]; like < 0x80 && unicode.Is(unicode.Cyrillic, r) && unicode.IsLower(r) && (first < 0x80 || r < first) {
			out[like] = r
		}
	}
	return out
}()

// veiled tells whether r is invisible, of those that part no word.
func veiled(r rune) bool {
	return r == 0xad || r >= 0x200b && (r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r == 0xfeff || r >= 0xe0000)
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
