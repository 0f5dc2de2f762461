package redline

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// para is a paragraph that the document shows.
type para struct {
	change  string // what became of its end
	was, is layout // equal if it stands in one text only
	atoms   []atom
}

// frame is what stands around the paragraphs of a station.
type frame struct {
	change      string // of the station
	move        string // its name, "" if it did not move
	moveID      int
	remark      int  // its id, 0 if there is none
	point       bool // the remark has no range: LibreOffice 7.4 keeps a row that holds one when it should go
	first, last bool
}

// frame makes a remark of what the words of s do not show, where the new words
// stand if there are any. It begins with the headline if headed.
func (d *docx) frame(s station, headed bool) frame {
	f := frame{change: s.change}
	if s.change == movedFrom || s.change == movedTo {
		d.ids++
		f.move, f.moveID = d.moves[s.Entry], d.ids
	}
	if (s.hasNew || len(s.NewBlocks) == 0) && (headed || len(s.Details)+len(s.Hints) > 0) {
		d.ids++
		f.remark = d.ids
		d.remarks = append(d.remarks, remark{f.remark, s.Entry, headed})
	}
	return f
}

func (d *docx) paragraph(p para, f frame) {
	rtl := d.direction(p.atoms) == rightToLeft
	d.WriteString(`<w:p><w:pPr>` + p.is.properties(rtl))
	d.paragraphEnd(p.change)
	if p.was != p.is {
		d.WriteString(`<w:pPrChange` + d.id() + `><w:pPr>` + p.was.properties(rtl) + `</w:pPr></w:pPrChange>`)
	}
	d.WriteString(`</w:pPr>`)
	if f.first {
		d.begin(f)
	}
	d.words(p.atoms, rtl)
	if f.last {
		d.end(f)
	}
	d.WriteString(`</w:p>`)
	if f.last && f.move != "" {
		d.WriteString(`<` + f.change + `RangeEnd w:id="` + strconv.Itoa(f.moveID) + `"/>`)
	}
}

// paragraphEnd writes what became of the mark that ends a paragraph.
func (d *docx) paragraphEnd(change string) {
	if change != "" {
		d.WriteString(`<w:rPr><` + change + d.id() + `/></w:rPr>`)
	}
}

func (d *docx) begin(f frame) {
	if f.move != "" {
		d.WriteString(`<` + f.change + `RangeStart` + attributes(f.moveID) + ` w:date="1980-01-01T00:00:00Z" w:name="` + f.move + `"/>`) // the schema demands a date here alone
	}
	if f.remark != 0 && !f.point {
		d.WriteString(`<w:commentRangeStart w:id="` + strconv.Itoa(f.remark) + `"/>`)
	}
}

func (d *docx) end(f frame) {
	if f.remark != 0 {
		id := strconv.Itoa(f.remark)
		if !f.point {
			d.WriteString(`<w:commentRangeEnd w:id="` + id + `"/>`)
		}
		d.tracked(f.change, func() {
			d.WriteString(`<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:commentReference w:id="` + id + `"/></w:r>`)
		})
	}
}

// tracked writes runs inside of the change that they belong to.
func (d *docx) tracked(change string, runs func()) {
	if change == "" {
		runs()
		return
	}
	d.WriteString(`<` + change + d.id() + `>`)
	runs()
	d.WriteString(`</` + change + `>`)
}

// words writes atoms: links, in them changes, in them runs.
func (d *docx) words(atoms []atom, rtl bool) {
	for len(atoms) > 0 {
		n := 1
		for n < len(atoms) && atoms[n].is.link == atoms[0].is.link {
			n++
		}
		link := atoms[0].is.link
		if link != "" {
			d.WriteString(`<w:hyperlink r:id="` + d.link(link) + `">`)
		}
		d.changes(atoms[:n], rtl)
		if link != "" {
			d.WriteString(`</w:hyperlink>`)
		}
		atoms = atoms[n:]
	}
}

func (d *docx) changes(atoms []atom, rtl bool) {
	for len(atoms) > 0 {
		n := 1
		for n < len(atoms) && atoms[n].change == atoms[0].change {
			n++
		}
		d.tracked(atoms[0].change, func() {
			for _, a := range atoms[:n] {
				d.run(a, rtl)
			}
		})
		atoms = atoms[n:]
	}
}

func (d *docx) run(a atom, rtl bool) {
	if way := d.direction([]atom{a}); way != neither {
		rtl = way == rightToLeft
	}
	d.WriteString(`<w:r>`)
	is, was := a.is.properties(rtl), a.was.properties(rtl)
	if is != was {
		is += `<w:rPrChange` + d.id() + `><w:rPr>` + was + `</w:rPr></w:rPrChange>`
	}
	if is != "" {
		d.WriteString(`<w:rPr>` + is + `</w:rPr>`)
	}
	tag := "w:t"
	if a.change == deleted {
		tag = "w:delText"
	}
	d.text(tag, a.text)
	d.WriteString(`</w:r>`)
}

// text writes what a run holds.
func (d *docx) text(tag, s string) {
	for s != "" {
		n := strings.IndexAny(s, "\n\t")
		if n < 0 {
			n = len(s)
		}
		if n > 0 {
			d.WriteString(`<` + tag + ` xml:space="preserve">` + escaped(s[:n]) + `</` + tag + `>`)
		}
		if s = s[n:]; s != "" {
			d.WriteString(map[byte]string{'\n': `<w:br/>`, '\t': `<w:tab/>`}[s[0]])
			s = s[1:]
		}
	}
}

// The directions of a text.
const (
	neither = iota
	leftToRight
	rightToLeft
)

// direction is that of the first letter that has one (UAX #9, P2).
func direction(s string) int {
	for _, r := range s {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L:
			return leftToRight
		case bidi.R, bidi.AL:
			return rightToLeft
		}
	}
	return neither
}

// direction is that of the first letter that has one. In a language written from
// right to left any letter of its own decides: Latin names often stand first.
func (d *docx) direction(of []atom) int {
	first := neither
	for _, a := range of {
		if d.rtl && strings.ContainsFunc(a.text, fromRight) {
			return rightToLeft
		}
		if first == neither {
			first = direction(a.text)
		}
	}
	return first
}

func fromRight(r rune) bool { return direction(string(r)) == rightToLeft }
