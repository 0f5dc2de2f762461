package redline_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// TestForms draws texts and holds each form of their redline to its promises.
func TestForms(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				a := paragraphs(rt)
				b := mutated(rt, a)
				old, err := markdown.Parse([]byte(strings.Join(a, "\n\n")))
				if err != nil {
					rt.Skip(err)
				}
				new, err := markdown.Parse([]byte(strings.Join(b, "\n\n")))
				if err != nil {
					rt.Skip(err)
				}
				for _, fault := range formFaults(redline.Compare(old, new), rapid.SampledFrom([]string{"ru", "kk", "en", "ar"}).Draw(rt, "lang"), rapid.IntRange(0, 900).Draw(rt, "letters")) {
					rt.Errorf("%s\nold %q\nnew %q", fault, old.Source, new.Source)
				}
			})
		})
	}
}

// TestFormsOfCorpus does so for real texts.
func TestFormsOfCorpus(t *testing.T) {
	for document, files := range histories(t) {
		for i := 1; i < len(files); i += stride() + len(files)/6 {
			r := redline.Compare(parseFile(t, files[i-1]), parseFile(t, files[i]))
			for _, fault := range formFaults(r, "ru", 1500) {
				t.Errorf("%s %d: %.300s", document, i, fault)
			}
		}
	}
}

func formFaults(r *redline.Redline, tag string, letters int) []string {
	out := append(htmlFaults(r, tag), textFaults(r, tag)...)
	return append(out, excerptFaults(r, tag, letters)...)
}

var allowed = map[string][]string{
	"p": {"class", "dir", "lang"}, "h3": {"class", "dir", "lang"}, "summary": {"class", "dir", "lang"}, "span": {"class", "dir", "lang"},
	"div": {"class", "dir"}, "ul": {"class", "dir"}, "details": {"class"}, "section": {"class", "id"}, "li": {}, "ins": {}, "del": {}, "bdi": {}, "br": {},
}

// htmlFaults reads the fragment as strictly as XML: each element is one of ours,
// closed where it should be, and the words of all entries are in it.
func htmlFaults(r *redline.Redline, tag string) (faults []string) {
	fragment := r.HTML(tag)
	z := html.NewTokenizer(strings.NewReader(fragment))
	var open []string
	var words strings.Builder
	sections, quiet := 0, 0
	for z.Next() != html.ErrorToken {
		switch k := z.Token(); k.Type {
		case html.StartTagToken:
			keys, ok := allowed[k.Data]
			for _, a := range k.Attr {
				ok = ok && slices.Contains(keys, a.Key)
				if a.Key == "id" {
					if sections++; a.Val != fmt.Sprint("change-", sections) {
						faults = append(faults, "the id "+a.Val)
					}
				}
			}
			if !ok {
				faults = append(faults, "an element of another: "+k.String())
			}
			if k.Data == "br" {
				words.WriteByte('\n')
				continue
			}
			if len(k.Attr) > 0 && k.Attr[0].Val == "visually-hidden" {
				quiet = len(open) + 1
			}
			open = append(open, k.Data)
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != k.Data {
				return append(faults, fmt.Sprintf("</%s> in %v", k.Data, open))
			}
			if quiet == len(open) {
				quiet = 0
			}
			open = open[:len(open)-1]
		case html.TextToken:
			if quiet == 0 {
				words.WriteString(k.Data)
			}
		default:
			faults = append(faults, "neither element nor text: "+k.String())
		}
	}
	if len(open) > 0 {
		faults = append(faults, fmt.Sprintf("not closed: %v", open))
	}
	return append(faults, missing(r, words.String())...)
}

var filler = regexp.MustCompile(`[\s|¶]+`)

// missing lists the words of entries that do not stand in text.
func missing(r *redline.Redline, text string) (faults []string) {
	text = filler.ReplaceAllString(text, "")
	for _, e := range r.Changes {
		for _, s := range e.Spans {
			if !strings.Contains(text, filler.ReplaceAllString(s.Text, "")) && !r.Equal() {
				faults = append(faults, fmt.Sprintf("%s words are missing: %q", s.Op, s.Text))
			}
		}
	}
	return faults
}

