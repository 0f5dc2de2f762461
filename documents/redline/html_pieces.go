package redline

import (
	"strconv"
)

// Folding tells HTML what to leave out: the pieces that did not change, which in
// HTML alone stand behind a line each, and, once more than Most bytes are written,
// the words of changes, and after headedMost of these the changes. Pieces are numbered from 1, each whether it is open or not.
type Folding struct {
	Most int
	Open func(piece int) bool
	// Href is where the page shows a piece that it does not, or folds one that it
	// shows.
	Href func(piece int) string
}

// headedMost is of how many changes a page shows the heading without the words.
const headedMost = 200

// Folded is HTML without the pieces that are not open.
func (r *Redline) Folded(tag string, f Folding) string {
	p := r.page(tag)
	p.folding = &f
	p.all()
	return p.String()
}

// Piece is what Folded with the same Most leaves out as piece n.
func (r *Redline) Piece(tag string, n, most int) (string, bool) {
	p := r.page(tag)
	p.folding = &Folding{most, func(piece int) bool { return piece == n }, func(int) string { return "" }}
	p.all()
	return p.String()[p.open[0]:p.open[1]], p.open[1] > 0
}

// piece writes what stands behind a line. Its number is from number.
func (p *page) piece(n int, class, line string, write func()) {
	if p.folding == nil {
		p.WriteString(`<details class="` + class + `">`)
		p.tag("summary", "rl-count", line)
		write()
		p.WriteString("</details>\n")
		return
	}
	begin, id, state := p.Len(), strconv.Itoa(n), "false"
	open := p.folding.Open(n)
	if open {
		state = "true"
	}
	p.WriteString(`<div class="` + class + ` rl-piece" id="piece-` + id + `"><p class="rl-count"` + p.own + `><a href="` + said(p.folding.Href(n)) + `" rel="nofollow" aria-expanded="` + state + `">` + said(line) + "</a></p>\n")
	if open {
		p.open[0] = p.Len()
		write()
		p.open[1] = p.Len()
	}
	p.WriteString("</div>\n")
	p.extra += p.Len() - begin
}

// number is the next piece's.
func (p *page) number() int {
	p.pieces++
	return p.pieces
}

// written is how much there is for one page. Pieces do not count, open or not, so
// that what a number means does not depend on them or their addresses.
func (p *page) written() int { return p.Len() - p.extra }
