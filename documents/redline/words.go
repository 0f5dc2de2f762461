package redline

// The operations of a span.
const (
	opSame    = "same"
	opRemoved = "removed"
	opAdded   = "added"
)

// spans compares two texts word by word; prefixA and prefixB are the lengths of
// their numbers.
func (m *matching) spans(a, b string, prefixA, prefixB int) []Span {
	if a == b {
		return flat(opSame, a)
	}
	head, tail := 0, 0
	if prefixA == prefixB && len(a)+len(b) > worthEnds {
		head, tail = ends(a, b, prefixA)
	}
	swapped := b < a // one order for both directions, whatever the texts around
	if swapped {
		a, b, prefixA, prefixB = b, a, prefixB, prefixA
	}
	w := &wording{matching: m, a: m.lexicon.last[0], b: m.lexicon.last[1]}
	w.a.read(m.lexicon, a, prefixA, head, tail)
	w.b.read(m.lexicon, b, prefixB, head, tail)
	m.lexicon.last = [2]passage{w.a, w.b}
	w.middle = head+tail > 0
	w.rows = w.alignCells()
	if !w.rows {
		w.align(0, len(w.a.units), 0, len(w.b.units), 0)
	}
	w.reach(len(w.a.of), len(w.b.of))
	w.slide()
	edits := w.sentences()
	if swapped {
		w.a, w.b = w.b, w.a
		for i, e := range edits {
			edits[i].a, edits[i].b = e.b, e.a
		}
	}
	return w.render(edits)
}

// worthEnds is how many bytes two texts have at least, so that looking for equal
// ends costs less than it saves.
const worthEnds = 400

// flat is a text of one operation.
func flat(op, text string) []Span {
	if text == "" {
		return []Span{}
	}
	return []Span{{op, text}}
}

// passage is a text as the words are compared: the tokens between its equal ends,
// the symbols that they compare by, and which of them are units, that is, more than
// spaces.
type passage struct {
	text  string
	head  int // where the tokens begin
	of    []token
	ids   []int32
	units []int32
}

// read cuts text into tokens, head and tail bytes at its ends left out.
func (p *passage) read(l *lexicon, text string, prefix, head, tail int) {
	s := text[head : len(text)-tail]
	if head > 0 {
		prefix = 0
	}
	p.text, p.head = text, head
	p.of, p.ids, p.units = appendTokens(p.of[:0], s, prefix), p.ids[:0], p.units[:0]
	number := min(prefix, 1) // one token, which is part of no phrase
	p.of = p.of[:number+len(phrases(s, p.of[number:]))]
	for i, t := range p.of {
		p.ids = append(p.ids, l.id(s[t.start:t.end], int(t.letters)))
		if c := s[t.start]; c != ' ' && c != '\n' || bordered(s[t.start:t.end]) {
			p.units = append(p.units, int32(i))
		}
		p.of[i].start, p.of[i].end = t.start+int32(head), t.end+int32(head)
	}
}

// unit returns the symbol of unit i.
func (p *passage) unit(i int) int32 { return p.ids[p.units[i]] }

// wording aligns the words of two texts.
type wording struct {
	*matching
	a, b   passage
	x, y   int // tokens that edits cover
	edits  []edit
	middle bool // equal ends are left out, half of the text or more
	rows   bool // compared cell by cell
}

// take records that units i and j are the same, and so all between what was taken
// before and them is an edit.
func (w *wording) take(i, j int) {
	w.reach(int(w.a.units[i]), int(w.b.units[j]))
	w.add(true, 1, 1)
}

// reach makes what stands before tokens x and y an edit, but for equal ends, which
// are spaces.
func (w *wording) reach(x, y int) {
	head, tail := 0, 0
	for w.x+head < x && w.y+head < y && w.a.ids[w.x+head] == w.b.ids[w.y+head] {
		head++
	}
	for w.x+head < x-tail && w.y+head < y-tail && w.a.ids[x-tail-1] == w.b.ids[y-tail-1] {
		tail++
	}
	w.add(true, head, head)
	w.add(false, x-tail-w.x, y-tail-w.y)
	w.add(true, tail, tail)
}

func (w *wording) add(equal bool, a, b int) {
	if a == 0 && b == 0 {
		return
	}
	w.x, w.y = w.x+a, w.y+b
	if n := len(w.edits); n > 0 && w.edits[n-1].equal == equal {
		w.edits[n-1].a += a
		w.edits[n-1].b += b
		return
	}
	w.edits = append(w.edits, edit{equal: equal, a: a, b: b})
}

// align aligns units i to j of a with units k to l of b: equal ends, then a table
// if the rest is small, else runs of words that stand once in both, and what lies
// between.
func (w *wording) align(i, j, k, l, depth int) {
	for i < j && k < l && w.a.unit(i) == w.b.unit(k) {
		w.take(i, k)
		i, k = i+1, k+1
	}
	tail := 0
	for i < j && k < l && w.a.unit(j-1) == w.b.unit(l-1) {
		j, l, tail = j-1, l-1, tail+1
	}
	switch cells := (j - i) * (l - k); {
	case cells == 0:
	case cells <= mostCells && w.afford(cells):
		w.table(i, j, k, l)
	default:
		w.anchored(i, j, k, l, depth)
	}
	for n := range tail {
		w.take(j+n, l+n)
	}
}

