package redline

import (
	"strconv"

	"vestnik/documents/markdown"
)

// A tracked change is the name of its element; none is unchanged.
const (
	inserted  = "w:ins"
	deleted   = "w:del"
	movedFrom = "w:moveFrom"
	movedTo   = "w:moveTo"
)

// station is an entry, or one side of it, where the document has it.
type station struct {
	*Entry
	change         string // of a station of one side: what became of words that both texts have
	hasOld, hasNew bool   // the sides that stand here
}

// stations puts the entries in an order that holds those of both texts: what one
// text has alone, or has elsewhere, stands between neighbours that both have, the
// old before the new.
func (d *docx) stations() []station {
	holder := make([]int, len(d.old.Blocks))
	for n := range d.Changes {
		for _, i := range d.Changes[n].OldBlocks {
			holder[i] = n
		}
	}
	stay, due := d.staying(), 0
	var out []station
	left := func() {
		for ; due < len(holder) && !stay[holder[due]]; due++ {
			if e := &d.Changes[holder[due]]; e.OldBlocks[0] == due {
				out = d.alone(out, e, true)
			}
		}
	}
	left()
	for n := range d.Changes {
		e := &d.Changes[n]
		switch {
		case len(e.NewBlocks) == 0:
		case !stay[n]:
			out = d.alone(out, e, false)
		default:
			out = d.both(out, e)
			due = e.OldBlocks[len(e.OldBlocks)-1] + 1
			left()
		}
	}
	return out
}

// staying tells by entry whether its sides can stand at one place. Moved ones that
// the document can show as moved get a name.
func (d *docx) staying() []bool {
	out, behind := make([]bool, len(d.Changes)), -1
	d.moves = map[*Entry]string{}
	for n := range d.Changes {
		e := &d.Changes[n]
		if len(e.OldBlocks) == 0 || len(e.NewBlocks) == 0 {
			continue
		}
		if out[n] = !d.moved(e) && e.OldBlocks[0] > behind; out[n] {
			behind = e.OldBlocks[len(e.OldBlocks)-1]
			continue
		}
		x, y := &d.old.Blocks[e.OldBlocks[0]], &d.new.Blocks[e.NewBlocks[0]]
		if x.Kind != markdown.Row && y.Kind != markdown.Row && shown(x) && shown(y) {
			d.moves[e] = "move" + strconv.Itoa(len(d.moves)+1)
		}
	}
	return out
}

func (d *docx) moved(e *Entry) bool { return e.Moved || e.Kind == Moved }

// alone appends one side of e.
func (d *docx) alone(out []station, e *Entry, old bool) []station {
	s := station{Entry: e, hasOld: old, hasNew: !old}
	switch name := d.moves[e]; {
	case old && name != "":
		s.change = movedFrom
	case old:
		s.change = deleted
	case name != "":
		s.change = movedTo
	default:
		s.change = inserted
	}
	if b := d.first(s); !shown(b) {
		return out
	}
	return append(out, s)
}

// both appends e, or its sides apart if one stands in a table and the other does
// not fit into its cells.
func (d *docx) both(out []station, e *Entry) []station {
	x, y := &d.old.Blocks[e.OldBlocks[0]], &d.new.Blocks[e.NewBlocks[0]]
	if shown(x) && shown(y) && (x.Kind == markdown.Row) == (y.Kind == markdown.Row) && len(cells(x)) == len(cells(y)) {
		return append(out, station{Entry: e, hasOld: true, hasNew: true})
	}
	return d.alone(d.alone(out, e, true), e, false)
}

// first is the first block of s.
func (d *docx) first(s station) *markdown.Block {
	if s.hasNew {
		return &d.new.Blocks[s.NewBlocks[0]]
	}
	return &d.old.Blocks[s.OldBlocks[0]]
}
