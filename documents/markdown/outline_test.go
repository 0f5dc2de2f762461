package markdown_test

import (
	"slices"
	"strings"
	"testing"

	"vestnik/documents/markdown"
)

// A clause without words of its own is called by those that follow in it.
func TestTitleOfBareClause(t *testing.T) {
	for source, want := range map[string][]string{
		"##\n\nТекст под ним.\n\nЕщё.\n":              {"Текст под ним."},
		"### 3.\n\n<!-- x -->\n\n- пункт\n\n### 4.\n": {"пункт", ""},
		"1.1.\n\nТекст.\n\n1.2. Слова\n\nЕщё.\n":      {"Текст.", "Слова"},
		"##\n\n## Дальше\n":                           {"", "Дальше"},
		"# " + strings.Repeat("слово ", 100) + "\n":   {strings.TrimSpace(strings.Repeat("слово ", 83)) + "…"},
		"1. " + strings.Repeat("a", 90) + "\n":        {strings.Repeat("a", 80) + "…"},
	} {
		text, err := markdown.Parse([]byte(source))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range text.Clauses {
			got = append(got, c.Title)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: titles %q, want %q", source, got, want)
		}
	}
}
