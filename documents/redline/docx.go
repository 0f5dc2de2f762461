package redline

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"vestnik/documents/lang"
	"vestnik/documents/markdown"
)

// DOCX writes both texts as one Office Open XML document (ECMA-376, transitional)
// in which every difference is a tracked change, in the language nearest to tag:
// accepting all changes gives the new text, rejecting all the old one, paragraph
// by paragraph. Details and hints are comments. The page header names the two
// texts by their digests and counts the differences. The same two texts give the
// same bytes: changes bear no date.
//
// What readers are not shown is left out. Numbers are words, as written; where
// Markdown leaves counting to the browser they are counted here. Moved table rows
// are deleted and inserted, since ECMA-376 knows no other change of a row, and so
// is a row that has more or fewer cells than before.
func (r *Redline) DOCX(w io.Writer, tag string) error {
	archive := zip.NewWriter(w)
	d := &docx{speech: speech{catalogue.In(tag), r}, tag: tag, links: map[string]int{}}
	d.rtl = lang.Dir(tag) == "rtl"
	d.bullets = [2][]string{bullets(r.old), bullets(r.new)}
	d.alignments = [2][]string{alignments(r.old), alignments(r.new)}
	for _, p := range []struct {
		name  string
		write func()
	}{
		{"[Content_Types].xml", d.fixed(contentTypes)},
		{"_rels/.rels", d.fixed(packageLinks)},
		{"word/document.xml", d.body},
		{"word/_rels/document.xml.rels", d.relationships},
		{"word/comments.xml", d.comments},
		{"word/header1.xml", d.header},
		{"word/styles.xml", d.styles},
		{"word/settings.xml", d.fixed(settings)},
		{"docProps/core.xml", d.properties},
	} {
		part, err := archive.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: epoch})
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		d.Writer = bufio.NewWriter(part)
		p.write()
		if err := d.Flush(); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return archive.Close()
}

// epoch is the first moment that a zip archive can name.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// docx writes the parts of one document. Its writer keeps the first error.
type docx struct {
	speech
	*bufio.Writer
	tag string
	rtl bool // its language is written from right to left
	// Of the old and the new text, by block.
	bullets, alignments [2][]string
	ids                 int // given to annotations
	moves               map[*Entry]string
	links               map[string]int // targets by the number of their relationship
	targets             []string
	remarks             []remark
}

// remark is a comment that the body refers to.
type remark struct {
	id     int
	of     *Entry
	headed bool // says what happened to it
}

func (d *docx) fixed(part string) func() { return func() { d.WriteString(xml.Header + part) } }

// escaped is s as character data or in an attribute. What XML 1.0 forbids becomes
// U+FFFD.
func escaped(s string) string {
	if strings.IndexFunc(s, special) < 0 {
		return s
	}
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s)) // a buffer fails never
	return b.String()
}

func special(r rune) bool {
	return r < ' ' || r >= 0xfffd || r == '<' || r == '>' || r == '&' || r == '"' || r == '\''
}

// id returns the attributes of one more tracked change.
func (d *docx) id() string {
	d.ids++
	return attributes(d.ids)
}

func attributes(id int) string { return ` w:id="` + strconv.Itoa(id) + `" w:author="` + author + `"` }

const author = "Vestnik"

func (d *docx) relationships() {
	d.fixed(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)()
	for _, r := range [][2]string{{"styles", "styles.xml"}, {"settings", "settings.xml"}, {"comments", "comments.xml"}, {"header", "header1.xml"}} {
		d.WriteString(`<Relationship Id="` + r[0] + `" Type="` + officeLinks + r[0] + `" Target="` + r[1] + `"/>`)
	}
	for i, target := range d.targets {
		d.WriteString(`<Relationship Id="link` + strconv.Itoa(i) + `" Type="` + officeLinks + `hyperlink" Target="` + escaped(target) + `" TargetMode="External"/>`)
	}
	d.WriteString(`</Relationships>`)
}

// comments says what the words of the remarked entries do not show.
func (d *docx) comments() {
	d.fixed(`<w:comments ` + docxNames + `>`)()
	for _, r := range d.remarks {
		d.WriteString(`<w:comment w:id="` + strconv.Itoa(r.id) + `" w:author="` + author + `" w:initials="V">`)
		for _, line := range d.lines(r) {
			d.plain("CommentText", line)
		}
		d.WriteString(`</w:comment>`)
	}
	d.WriteString(`</w:comments>`)
}

// lines lists what a comment says.
func (d *docx) lines(r remark) []string {
	var out []string
	if r.headed {
		out = append(out, d.headline(r.of))
	}
	return append(append(out, d.details(r.of)...), d.pointers(r.of)...)
}

// header names the two texts and counts what differs.
func (d *docx) header() {
	d.fixed(`<w:hdr ` + docxNames + `>`)()
	d.plain("Header", d.pair())
	d.plain("Header", d.summary())
	d.WriteString(`</w:hdr>`)
}

func (d *docx) pair() string { return d.Old.SHA256[:12] + " → " + d.New.SHA256[:12] }

// plain writes a paragraph of the frame, in the language of the words.
func (d *docx) plain(style, text string) {
	d.WriteString(`<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr><w:r>`)
	d.text("w:t", text)
	d.WriteString(`</w:r></w:p>`)
}

func (d *docx) properties() {
	d.fixed(`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">`)()
	for _, p := range [][2]string{{"title", d.new.Title}, {"subject", d.pair()}, {"creator", author}, {"description", d.summary()}} {
		d.WriteString(`<dc:` + p[0] + `>` + escaped(p[1]) + `</dc:` + p[0] + `>`)
	}
	d.WriteString(`</cp:coreProperties>`)
}

func (d *docx) styles() {
	d.WriteString(xml.Header + strings.Replace(styleSheet, "{lang}", locale(d.tag), 1))
}

// locale names the language of tag in the attribute of the script that it is
// written in, with the region that Word wants.
func locale(tag string) string {
	t := language.Make(tag)
	base, _ := t.Base()
	region, _ := t.Region()
	name := "w:val"
	switch {
	case lang.Dir(tag) == "rtl":
		name = "w:bidi"
	case base.String() == "zh", base.String() == "ja", base.String() == "ko":
		name = "w:eastAsia"
	}
	return " " + name + `="` + base.String() + "-" + region.String() + `"`
}

// shown tells whether a document has a paragraph for b.
func shown(b *markdown.Block) bool { return !b.Hidden() && b.Kind != markdown.Blank }
