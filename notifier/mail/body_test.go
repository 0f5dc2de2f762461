package mail

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestBody: whatever people typed becomes lines of text that end with CRLF, and what
// is so already stays as it is.
func TestBody(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "ы", "•", "\u00a0", "\r", "\n", "\r\n", "\t", "\x00", "\x7f", "\u0085", "\u009f", "\xc2", "\xff", "\ufffd", "\u2028", " "})
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(piece).Draw(t, "pieces"), "")
		got := Body(s)
		if again := Body(got); again != got {
			t.Errorf("%q became %q and then %q", s, got, again)
		}
		lines := strings.ReplaceAll(got, "\r\n", "")
		if strings.ContainsFunc(lines, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) || !utf8.ValidString(got) || got != "" && !strings.HasSuffix(got, "\r\n") {
			t.Errorf("%q became %q", s, got)
		}
		if strings.Count(got, "ы") != strings.Count(s, "ы") || strings.Count(got, "\u00a0") != strings.Count(s, "\u00a0") {
			t.Errorf("%q lost text: %q", s, got)
		}
	})
	for _, bad := range []string{"\r", "\n", "\x00", "\x1f", "\x7f", "\u0080", "\u009f", "\xc2", "\xff"} {
		if s := "ы" + bad + "\r\n"; isBody(s) || isBody(bad+"\r\n") {
			t.Errorf("%q stays", s)
		}
	}
	for _, whole := range []string{"", "a\r\n", "ы\r\n\r\n\tы•\u00a0\r\n"} {
		if !isBody(whole) || Body(whole) != whole {
			t.Errorf("%q is changed", whole)
		}
	}
}