// mostCells is the size of the largest table.
const mostCells = 1 << 20

func (w *wording) afford(cells int) bool {
	if w.squares < cells {
		return false
	}
	w.squares -= cells
	return true
}

// regionCost is how many letters must stay the same between two edits, so that
// readers are shown two rather than one: two short words do not, a long one does.
const regionCost = 11

// table aligns units i to j of a with units k to l of b so that the most letters
// stay the same in the fewest runs: each edit costs as much as regionCost letters.
func (w *wording) table(i, j, k, l int) {
	const match, down, gap = 1, 2, 4 // in a gap: match, or down, or right; after a match: gap, or match
	cols := l - k
	ys := make([]int32, cols)
	for y := range ys {
		ys[y] = w.b.unit(k + y)
	}
	path := make([]uint8, (j-i)*cols)
	cost := int32(2 * regionCost)
	run, in := make([]int32, cols+1), make([]int32, cols+1) // the best after a match, and in a gap, from here to the end
	for y := range cols {
		run[y] = -cost
	}
	for x := j - i - 1; x >= 0; x-- {
		id := w.a.unit(i + x)
		weight := w.weight(id)
		row := path[x*cols : (x+1)*cols]
		diagonal := run[cols]
		run[cols] = -cost
		for y := cols - 1; y >= 0; y-- {
			best, way := in[y+1], uint8(0)
			if in[y] > best {
				best, way = in[y], down
			}
			same := int32(-1 << 30)
			if ys[y] == id {
				if same = diagonal + weight; same > best {
					best, way = same, match
				}
			}
			diagonal = run[y]
			in[y] = best
			if same >= best-cost {
				run[y] = same
			} else {
				run[y], way = best-cost, way|gap
			}
			row[y] = way
		}
	}
	w.walk(path, i, j, k, l)
}

// walk takes what the table found.
func (w *wording) walk(path []uint8, i, j, k, l int) {
	cols, in := l-k, false
	for x, y := 0, 0; x < j-i && y < cols; {
		switch way := path[x*cols+y]; {
		case !in && way&4 == 0, in && way&1 > 0:
			w.take(i+x, k+y)
			x, y, in = x+1, y+1, false
		case !in:
			in = true
		case way&2 > 0:
			x++
		default:
			y++
		}
	}
}

// weight of a unit in half letters; signs have one, so that they stay in place.
func (w *wording) weight(id int32) int32 { return max(1, 2*w.lexicon.letters[id]) }

// anchored cuts long texts at runs of words that stand once in both.
func (w *wording) anchored(i, j, k, l, depth int) {
	for _, run := range []int{5, 3} {
		if depth > 24 {
			break
		}
		links := w.anchors(i, j, k, l, run)
		if len(links) == 0 {
			continue
		}
		x, y := i, k
		for _, a := range links {
			if a.i < x || a.j < y {
				continue // lies in what the last one already covers
			}
			w.align(x, a.i, y, a.j, depth+1)
			for n := range run {
				w.take(a.i+n, a.j+n)
			}
			x, y = a.i+run, a.j+run
		}
		w.align(x, j, y, l, depth+1)
		return
	}
	w.striped(i, j, k, l)
}

// striped halves what has no anchors until tables of stripe units are small enough:
// right where little was inserted, and never wrong.
func (w *wording) striped(i, j, k, l int) {
	if j-i > stripe || l-k > stripe {
		x, y := (i+j)/2, (k+l)/2
		w.striped(i, x, k, y)
		w.striped(x, j, y, l)
		return
	}
	if cells := (j - i) * (l - k); cells > 0 && w.afford(cells) {
		w.table(i, j, k, l)
	}
}

const stripe = 256

// anchors finds runs of n units that stand once in i to j and once in k to l.
func (w *wording) anchors(i, j, k, l, n int) []link {
	type seen struct{ a, b, at int }
	count := map[uint64]seen{}
	for at, h := range w.a.runs(i, j, n) {
		c := count[h]
		count[h] = seen{c.a + 1, 0, at}
	}
	var links []link
	ys := map[uint64]int{}
	for at, h := range w.b.runs(k, l, n) {
		if c, ok := count[h]; ok {
			c.b++
			count[h] = c
			ys[h] = at
		}
	}
	for at, h := range w.a.runs(i, j, n) {
		if c := count[h]; c.a == 1 && c.b == 1 && w.equal(i+at, k+ys[h], n) {
			links = append(links, link{i + at, k + ys[h], 1})
		}
	}
	return chain(links)
}

func (w *wording) equal(x, y, n int) bool {
	for d := range n {
		if w.a.unit(x+d) != w.b.unit(y+d) {
			return false
		}
	}
	return true
}

// runs hashes every n units in a row of those from i to j.
func (p *passage) runs(i, j, n int) []uint64 {
	if j-i < n {
		return nil
	}
	const base = 0x9e3779b97f4a7c15
	out := make([]uint64, 0, j-i-n+1)
	top, h := uint64(1), uint64(0)
	for range n {
		top *= base
	}
	for x := i; x < j; x++ {
		h = h*base + uint64(p.unit(x)) + 1
		if x >= i+n {
			h -= top * (uint64(p.unit(x-n)) + 1)
		}
		if x >= i+n-1 {
			out = append(out, h)
		}
	}
	return out
}
