package markdown

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

var seeds = []string{
	"---\ntitle: a\n---\n# 1. A\n1.1. B\n\n- (a) c\n> 2. d\n>\n\n[x]: y\n",
	"| a | b |\n|---|---|\n| 1 |\n\na[^1]\n\n[^1]: b\n\nc\n: d\n",
	"<div id=p1 onclick=x>\n\n</section> <b><i></b>\n\n<table><tr><td><p></table><a href=javascript:x>",
	"a\r\rb\r\n7. c\n8. d\n\n    code\n```x\ny\n",
	"1. a\n   2) b\n* # c\n- - 3. d\n\n<!-- e -->\n\n§ 5 f\n\n7-бап. g",
	"**1.1. a** *b\n\n1.2.b [#](#a) ![i](j) <c@d.e> `f` ~~g~~ \\1. &amp;",
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
		b, err := text.OutlineJSON()
		if err != nil || !json.Valid(b) {
			t.Fatalf("outline: %v in %q", err, b)
		}
	})
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
