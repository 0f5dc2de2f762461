package redline_test

import (
	"strings"
	"testing"

	"vestnik/documents/redline"
)

// TestCharacters: what the eye cannot tell apart is named.
func TestCharacters(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"Latin for Cyrillic", "вправе отозвать согласие", "вправе отозвать cогласие", "с (Cyrillic, U+0441) → c (Latin, U+0063)"},
		{"Cyrillic for Latin", "the company keeps data", "the соmpany keeps data", "c (Latin, U+0063) → с (Cyrillic, U+0441); o (Latin, U+006F) → о (Cyrillic, U+043E)"},
		{"Greek for Latin", "the company keeps data", "the cοmpany keeps data", "o (Latin, U+006F) → ο (Greek, U+03BF)"},
		{"Kazakh schwa", "деректер және құқықтар туралы", "деректер жəне құқықтар туралы", "ә (Cyrillic, U+04D9) → ə (Latin, U+0259)"},
		{"Kazakh і", "біз деректерді өңдейміз бүгін", "бiз деректерді өңдейміз бүгін", "і (Cyrillic, U+0456) → i (Latin, U+0069)"},
		{"two letters of one script", "бұл түр туралы мәтін", "бұл тур туралы мәтін", ""},
		{"accents", "the café of ours", "the cafе\u0301 of ours", "é (Latin, U+00E9) → е (Cyrillic, U+0435)"},
		{"ligature", "the ofﬁce of ours", "the office of ours", "ﬁ (Latin, U+FB01) → f (Latin, U+0066); ﬁ (Latin, U+FB01) → i (Latin, U+0069)"},
		{"full width", "the ｆee of ours", "the fee of ours", "ｆ (Latin, U+FF46) → f (Latin, U+0066)"},
		{"every word", "отозвать согласие", "oтoзвать сoгласиe", "о (Cyrillic, U+043E) → o (Latin, U+006F); е (Cyrillic, U+0435) → e (Latin, U+0065)"},
		{"every Kazakh word", "дербес деректерді өңдеу", "дeрбeс дeрeктeрдi ɵңдeу", "е (Cyrillic, U+0435) → e (Latin, U+0065); і (Cyrillic, U+0456) → i (Latin, U+0069); ө (Cyrillic, U+04E9) → ɵ (Latin, U+0275)"},
		{"nothing in each word", "отозвать согласие", "ото\u200bзвать сог\u00adласие", " → zero-width space (U+200B);  → soft hyphen (U+00AD)"},
		{"letter for digit", "pay 100 dollars now", "pay 10О dollars now", "0 (digit, U+0030) → О (Cyrillic, U+041E)"},
		{"digits of another script", "pay 35 dollars now", "pay ٣٥ dollars now", "3 (digit, U+0033) → ٣ (Arabic, U+0663); 5 (digit, U+0035) → ٥ (Arabic, U+0665)"},
		{"no-break space", "within 30 days of it", "within 30\u00a0days of it", "space (U+0020) → no-break space (U+00A0)"},
		{"thin space", "within 30 days of it", "within 30\u2009days of it", "space (U+0020) → thin space (U+2009)"},
		{"second space", "within 30 days of it", "within 30 \u00a0days of it", " → no-break space (U+00A0)"},
		{"zero-width space", "the company keeps data", "the com\u200bpany keeps data", " → zero-width space (U+200B)"},
		{"zero-width joiner gone", "the com\u200dpany keeps data", "the company keeps data", "zero-width joiner (U+200D) → "},
		{"word joiner", "the company keeps data", "the\u2060 company keeps data", " → word joiner (U+2060)"},
		{"byte-order mark inside", "the company keeps data", "the \ufeffcompany keeps data", " → byte-order mark (U+FEFF)"},
		{"soft hyphen", "the company keeps data", "the com\u00adpany keeps data", " → soft hyphen (U+00AD)"},
		{"turned round", "the company keeps data", "the \u202ecompany\u202c keeps data", " → change of direction (U+202E); " + " → end of a change of direction (U+202C)"},
		{"tag characters", "the company keeps data", "the company\U000e0041 keeps data", " → invisible (U+E0041)"},
		{"control character", "the company keeps data", "the com\u0085pany keeps data", " → control character (U+0085)"},
		{"short dash", "the term — thirty days", "the term – thirty days", "— (long dash, U+2014) → – (short dash, U+2013)"},
		{"hyphen", "a well-known company there", "a well‑known company there", "- (hyphen, U+002D) → ‑ (no-break hyphen, U+2011)"},
		{"quotation marks", `the "company" keeps data`, "the “company” keeps data", `" (quotation mark, U+0022) → “ (quotation mark, U+201C); " (quotation mark, U+0022) → ” (quotation mark, U+201D)`},
		{"other quotation marks", `the «company» keeps data`, "the “company” keeps data", ""},
		{"apostrophe", "the company's data of yours", "the company’s data of yours", "' (apostrophe, U+0027) → ’ (apostrophe, U+2019)"},
		{"ellipsis", "the company keeps data…", "the company keeps data...", "… (ellipsis, U+2026) → . (full stop, U+002E)"},
		{"beside other words", "вправе отозвать согласие сразу", "вправе отозвать cогласие потом и письменно", "с (Cyrillic, U+0441) → c (Latin, U+0063)"},
		{"signs beside other words", "the company's data of yours are kept", "the company’s data of yours are deleted", ""},
		{"hidden beside other words", "the company keeps your data", "the company sells your\u202e data", " → change of direction (U+202E)"},
		{"marks of Arabic beside other words", "the company keeps your data", "the company sells your\u200f data", ""},
		{"other letters", "the company keeps data", "the company sells data", ""},
		{"other case", "the company keeps data", "the Company keeps data", ""},
		{"moved to another word", "a1 the company", "1a the company", ""},
		{"normal forms", "край и край", "краи\u0306 и край", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, e := range check(t, parse(t, c.old+".\n"), parse(t, c.new+".\n")).Changes {
				for _, d := range e.Details {
					if d.What == "character" {
						got = append(got, d.Old+" → "+d.New)
					}
				}
			}
			if got := strings.Join(got, "; "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestManyCharacters: a text of look-alikes does not make details without end.
func TestManyCharacters(t *testing.T) {
	var old, new strings.Builder
	for r := rune(0x1d400); r < 0x1d7ff; r++ {
		old.WriteString("word" + string(r) + " and so on ")
		new.WriteString("word and so on ")
	}
	for _, e := range redline.Compare(parse(t, old.String()), parse(t, new.String())).Changes {
		if len(e.Details) > 101 {
			t.Errorf("%d details", len(e.Details))
		}
	}
}
