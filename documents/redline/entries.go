package redline

import (
	"bytes"
	"slices"
	"strings"

	"vestnik/documents/markdown"
)

// listing makes the entries. What they point into is allocated at once.
type listing struct {
	*matching
	old, new *side
	moved    []bool // by block of a
	out      []Entry
	lines    [][2]int
	spans    []Span
	blocks   []int // 0, 1, 2…
}

// entries turns the pairs into entries, in the order of the new text, each
// removed block right after the entry of its predecessor. The new text is a
// where the texts are swapped.
func (m *matching) entries(swapped bool) []Entry {
	l := &listing{matching: m, old: m.a, new: m.b, moved: m.moves()}
	if swapped {
		l.old, l.new = m.b, m.a
	}
	l.allocate()
	l.removed(0)
	for y, x := range l.new.pair {
		if x < 0 {
			l.add(l.alone(l.new, y, Added, opAdded))
			continue
		}
		was, is := l.group(x, y)
		if is[0] != y {
			continue // a part that is not the first
		}
		if swapped {
			e := l.entry(is, was)
			e.mirror()
			l.add(e)
		} else {
			l.add(l.entry(was, is))
		}
		l.removed(was[len(was)-1] + 1)
	}
	return l.out
}

func (l *listing) allocate() {
	n, k := len(l.old.pair), len(l.new.pair)
	l.blocks = make([]int, max(n, k))
	for i := range l.blocks {
		l.blocks[i] = i
	}
	for _, j := range l.old.pair {
		if j < 0 {
			k++
		}
	}
	l.out, l.lines, l.spans = make([]Entry, 0, k), make([][2]int, 0, 2*k), make([]Span, 0, k)
}

func (l *listing) add(e Entry) { l.out = append(l.out, e) }

// removed lists the run of removed blocks of the old text that begins at i.
func (l *listing) removed(i int) {
	for ; i < len(l.old.pair) && l.old.pair[i] < 0; i++ {
		l.add(l.alone(l.old, i, Removed, opRemoved))
	}
}

// group returns the blocks of the old and the new text that one entry holds.
func (l *listing) group(x, y int) (was, is []int) {
	split, joined := l.parts[x], l.joined[y]
	if l.old != l.a {
		split, joined = l.joined[x], l.parts[y]
	}
	switch {
	case joined != nil:
		return joined, l.one(y)
	case split != nil:
		return l.one(x), split
	}
	return l.one(x), l.one(y)
}

func (l *listing) one(i int) []int { return l.blocks[i : i+1 : i+1] }

// extent is the range of lines of some blocks of s.
func (l *listing) extent(s *side, of []int) *[2]int {
	l.lines = append(l.lines, [2]int{s.Blocks[of[0]].First, s.Blocks[of[len(of)-1]].Last})
	return &l.lines[len(l.lines)-1]
}

// flat is a text of one operation.
func (l *listing) flat(op, text string) []Span {
	if text == "" {
		return []Span{}
	}
	l.spans = append(l.spans, Span{op, text})
	return l.spans[len(l.spans)-1 : len(l.spans) : len(l.spans)]
}

// moves finds the pairs that left the order of the others, by block of a. Blocks
// without words are unpaired instead.
func (m *matching) moves() []bool {
	out := m.staying()
	for i := range out {
		j := m.a.pair[i]
		if at, end := m.middle(m.a); j < 0 || i < at || i >= end {
			out[i] = false
			continue
		}
		out[i] = !out[i]
		if out[i] && m.a.silent(i) {
			m.a.pair[i], m.b.pair[j], out[i] = -1, -1, false
		}
	}
	return out
}

// alone is an entry of one side.
func (l *listing) alone(s *side, i int, kind Kind, op string) Entry {
	e := Entry{Kind: kind, Spans: l.flat(op, s.Blocks[i].Text)}
	if lines, of := l.extent(s, l.one(i)), l.one(i); kind == Removed {
		e.OldClause, e.OldLines, e.OldBlocks = s.clause(i), lines, of
	} else {
		e.NewClause, e.NewLines, e.NewBlocks = s.clause(i), lines, of
	}
	return e
}

