package markdown

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// hard inputs make naive parsers quadratic, or overflow their stack.
var hard = map[string]func(n int) string{
	"quotes":          func(n int) string { return strings.Repeat(">", n) + " a" },
	"quotes spaced":   func(n int) string { return strings.Repeat("> ", n/2) + "a" },
	"bullets":         func(n int) string { return strings.Repeat("- ", n/2) + "a" },
	"numbers":         func(n int) string { return strings.Repeat("1. ", n/3) + "a" },
	"staircase":       func(n int) string { return staircase(n) },
	"brackets":        func(n int) string { return strings.Repeat("[", n) },
	"open links":      func(n int) string { return strings.Repeat("[a](", n/4) },
	"nested links":    func(n int) string { return strings.Repeat("[", n/10) + "a" + strings.Repeat("](b)", n/10) },
	"images":          func(n int) string { return strings.Repeat("![", n/10) + "a" + strings.Repeat("](b)", n/10) },
	"emphasis":        func(n int) string { return strings.Repeat("*a **a ", n/7) },
	"emphasis deep":   func(n int) string { return strings.Repeat("*a_ ", n/4) },
	"emphasis nested": func(n int) string { return strings.Repeat("*a ", n/6) + strings.Repeat(" a*", n/6) },
	"stars":           func(n int) string { return strings.Repeat("*", n) + "a" + strings.Repeat("*", n) },
	"tildes":          func(n int) string { return strings.Repeat("~~a ", n/4) },
	"backticks":       func(n int) string { return backticks(n) },
	"angles":          func(n int) string { return strings.Repeat("<", n) },
	"open tags":       func(n int) string { return strings.Repeat("<a ", n/3) },
	"raw inline":      func(n int) string { return strings.Repeat("x <b>", n/5) },
	"raw silent":      func(n int) string { return "x" + strings.Repeat("<svg>", n/5) },
	"raw block":       func(n int) string { return strings.Repeat("<div>\n", n/6) },
	"raw blocks":      func(n int) string { return strings.Repeat("<div>\n\n", n/7) },
	"comments":        func(n int) string { return strings.Repeat("a <!-- ", n/7) },
	"instructions":    func(n int) string { return strings.Repeat("a <?", n/4) },
	"cdata":           func(n int) string { return strings.Repeat("a <![CDATA[", n/11) },
	"table wide": func(n int) string {
		return strings.Repeat("|a", n/4) + "\n" + strings.Repeat("|-", n/4) + "\n" + strings.Repeat("|\n", n/8)
	},
	"table long":      func(n int) string { return "|a|b|\n|-|-|\n" + strings.Repeat("|\n", n/2) },
	"table pipes":     func(n int) string { return "|a|\n|-|\n" + strings.Repeat("`\\|` ", n/5) },
	"table code":      func(n int) string { return "|a|\n|-|\n" + strings.Repeat("|`\\|`|\n", n/7) },
	"definitions":     func(n int) string { return numbered(n, "[%]: /u\n") },
	"same definition": func(n int) string { return strings.Repeat("[a]: /u\n", n/8) },
	"references":      func(n int) string { return "[a]: /" + strings.Repeat("u", n/2) + "\n\n" + strings.Repeat("[a]\n", n/8) },
	"footnotes":       func(n int) string { return numbered(n/2, "[^%]: x\n\n") + numbered(n/2, "[^%] ") },
	"footnote refs":   func(n int) string { return "[^a]: x\n\n" + strings.Repeat("[^a] ", n/5) },
	"terms":           func(n int) string { return strings.Repeat("a\n: b\n\n", n/7) },
	"descriptions":    func(n int) string { return "a\n" + strings.Repeat(": ", n/2) + "b" },
	"clauses":         func(n int) string { return numbered(n, "1.%. A\n") },
	"letters":         func(n int) string { return strings.Repeat("(a) A\n\n1. B\n\n", n/12) },
	"same clause":     func(n int) string { return strings.Repeat("1.1. A\n", n/7) },
	"parts":           func(n int) string { return strings.Repeat("1.", n/2) + " A" },
	"paragraph":       func(n int) string { return strings.Repeat("a\n", n/2) },
	"headings":        func(n int) string { return strings.Repeat("# a\n", n/4) },
	"fragments":       func(n int) string { return strings.Repeat("# a\n[a](#a)\n", n/11) },
	"entities":        func(n int) string { return strings.Repeat("&amp", n/4) },
	"backslashes":     func(n int) string { return strings.Repeat("\\", n) },
	"combining":       func(n int) string { return "a" + strings.Repeat("\u0301", n/2) },
	"carriage":        func(n int) string { return strings.Repeat("a\r\r", n/3) },
	"fences":          func(n int) string { return strings.Repeat("```\n", n/4) },
	"blank":           func(n int) string { return "a\n" + strings.Repeat("\n", n/2) + "b" },
	"item blank":      func(n int) string { return "- a\n" + strings.Repeat("\n", n/2) + "  b" },
	"front":           func(n int) string { return "---\n" + strings.Repeat("a: &a [*a]\n", n/11) + "---\nx" },
	"items":           func(n int) string { return strings.Repeat("- a\n", n/4) },
	"setext":          func(n int) string { return strings.Repeat("a\n-\n", n/4) },
	"html titles":     func(n int) string { return strings.Repeat("<a title='x' id=a>", n/18) },
}

func numbered(n int, form string) string {
	var b strings.Builder
	for i := 1; b.Len() < n; i++ {
		b.WriteString(strings.ReplaceAll(form, "%", strconv.Itoa(i)))
	}
	return b.String()
}

func backticks(n int) string {
	var b strings.Builder
	for i := 1; b.Len() < n; i++ {
		b.WriteString("e" + strings.Repeat("`", i))
	}
	return b.String()
}

func staircase(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}

// slower is how much more a hard text may cost than ordinary words of its size in
// the same run; the worst cost 15 times as much when this was written.
const slower = 200

func cost(t *testing.T, source []byte) (time.Duration, []byte) {
	start := time.Now()
	out := checkHTML(t, checkText(t, source))
	return time.Since(start), out
}

func TestHardInput(t *testing.T) {
	const size = 1 << 17
	for name, make := range hard {
		t.Run(name, func(t *testing.T) {
			source := []byte(make(size))
			ordinary, _ := cost(t, []byte(strings.Repeat("Words of a policy, line by line.\n\n", len(source)/34)))
			took, out := cost(t, source)
			t.Logf("%.1f times the cost of ordinary words", float64(took)/float64(ordinary))
			if took > slower*ordinary {
				t.Errorf("%v, and ordinary words of that size %v", took, ordinary)
			}
			if len(out) > 120*len(source) {
				t.Errorf("%d bytes became %d", len(source), len(out))
			}
		})
	}
}
