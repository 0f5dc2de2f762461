package redline_test

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"vestnik/documents/redline"
)

func document(t *testing.T, old, new, tag string) *office {
	t.Helper()
	var b bytes.Buffer
	if err := redline.Compare(parse(t, old), parse(t, new)).DOCX(&b, tag); err != nil {
		t.Fatal(err)
	}
	o, err := open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestDOCXShows(t *testing.T) {
	const body, links, remarks = "word/document.xml", "word/_rels/document.xml.rels", "word/comments.xml"
	change := `<w:%s w:id="\d+" w:author="Vestnik"/?>`
	tracked := func(name string) string { return strings.Replace(change, "%s", name, 1) }
	for _, c := range []struct{ name, old, new, part, want string }{
		{"a paragraph more", "One.\n", "One.\n\nA second paragraph.\n", body, `<w:rPr>` + tracked("ins") + `</w:rPr></w:pPr>` + tracked("ins")},
		{"a paragraph less", "One.\n\nA second paragraph.\n", "One.\n", body, `<w:rPr>` + tracked("del") + `</w:rPr></w:pPr>` + tracked("del") + `<w:r><w:delText`},
		{"a split", "We keep your address and name. We delete both after ten days.\n", "We keep your address and name.\n\nWe delete both after ten days.\n", body, `<w:rPr>` + tracked("ins") + `</w:rPr></w:pPr><w:r>`},
		{"a move", "We keep your address.\n\nYou may object at any time.\n\nThe court of the city decides.\n", "The court of the city decides.\n\nWe keep your address.\n\nYou may object at any time.\n", body, `w:moveToRangeStart[^>]* w:name="move1"/>.*w:moveFromRangeStart[^>]* w:name="move1"/>`},
		{"a row more", "| a | b |\n|---|---|\n| c | d |\n", "| a | b |\n|---|---|\n| c | d |\n| e | f |\n", body, `<w:trPr>` + tracked("ins") + `</w:trPr>`},
		{"words in a cell", "| Who | What |\n|---|---|\n| Alpha | keeps addresses |\n", "| Who | What |\n|---|---|\n| Alpha | keeps mail addresses |\n", body, `Alpha</w:t>.*</w:tc><w:tc>.*keeps </w:t></w:r>` + tracked("ins")},
		{"a moved row says so", "| Who | What |\n|---|---|\n| Alpha | keeps the addresses of all people who write to us |\n| Beta | carries letters |\n| Gamma | counts visits of the site |\n", "| Who | What |\n|---|---|\n| Beta | carries letters |\n| Gamma | counts visits of the site |\n| Alpha | keeps the addresses of all people who write to us |\n", remarks, `moved`},
		{"another number", "1. We keep your address.\n\n2. You may object.\n", "1. We keep your address.\n\n3. You may object.\n", body, tracked("del") + `<w:r><w:delText xml:space="preserve">2\.`},
		{"another level", "# Terms\n\nText.\n", "## Terms\n\nText.\n", body, `"Heading2"/>` + tracked("pPrChange") + `<w:pPr><w:pStyle w:val="Heading1"/>`},
		{"emphasis", "You may **never** resell.\n", "You may *never* resell.\n", body, `<w:i/><w:iCs/>` + tracked("rPrChange") + `<w:rPr><w:b/><w:bCs/></w:rPr>`},
		{"a link elsewhere", "See [terms](https://example.kz/a).\n", "See [terms](https://example.kz/b).\n", links, `example.kz/[ab]".*example.kz/[ab]"`},
		{"a link elsewhere, said", "See [terms](https://example.kz/a).\n", "See [terms](https://example.kz/b).\n", remarks, `example.kz/a.*example.kz/b`},
		{"a link that is none", "See [terms](javascript:alert(1)).\n", "See [terms](javascript:alert(2)).\n", body, `^[^§]*<w:t xml:space="preserve">See terms\.`},
		{"an address in need of escapes", "See [terms](<https://example.kz/a b?q=\"ж\">).\n", "See.\n", links, `Target="https://example.kz/a%20b\?q=%22%D0%B6%22"`},
		{"right to left", "أهلا بكم في الموقع\n", "أهلا بكم في هذا الموقع\n", body, `<w:bidi/>.*<w:rtl/>`},
		{"a bullet", "- apples\n- pears\n", "- apples\n- plums\n- pears\n", body, `•</w:t><w:tab/>`},
		{"numbers that Markdown counts", "1. apples\n1. pears\n", "1. apples\n1. pears and plums\n", body, `2\. </w:t>`},
		{"a line end", "One  \ntwo\n", "One  \ntwo three\n", body, `One</w:t><w:br/>`},
		{"a character that XML forbids", "One \x01 two.\n", "One \x01 three.\n", body, "One \ufffd "},
		{"markup as words", "One `<w:p>` & two.\n", "One `<w:p>` & three.\n", body, `&lt;w:p&gt;`},
	} {
		o := document(t, c.old, c.new, "en")
		if got := o.raw[c.part]; !regexp.MustCompile(`(?s)` + c.want).Match(got) {
			t.Errorf("%s: no %s in\n%s", c.name, c.want, got)
		}
		if fault := docxFault(parse(t, c.old), parse(t, c.new)); fault != "" {
			t.Errorf("%s: %s", c.name, fault)
		}
	}
}

// TestDOCXShowsNoChange compares texts that look the same to a reader.
func TestDOCXShowsNoChange(t *testing.T) {
	for _, c := range [][2]string{
		{"* one\n* two\n", "- one\n- two\n"},
		{"See [terms][t].\n\n[t]: https://example.kz\n", "See [terms](https://example.kz).\n"},
		{"| a | b |\n|---|---|\n| c | d |\n", "| a   | b   |\n|-----|-----|\n| c   | d   |\n"},
		{"1. one thing\n2. another thing\n", "1. one thing\n1. another thing\n"},
	} {
		o := document(t, c[0], c[1], "ru")
		o.parts["word/document.xml"].each(func(e *element) {
			if e.attr["w:author"] != "" {
				t.Errorf("%q and %q: %s in %s", c[0], c[1], e.name, o.raw["word/document.xml"])
			}
		})
	}
}

func TestDOCXNamesBothTexts(t *testing.T) {
	for tag, want := range map[string][2]string{
		"ru": {"Изменён", `w:val="ru-RU"`}, "kk": {"өзгер", `w:val="kk-KZ"`}, "en": {"changed", `w:val="en-US"`},
		"ar": {"changed", `w:bidi="ar-EG"`}, "ja": {"changed", `w:eastAsia="ja-JP"`},
	} {
		r := redline.Compare(parse(t, "We keep it ten days.\n"), parse(t, "We keep it nine days.\n"))
		o := document(t, "We keep it ten days.\n", "We keep it nine days.\n", tag)
		header := string(o.raw["word/header1.xml"])
		if !strings.Contains(header, r.Old.SHA256[:12]+" → "+r.New.SHA256[:12]) || !strings.Contains(header, want[0]) {
			t.Errorf("%s: header %s", tag, header)
		}
		if styles := string(o.raw["word/styles.xml"]); !strings.Contains(styles, want[1]) {
			t.Errorf("%s: no %s in %s", tag, want[1], styles)
		}
	}
}

// failing fails after some bytes.
type failing struct{ left int }

func (f *failing) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestDOCXReportsFailures(t *testing.T) {
	r := redline.Compare(parse(t, strings.Repeat("One two.\n\n", 300)), parse(t, "One.\n"))
	var whole bytes.Buffer
	if err := r.DOCX(&whole, "ru"); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < whole.Len(); n += 500 {
		if err := r.DOCX(&failing{n}, "ru"); err == nil {
			t.Errorf("no error where only %d of %d bytes could be written", n, whole.Len())
		}
	}
}

// A Latin name at the start turns no paragraph of an Arabic text round.
func TestDOCXDirection(t *testing.T) {
	for tag, want := range map[string]bool{"ar": true, "en": false} {
		o := document(t, "Firefox أهلا بكم في الموقع\n", "Firefox أهلا بكم في هذا الموقع\n", tag)
		if got := strings.Contains(string(o.raw["word/document.xml"]), "<w:bidi/>"); got != want {
			t.Errorf("%s: right to left is %t", tag, got)
		}
	}
}
