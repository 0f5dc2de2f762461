package redline_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// tree is a text as readers get it: a kind, and words or parts.
type tree struct {
	kind  string
	words []string
	parts []tree
}

var plainWords = strings.Fields("мы храним данные қазақстан үйі й Ёлка we keep café data 30 дней суммы — «закон» R&D a*b x_y O’Neill [sic] «до» №5 50% C# 法律 سياسة")

// aTree draws a text: blocks of inline parts.
func aTree(t *rapid.T) []tree {
	inline := rapid.Custom(func(t *rapid.T) tree {
		kind := rapid.SampledFrom([]string{"text", "text", "text", "strong", "em", "del", "link", "image", "code", "break", "nbsp", "address"}).Draw(t, "inline")
		return tree{kind: kind, words: rapid.SliceOfN(rapid.SampledFrom(plainWords), 1, 4).Draw(t, "words")}
	})
	lines := 0
	line := func(t *rapid.T) []tree { // each begins with other words: of equal ones any may stand for any
		parts := rapid.SliceOfN(inline, 0, 5).Draw(t, "line")
		lines++
		return append([]tree{{kind: "text", words: []string{fmt.Sprintf("Слова%d", lines)}}}, append(parts, tree{kind: "text", words: []string{"end."}})...)
	}
	block := rapid.Custom(func(t *rapid.T) tree {
		b := tree{kind: rapid.SampledFrom([]string{"p", "p", "clause", "h1", "h2", "list", "table", "code", "rule", "quote"}).Draw(t, "block")}
		for range rapid.IntRange(1, 3).Draw(t, "lines") {
			b.parts = append(b.parts, tree{parts: line(t)})
		}
		return b
	})
	return rapid.SliceOfN(block, 1, 6).Draw(t, "blocks")
}

// spelling writes a tree as Markdown, by choices that readers do not see.
type spelling struct {
	*rapid.T
	definitions []string
}

func (s *spelling) any(of ...string) string { return rapid.SampledFrom(of).Draw(s.T, "spelled") }

func (s *spelling) text(blocks []tree) string {
	out := []string{"First of all."} // a rule would begin front matter
	for n, b := range blocks {
		out = append(out, s.block(n, b), fmt.Sprintf("Between %d.", n)) // two lists in a row would be one
	}
	whole := strings.Join(append(out, s.definitions...), s.any("\n\n", "\n\n\n", "\n\n \n")) + s.any("", "\n")
	switch s.any("", "", "NFD", "CRLF", "BOM") {
	case "NFD":
		whole = norm.NFD.String(whole)
	case "CRLF":
		whole = strings.ReplaceAll(whole, "\n", "\r\n")
	case "BOM":
		whole = "\ufeff" + whole
	}
	return whole
}

func (s *spelling) block(n int, b tree) string {
	first := b.parts[0].parts
	switch b.kind {
	case "clause":
		return fmt.Sprintf("%d.1. %s", n+1, s.line(first, true))
	case "h1", "h2":
		return s.heading(b.kind, s.line(first, false))
	case "list":
		mark := s.any("- ", "* ", "+ ", "-  ", " - ", "*\t")
		return s.each(b, mark, s.any("\n", "\n", "\n\n"))
	case "quote":
		return s.any(">", "> ", ">  ") + s.line(first, false)
	case "table":
		return s.table(b)
	case "code":
		if s.any("fenced", "indented") == "indented" {
			return "    " + strings.Join(first[0].words, " ")
		}
		fence := s.any("```", "~~~", "`````")
		return fence + "\n" + strings.Join(first[0].words, " ") + "\n" + fence
	case "rule":
		return s.any("***", "---", "___", "* * *", " - - -")
	}
	return s.any("", "", " ", "   ") + s.line(first, true)
}

func (s *spelling) heading(kind, line string) string {
	if s.any("ATX", "setext") == "setext" {
		return line + "\n" + s.any(map[string][]string{"h1": {"=", "====="}, "h2": {"-", "---"}}[kind]...)
	}
	marks := map[string]string{"h1": "#", "h2": "##"}[kind]
	return s.any("", " ") + marks + s.any(" ", "  ", "\t") + line + s.any("", " #", " ####", "  ")
}

func (s *spelling) each(b tree, mark, gap string) string {
	var out []string
	for _, p := range b.parts {
		out = append(out, mark+s.line(p.parts, false))
	}
	return strings.Join(out, gap)
}

