package markdown

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var kindNames = map[Kind]string{FrontMatter: "front", Paragraph: "p", Heading: "h", Item: "item", Row: "row", Code: "code",
	HTML: "html", Footnote: "note", Term: "term", Description: "desc", Break: "break", Definitions: "defs", Comment: "comment", Blank: "blank"}

// blocksOf writes each block as kind, lines and text.
func blocksOf(t *testing.T, source string) []string {
	t.Helper()
	var out []string
	for _, b := range checkText(t, []byte(source)).Blocks {
		out = append(out, fmt.Sprintf("%s %d-%d %q", kindNames[b.Kind], b.First, b.Last, b.Text))
	}
	return out
}

func TestBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		want   []string
	}{
		"front matter":        {"---\ntitle: x\n---\n\na\n", []string{`front 1-3 ""`, `p 5-5 "a"`}},
		"front matter alone":  {"---\nx\n---", []string{`front 1-3 ""`}},
		"broken front matter": {"---\n: [\n---\na", []string{`front 1-3 ""`, `p 4-4 "a"`}},
		"no front matter":     {"a\n\n---\n\nb\n", []string{`p 1-1 "a"`, `break 3-3 ""`, `p 5-5 "b"`}},
		"byte-order mark":     {"\ufeff# a\n", []string{`h 1-1 "a"`}},
		"CRLF":                {"# a\r\n\r\nb\r\nc\r\n", []string{`h 1-1 "a"`, `p 3-4 "b c"`}},
		"lone CR":             {"# a\r\rb\rc", []string{`h 1-1 "a\nb c"`}},
		"headings":            {"# a #\n\nb\nc\n===\n", []string{`h 1-1 "a"`, `h 3-5 "b c"`}},
		"breaks":              {"a  \nb\\\nc\nd", []string{`p 1-4 "a\nb\nc d"`}},
		"folding":             {"a \t b  `c  d`\n", []string{`p 1-1 "a b c  d"`}},
		"entities":            {"&lt;b&gt; \\* &#65;", []string{`p 1-1 "<b> * A"`}},
		"NFC":                 {"и\u0306 *e\u0301*", []string{`p 1-1 "й é"`}},
		"items":               {"- a\n  b\n- \n\n3. c\n4.\n", []string{`item 1-3 "a b"`, `item 5-5 "3. c"`, `item 6-6 "4."`}},
		"item paragraphs":     {"- a\n\n  b\n\n      c\n", []string{`item 1-1 "a"`, `p 3-3 "b"`, `code 5-5 "c"`}},
		"shared lines":        {"1. - a\n2. # b\n- > c\n", []string{`item 1-1 "1. a"`, `item 2-2 "2. b"`, `p 3-3 "c"`}},
		"marks alone":         {">\n> a\n>\n> b\n\n-\n", []string{`p 1-3 "a"`, `p 4-6 "b"`}},
		"only marks":          {">\n>\n", []string{`blank 1-2 ""`}},
		"table":               {"| a | b |\n|---|---|\n| *c* | d\\|e |\n| f |\n", []string{`row 1-2 "a | b"`, `row 3-3 "c | d|e"`, `row 4-4 "f | "`}},
		"code":                {"```go\na  b\n\n```\n\n    c\n\n~~~\n~~~\n", []string{`code 1-4 "a  b"`, `code 6-6 "c"`, `code 8-9 ""`}},
		"raw HTML":            {"<div>\na  <b>b</b>\n</div>\n\nc <b>d</b>", []string{`html 1-3 "a b"`, `p 5-5 "c d"`}},
		"comment":             {"<!-- a\n\nb -->\n\nc <!-- d --> e", []string{`comment 1-3 ""`, `p 5-5 "c e"`}},
		"script":              {"<script>\na\n</script>\n\nb <script>c</script> d", []string{`html 1-3 ""`, `p 5-5 "b d"`}},
		"script not closed":   {"a <script>b</scripted> c", []string{`p 1-1 "a b c"`}},
		"definitions":         {"[a]: b\n[c]:\n  d\n\n[e]: f\ng [a]", []string{`defs 1-3 ""`, `defs 5-5 ""`, `p 6-6 "g a"`}},
		"footnotes":           {"a[^1]\n\n[^1]: b\n\n    c\n\n[^2]: d\n\ne", []string{`p 1-1 "a"`, `note 3-3 "b"`, `note 5-5 "c"`, `note 7-7 "d"`, `p 9-9 "e"`}},
		"definition list":     {"a\n: b\n\n  c\n\nd\n: e", []string{`term 1-1 "a"`, `desc 2-2 "b"`, `desc 4-4 "c"`, `term 6-6 "d"`, `desc 7-7 "e"`}},
		"image":               {"![a *b*](c.png) d", []string{`p 1-1 "a b d"`}},
		"clauses":             {"1. A\n1.1. B\nb\n1.2. C", []string{`item 1-1 "1. A"`, `p 2-3 "1.1. B b"`, `p 4-4 "1.2. C"`}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, blocksOf(t, c.source)); d != "" {
				t.Error(d)
			}
		})
	}
}

