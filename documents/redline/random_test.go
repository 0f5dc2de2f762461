package redline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

var vocabulary = strings.Fields("мы вы пользователь данные cookies сайт Сервис закон 21.05.2013 10 000 № 94-V и в не the company shall not 6.1 https://example.kz/a?b=c e-mail пункт 2 қазақ тілі ұлт 法律 第三条 سياسة * ** _ ` [a] [a](b) ![x](y) <b> </b> &amp; \\ ~~ | ---")

var lead = []string{"", "", "", "1. ", "2. ", "2.1. ", "3) ", "(a) ", "Статья 7. ", "§ 5 ", "# ", "## ", "- ", "* ", "> ", "    ", "```\n", "| a | b |\n| - | - |\n| ", "[^1]: ", "[r]: http://x.kz\n", "<!-- ", "---\n", "<div>", "Term\n: "}

// paragraphs draws a text as a list of paragraphs of Markdown that is often odd.
func paragraphs(t *rapid.T) []string {
	one := rapid.Custom(func(t *rapid.T) string {
		words := rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 25).Draw(t, "words")
		gap := rapid.SampledFrom([]string{" ", " ", " ", "\n", "  \n", "\t"}).Draw(t, "gap")
		return rapid.SampledFrom(lead).Draw(t, "lead") + strings.Join(words, gap)
	})
	return rapid.SliceOfN(one, 0, 12).Draw(t, "paragraphs")
}

// mutated draws another version of a text.
func mutated(t *rapid.T, of []string) []string {
	out := slices.Clone(of)
	for range rapid.IntRange(0, 6).Draw(t, "edits") {
		if len(out) == 0 {
			return append(out, "new")
		}
		i := rapid.IntRange(0, len(out)-1).Draw(t, "at")
		j := rapid.IntRange(0, len(out)-1).Draw(t, "to")
		switch rapid.IntRange(0, 7).Draw(t, "edit") {
		case 0:
			out = slices.Delete(out, i, i+1)
		case 1:
			out = slices.Insert(out, i, rapid.SampledFrom(lead).Draw(t, "lead")+strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 9).Draw(t, "new"), " "))
		case 2:
			out[i], out[j] = out[j], out[i]
		case 3:
			words := strings.Split(out[i], " ")
			words[rapid.IntRange(0, len(words)-1).Draw(t, "word")] = rapid.SampledFrom(vocabulary).Draw(t, "by")
			out[i] = strings.Join(words, " ")
		case 4:
			words := strings.Split(out[i], " ")
			k := rapid.IntRange(0, len(words)).Draw(t, "cut")
			out[i] = strings.Join(words[:k], " ") + "\n\n" + strings.Join(words[k:], " ")
		case 5:
			out[i] = strings.Replace(out[i], " ", "\n", 1)
		case 6:
			out[i] = rapid.SampledFrom(lead).Draw(t, "lead") + out[i]
		case 7:
			out[i] += " " + out[j]
		}
	}
	return out
}

func TestMutated(t *testing.T) {
	for i := range 15 { // of 100 draws each
		t.Run(fmt.Sprint(i), testMutated)
	}
}

func testMutated(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := paragraphs(rt)
		b := mutated(rt, a)
		end := rapid.SampledFrom([]string{"\n\n", "\n", "\r\n\r\n"}).Draw(rt, "end")
		old, err := markdown.Parse([]byte(strings.Join(a, "\n\n")))
		if err != nil {
			rt.Skip(err)
		}
		new, err := markdown.Parse([]byte(strings.Join(b, end)))
		if err != nil {
			rt.Skip(err)
		}
		report(rt, old, new)
	})
}

// report fails with the sources if a rule is broken.
func report(t interface{ Fatalf(string, ...any) }, old, new *markdown.Text) {
	there, back := redline.Compare(old, new), redline.Compare(new, old)
	found := append(faults(there, old, new), faults(back, new, old)...)
	found = append(found, mirrored(there, back), clauseFault(old, new))
	for _, x := range []*markdown.Text{old, new} {
		if !redline.Compare(x, x).Equal() {
			found = append(found, "a text differs from itself")
		}
	}
	if found = slices.DeleteFunc(found, func(s string) bool { return s == "" }); len(found) > 0 {
		t.Fatalf("%s\nold %q\nnew %q", strings.Join(found, "\n"), old.Source, new.Source)
	}
	there.HTML("ru")
	if err := there.Text(discard{}, "kk"); err != nil {
		t.Fatalf("text: %v", err)
	}
	if x := there.Excerpt(300); len(x.Passages) > len(there.Changes) {
		t.Fatalf("more passages than entries: %d", len(x.Passages))
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
