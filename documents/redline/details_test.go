package redline_test

import (
	"strings"
	"testing"

	"vestnik/documents/redline"
)

// said lists what is not same, with its details.
func said(r *redline.Redline) string {
	var out []string
	for _, e := range r.Changes {
		if e.Kind == redline.Same {
			continue
		}
		s := kinds(&redline.Redline{Changes: []redline.Entry{e}})
		s, _, _ = strings.Cut(s, " ")
		for _, d := range e.Details {
			s += " " + d.What + " (" + d.Old + ") (" + d.New + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

// TestDetails: what readers get beside words.
func TestDetails(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"link target", "See [the page](https://a.kz) here.\n", "See [the page](https://b.kz) here.\n", "changed link (https://a.kz) (https://b.kz)"},
		{"link gone", "See [the page](https://a.kz) here.\n", "See the page here.\n", "changed link (https://a.kz) ()"},
		{"link elsewhere", "See [the](x) page here.\n", "See the [page](x) here.\n", "changed link (x) () link () (x)"},
		{"definition", "See [the page][p] here.\n\n[p]: https://a.kz\n", "See [the page][p] here.\n\n[p]: https://b.kz\n", "changed link (https://a.kz) (https://b.kz); reformatted"},
		{"definition spelled otherwise", "See [the page][p] here.\n\n[p]: https://a.kz\n", "See [the page](https://a.kz) here.\n", "reformatted; removed"},
		{"image", "![mark](a.png) of ours\n", "![mark](b.png) of ours\n", "changed image (a.png) (b.png)"},
		{"image without words or source", "![]() of ours\n", "of ours\n", "reformatted"},
		{"image without source", "of ours\n", "![a]() of ours\n", "changed alternative () (a)"},
		{"link to nowhere", "[of]() ours\n", "of ours\n", "reformatted"},
		{"address becomes a link to another", "See https://a.kz now.\n", "See [https://a.kz](https://b.kz) now.\n", "changed link (https://a.kz) (https://b.kz)"},
		{"address becomes a link", "See https://a.kz now.\n", "See <https://a.kz> now.\n", "reformatted"},
		{"long addresses", "[a](https://" + strings.Repeat("x", 700) + ")\n", "[a](https://" + strings.Repeat("x", 350) + "y" + strings.Repeat("x", 349) + ")\n", "changed link"},
		{"title of a link", "[the page](x 'A')\n", "[the page](x 'B')\n", "changed link (x “A”) (x “B”)"},
		{"more of the words are the link", "See [the page](x) here.\n", "See [the page here](x).\n", "changed link (x (the page)) (x (the page here))"},
		{"link on words that look the same", "See [the page\u200f](x) here.\n", "See [the page](x) there.\n", "changed"},
		{"image words", "![mark](a.png) of ours\n", "![logo](a.png) of ours\n", "changed alternative (mark) (logo)"},
		{"emphasis", "We never sell data.\n", "We **never** sell data.\n", "changed emphasis () (strong: never)"},
		{"emphasis kind", "We *never* sell data.\n", "We **never** sell data.\n", "changed emphasis (em: never) (strong: never)"},
		{"emphasis spelled otherwise", "We *never* sell data.\n", "We _never_ sell data.\n", "reformatted"},
		{"underlined becomes marked", "We <u>never</u> sell data.\n", "We <mark>never</mark> sell data.\n", "changed emphasis (u: never) (mark: never)"},
		{"much emphasis", "We " + strings.Repeat("a", 300) + ".\n", "We **" + strings.Repeat("a", 300) + "**.\n", "changed emphasis () (strong: " + strings.Repeat("a", 99) + "…)"},
		{"new words in emphasis", "We **never** sell data.\n", "We **never ever** sell data.\n", "changed"},
		{"colon behind bold words", "**Note:** this is new.\n", "**Note**: this is new.\n", "reformatted"},
		{"bold goes on", "**Note** **this** is new.\n", "**Note this** is new.\n", "reformatted"},
		{"bold within bold", "**Note <b>this</b>** is new.\n", "**Note this** is new.\n", "reformatted"},
		{"more is bold", "**Note** this is new.\n", "**Note this** is new.\n", "changed emphasis (strong: Note) (strong: Note this)"},
		{"much more is bold", "**" + strings.Repeat("so ", 90) + "** on and on.\n", "**" + strings.Repeat("so ", 90) + "on** and on.\n", "changed emphasis"},
		{"several become bold", "one two three four.\n", "**one** two **three** four.\n", "changed emphasis () (strong: one … three)"},
		{"struck out", "We never sell data.\n", "We ~~never~~ sell data.\n", "changed emphasis () (del: never)"},
		{"superscript", "10 m<sup>2</sup> of it.\n", "10 m2 of it.\n", "changed emphasis (sup: 2) ()"},
		{"tags without effect", "We <span>never</span> <a id=x></a>sell.\n", "We never sell.\n", "reformatted"},
		{"tags that no page gets", "We <font color=red>never</font> sell.\n", "We never sell.\n", "reformatted"},
		{"cell of a raw table", "<table><tr><td>a b</td><td>c</td></tr></table>\n", "<table><tr><td>a</td><td>b c</td></tr></table>\n", "changed layout (td: a b) (td: a) layout (td: c) (td: b c)"},
		{"anchor in a raw table", "<table><tr><td><a name=x>a b</a></td></tr></table>\n", "<table><tr><td>a b</td></tr></table>\n", "reformatted"},
		{"level", "## Rights\n\nText.\n", "### Rights\n\nText.\n", "changed level (2) (3)"},
		{"heading spelled otherwise", "Rights\n===\n\nText.\n", "# Rights\n\nText.\n", "reformatted"},
		{"heading becomes paragraph", "# Rights\n\nText.\n", "Rights\n\nText.\n", "changed level (1) ()"},
		{"bullets spelled otherwise", "- one thing\n- another thing\n", "* one thing\n* another thing\n", "reformatted; reformatted"},
		{"bullets become numbers", "- one thing\n- another thing\n", "1. one thing\n1. another thing\n", "changed list (bullet) (numbered); changed list (bullet) (numbered)"},
		{"item becomes heading", "- Rights of yours\n", "## Rights of yours\n", "changed list (bullet) (heading 2)"},
		{"item becomes second paragraph", "- one thing\n- another thing\n", "- one thing\n\n  another thing\n", "changed list (bullet) (bullet, paragraph)"},
		{"deeper", "- one thing\n- another thing\n", "- one thing\n  - another thing\n", "changed list (bullet) (bullet, bullet)"},
		{"loose list", "- one thing\n- another thing\n", "- one thing\n\n- another thing\n", ""},
		{"counting from another number", "1. one thing\n1. another thing\n", "4. one thing\n4. another thing\n", "changed list (numbered) (numbered 4); changed list (numbered) (numbered 4)"},
		{"quoted", "Some words.\n", "> Some words.\n", "changed list () (quote)"},
		{"table alignment", "| a | b |\n|---|---|\n| c | d |\n", "| a | b |\n|---|--:|\n| c | d |\n", "changed table (alignment: none, none) (alignment: none, right)"},
		{"table column", "| a | b |\n|---|---|\n| c | d |\n", "| a | b | e |\n|---|---|---|\n| c | d | f |\n", "changed table (columns: 2) (columns: 3); changed"},
		{"table column without words", "| a \\| b |\n|---|\n", "| a | b |\n|---|---|\n", "changed table (columns: 1) (columns: 2)"},
		{"table cell moved", "| name | amount of money | date |\n|---|---|---|\n", "| amount of money | date | name |\n|---|---|---|\n", "changed table (cell: 1) (cell: 3)"},
		{"row", "| a | b |\n|---|---|\n| c | d |\n", "| a | b |\n|---|---|\n| x | y |\n| c | d |\n", "added"},
		{"front matter", "---\ntitle: A\n---\n\nText.\n", "---\ntitle: B\n---\n\nText.\n", "reformatted"},
		{"comment", "<!-- a -->\n\nText.\n", "<!-- b -->\n\nText.\n", "reformatted"},
		{"comment moved", "<!-- a -->\n\nText of the first.\n\nText of the second one.\n", "Text of the first.\n\nText of the second one.\n\n<!-- a -->\n", "removed; added"},
		{"rule", "Text.\n\n---\n\nMore.\n", "Text.\n\n***\n\nMore.\n", "reformatted"},
		{"code", "```\na = 1\n```\n", "```\na = 2\n```\n", "changed"},
		{"fences or indents", "```\na = 1\n```\n", "    a = 1\n", "reformatted"},
		{"language of code", "```go\na = 1\n```\n", "```\na = 1\n```\n", "changed code (code: go) (code)"},
		{"becomes code", "Some words.\n", "    Some words.\n", "changed code () (code)"},
		{"fences", "```\na = 1\n```\n", "~~~\na = 1\n~~~\n", "reformatted"},
		{"footnote", "Text[^1].\n\n[^1]: A note here.\n", "Text[^1].\n\n[^1]: A word here.\n", "changed"},
		{"footnote comes", "Text of ours.\n\n[^1]: A note here.\n", "Text of ours[^1].\n\n[^1]: A note here.\n", "changed footnote () (Text of ours)"},
		{"footnote moves", "Text[^1] of ours.\n\n[^1]: A note here.\n", "Text of ours[^1].\n\n[^1]: A note here.\n", "changed footnote (Text) (Text of ours)"},
		{"footnote stays beside other words", "Text of ours[^1].\n\n[^1]: A note here.\n", "Text of theirs[^1].\n\n[^1]: A note here.\n", "changed"},
		{"footnote label", "Text[^1].\n\n[^1]: A note here.\n", "Text[^a].\n\n[^a]: A note here.\n", "reformatted; reformatted"},
		{"byte-order mark", "Text.\n", "\ufeffText.\n", "reformatted"},
		{"line ends", "Text.\n\nMore.\n", "Text.\r\n\r\nMore.\r\n", "reformatted; reformatted"},
		{"spaces", "Text of  words.\n", "Text of words.\n", "reformatted"},
		{"composed", "Тексте\u0301 й.\n", "Тексте\u0301 й.\n", ""},
		{"decomposed", "Край.\n", "Краи\u0306.\n", "reformatted"},
		{"hard break", "One\ntwo.\n", "One  \ntwo.\n", "changed"},
		{"case", "the company\n", "The company\n", "changed"},
		{"text comes", "Text.\n", "Text.\n\nMore words.\n", "added"},
		{"numbers left to counting", "1. one thing\n2. another thing\n", "1. one thing\n1. another thing\n", "renumbered; renumbered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := check(t, parse(t, c.old), parse(t, c.new))
			got := said(r)
			if strings.Contains(c.name, "long address") || strings.Contains(c.name, "much more") {
				got, _, _ = strings.Cut(got, " (") // what it says is long
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