// entry is that of blocks of both sides, seen from a to b.
func (l *listing) entry(a, b []int) Entry {
	e := Entry{
		OldClause: l.a.clause(a[0]), NewClause: l.b.clause(b[0]),
		OldLines: l.extent(l.a, a), NewLines: l.extent(l.b, b),
		OldBlocks: a, NewBlocks: b,
	}
	switch x, y := &l.a.Blocks[a[0]], &l.b.Blocks[b[0]]; {
	case len(a)+len(b) > 2:
		l.together(&e)
	case x.Hidden() || y.Hidden():
		e.Spans = []Span{}
		e.mark(false, l.moved[a[0]], false, !bytes.Equal(l.a.raw[a[0]], l.b.raw[b[0]]))
	case alikeToReaders(x, y):
		e.Spans = l.flat(opSame, x.Text)
		e.mark(false, l.moved[a[0]], false, !bytes.Equal(l.a.raw[a[0]], l.b.raw[b[0]]))
	default:
		l.both(&e, a[0], b[0])
	}
	return e
}

// alikeToReaders tells whether two blocks look the same in every respect.
func alikeToReaders(x, y *markdown.Block) bool {
	return x.Text == y.Text && x.Number == y.Number && x.Kind == y.Kind && x.Level == y.Level && x.Form == y.Form && slices.Equal(x.Marks, y.Marks)
}

// together makes e the entry of a split or a join.
func (l *listing) together(e *Entry) {
	x, y := l.a.read(e.OldBlocks), l.b.read(e.NewBlocks)
	x, _ = l.following(x, y)
	e.Kind, e.Moved, e.Renum = Changed, l.moved[e.OldBlocks[0]], renumbered(x, y)
	if len(e.NewBlocks) > 1 {
		e.Split = len(e.NewBlocks)
	} else {
		e.Joined = len(e.OldBlocks)
	}
	e.Spans = l.matching.spans(x.text, y.text, len(x.number), len(y.number))
	e.Details = details(x, y, e.Spans)
}

// both makes e the entry of block i that continues as block j.
func (l *listing) both(e *Entry, i, j int) {
	x, y := l.a.read(e.OldBlocks), l.b.read(e.NewBlocks)
	x, followed := l.following(x, y)
	e.Spans = l.compared(i, j)
	e.Details = details(x, y, e.Spans)
	changed, numbered, reformatted := len(e.Details) > 0, renumbered(x, y), false
	switch {
	case changed:
	case x.text == y.text && followed:
		numbered = true
	case x.text == y.text:
		reformatted = !bytes.Equal(l.a.raw[i], l.b.raw[j])
	case l.follows(l.a.body(i), l.b.body(j)):
		reformatted = x.number != "" && y.number != "" && l.a.body(i) == l.b.body(j) && bare(string(l.a.raw[i]), x.number) != bare(string(l.b.raw[j]), y.number)
		numbered = true
	default:
		changed = true
	}
	e.mark(changed, l.moved[i], numbered, reformatted)
	e.counted = e.Kind == Renumbered && x.number != y.number && x.text != y.text && l.a.body(i) == l.b.body(j) && l.a.number(i) == l.b.number(j)
}

// renumbered tells whether a reader sees another number. What is a number in one
// text may be the same words in the other.
func renumbered(x, y reading) bool {
	return x.number != y.number && !(strings.HasPrefix(x.text, y.number) && strings.HasPrefix(y.text, x.number))
}

// bare is the source of a block without its number.
func bare(raw, number string) string { return strings.TrimSpace(strings.Replace(raw, number, "", 1)) }

// mark gives e the first kind that holds, and the others as flags.
func (e *Entry) mark(changed, moved, renumbered, reformatted bool) {
	e.Moved, e.Renum, e.Reform = moved, renumbered, reformatted
	switch {
	case changed:
		e.Kind = Changed
	case moved:
		e.Kind, e.Moved = Moved, false
	case renumbered:
		e.Kind, e.Renum = Renumbered, false
	case reformatted:
		e.Kind, e.Reform = Reformatted, false
	default:
		e.Kind = Same
	}
}

// mirror turns an entry of both sides round.
func (e *Entry) mirror() {
	e.OldClause, e.NewClause = e.NewClause, e.OldClause
	e.OldLines, e.NewLines = e.NewLines, e.OldLines
	e.OldBlocks, e.NewBlocks = e.NewBlocks, e.OldBlocks
	e.Split, e.Joined = e.Joined, e.Split
	if len(e.Spans) > 1 || len(e.Spans) == 1 && e.Spans[0].Op != opSame {
		e.Spans = turned(e.Spans)
	}
	for i, d := range e.Details {
		e.Details[i].Old, e.Details[i].New = d.New, d.Old
	}
}

func (s *Summary) count(k Kind) {
	switch k {
	case Same:
		s.Same++
	case Changed:
		s.Changed++
	case Added:
		s.Added++
	case Removed:
		s.Removed++
	case Moved:
		s.Moved++
	case Renumbered:
		s.Renumbered++
	case Reformatted:
		s.Reformatted++
	}
}