// textFaults measures the lines of the text form.
func textFaults(r *redline.Redline, tag string) (faults []string) {
	var b bytes.Buffer
	if err := r.Text(&b, tag); err != nil {
		return []string{err.Error()}
	}
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if uniseg.StringWidth(line) > 72 && strings.Contains(strings.TrimSpace(line), " ") {
			faults = append(faults, fmt.Sprintf("%d columns: %q", uniseg.StringWidth(line), line))
		}
		if strings.ContainsFunc(line, func(r rune) bool {
			return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
		}) || strings.TrimRight(line, " ") != line {
			faults = append(faults, fmt.Sprintf("controls or trailing space: %q", line))
		}
	}
	return faults
}

func excerptFaults(r *redline.Redline, tag string, letters int) (faults []string) {
	x, all := r.Excerpt(letters), r.Excerpt(1<<30)
	size := 0
	for _, p := range x.Passages {
		for _, spans := range [][]redline.Span{p.Before, p.After} {
			for _, s := range spans {
				size += utf8.RuneCountInString(s.Text)
			}
		}
		if p.Headline(tag) == "" {
			faults = append(faults, "a passage without a headline")
		}
	}
	switch {
	case size > letters:
		faults = append(faults, fmt.Sprintf("%d letters for %d", size, letters))
	case len(x.Passages)+x.Left < len(all.Passages) || len(x.Passages) > len(all.Passages) || x.Left > len(all.Passages) || all.Left != 0:
		faults = append(faults, fmt.Sprintf("%d passages and %d left of %d", len(x.Passages), x.Left, len(all.Passages)))
	case r.Equal() && len(all.Passages) > 0:
		faults = append(faults, "passages of equal texts")
	}
	if x.Rewritten {
		return faults
	}
	for _, p := range x.Passages {
		// Several may have one headline: it is one of them.
		var found []string
		for _, whole := range all.Passages {
			if whole.Headline(tag) != p.Headline(tag) {
				continue
			}
			found = append(shortFaults(p.Before, whole.Before), shortFaults(p.After, whole.After)...)
			if x.Left == 0 && (len(p.Before) != len(whole.Before) || len(p.After) != len(whole.After)) {
				found = append(found, "edits are left out and not counted in "+p.Headline(tag))
			}
			if len(found) == 0 {
				break
			}
		}
		faults = append(faults, found...)
	}
	return faults
}

// shortFaults compares spans with what they were shortened from: each keeps its
// place, and only whole words are left out.
func shortFaults(short, full []redline.Span) (faults []string) {
	if len(short) > len(full) {
		return []string{"more spans than there are"}
	}
	for i, s := range short {
		was := full[i]
		if s == was {
			continue
		}
		head, tail, ok := strings.Cut(s.Text, " … ")
		if !ok || s.Op != was.Op || !strings.HasPrefix(was.Text, head) || !strings.HasSuffix(was.Text, tail) {
			faults = append(faults, fmt.Sprintf("%q is shortened to %q", was.Text, s.Text))
			continue
		}
		for _, cut := range []int{len(head), len(was.Text) - len(tail)} {
			if inWord(was.Text, cut) {
				faults = append(faults, fmt.Sprintf("a word is cut at %d: %q", cut, s.Text))
			}
		}
		if strings.TrimSpace(head+tail) == "" && was.Op != "same" {
			faults = append(faults, fmt.Sprintf("an edit is gone: %q", was.Text))
		}
	}
	return faults
}

// inWord tells whether UAX #29 has no word boundary at this place of s.
func inWord(s string, at int) bool {
	for pos, state, word := 0, -1, ""; s != "" && pos < at; pos += len(word) {
		word, s, state = uniseg.FirstWordInString(s, state)
		if pos < at && at < pos+len(word) {
			return true
		}
	}
	return false
}

