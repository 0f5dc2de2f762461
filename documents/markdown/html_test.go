package markdown

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What hostile authors try. Text after the attempt must stand where it would
// without it, and nothing that is not on the page may be in its source.
func TestHostileHTML(t *testing.T) {
	for _, source := range []string{
		`<script>alert(1)</script>`,
		`a <script>alert(1)</script> b`,
		`<scr<script>ipt>alert(1)</script>`,
		`<SCRIPT SRC=//evil.example/x.js></SCRIPT>`,
		`<img src=x onerror=alert(1)>`,
		`![a](https://evil.example/pixel.gif)`,
		`<p style="background:url(//evil.example/x)" onclick="alert(1)">a`,
		`<svg onload=alert(1)><a xlink:href="javascript:alert(1)">a</a></svg>`,
		`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`,
		`<iframe srcdoc="<script>alert(1)</script>"></iframe>`,
		`<object data=x></object><embed src=x>`,
		`<form action=//evil.example><input name=a><button>b</button></form>`,
		`<meta http-equiv=refresh content="0;url=//evil.example"><base href=//evil.example><link rel=stylesheet href=//evil.example/a.css>`,
		`[a](javascript:alert(1))`,
		`[a](JaVaScRiPt:alert(1))`,
		`[a](java&#9;script:alert(1))`,
		`[a](&#x6A;avascript&colon;alert(1))`,
		`[a](<java` + "\t" + `script:alert(1)>)`,
		`[a](data:text/html;base64,PHNjcmlwdD4=)`,
		`[a](vbscript:x) <javascript:alert(1)>`,
		"[a][b]\n\n[b]: javascript:alert(1)",
		`<a href="javascript:alert(1)">a</a>`,
		`<a href=" &#14; javascript:alert(1)">a</a>`,
		`<a href="data:text/html,x">a</a>`,
		`[a](x "\" onmouseover=steal() \"")`,
		"```\"><script>alert(1)</script>\na\n```",
		`</div></section></main></body></html><h1>a`,
		"</div>\n\n</div>\n\n2. a</div></div>",
		`<plaintext>`,
		`<textarea></textarea><title></title><xmp><style>`,
		"<!-- a\n\n<b>",
		"<!--><img src=x onerror=alert(1)>-->",
		"<?php <img src=x onerror=alert(1)> ?>",
		"<![CDATA[<img src=x onerror=alert(1)>]]>",
		`<a id=c-0 name=p1 class=number>a</a>`,
		`<table><tr><td></div></td><div>`,
		`<li>a</li><dd>b</dd><tr><td>c`,
		`<select><option><script>alert(1)</script>`,
		`<template><script>alert(1)</script></template>`,
		`<b><i><b><i><b><i>a`,
		`<a href=x><a href=y>[b](z)`,
		`<details open ontoggle=alert(1)><summary>a</summary>b</details>`,
		"| <b> | </td></table> |\n|---|---|\n| <script> | <td> |",
		"a[^1]\n\n[^1]: </li></ol></section><script>alert(1)</script>",
		"term <dt>\n: </dl></div> b",
	} {
		whole := "# A\n\n" + source + "\n\n1.1. Behind\n"
		text := checkText(t, []byte(whole))
		out := checkHTML(t, text)
		checkSafe(t, out)
		page := strings.ToLower(string(out))
		for _, bad := range []string{"<script", "alert(1)", "javascript:", "onerror", "evil.example/x", "<style"} {
			if i := strings.Index(page, bad); i >= 0 && !shown(page, i) {
				t.Errorf("%q: %q in\n%s", source, bad, out)
			}
		}
		if strings.Contains(page, `id="c-0"`) || strings.Count(page, `id="p1"`) > 0 {
			t.Errorf("%q: an id of ours in\n%s", source, out)
		}
	}
}

// shown tells whether the offset is in text that a reader sees, not in a tag.
func shown(page string, at int) bool {
	return page[at] != '<' && strings.LastIndexByte(page[:at], '<') < strings.LastIndexByte(page[:at], '>')
}

