package lang

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"
)

var in = map[string]map[string]string{
	"ru": {"ru": "на русском языке", "kk": "на казахском языке", "en": "на английском языке"},
	"kk": {"ru": "орыс тілінде", "kk": "қазақ тілінде", "en": "ағылшын тілінде"},
	"en": {"ru": "in Russian", "kk": "in Kazakh", "en": "in English"},
}

// In tells somebody who reads reader in which language something is: "на русском
// языке", "орыс тілінде", "in Russian"; of other languages it gives the Name.
func In(reader, tag string) string { return or(in[Near(reader)][base(tag)], Name(tag)) }

func base(tag string) string {
	b, _ := language.Make(tag).Base()
	return b.String()
}

// scripts are those that Written tells apart (ISO 15924).
var scripts = map[string]*unicode.RangeTable{"Cyrl": unicode.Cyrillic, "Latn": unicode.Latin, "Arab": unicode.Arabic, "Hebr": unicode.Hebrew}

// kazakhLetters are those that Russian lacks.
const kazakhLetters = "әғқңөұүһіӘҒҚҢӨҰҮҺІ"

// Written guesses by its letters in which of tags, the likeliest first, a text is
// that does not say so itself. "" is none of them.
func Written(text string, tags ...string) string {
	guess := ""
	for _, tag := range tags {
		script, _ := language.Make(tag).Script()
		if table := scripts[script.String()]; table == nil || !mostly(text, table) {
			continue
		}
		if script.String() == "Cyrl" && (base(tag) == "kk") != strings.ContainsAny(text, kazakhLetters) {
			guess = or(guess, tag)
			continue
		}
		return tag
	}
	return guess
}

// Said is what text says in the language want, and in which it says it: Written tells.
// A text may say the same in several languages, parted by " / "; where none of them is
// want it is what stands first.
func Said(text, want string, tags ...string) (part, in string) {
	parts := strings.Split(text, " / ")
	found := map[string]string{}
	for _, p := range parts {
		if tag := Written(p, tags...); tag != "" {
			found[tag] = strings.TrimSpace(p)
		}
	}
	if len(parts) == 1 || len(found) < len(parts) {
		return text, Written(text, tags...)
	}
	if p := found[want]; p != "" {
		return p, want
	}
	return strings.TrimSpace(parts[0]), Written(parts[0], tags...)
}

// mostly tells whether more than half of the letters of text are of a script.
func mostly(text string, table *unicode.RangeTable) bool {
	of, others := 0, 0
	for _, r := range text {
		switch {
		case unicode.Is(table, r):
			of++
		case unicode.IsLetter(r):
			others++
		}
	}
	return of > others
}
