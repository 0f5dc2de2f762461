package redline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"
)

// pieces cuts s as tokens does.
func pieces(s string) (out []string) {
	for _, t := range tokens(s, 0) {
		out = append(out, s[t.start:t.end])
	}
	return out
}

// TestTokens: what an edit must not cut is one token.
func TestTokens(t *testing.T) {
	for _, whole := range []string{
		"слово", "қазақша", "ұлттық", "naïve", "e-mail", "don’t", "94-V", "6.1", "6.1-тармақ", "21.05.2013", "2026-11-22", "21/05/2013", "12:30",
		"10 000", "1 000 000,50", "1,234.56", "5,000.00", "12,5", "D.4", "2019–2024", "10%", "30 %", "50%-дан", "10 000-нан", "30 %-ға", "١٢٫٥",
		"data@example.kz", "first.last+tag@mail.example.kz", "mailto:info@example.kz", "example.kz", "https://example.kz/a_(b)?c=d,e", "www.example.kz/x", "example.kz/path-x?y=z",
		"+7 (727) 123-45-67", "+7 727 123 45 67", "8 (800) 555-35-35", "8 800 555 35 35", "+49 30 1234567", "+1-800-555-0199",
		"а\u0301", "до\u00adговор", "الشـروط", "مُحَمَّد", "נְתוּנִים", `צה"ל`, "ד׳", "קו\u200dבץ", "می\u200cخواهم", "データ", "プライバシーポリシー", "กำ"[:3] + "\u0e31", "10\u00a0000",
		"👨\u200d👩\u200d👧", "👍🏽", "🇰🇿", "1️⃣", "❤️",
	} {
		for _, around := range []string{"%", "и % или", "(%)", "«%».", "%, %", "x %\ny", "数% 据"} {
			s := strings.ReplaceAll(around, "%", whole)
			got := pieces(s)
			if !slices.Contains(got, whole) {
				t.Errorf("%q is cut in %q: %q", whole, s, got)
			}
			if strings.Join(got, "") != s {
				t.Errorf("%q is not %q", got, s)
			}
		}
	}
	for s, want := range map[string]int{
		"и/или": 3, "法律第三条": 5, "п.6.1": 3, "слово. Слово": 4, "слово.Слово": 1, "": 0, "6.1. Слово": 4, "2024年3月": 4, "カタカナかな": 3,
		"10 000 000": 1, "1 2 3": 5, "2020 2021": 3, "a (b) c": 7, "12 345 6789": 3, "🇰🇿🇷🇺": 2, "(5) 10": 5, "+5": 2,
		"see /v2/da/ingest.": 4, "(/kk/help-2/)": 4, "и/или/оба": 5, "/a": 2, "x /y//z": 7, "/v1/{id}:stop": 1, "5.9 /м2/год": 3,
	} {
		if got := pieces(s); len(got) != want {
			t.Errorf("%q has %d tokens, want %d: %q", s, len(got), want, got)
		}
	}
}

// insideWord tells of a border of tokens that lies inside a word of UAX #29.
func insideWord(s string) string {
	words := map[int]bool{0: true}
	for at, rest, state := 0, s, -1; rest != ""; {
		var w string
		w, rest, state = uniseg.FirstWordInString(rest, state)
		at += len(w)
		words[at] = true
	}
	for _, tok := range tokens(s, 0) {
		if before, _ := utf8.DecodeLastRuneInString(s[:tok.end]); words[int(tok.end)] || s[tok.start:tok.end] == border || strings.ContainsAny(s[tok.start:tok.end], "\u202f") || strings.HasPrefix(s[tok.end:], "\u202f") || !utf8.ValidRune(before) {
			continue
		}
		return s[:tok.end] + "|" + s[tok.end:]
	}
	return ""
}

// TestEveryRune: no token ends inside a word of UAX #29, whatever the sign.
func TestEveryRune(t *testing.T) {
	faults := 0
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || r >= 0x20000 && r < 0xe0000 && r%97 > 0 || r >= 0xe0200 {
			continue // planes of ideographs, private ones, none
		}
		c := string(r)
		for _, s := range []string{"a" + c + "b", "я" + c + c, "1" + c + "2", "1" + c + "a", "ב" + c + "ג", "カ" + c + "ナ", " " + c + "の" + c, c + "\u0301" + c, "a\u200d" + c + "_" + c, "a." + c, "字" + c + "字"} {
			if f := insideWord(s); f != "" {
				t.Errorf("%q (%U)", f, r)
				if faults++; faults > 40 {
					t.Fatal("and more")
				}
			}
		}
	}
}

// TestWordsAreWhole does the same with random texts in many scripts.
func TestWordsAreWhole(t *testing.T) {
	of := []string{" ", " ", ".", ",", "-", "'", "\"", ":", ";", "’", "/", "(", ")", "\n", "@", "%", "№", "§", "€", "\u00a0", "+", "_", "·", "…", "#", "\u00ad", "\u200b", "\u200c", "\u200d", "\u0301", "\u064e", "\u05b0", "\u0e31", "\ufe0f", "\u20e3",
		"a", "Art", "http://", "www.", " /v2/", "x.kz", "Ё", "қ", "ұ", "ы", "1", "12", "000", "2024", "٣", "ع", "ـ", "ש", "״", "׳", "字", "第", "年", "の", "カ", "ー", "ก", "한", "👍", "🏽", "👩", "🇰", "❤", "ß", "İ"}
	rapid.Check(t, func(rt *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(of), 0, 20).Draw(rt, "text"), "")
		if f := insideWord(s); f != "" {
			rt.Fatalf("%q", f)
		}
		if strings.Join(pieces(s), "") != s {
			rt.Fatalf("%q is not %q", pieces(s), s)
		}
	})
}

// TestWordsOfTheCorpus does the same with every line of the corpus.
func TestWordsOfTheCorpus(t *testing.T) {
	dir := os.Getenv("VESTNIK_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.md"))
	if len(files) == 0 {
		t.Skip("there is no corpus: set VESTNIK_CORPUS to its folder")
	}
	seen := map[string]bool{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			if seen[line] {
				continue
			}
			seen[line] = true
			if f := insideWord(line); f != "" {
				t.Fatalf("%q", f)
			}
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
