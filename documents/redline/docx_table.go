package redline

import (
	"strconv"

	"vestnik/documents/markdown"
)

// heads tells whether a row is the header of its table.
func heads(b *markdown.Block) bool { return formOf(b).row == "header" }

const textWidth = 9354 // of a page, in twentieths of a point

func (d *docx) table(of []station) {
	columns := 1
	for _, s := range of {
		columns = max(columns, len(cells(d.first(s))))
	}
	d.WriteString(`<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>`)
	if direction(d.first(of[0]).Text) == rightToLeft {
		d.WriteString(`<w:bidiVisual/>`)
	}
	d.WriteString(`<w:tblW w:w="5000" w:type="pct"/></w:tblPr><w:tblGrid>`)
	for range columns {
		d.WriteString(`<w:gridCol w:w="` + strconv.Itoa(textWidth/columns) + `"/>`)
	}
	d.WriteString(`</w:tblGrid>`)
	for _, s := range of {
		d.row(s, columns)
	}
	d.WriteString(`</w:tbl>`)
}

// cellWords gathers the words of a row by cell.
type cellWords [][]atom

func (c cellWords) take(part int, a atom) { c[part] = append(c[part], a) }

func (c cellWords) joint(string) {} // what parts cells is no text of theirs

func (d *docx) row(s station, columns int) {
	b := d.first(s)
	words := make(cellWords, len(cells(b)))
	w := walker{to: words}
	var was, is rowLayout
	if s.hasOld {
		was = d.rowLayout(0, d.old, s.OldBlocks[0])
		w.old.of = celled(&d.old.Blocks[s.OldBlocks[0]])
	}
	if s.hasNew {
		is = d.rowLayout(1, d.new, s.NewBlocks[0])
		w.new.of = celled(b)
	} else {
		is = was
	}
	if !s.hasOld {
		was = is
	}
	w.walk(s, readable(s.Spans))
	d.WriteString(`<w:tr><w:trPr>`)
	if heads(b) {
		d.WriteString(`<w:tblHeader/>`)
	}
	if s.change != "" {
		d.WriteString(`<` + s.change + d.id() + `/>`)
	}
	d.WriteString(`</w:trPr>`)
	f := d.frame(s, d.moved(s.Entry))
	f.point = s.change != ""
	for n, atoms := range words {
		span := 1
		if n == len(words)-1 {
			span = columns - n
		}
		d.WriteString(`<w:tc><w:tcPr><w:tcW w:w="` + strconv.Itoa(span*textWidth/columns) + `" w:type="dxa"/><w:gridSpan w:val="` + strconv.Itoa(span) + `"/></w:tcPr>`)
		f.first, f.last = n == 0, n == len(words)-1
		d.paragraph(para{s.change, was.cell(n), is.cell(n), atoms}, f)
		d.WriteString(`</w:tc>`)
	}
	d.WriteString(`</w:tr>`)
}

// rowLayout is how the cells of a row stand on paper.
type rowLayout struct{ style, alignment string }

func (d *docx) rowLayout(side int, t *markdown.Text, block int) rowLayout {
	l := rowLayout{"TableText", d.alignments[side][block]}
	if heads(&t.Blocks[block]) {
		l.style = "TableHeading"
	}
	return l
}

func (r rowLayout) cell(n int) layout {
	l := layout{style: r.style}
	if n < len(r.alignment) {
		l.align = map[byte]string{'r': "right", 'c': "center"}[r.alignment[n]]
	}
	return l
}