// What a reader gets of two texts differs exactly if Text, Marks or Form do.
func TestWhatReadersGet(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"a *b* c", "a _b_ c", true},
		{"a *b* c", "a <em>b</em> c", true},
		{"a\nb", "a b", true},
		{"- a", "* a", true},
		{"# a", "a\n===", true},
		{"[a](b)", "[a][x]\n\n[x]: b", true},
		{"|a|\n|-|\n|b|", "| a |\n| - |\n| b |", true},
		{"a *b* c", "a **b** c", false},
		{"a *b* c", "a b c", false},
		{"[a](b)", "[a](c)", false},
		{"[a](b)", "[a](b 'c')", false},
		{"![a](b)", "![a](c)", false},
		{"![](b)", "![](c)", false},
		{"# a", "## a", false},
		{"- a", "> a", false},
		{"- a\n- a", "1. a\n1. a", false},
		{"|a|\n|-|\n", "|a|\n|:-|\n", false},
		{"`a`", "a", false},
		{"    a", "a", false},
		{"a  \nb", "a b", false},
		{"~~a~~", "a", false},
		{"<b id=x>a</b>", "**a**", true},
		{"a<sup>2</sup>", "a2", false},
		{"<div dir=rtl>a</div>", "<div>a</div>", false},
	} {
		a, b := checkText(t, []byte(c.a)).Blocks[0], checkText(t, []byte(c.b)).Blocks[0]
		d := cmp.Diff([]any{a.Text, a.Marks, a.Form}, []any{b.Text, b.Marks, b.Form})
		if (d == "") != c.same {
			t.Errorf("%q and %q: same is %v\n%s", c.a, c.b, d == "", d)
		}
	}
}

func TestTitle(t *testing.T) {
	for source, want := range map[string]string{
		"---\ntitle: A  b\n---\n# C":          "A b",
		"---\ntitle: [\n---\n# C":             "C",
		"---\ntitle:\n---\n## D\n\n# C":       "C",
		"\ufeff---\r\ntitle: 'A'\r\n---\r\nx": "A",
		"# 1. *C*":                            "1. C",
		"x":                                   "",
	} {
		if got := checkText(t, []byte(source)).Title; got != want {
			t.Errorf("%q has the title %q, want %q", source, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for code, source := range map[string]string{
		"utf8":  "a\xff",
		"nul":   "a\x00b",
		"empty": " \n\t\r\n",
		"size":  strings.Repeat("a\n\n", 10_000_000/3+1),
		"lines": strings.Repeat("\r\n", 150_000) + strings.Repeat("-\r", 50_000) + "a\n",
	} {
		_, err := Parse([]byte(source))
		if invalid := (*InvalidSource)(nil); !errors.As(err, &invalid) || invalid.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	if _, err := Parse([]byte("\ufeff")); err == nil {
		t.Error("a byte-order mark alone is a text")
	}
	if _, err := Parse([]byte(strings.Repeat("1.1. Text of a clause.\n\n", 1_500_000/24))); err != nil {
		t.Errorf("1.5 MB: %v", err)
	}
}

// The policy that Vestnik was made for: every number from 1 to 6.3 is a clause.
func TestSeedPolicy(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "seeds", "*.txt"))
	if len(names) == 0 {
		t.Skip("no seed text beside the project")
	}
	source, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	text := checkText(t, source)
	var want, got []string
	for i, below := range []int{2, 8, 2, 2, 2, 3} {
		want = append(want, fmt.Sprintf("%d.:1", i+1))
		for j := range below {
			want = append(want, fmt.Sprintf("%d.%d.:2", i+1, j+1))
		}
	}
	for _, c := range text.Clauses {
		got = append(got, fmt.Sprintf("%s:%d", c.Number, c.Level))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	out := string(checkHTML(t, text))
	if n := strings.Count(out, "<li>"); n != 14 || strings.Contains(out, "<ol") {
		t.Errorf("%d items of lists, want 14 and none that a browser counts", n)
	}
}
