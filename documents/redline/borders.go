package redline

import "strings"

// border stands in a row between two cells, and is one token.
const border = " | "

func bordered(s string) bool { return strings.HasPrefix(s, border) && marks(s[len(border):]) == 0 }

// mostCellPairs is how many pairs of cells are compared to find which stayed.
const mostCellPairs = 400

// alignCells aligns the words of two rows cell by cell, so that no edit crosses a
// border but with whole cells that came or went. It does nothing for what is no
// row.
func (w *wording) alignCells() bool {
	a, b := w.a.cells(), w.b.cells()
	if len(a) == 1 || len(b) == 1 || len(a)*len(b) > mostCellPairs {
		return false
	}
	for _, l := range w.kept(a, b) {
		x, y := a[l.i], b[l.j]
		if l.i > 0 && l.j > 0 {
			w.take(x.from-1, y.from-1)
		}
		w.align(x.from, x.to, y.from, y.to, 0)
	}
	return true
}

// kept pairs the cells of two rows: by place, or, if columns came or went, those
// that have most in common.
func (w *wording) kept(a, b []column) []link {
	var links []link
	if len(a) == len(b) {
		for i := range a {
			links = append(links, link{i, i, 1})
		}
		return links
	}
	for i, x := range a {
		for j, y := range b {
			weight := 2 + 2*w.shared(x, y)
			if i == j {
				weight++ // columns come last rather than first
			}
			links = append(links, link{i, j, weight})
		}
	}
	return chain(links)
}

// shared weighs the units that two cells have in common, twice if they say the same.
func (w *wording) shared(x, y column) int {
	n, same := 0, x.to-x.from == y.to-y.from
	for i := x.from; i < x.to; i++ {
		id := w.a.unit(i)
		for j := y.from; j < y.to && j < y.from+mostCellPairs; j++ {
			if w.b.unit(j) == id {
				n += int(w.weight(id))
				break
			}
		}
		same = same && w.b.unit(y.from+i-x.from) == id
	}
	if same {
		n *= 2
	}
	return n
}

// column is a cell of a row: a run of units.
type column struct{ from, to int }

// cells parts the units at borders.
func (p *passage) cells() []column {
	out, from := make([]column, 0, 8), 0
	for i, t := range p.units {
		if p.at(int(t)) == border {
			out, from = append(out, column{from, i}), i+1
		}
	}
	return append(out, column{from, len(p.units)})
}
