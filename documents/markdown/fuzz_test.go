package markdown

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

var seeds = []string{
	"---\ntitle: a\n---\n# 1. A\n1.1. B\n\n- (a) c\n> 2. d\n>\n\n[x]: y\n",
	"| a | b |\n|---|---|\n| 1 |\n\na[^1]\n\n[^1]: b\n\nc\n: d\n",
	"<div id=p1 onclick=x>\n\n</section> <b><i></b>\n\n<table><tr><td><p></table><a href=javascript:x>",
	"a\r\rb\r\n7. c\n8. d\n\n    code\n```x\ny\n",
	"1. a\n   2) b\n* # c\n- - 3. d\n\n<!-- e -->\n\n§ 5 f\n\n7-бап. g",
	"**1.1. a** *b\n\n1.2.b [#](#a) ![i](j) <c@d.e> `f` ~~g~~ \\1. &amp;",
	"Статья 7. A\n\n3-тармақ. B\n\n(iv) c\n(v) d\n\nа) e\nб) f\n",
	"1. a\n1. b\n1. c\n\n3. d\n7. e\n",
	"# 2 # *3*\n\nArticle\n7. A\n\n&#49;. b\n\n<b>4</b>. c\n\n`5.` d\n",
	"- 1.1. a\n  - 1.1.1. b\n\n    1.1.2. c\n\n> 1.2. d\n\n999.999 E\n\n01. f\n",
}

func FuzzRender(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		defer tooLong(source)()
		text, err := Parse(source)
		if err != nil {
			return
		}
		out := checkHTML(t, text)
		checkSafe(t, out)
	})
}

// FuzzOutline holds the clauses of any text to what is promised of them: in the
// order of lines, in a tree, numbered as written, each at its place in the HTML.
func FuzzOutline(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		defer tooLong(source)()
		text := checkText(t, source)
		if text == nil {
			return
		}
		checkLines(t, text)
		checkNumbers(t, text)
		checkOutline(t, text)
		out := checkHTML(t, text)
		for _, c := range text.Clauses {
			if c.Anchor != "" && bytes.Count(out, []byte(` id="`+html.EscapeString(c.Anchor)+`"`)) != 1 {
				t.Fatalf("the anchor %s does not stand once in %s", c.Anchor, out)
			}
		}
	})
}

// checkLines fails unless clauses follow each other, and each block lies in the
// lines of its clause.
func checkLines(t testing.TB, text *Text) {
	t.Helper()
	for i := 1; i < len(text.Clauses); i++ {
		if before, c := text.Clauses[i-1], text.Clauses[i]; before.Last > c.First || before.Last == c.First && before.First != c.First {
			t.Fatalf("clause %d has lines %d to %d, the one before %d to %d", i, c.First, c.Last, before.First, before.Last)
		}
	}
	for i, b := range text.Blocks {
		if b.Clause < 0 {
			if len(text.Clauses) > 0 && b.First > text.Clauses[0].Last {
				t.Fatalf("block %d of lines %d to %d has no clause", i, b.First, b.Last)
			}
			continue
		}
		if c := text.Clauses[b.Clause]; b.First < c.First || b.First > c.Last {
			t.Fatalf("block %d of lines %d to %d lies in clause %d of lines %d to %d", i, b.First, b.Last, b.Clause, c.First, c.Last)
		}
	}
}

// checkNumbers fails unless the signs of each number stand in its clause's lines
// in order, but where entities hide them.
func checkNumbers(t testing.TB, text *Text) {
	t.Helper()
	lines := strings.Split(string(text.Source), "\n")
	for i, c := range text.Clauses {
		rest := norm.NFC.String(strings.Join(lines[c.First-1:c.Last], "\n"))
		if strings.ContainsAny(rest, "&\x00") {
			continue
		}
		for _, r := range c.Number {
			if unicode.IsSpace(r) {
				continue
			}
			_, after, ok := strings.Cut(rest, string(r))
			if !ok {
				t.Fatalf("clause %d has the number %q, which its lines have not: %q", i, c.Number, rest)
			}
			rest = after
		}
	}
}

// checkOutline fails unless the JSON says of each clause what the text does.
func checkOutline(t testing.TB, text *Text) {
	t.Helper()
	b, err := text.OutlineJSON()
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		ID, Number *string
		Title      string
		Level      int
		Lines      [2]int
	}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	if len(all) != len(text.Clauses) {
		t.Fatalf("%d clauses in the outline, want %d", len(all), len(text.Clauses))
	}
	for i, c := range text.Clauses {
		got := all[i]
		if got.ID != nil || (got.Number == nil) != (c.Number == "") || got.Level != c.Level || got.Lines != [2]int{c.First, c.Last} {
			t.Fatalf("clause %d is %+v in the outline, want %+v", i, got, c)
		}
	}
}

// tooLong ends the run with the input if it is not stopped soon.
func tooLong(source []byte) (stop func() bool) {
	return time.AfterFunc(5*time.Second, func() { panic(fmt.Sprintf("%q takes too long", source)) }).Stop
}

// checkSafe fails if a browser could run, fetch or submit anything, or be led to
// an element of ours by an id of the source.
func checkSafe(t testing.TB, out []byte) {
	t.Helper()
	z := html.NewTokenizer(bytes.NewReader(out))
	seen := map[string]bool{}
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type == html.CommentToken || token.Type == html.DoctypeToken {
			t.Fatalf("a comment in %s", out)
		}
		if token.Type != html.StartTagToken {
			continue
		}
		if !elements[token.Data] {
			t.Fatalf("<%s> in %s", token.Data, out)
		}
		for _, a := range token.Attr {
			checkAttribute(t, a, seen)
		}
	}
}

func checkAttribute(t testing.TB, a html.Attribute, seen map[string]bool) {
	t.Helper()
	switch {
	case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "srcset", a.Key == "action":
		t.Fatalf("attribute %s=%q", a.Key, a.Val)
	case a.Key == "href":
		if ok, what := safeURL(a.Val); !ok {
			t.Fatalf("%s in %q", what, a.Val)
		}
	case a.Key == "id":
		if seen[a.Val] {
			t.Fatalf("the id %q twice", a.Val)
		}
		seen[a.Val] = true
	}
}
