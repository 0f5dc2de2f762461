package redline

import "vestnik/documents/markdown"

// body writes the document: paragraphs and tables, and a last empty paragraph,
// which the format wants behind tables and behind paragraphs that came or went.
func (d *docx) body() {
	d.fixed(`<w:document ` + docxNames + `><w:body>`)()
	stations := d.stations()
	for n := 0; n < len(stations); {
		if !d.inTable(stations[n]) {
			d.passage(stations[n], n+1 < len(stations) && d.insertsFirst(stations[n+1]))
			n++
			continue
		}
		end := d.tableEnd(stations, n)
		d.table(stations[n:end])
		if n = end; n < len(stations) && d.inTable(stations[n]) {
			d.gap(stations[n].change) // or the two tables would be one
		}
	}
	d.gap("")
	d.WriteString(pageSetup + `</w:body></w:document>`)
}

// gap writes an empty paragraph that is no part of the text.
func (d *docx) gap(change string) {
	d.WriteString(`<w:p><w:pPr><w:pStyle w:val="Gap"/>`)
	d.paragraphEnd(change)
	d.WriteString(`</w:pPr></w:p>`)
}

// passage writes a station outside of tables. LibreOffice 7.4 takes an insertion at
// its end and the one that the next begins with for one, and rejects the end of
// the paragraph between them too: a remark keeps them apart.
func (d *docx) passage(s station, insertionFollows bool) {
	c := &composer{d: d, s: s}
	was, is := c.bullet()
	w := walker{to: c}
	if s.hasOld {
		w.old.of = flowing(d.old, s.OldBlocks, was)
	}
	if s.hasNew {
		w.new.of = flowing(d.new, s.NewBlocks, is)
	}
	w.walk(s, bulleted(s.Spans, was, is))
	c.end(s.change)
	last := c.done[len(c.done)-1].atoms
	f := d.frame(s, insertionFollows && s.change == "" && len(last) > 0 && last[len(last)-1].change == inserted)
	for n, p := range c.done {
		f.first, f.last = n == 0, n == len(c.done)-1
		d.paragraph(p, f)
	}
}

// insertsFirst tells whether the first words of s outside of tables are new.
func (d *docx) insertsFirst(s station) bool {
	if d.inTable(s) || s.change != "" {
		return s.change == inserted && !d.inTable(s)
	}
	was, is := (&composer{d: d, s: s}).bullet()
	spans := bulleted(s.Spans, was, is)
	return len(spans) > 0 && spans[0].Op == opAdded
}

// composer gathers the paragraphs of a station.
type composer struct {
	d     *docx
	s     station
	x, y  int // the blocks of the station, old and new, that it is at
	atoms []atom
	done  []para
}

func (c *composer) take(_ int, a atom) { c.atoms = append(c.atoms, a) }

// joint ends a paragraph that is not the last.
func (c *composer) joint(change string) {
	c.end(change)
	old, new := sides(change)
	if old {
		c.x++
	}
	if new {
		c.y++
	}
	was, is := c.bullet()
	if old && was != "" {
		c.take(0, atom{change: change, text: was})
	} else if new && is != "" {
		c.take(0, atom{change: change, text: is})
	}
}

func (c *composer) end(change string) {
	p := para{change: change, atoms: c.atoms}
	old, new := sides(change)
	if old {
		p.was = layoutOf(&c.d.old.Blocks[c.s.OldBlocks[c.x]])
		p.is = p.was
	}
	if new {
		p.is = layoutOf(&c.d.new.Blocks[c.s.NewBlocks[c.y]])
	}
	if !old {
		p.was = p.is
	}
	c.done, c.atoms = append(c.done, p), nil
}

// bullet returns what stands before the words of the blocks that c is at.
func (c *composer) bullet() (was, is string) {
	if c.x < len(c.s.OldBlocks) {
		was = c.d.bullets[0][c.s.OldBlocks[c.x]]
	}
	if c.y < len(c.s.NewBlocks) {
		is = c.d.bullets[1][c.s.NewBlocks[c.y]]
	}
	return was, is
}

// sides tells which texts have what was changed so.
func sides(change string) (old, new bool) {
	return change == "" || change == deleted || change == movedFrom, change == "" || change == inserted || change == movedTo
}

func (d *docx) inTable(s station) bool { return d.first(s).Kind == markdown.Row }

// tableEnd is the first station behind the table that begins at from. A header row
// begins another one, unless it stands in another's place.
func (d *docx) tableEnd(of []station, from int) int {
	n := from + 1
	for n < len(of) && d.inTable(of[n]) && (!heads(d.first(of[n])) || heads(d.first(of[n-1]))) {
		n++
	}
	return n
}
