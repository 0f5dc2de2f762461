package redline

import (
	"slices"
	"strings"
	"testing"
)

// TestTokens: what an edit must not cut is one token.
func TestTokens(t *testing.T) {
	for _, whole := range []string{
		"слово", "қазақша", "naïve", "e-mail", "don’t", "94-V", "6.1", "6.1-тармақ", "21.05.2013", "2026-11-22", "21/05/2013", "12:30",
		"10 000", "1 000 000,50", "1,234.56", "D.4", "data@example.kz", "example.kz", "https://example.kz/a_(b)?c=d,e", "www.example.kz/x", "example.kz/path-x?y=z",
		"а\u0301", "до\u00adговор", "العربية", "10\u00a0000",
	} {
		for _, around := range []string{"%", "и % или", "(%)", "«%».", "%, %", "x %\ny"} {
			s := strings.ReplaceAll(around, "%", whole)
			var got []string
			for _, tok := range tokens(s, 0) {
				got = append(got, s[tok.start:tok.end])
			}
			if !slices.Contains(got, whole) {
				t.Errorf("%q is cut in %q: %q", whole, s, got)
			}
			if strings.Join(got, "") != s {
				t.Errorf("%q is not %q", got, s)
			}
		}
	}
	for s, want := range map[string]int{"и/или": 3, "法律第三条": 5, "п.6.1": 3, "слово.Слово": 3, "": 0, "6.1. Слово": 4} {
		if got := len(tokens(s, 0)); got != want {
			t.Errorf("%q has %d tokens, want %d", s, got, want)
		}
	}
}

func TestChain(t *testing.T) {
	links := []link{{0, 3, 1}, {1, 0, 1}, {2, 1, 1}, {2, 3, 9}, {3, 2, 1}}
	got := chain(slices.Clone(links))
	if want := []link{{1, 0, 1}, {2, 3, 9}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := chain(nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func TestFollows(t *testing.T) {
	m := &matching{numbers: map[string]string{"6.1": "6.2", "3": "4", "7": "", "l": "k"}}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"see clause 6.1.", "see clause 6.2.", true},
		{"в пунктах 6.1 и 3 Политики", "в пунктах 6.2 и 4 Политики", true},
		{"см. п. 6.1", "см. п. 6.2", true},
		{"6.1-тармақтың", "6.2-тармақтың", true},
		{"Section L applies", "Section K applies", true},
		{"within 3 days", "within 4 days", false},
		{"TLS 6.1", "TLS 6.2", false},
		{"clause 6.1", "clause 6.3", false},
		{"clause 7", "clause 8", false},
		{"see clause 6.1 today", "see clause 6.2", false},
		{"under clause 9. 3 days", "under clause 9. 4 days", false},
	} {
		if got := m.follows(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %v", c.a, c.b, got)
		}
	}
}