// Whatever the source leaves open or closes, our elements end where they would
// without it.
func TestOwnElementsStand(t *testing.T) {
	for _, raw := range []string{"<div>", "</div>", "<b>", "</li></ul>", "<ul><li>", "<table><tr><td>", "<details>", "<a href=x>", "<h1>", "<pre>", "<p>", "<blockquote></p>"} {
		for _, form := range []string{"- a %s b\n\n1.1. Behind", "- a\n\n  %s\n\n1.1. Behind", "> %s\n\n1.1. Behind", "1. a %s\n2. b\n\n1.1. Behind", "a %s b\n\n1.1. Behind", "| %s |\n|-|\n\n1.1. Behind", "a\n: %s b\n\n1.1. Behind"} {
			source := fmt.Sprintf(form, raw)
			out := string(checkHTML(t, checkText(t, []byte(source))))
			i := strings.Index(out, `<p class="clause`)
			if i < 0 {
				t.Errorf("%q: no clause in\n%s", source, out)
				continue
			}
			depth := 0
			for _, tag := range tags([]byte(out[:i])) {
				if tag.close {
					depth--
				} else if tag.name != "" && !tag.void {
					depth++
				}
			}
			if depth != 0 {
				t.Errorf("%q: %d elements are open before the clause in\n%s", source, depth, out)
			}
		}
	}
}

func TestDropped(t *testing.T) {
	source := "a <script>x</script>\n\n<div onclick=x style=y>\nb\n</div>\n\n[c](javascript:d) ![e](f) ![](g)\n\n> <video src=h></video>\n\n<div>\n<img src=i alt=j>\n</div>\n"
	_, got := checkText(t, []byte(source)).HTML(Options{})
	want := []Dropped{{1, "<script>"}, {3, "onclick"}, {7, "javascript: link"},
		{7, "image (its description is shown, with a link)"}, {7, "image without a description"}, {9, "<video>"},
		{12, "image (its description is shown, with a link)"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestClauseIDs(t *testing.T) {
	text := checkText(t, []byte("# A\n\n## 1. B\n\n1.1. C\n\n- (a) D\n\n2. E\n3. F\n\n[g](#p1.1) [h](#a) [i](#c-1) <b id=x>j</b> [k](#x)\n"))
	out, _ := text.HTML(Options{ID: func(i int) string { return fmt.Sprint("c-", i) }})
	for i, want := range []string{`<h2 class="clause level-1" id="c-0"><span id="u-a"></span>A`, `<h3 class="clause level-2" id="c-1"><a class="number" href="#c-1" id="p1"`,
		`<p class="clause level-3" id="c-2"><a class="number" href="#c-2" id="p1.1"`, `<p class="clause level-4" id="c-3"><a class="number" href="#c-3" id="pa"`,
		`<div class="item clause level-3" id="c-4" role="listitem"><a class="number" href="#c-4" id="p2"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %d: %s in\n%s", i, want, out)
		}
	}
	for _, link := range []string{`href="#p1.1">g`, `href="#u-a">h`, `href="#c-1">i`, `id="u-x">j`, `href="#u-x">k`} {
		if !strings.Contains(string(out), link) {
			t.Errorf("no %s in\n%s", link, out)
		}
	}
	alone := string(checkHTML(t, text))
	for _, anchor := range []string{`id="p1"`, `id="p1.1"`, `id="pa"`, `id="p2"`, `id="p3"`} {
		if !strings.Contains(alone, anchor) || !strings.Contains(string(out), anchor) {
			t.Errorf("the anchor %s is not on both pages", anchor)
		}
	}
}

func TestFootnotes(t *testing.T) {
	out := string(checkHTML(t, checkText(t, []byte("a[^b] c[^d] e[^b]\n\n[^d]: D\n\n[^b]: B[^d]\n\n[^never]: N\n"))))
	order := []string{`id="fnref-1"`, `id="fnref-2"`, `id="fnref-1-2"`, `id="fn-1"`, "B", `href="#fnref-1"`, `id="fn-2"`, "D", `id="fn-3"`, "N"}
	at := 0
	for _, want := range order {
		i := strings.Index(out[at:], want)
		if i < 0 {
			t.Fatalf("no %s behind byte %d of\n%s", want, at, out)
		}
		at += i
	}
}

func TestOutlineJSON(t *testing.T) {
	got, err := checkText(t, []byte("# A & <b>\n\n6.1. C\n\n\n")).OutlineJSON()
	want := `[{"id":null,"number":null,"title":"A &","level":1,"lines":[1,1]},{"id":null,"number":"6.1.","title":"C","level":2,"lines":[3,3]}]` + "\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if got, _ := checkText(t, []byte("a")).OutlineJSON(); string(got) != "[]\n" {
		t.Errorf("without clauses: %s", got)
	}
}