// TestExcerptShortens holds a long passage with one edit to few letters: the edit
// and whole words around it stay.
func TestExcerptShortens(t *testing.T) {
	words := strings.Repeat("Many quiet words of the clause go before. ", 40)
	for name, old := range map[string]string{"spaces": "1. " + words + "The term is thirty days. " + words, "japanese": "1. " + strings.Repeat("個人情報は適切に管理されます。", 60) + " thirty " + strings.Repeat("利用者は開示を請求できます。", 60)} {
		r := redline.Compare(parse(t, old+"\n"), parse(t, strings.Replace(old, "thirty", "sixty", 1)+"\n"))
		x := r.Excerpt(300)
		if len(x.Passages) != 1 || x.Left != 0 {
			t.Fatalf("%s: %d passages, %d left", name, len(x.Passages), x.Left)
		}
		p := x.Passages[0]
		if !strings.Contains(worded(p.Before), "thirty") || !strings.Contains(worded(p.After), "sixty") || !strings.Contains(worded(p.After), " … ") {
			t.Errorf("%s: %q %q", name, worded(p.Before), worded(p.After))
		}
		for _, f := range excerptFaults(r, "en", 300) {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// TestExcerptShowsTheFirst of many edits of one clause, and counts the rest.
func TestExcerptShowsTheFirst(t *testing.T) {
	old := "1. The list:\n\n"
	for i := range 200 {
		old += fmt.Sprintf("- item %d of the list is kept for years\n", i)
	}
	r := redline.Compare(parse(t, old), parse(t, strings.ReplaceAll(old, "years", "months")))
	x := r.Excerpt(2000)
	if len(x.Passages) != 1 || x.Left != 1 || !strings.Contains(worded(x.Passages[0].After), "months") || strings.Contains(worded(x.Passages[0].After), "item 199") {
		t.Errorf("%d passages, %d left", len(x.Passages), x.Left)
	}
}

func worded(spans []redline.Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// TestRightToLeft: what we say ourselves is in a language and direction of its own,
// and a title does not turn it round.
func TestRightToLeft(t *testing.T) {
	old := "## 1. حقوق المستخدم\n\nيحق للمستخدم طلب نسخة من بياناته.\n\nGoogle تساعدنا.\n\nBugzilla\n"
	got := redline.Compare(parse(t, old), parse(t, strings.Replace(old, "طلب", "تعديل", 1))).HTML("ar")
	for _, want := range []string{`<h3 class="rl-head" lang="en" dir="ltr">Clause 1 “<bdi>حقوق المستخدم</bdi>” — changed</h3>`, `dir="rtl">يحق`, `dir="rtl">Google`, `dir="auto">Bugzilla`, `<span class="visually-hidden" lang="en" dir="ltr">removed: </span>`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

// TestQuotedWordsAreIsolated: a long title, a detail and a hint that run right to left
// are closed before our own words go on.
func TestQuotedWordsAreIsolated(t *testing.T) {
	title := strings.Repeat("حقوق المستخدم ", 9)
	old := "## " + title + "\n\nThe seat of שרה Ltd is here.\n\nRead [it](https://a.example/שלום) now.\n"
	r := redline.Compare(parse(t, old), parse(t, strings.NewReplacer("שרה", "רחל", "שלום", "דף").Replace(old)))
	got := r.HTML("en")
	for _, want := range []string{"…</bdi>” — changed</h3>", "Link: was <bdi>https://a.example/שלום</bdi>, is <bdi>https://a.example/דף</bdi></p>"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	var b bytes.Buffer
	if err := r.Text(&b, "en"); err != nil || strings.ContainsAny(b.String()+got, "\u2068\u2069") {
		t.Errorf("%v %q", err, b.String())
	}
}

// TestSpacesStandOutsideOfEdits, which would mark them, but where they are the edit or
// part of code.
func TestSpacesStandOutsideOfEdits(t *testing.T) {
	hidden := regexp.MustCompile(`<span class="visually-hidden">[^<]*</span>`)
	for _, c := range []struct{ old, new, want string }{
		{"We keep mail and letters.", "We keep mail, calls and letters.", "mail<ins>, calls</ins> and"},
		{"We keep the letters.", "We keep all of the letters.", `keep <ins>all of</ins><span class="rl-gap"> </span>the`},
		{"Mozilla \u200f helps.", "Mozilla helps.", "U+200F</del>"},
		{"```\nkeep letters\n```", "```\nkeep all letters\n```", "keep <ins>all </ins>letters"},
	} {
		got := hidden.ReplaceAllString(redline.Compare(parse(t, c.old+"\n"), parse(t, c.new+"\n")).HTML("en"), "")
		if !strings.Contains(got, c.want) {
			t.Errorf("no %s in %s", c.want, got)
		}
	}
}

// TestSplitsMarkTheLineEndAlone: the space that stood there is no edit to look at.
func TestSplitsMarkTheLineEndAlone(t *testing.T) {
	const first, second = "We keep the letters of all users for a year.", "After that year the letters are burnt by the keeper."
	one, two := parse(t, "Words for all.\n\n"+first+" "+second+"\n"), parse(t, "Words for all.\n\n"+first+"\n\n"+second+"\n")
	for _, c := range []struct {
		r    *redline.Redline
		want string
	}{{redline.Compare(one, two), "a year. [added: ¶]After"}, {redline.Compare(two, one), "a year.[removed: ¶] After"}} {
		var b bytes.Buffer
		if err := c.r.Text(&b, "en"); err != nil || !strings.Contains(strings.Join(strings.Fields(b.String()), " "), c.want) {
			t.Errorf("%v %s", err, b.String())
		}
	}
}

// TestRemarks: a passage of which only a link differs says so.
func TestRemarks(t *testing.T) {
	r := redline.Compare(parse(t, "1. See [the rules](https://a.example/x).\n"), parse(t, "1. See [the rules](https://b.example/x).\n"))
	x := r.Excerpt(400)
	if len(x.Passages) != 1 || len(x.Passages[0].Remarks("ru")) != 1 || !strings.Contains(x.Passages[0].Remarks("ru")[0], "https://b.example/x") {
		t.Errorf("%+v", x)
	}
}

// TestPageShapes shows table rows, items, code and rules as what they are.
func TestPageShapes(t *testing.T) {
	old := "| Name | Place |\n|---|---|\n| One | Here |\n\n- a thing\n\n```\nx = 1\n```\n\nText.\n"
	new := "| Name | Place |\n|---|---|\n| One | There |\n| Two | Near |\n\n- a good thing\n\n```\nx = 2\n```\n\n---\n\nText.\n"
	got := redline.Compare(parse(t, old), parse(t, new)).HTML("en")
	for _, want := range []string{
		`Two</ins></span><span class="visually-hidden"> | </span><span class="rl-column"><ins>Near`, `class="rl-cell rl-item rl-bullet"`, `class="rl-cell rl-code"`, `<p class="rl-note">Dividing line added</p>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

// TestOnly: what is left out is told of nowhere, and one heading that rose alone is
// told of for itself.
func TestOnly(t *testing.T) {
	r := redline.Compare(parse(t, "### One\n\nfirst words\n\n### Two\n\nother words\n"), parse(t, "## One\n\nfirst words\n\n## Two\n\nother words\n"))
	all, one := r.Sentence("en"), r.Only(func(e redline.Entry) bool { return e.OldLines[0] > 3 })
	if all != "2 headings are one level higher." || one.Sentence("en") != "1 clause changed." {
		t.Errorf("%q, and of one clause %q", all, one.Sentence("en"))
	}
	if one.Summary.Changed != 1 || one.Summary.Same != 1 || !strings.Contains(one.HTML("en"), "rl-changed") {
		t.Errorf("%+v %s", one.Summary, one.HTML("en"))
	}
}
