package redline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"vestnik/documents/markdown"
)

// look is how words stand on paper.
type look struct {
	bold, italic, strike, underline, code, sup, sub bool
	link                                            string // "" if it leads nowhere
}

// stretch is a run of one text, up to the byte to, that looks alike and stands in
// one part: a paragraph or a cell. What only joins parts has the part joint.
type stretch struct {
	to, part int
	look
}

const joint = -1

// atom is a run of words with one look in each text.
type atom struct {
	change  string
	text    string
	was, is look
}

// flowing cuts the blocks of t, joined by line ends, behind the first one's bullet.
func flowing(t *markdown.Text, blocks []int, bullet string) []stretch {
	var out []stretch
	at := 0
	if bullet != "" {
		at = len(bullet)
		out = append(out, stretch{to: at})
	}
	for n, i := range blocks {
		if n > 0 {
			at++
			out = append(out, stretch{to: at, part: joint})
		}
		b := &t.Blocks[i]
		out = append(out, looks(b, at)...)
		at += len(b.Text)
	}
	return out
}

// edge is where a mark begins or ends.
type edge struct {
	at    int
	begin bool
	mark  *markdown.Mark
}

// looks cuts a block that begins at from where its marks begin and end.
func looks(b *markdown.Block, from int) []stretch {
	var edges []edge
	for i := range b.Marks {
		if m := &b.Marks[i]; m.Start < m.End && m.End <= len(b.Text) {
			edges = append(edges, edge{m.Start, true, m}, edge{m.End, false, m})
		}
	}
	slices.SortStableFunc(edges, func(x, y edge) int { return cmp.Compare(x.at, y.at) })
	var out []stretch
	var open []*markdown.Mark
	at := 0
	for _, e := range append(edges, edge{at: len(b.Text)}) {
		if e.at > at {
			at = e.at
			if l := worn(open); len(out) > 0 && out[len(out)-1].look == l {
				out[len(out)-1].to = from + at
			} else {
				out = append(out, stretch{from + at, 0, l})
			}
		}
		if e.begin {
			open = append(open, e.mark)
		} else if i := slices.Index(open, e.mark); i >= 0 {
			open = slices.Delete(open, i, i+1)
		}
	}
	return out
}

// worn is what open marks make of words.
func worn(open []*markdown.Mark) look {
	var l look
	for _, m := range open {
		switch m.Kind {
		case "strong":
			l.bold = true
		case "em":
			l.italic = true
		case "del":
			l.strike = true
		case "code":
			l.code = true
		case "sup":
			l.sup = true
		case "sub":
			l.sub = true
		case "link":
			l.link = hyperlink(m.Target)
		case "html":
			l.underline = l.underline || m.Target == "u" || m.Target == "ins"
		}
	}
	return l
}

// cells returns where the cells of a row begin and end; nil for other blocks. Where
// a cell holds what parts cells, the row is taken for one cell.
func cells(b *markdown.Block) [][2]int {
	if b.Kind != markdown.Row {
		return nil
	}
	var out [][2]int
	at := 0
	for {
		n := strings.Index(b.Text[at:], " | ")
		if n < 0 {
			break
		}
		out = append(out, [2]int{at, at + n})
		at += n + 3
	}
	out = append(out, [2]int{at, len(b.Text)})
	if columns(formOf(b)) != len(out) {
		return [][2]int{{0, len(b.Text)}}
	}
	return out
}

// columns counts the columns of a row.
func columns(f form) int {
	if f.row == "header" {
		return len(f.shape)
	}
	n, _ := strconv.Atoi(f.shape)
	return n
}

// alignments returns by block the alignment of each column, as its header has it.
func alignments(t *markdown.Text) []string {
	out, header := make([]string, len(t.Blocks)), ""
	for i := range t.Blocks {
		if f := formOf(&t.Blocks[i]); f.row != "" {
			if f.row == "header" {
				header = f.shape
			}
			out[i] = header
		}
	}
	return out
}

// celled cuts the words of a row at its cells.
func celled(b *markdown.Block) []stretch {
	words := looks(b, 0)
	var out []stretch
	at := 0
	upTo := func(end, part int) {
		for len(words) > 0 && at < end {
			w := words[0]
			if w.to <= end {
				words = words[1:]
			}
			at = min(w.to, end)
			out = append(out, stretch{at, part, w.look})
		}
	}
	for n, c := range cells(b) {
		upTo(c[0], joint)
		upTo(c[1], n)
	}
	return out
}

// taker takes the words of a station one after another.
type taker interface {
	take(part int, a atom)
	// joint takes what parts the parts of one text, or of both.
	joint(change string)
}

// walker walks two texts along the spans that relate them.
type walker struct {
	old, new reader
	to       taker
}

// reader goes along the stretches of a text.
type reader struct {
	of []stretch
	at int
}

func (r *reader) here() *stretch { return &r.of[0] }

// left is how much of the stretch here is not read yet.
func (r *reader) left() int {
	for len(r.of) > 0 && r.of[0].to <= r.at {
		r.of = r.of[1:]
	}
	return r.of[0].to - r.at
}

// walk hands on the words of spans. alone is the change of a station of one side;
// the words of the other side are passed over.
func (w *walker) walk(s station, spans []Span) {
	for _, p := range spans {
		old, new := p.Op != opAdded, p.Op != opRemoved
		if old && new && !(s.hasOld && s.hasNew) {
			w.side(s.hasOld, s.change, p.Text)
			continue
		}
		switch {
		case old && new:
			w.both(p.Text)
		case old && s.hasOld:
			w.side(true, deleted, p.Text)
		case new && s.hasNew:
			w.side(false, inserted, p.Text)
		}
	}
}

// side hands on words that one text has here.
func (w *walker) side(old bool, change, text string) {
	r := &w.new
	if old {
		r = &w.old
	}
	for text != "" {
		n := min(r.left(), len(text))
		w.one(change, text[:n], r.here())
		r.at, text = r.at+n, text[n:]
	}
}

func (w *walker) one(change, text string, at *stretch) {
	if at.part == joint {
		w.to.joint(change)
		return
	}
	w.to.take(at.part, atom{change, text, at.look, at.look})
}

// both hands on words that both texts have here. Where they stand in other parts
// or lead elsewhere they are deleted and inserted.
func (w *walker) both(text string) {
	for text != "" {
		n := min(w.old.left(), w.new.left(), len(text))
		x, y, words := w.old.here(), w.new.here(), text[:n]
		switch {
		case x.part == joint && y.part == joint:
			w.to.joint("")
		case x.part == joint || y.part == joint || x.link != y.link || x.part != y.part:
			w.one(deleted, words, x)
			w.one(inserted, words, y)
		default:
			w.to.take(y.part, atom{"", words, x.look, y.look})
		}
		w.old.at, w.new.at, text = w.old.at+n, w.new.at+n, text[n:]
	}
}