func (s *spelling) table(b tree) string {
	left, right := "| ", " |"
	if s.any("pipes", "bare") == "bare" {
		left, right = "", ""
	}
	pad := s.any(" ", "  ", "   ")
	rows := []string{left + "Of " + b.parts[0].parts[0].words[0] + pad + "|" + pad + "Two" + right, left + s.any("---", "-----") + " | " + s.any("---", "--") + right}
	for _, p := range b.parts {
		cells := strings.ReplaceAll(s.line(p.parts, false), "|", `\|`)
		rows = append(rows, left+"a"+pad+"|"+pad+cells+right)
	}
	return strings.Join(rows, "\n")
}

// line writes inline parts; wrapped ones may be broken at any space.
func (s *spelling) line(parts []tree, wrapped bool) string {
	var out []string
	for _, p := range parts {
		if p.kind == "break" && !wrapped {
			p.kind = "br"
		}
		out = append(out, s.inline(p))
	}
	gaps := []string{" ", " ", "  ", "\t"}
	if wrapped {
		gaps = append(gaps, "\n", " \n ")
	}
	var b strings.Builder
	for i, p := range out {
		if i > 0 {
			b.WriteString(s.any(gaps...))
		}
		b.WriteString(p)
	}
	return b.String()
}

func (s *spelling) inline(p tree) string {
	words := make([]string, len(p.words))
	for i, w := range p.words {
		words[i] = s.word(w)
	}
	text := strings.Join(words, " ")
	around := func(marks ...string) string {
		open := s.any(marks...)
		end := open
		if strings.HasPrefix(open, "<") {
			end = "</" + open[1:]
		}
		return open + "Z" + text + "z" + end
	}
	switch p.kind {
	case "strong":
		return around("**", "__", "<b>", "<strong>")
	case "em":
		return around("*", "_", "<i>", "<em>")
	case "del":
		return around("~~", "<s>", "<del>")
	case "code":
		marks := s.any("`", "``", "````")
		return marks + "x y" + marks
	case "link":
		return s.link(text)
	case "image":
		return s.any("![mark](https://x.kz/i.png)", "![mark](<https://x.kz/i.png> )", `<img alt="mark" src="https://x.kz/i.png">`)
	case "break":
		return s.any("Z\\\nz", "Z  \nz", "Z    \nz", "Z<br>z", "Z<br/>\nz")
	case "br":
		return s.any("Z<br>z", "Z<br />z", "Z<BR>z")
	case "nbsp":
		return "Z" + s.any("\u00a0", "&nbsp;", "&#160;", "&#xA0;") + "z"
	case "address":
		return s.any("https://y.kz/b", "<https://y.kz/b>", "[https://y.kz/b](https://y.kz/b)", `<a href="https://y.kz/b">https://y.kz/b</a>`)
	}
	return text
}

func (s *spelling) link(text string) string {
	switch s.any("inline", "reference", "HTML") {
	case "reference":
		label := fmt.Sprint("r", len(s.definitions))
		s.definitions = append(s.definitions, "["+label+"]: "+s.any("https://x.kz/a?b=1&c=2", "<https://x.kz/a?b=1&amp;c=2>")+s.any(` "T"`, ` 'T'`, "\n  (T)"))
		return "[Z" + text + "z][" + s.any(label, strings.ToUpper(label)) + "]"
	case "HTML":
		return `<a href="https://x.kz/a?b=1&amp;c=2" title="T">Z` + text + "z</a>"
	}
	return "[Z" + text + "z](" + s.any("https://x.kz/a?b=1&amp;c=2", "<https://x.kz/a?b=1&c=2>", " https://x.kz/a?b=1&c=2") + s.any(` "T"`, ` 'T'`, " (T)", ` "&#84;"`) + ")"
}

// word escapes what Markdown would read, and spells characters as entities.
func (s *spelling) word(w string) string {
	w = strings.NewReplacer("*", `\*`, "_", `\_`, "[", s.any(`\[`, "&#91;"), "]", `\]`, "&", s.any(`\&`, "&amp;"), "#", `\#`).Replace(w)
	return strings.NewReplacer("—", s.any("—", "&mdash;", "&#8212;"), "«", s.any("«", "&laquo;"), "й", s.any("й", "и\u0306", "&#1081;"), ".", s.any(".", `\.`)).Replace(w)
}

// TestRewritten: two spellings of one text differ for nobody.
func TestRewritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		blocks := aTree(rt)
		one, other := (&spelling{T: rt}).text(blocks), (&spelling{T: rt}).text(blocks)
		old, new := spelled(rt, one), spelled(rt, other)
		if e := loud(redline.Compare(old, new), old, new) + loud(redline.Compare(new, old), new, old); e != "" {
			rt.Fatalf("%s\n%q\n%q", e, one, other)
		}
		report(rt, old, new)
	})
}

func spelled(t *rapid.T, source string) *markdown.Text {
	text, err := markdown.Parse([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
