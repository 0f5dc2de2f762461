// Package lang knows what a sentence needs from its language: plural forms,
// dates, the name of the language itself, its direction, and which of several
// texts suits a reader. Each room that speaks to people has a Catalogue of its
// own; the rules stand here once.
package lang

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
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

// Catalogue holds the sentences of one room in every language of Interface.
type Catalogue struct{ words map[string]map[string]message }

// message is one sentence: Other alone, or with the plural forms that the
// language has (CLDR cardinal categories).
type message struct{ One, Few, Many, Other string }

func (m *message) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &m.Other)
	}
	type forms message
	return json.Unmarshal(b, (*forms)(m))
}

// Load reads dir/LANG.json for each language of Interface: an object from key
// to sentence, or to {"one","few","many","other"}. Placeholders are {name}.
func Load(files fs.FS, dir string) (*Catalogue, error) {
	c := &Catalogue{words: map[string]map[string]message{}}
	for _, tag := range Interface {
		b, err := fs.ReadFile(files, path.Join(dir, tag+".json"))
		if err != nil {
			return nil, fmt.Errorf("catalogue: %w", err)
		}
		m := map[string]message{}
		if err := json.Unmarshal(b, &m); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", tag, err)
		}
		c.words[tag] = m
	}
	return c, nil
}

// MustLoad is Load for files embedded in the program.
func MustLoad(files fs.FS, dir string) *Catalogue {
	c, err := Load(files, dir)
	if err != nil {
		panic(err)
	}
	return c
}

// Keys returns the keys of tag, sorted, for the test that compares languages.
func (c *Catalogue) Keys(tag string) []string {
	return slices.Sorted(maps.Keys(c.words[tag]))
}

// In returns the words of the language of Interface nearest to tag.
func (c *Catalogue) In(tag string) Words {
	near := Near(tag)
	return Words{Lang: near, m: c.words[near]}
}

// Words speaks one language.
type Words struct {
	Lang string
	m    map[string]message
}

// T returns the sentence of key with each {name} replaced; args are name, value,
// name, value. A missing key is shown as itself in brackets: a test walks all
// keys, so nobody should ever see one.
func (w Words) T(key string, args ...any) string {
	return fill(w.get(key).Other, args)
}

// N is T in the plural form that n takes; {n} is n itself.
func (w Words) N(key string, n int, args ...any) string {
	m := w.get(key)
	s := m.Other
	switch Plural(w.Lang, strconv.Itoa(n)) {
	case "one":
		s = or(m.One, s)
	case "few":
		s = or(m.Few, s)
	case "many":
		s = or(m.Many, s)
	}
	return fill(s, append([]any{"n", Number(w.Lang, n)}, args...))
}

// Has tells whether key exists.
func (w Words) Has(key string) bool { _, ok := w.m[key]; return ok }

func (w Words) get(key string) message {
	if m, ok := w.m[key]; ok {
		return m
	}
	return message{Other: "[" + key + "]"}
}

func or(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

func fill(s string, args []any) string {
	if len(args) == 0 || !strings.Contains(s, "{") {
		return s
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

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
	if n := display.Self.Name(language.Make(tag)); n != "" {
		return n
	}
	return tag
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
