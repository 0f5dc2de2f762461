package lang

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

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
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode((*forms)(m))
}

// form returns the text for a plural category, or Other where there is none of
// its own.
func (m message) form(category string) string {
	switch category {
	case "one":
		return or(m.One, m.Other)
	case "few":
		return or(m.Few, m.Other)
	case "many":
		return or(m.Many, m.Other)
	}
	return m.Other
}

// Load reads dir/LANG.json, and dir/*/LANG.json beside it, for each language of
// Interface: an object from key to sentence, or to {"one","few","many","other"}.
// Placeholders are {name}. A key that stands in two files is an error.
func Load(files fs.FS, dir string) (*Catalogue, error) {
	c := &Catalogue{words: map[string]map[string]message{}}
	for _, tag := range Interface {
		below, err := fs.Glob(files, path.Join(dir, "*", tag+".json"))
		if err != nil {
			return nil, fmt.Errorf("catalogue: %w", err)
		}
		c.words[tag] = map[string]message{}
		for _, name := range append([]string{path.Join(dir, tag+".json")}, below...) {
			if err := c.add(files, tag, name); err != nil {
				return nil, fmt.Errorf("catalogue %s: %w", name, err)
			}
		}
	}
	return c, nil
}

func (c *Catalogue) add(files fs.FS, tag, name string) error {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	m := map[string]message{}
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	for key, sentence := range m {
		if _, twice := c.words[tag][key]; twice {
			return fmt.Errorf("%q stands in another file too", key)
		}
		c.words[tag][key] = sentence
	}
	return nil
}

// MustLoad is Load for files embedded in the program.
func MustLoad(files fs.FS, dir string) *Catalogue {
	c, err := Load(files, dir)
	if err != nil {
		panic(err)
	}
	return c
}

// Keys returns the keys of tag, sorted.
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
	s := w.get(key).form(Plural(w.Lang, strconv.Itoa(n)))
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
	var b strings.Builder
	for s != "" {
		head, tail, _ := strings.Cut(s, "{")
		name, rest, closed := strings.Cut(tail, "}")
		b.WriteString(head)
		switch i := named(args, name); {
		case closed && i >= 0:
			fmt.Fprint(&b, args[i+1])
			s = rest
		default:
			b.WriteString(s[len(head) : len(s)-len(tail)])
			s = tail
		}
	}
	return b.String()
}

// named is where among names and values the name stands, or -1. Names are strings,
// or numbers where a message has only places.
func named(args []any, name string) int {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name || fmt.Sprint(args[i]) == name {
			return i
		}
	}
	return -1
}

// Faults lists, for tests, what would show on a page: a key that a language
// lacks, a number that has no form, placeholders that differ between languages.
func (c *Catalogue) Faults() (faults []string) {
	keys := map[string]bool{}
	for _, words := range c.words {
		for key := range words {
			keys[key] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		want := c.words[Interface[0]][key].placeholders()
		for _, tag := range Interface {
			m, ok := c.words[tag][key]
			switch got := m.placeholders(); {
			case !ok:
				faults = append(faults, fmt.Sprintf("%s: %s is missing", tag, key))
			case !m.complete(tag):
				faults = append(faults, fmt.Sprintf("%s: %s has no text for some numbers", tag, key))
			case !slices.Equal(got, want):
				faults = append(faults, fmt.Sprintf("%s: %s has the placeholders %v, in %s %v", tag, key, got, Interface[0], want))
			}
		}
	}
	return faults
}

// complete tells whether each whole number has a text. The categories of our
// languages all appear below 10.
func (m message) complete(tag string) bool {
	for n := range 10 {
		if m.form(Plural(tag, strconv.Itoa(n))) == "" {
			return false
		}
	}
	return true
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// placeholders are those of all forms together: "one" often spells its number out.
func (m message) placeholders() []string {
	found := placeholder.FindAllString(strings.Join([]string{m.One, m.Few, m.Many, m.Other}, " "), -1)
	slices.Sort(found)
	return slices.Compact(found)
}
