package redline_test

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/html"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// hostilePairs are where fuzzing begins: small texts with one trap each.
var hostilePairs = [][2]string{
	{"1. One.\n\n2. Two words.\n", "1. One.\n\n1.1. New\n\n3. Two other words.\n"},
	{"---\ntitle: x\n---\n# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "# T\r\n\r\n- [a](b)\n- **c**\n\n```\ncode\n```\n"},
	{"\ufeffSome text of a paragraph that will be split. Here.\n", "Some text of a paragraph\n\nthat will be split. Here."},
	{"<!-- c -->\n\n[r]: x\n\n[a][r]\n", "<!-- d -->\n\n[a][r]\n\n[r]: y\n"},
	{"6.2. See clause 6.4.\n\n6.3. b\n\n6.4. c\n", "6.2. new\n\n6.3. See clause 6.5.\n\n6.4. b\n\n6.5. c\n"},
	{"a </del></section><script>x</script> b\n", "a <ins class=\"rl-new\"> c & b\n"},
	{"a `</del></section><script>x</script>` b\n", "a \\<ins class=\"rl-new\" onclick=x> &lt;c &amp;amp; b\n"},
	{"| a |\n|-|\n| `<td>` \\| x |\n", "| a |\n|-|\n| `</span>` \\| &lt;b> |\n"},
	{"Pay 10\u00a0000 tenge by 01.02.2026.\n", "Pay 10 000 tenge by 01.03.2026\u200b.\n"},
	{"# A\n\nthe words of one item that moves\n\n# B\n\nlast\n", "# A\n\nlast\n\n# B\n\nthe words of an item that moved\n"},
	{"- a\n- b\n  - c\n\n> d\n", "1. a\n2. b\n   * c\n\n> > d\n"},
	{"e\u0301 сайт café\n", "é cайт cafe\u0301 \u202ex\n"},
	{"个人信息保护法第三条。\n", "个人信息权益保护法第四条。\n"},
	{"סעיף 1. Vestnik אוספת נתונים\n", "סעיף 1. Vestnik\u200f אינה אוספת (נתונים)\n"},
	{"| a |\n|:-|\n| x \\| y |\n| z |\n", "| a | b |\n|-|-:|\n| z | |\n| x \\| y | 1 |\n"},
	{"T\n: d\n\nx[^1]\n\n[^1]: f\n", "T\n: e\n\nx[^n]\n\n[^n]: f\n\n    g\n"},
	{"a b a b a b a b a b\n", "b a b a b a a b a b b\n"},
	{"x\x00\x01\x1b[31m\n", "x\x7f\u0085\u2028\ufffe\n"},
	{"", "\n"},
	{"# T\n~ 0|0", "# T\n* [0]()\n* **0**\n"},
	{"a ![]() b", "a b []()"},
	{"Setext\n======\n\n***\n", "# Setext\n\n---\n"},
}

// parsed returns two texts, or nothing if one is refused or too long to be of use.
func parsed(t *testing.T, a, b string) (old, new *markdown.Text) {
	t.Helper()
	if len(a)+len(b) > 20_000 {
		t.Skip("too long for a fuzzer")
	}
	old, err := markdown.Parse([]byte(a))
	if err != nil {
		t.Skip(fmt.Sprint(err))
	}
	new, err = markdown.Parse([]byte(b))
	if err != nil {
		t.Skip(fmt.Sprint(err))
	}
	return old, new
}

// soon ends the run with the input if it is not stopped within seconds.
func soon(a, b string) (stop func() bool) {
	return time.AfterFunc(10*time.Second, func() { panic(fmt.Sprintf("%q and %q take too long", a, b)) }).Stop
}

// FuzzCompare holds any two texts against every rule of section 10, both ways.
func FuzzCompare(f *testing.F) {
	for _, p := range hostilePairs {
		f.Add(p[0], p[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		old, new := parsed(t, a, b)
		defer soon(a, b)()
		report(t, old, new)
	})
}

// FuzzRender writes the redline of any two texts in each form and reads it back.
func FuzzRender(f *testing.F) {
	for _, p := range hostilePairs {
		f.Add(p[0], p[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		old, new := parsed(t, a, b)
		defer soon(a, b)()
		r := redline.Compare(old, new)
		for _, tag := range []string{"ru", "kk", "en"} {
			if fault := errors.Join(htmlFault(r, tag), textFault(r, tag)); fault != nil {
				t.Fatalf("%s: %v\nold %q\nnew %q", tag, fault, a, b)
			}
		}
		if fault := docxFault(old, new); fault != "" {
			t.Fatalf("docx: %s\nold %q\nnew %q", fault, a, b)
		}
		if fault := excerptFault(r); fault != nil {
			t.Fatalf("%v\nold %q\nnew %q", fault, a, b)
		}
	})
}

// htmlFault reads the fragment: our elements only, each closed, nothing that runs
// or fetches, and every word of the redline.
func htmlFault(r *redline.Redline, tag string) error {
	out := r.HTML(tag)
	if again := r.HTML(tag); again != out {
		return errors.New("the second HTML is another")
	}
	var open []string
	var text strings.Builder
	ids := map[string]bool{}
	z := html.NewTokenizer(strings.NewReader(out))
	for z.Next() != html.ErrorToken {
		switch token := z.Token(); token.Type {
		case html.TextToken:
			text.WriteString(token.Data)
		case html.StartTagToken:
			if err := attributeFault(token, ids); err != nil {
				return err
			}
			if token.Data != "br" && token.Data != "wbr" && token.Data != "hr" {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				return fmt.Errorf("</%s> closes %v in %s", token.Data, open, out)
			}
			open = open[:len(open)-1]
		default:
			return fmt.Errorf("%s in %s", token, out)
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("%v stay open in %s", open, out)
	}
	return wordsFault(r, text.String())
}

var ours = strings.Fields("p div section details summary del ins span strong b em i br wbr hr ul ol li a h2 h3 h4 h5 h6 table thead tbody tr td th caption dl dt dd abbr small code mark nav header footer bdi button")

func attributeFault(token html.Token, ids map[string]bool) error {
	if !slices.Contains(ours, token.Data) {
		return fmt.Errorf("<%s> is none of ours", token.Data)
	}
	for _, a := range token.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "action":
			return fmt.Errorf("attribute %s=%q", a.Key, a.Val)
		case a.Key == "href" && !strings.HasPrefix(a.Val, "#"):
			return fmt.Errorf("a link leads to %q", a.Val)
		case a.Key == "class" && !classes.MatchString(a.Val):
			return fmt.Errorf("class %q", a.Val)
		case a.Key == "id" && ids[a.Val]:
			return fmt.Errorf("the id %q twice", a.Val)
		case a.Key == "id":
			ids[a.Val] = true
		}
	}
	return nil
}

var classes = regexp.MustCompile(`^[a-z0-9 -]+$`)

// wordsFault looks for the letters and digits of every edit.
func wordsFault(r *redline.Redline, shown string) error {
	have := letters(shown)
	for n, e := range r.Changes {
		for _, s := range e.Spans {
			if s.Op != "same" && !strings.Contains(have, letters(s.Text)) {
				return fmt.Errorf("entry %d: HTML lacks %s %q:\n%s", n, s.Op, s.Text, shown)
			}
		}
	}
	return nil
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// textFault checks that a terminal is not steered and that lines are short unless
// a word is long.
func textFault(r *redline.Redline, tag string) error {
	var b bytes.Buffer
	if err := r.Text(&b, tag); err != nil {
		return err
	}
	if !utf8.Valid(b.Bytes()) {
		return fmt.Errorf("text is no UTF-8: %q", b.String())
	}
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if i := strings.IndexFunc(line, steers); i >= 0 {
			return fmt.Errorf("%q steers a terminal", line)
		}
		if uniseg.StringWidth(line) > 72 && len(strings.Fields(line)) > 1 {
			return fmt.Errorf("%q is wider than 72 columns", line)
		}
	}
	return nil
}

func steers(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// excerptFault checks that an excerpt keeps to its length and counts what it left.
func excerptFault(r *redline.Redline) error {
	for _, most := range []int{0, 40, 300, 1 << 20} {
		x := r.Excerpt(most)
		size := 0
		for _, p := range x.Passages {
			for _, s := range slices.Concat(p.Before, p.After) {
				size += utf8.RuneCountInString(s.Text)
			}
			if p.Headline("ru") == "" {
				return fmt.Errorf("a passage without a headline: %+v", p)
			}
		}
		if size > most && most < 1<<20 {
			return fmt.Errorf("an excerpt of %d letters, want %d", size, most)
		}
		if most == 1<<20 && x.Left > 0 {
			return fmt.Errorf("%d passages did not fit in %d letters", x.Left, most)
		}
	}
	return nil
}
