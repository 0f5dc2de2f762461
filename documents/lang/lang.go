// Package lang knows what a sentence needs from its language: plural forms,
// dates, the name of the language itself, its direction, and which of several
// texts suits a reader. Each room that speaks to people has a Catalogue of its
// own; the rules stand here once.
package lang

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Interface lists the languages that pages, mails and commands are written in.
// Documents may have others; their readers meet the interface in Fallback.
var Interface = []string{"ru", "kk", "en"}

// Fallback is the language of the interface where none of Interface is near.
const Fallback = "en"

// Plural returns the CLDR cardinal category of a decimal number, such as "21"
// or "1.5": one, few, many or other.
func Plural(tag, number string) string {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(number, "-"), ".")
	i, _ := strconv.Atoi(whole)
	f, _ := strconv.Atoi(fraction)
	short := strings.TrimRight(fraction, "0")
	t, _ := strconv.Atoi(short)
	form := plural.Cardinal.MatchPlural(language.Make(tag), i, len(fraction), len(short), f, t)
	switch form {
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}

// Number groups the digits of n as the language does: 1 234 567 with no-break
// spaces in Russian and Kazakh, 1,234,567 in English.
func Number(tag string, n int) string {
	gap := "\u00a0"
	if Near(tag) == "en" {
		gap = ","
	}
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	if len(s) <= 4 && gap != "," {
		return sign + s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + gap + s[i:]
	}
	return sign + s
}

var interfaceMatcher = language.NewMatcher(tags(Interface))

// Near returns the language of Interface that suits somebody who reads tag.
func Near(tag string) string {
	if slices.Contains(Interface, tag) {
		return tag
	}
	// The index, not the returned tag, which carries extensions.
	_, i, c := interfaceMatcher.Match(language.Make(tag))
	if c == language.No {
		return Fallback
	}
	return Interface[i]
}

// Match returns which of have suits an Accept-Language header best, or "" if
// none does. The order of have breaks ties.
func Match(accept string, have []string) string {
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 || len(have) == 0 {
		return ""
	}
	_, i, c := language.NewMatcher(tags(have)).Match(wanted...)
	if c == language.No {
		return ""
	}
	return have[i]
}

func tags(names []string) []language.Tag {
	out := make([]language.Tag, len(names))
	for i, n := range names {
		out[i] = language.Make(n)
	}
	return out
}

// Valid tells whether tag is a well-formed BCP 47 tag in its canonical form.
func Valid(tag string) bool {
	t, err := language.Parse(tag)
	return err == nil && t.String() == tag && tag != "und"
}

// Name returns what speakers call the language: "қазақ тілі", "русский".
func Name(tag string) string {
	t := language.Make(tag)
	if n := display.Self.Name(t); n != "" {
		return n
	}
	base, sure := t.Base()
	if sure != language.Exact {
		return tag
	}
	return or(display.Self.Name(language.Make(base.String())), tag)
}

// Dir is the value of the HTML attribute dir.
func Dir(tag string) string {
	script, _ := language.Make(tag).Script()
	switch script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo":
		return "rtl"
	}
	return "ltr"
}
