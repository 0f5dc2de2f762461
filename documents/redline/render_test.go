package redline_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"vestnik/documents/redline"
)

const before = "# Policy\n\n1. The company keeps <b>personal</b> data safe & sound.\n\n2. Cookies help the pages.\n\n- one item\n- another item\n\n3. The user may ask for a copy at any time of the day.\n"

var after = strings.NewReplacer("safe & sound", "safe <script>alert(1)</script> & dry", "2. Cookies help the pages.\n\n", "2. Cookies help the pages and the mail.\n\nAn added paragraph stands here.\n\n").Replace(before)

func TestText(t *testing.T) {
	r := redline.Compare(parse(t, before), parse(t, after))
	for tag, want := range map[string][]string{
		"ru": {"Изменено 2 пункта.", "Пункт 1 — изменено", "исключено: sound", "добавлено: ", "без изменений"},
		"kk": {"1-тармақ — өзгертілді", "алып тасталды: sound", "өзгеріссіз"},
		"en": {"Clause 1 — changed", "removed: sound", "passages unchanged"},
		"fr": {"Clause 1 — changed"},
	} {
		var b bytes.Buffer
		if err := r.Text(&b, tag); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s lacks %q:\n%s", tag, w, b.String())
			}
		}
		for line := range strings.Lines(b.String()) {
			if len([]rune(line)) > 73 {
				t.Errorf("%s: a line is too long: %q", tag, line)
			}
		}
	}
}

func TestTextIsTame(t *testing.T) {
	var b bytes.Buffer
	r := redline.Compare(plain("1. Some words of the text.\n"), plain("1. Some \x1b[31m\u202ewords of the text.\n"))
	if err := r.Text(&b, "en"); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e") {
		t.Errorf("a control reaches the terminal: %q", b.String())
	}
}

// TestHTML parses the fragment: its structure is ours whatever the texts say.
func TestHTML(t *testing.T) {
	r := redline.Compare(parse(t, before), parse(t, after))
	for _, tag := range []string{"ru", "kk", "en"} {
		got := r.HTML(tag)
		nodes, err := html.Parse(strings.NewReader("<main>" + got + "</main>"))
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := html.Render(&again, nodes); err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for n := range nodes.Descendants() {
			if n.Type == html.ElementNode {
				count[n.Data]++
			}
		}
		if count["section"] != 2 || count["h3"] != 2 || count["script"] > 0 || count["details"] == 0 || count["ins"] < 3 || count["del"] < 1 || count["b"] > 0 {
			t.Errorf("%s: %v\n%s", tag, count, got)
		}
		if strings.Count(got, "visually-hidden") != 2*(count["ins"]+count["del"]) {
			t.Errorf("%s: edits without words for screen readers", tag)
		}
	}
}

// TestDocumentedClasses compares the classes in the package comment with those
// that HTML writes.
func TestDocumentedClasses(t *testing.T) {
	source, err := os.ReadFile("redline.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, _, _ := strings.Cut(string(source), "package redline")
	class := regexp.MustCompile(`class="([^"]+)"`)
	for _, m := range class.FindAllStringSubmatch(redline.Compare(parse(t, before), parse(t, after)).HTML("ru"), -1) {
		for c := range strings.FieldsSeq(m[1]) {
			if !strings.Contains(doc, "."+c) {
				t.Errorf("class %s is not documented", c)
			}
		}
	}
}

func TestExcerpt(t *testing.T) {
	r := redline.Compare(parse(t, before), parse(t, after))
	x := r.Excerpt(10_000)
	if len(x.Passages) != 2 || x.Left != 0 {
		t.Fatalf("%+v", x)
	}
	for i, want := range []string{"1.", "2."} {
		p := x.Passages[i]
		if p.Number != want || p.OldNumber != want || p.Kind != redline.Changed {
			t.Errorf("%+v", p)
		}
		if slices.ContainsFunc(p.Before, func(s redline.Span) bool { return s.Op == "added" }) || slices.ContainsFunc(p.After, func(s redline.Span) bool { return s.Op == "removed" }) {
			t.Errorf("edits of the other side: %+v", p)
		}
	}
	if x := r.Excerpt(60); x.Left == 0 || len(x.Passages)+x.Left != 2 {
		t.Errorf("60 letters hold %d passages, %d left", len(x.Passages), x.Left)
	}
}

// TestReferences tells a clause whose number changed from one that only refers to
// another.
func TestReferences(t *testing.T) {
	r := redline.Compare(parse(t, "1. See clause 2.\n\n2. Second.\n"), parse(t, "1. See clause 3.\n\n2. New.\n\n3. Second.\n"))
	got := r.HTML("en")
	for _, want := range []string{"Clause 1 — only the number in a reference changed", "2 is now 3"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

// TestWords walks the catalogue: each language has each key and each placeholder.
func TestWords(t *testing.T) {
	keys := regexp.MustCompile(`"([a-z_]+)":`)
	holders := regexp.MustCompile(`\{[a-z]+\}`)
	var first []string
	for _, tag := range []string{"en", "ru", "kk"} {
		b, err := os.ReadFile(filepath.Join("words", tag+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var shape []string
		for line := range strings.Lines(string(b)) {
			if k := keys.FindStringSubmatch(line); k != nil {
				names := holders.FindAllString(line, -1)
				slices.Sort(names)
				shape = append(shape, k[1]+strings.Join(slices.Compact(names), ""))
			}
		}
		if first == nil {
			first = shape
		} else if !slices.Equal(first, shape) {
			t.Errorf("%s: %v\nwant %v", tag, shape, first)
		}
	}
}
