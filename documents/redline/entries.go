package redline

import (
	"slices"
	"strings"

	"vestnik/documents/markdown"
)

// entries turns the pairs into entries, in no order yet.
func (m *matching) entries() []Entry {
	moved := m.moved()
	var out []Entry
	for i, j := range m.a.pair {
		switch {
		case j < 0:
			out = append(out, m.alone(m.a, i, Removed, opRemoved))
		case m.joined[j] != nil:
			if m.joined[j][0] == i {
				out = append(out, m.together(m.joined[j], []int{j}, moved[i]))
			}
		case m.parts[i] != nil:
			out = append(out, m.together([]int{i}, m.parts[i], moved[i]))
		default:
			out = append(out, m.both(i, j, moved[i]))
		}
	}
	for j, i := range m.b.pair {
		if i < 0 {
			out = append(out, m.alone(m.b, j, Added, opAdded))
		}
	}
	return out
}

// moved finds the pairs that left the order of the others. Blocks without words
// are unpaired instead.
func (m *matching) moved() map[int]bool {
	stay := map[int]bool{}
	for _, l := range m.inOrder() {
		stay[l.i] = true
	}
	out := map[int]bool{}
	for i, j := range m.a.pair {
		if j < 0 || stay[i] {
			continue
		}
		if m.a.silent(i) {
			m.a.pair[i], m.b.pair[j] = -1, -1
			continue
		}
		out[i] = true
	}
	return out
}

// alone is an entry of one side.
func (m *matching) alone(s *side, i int, kind Kind, op string) Entry {
	lines := &[2]int{s.Blocks[i].First, s.Blocks[i].Last}
	e := Entry{Kind: kind, Spans: flat(op, s.Blocks[i].Text)}
	if s == m.a {
		e.OldClause, e.OldLines, e.OldBlocks = s.clause(i), lines, []int{i}
	} else {
		e.NewClause, e.NewLines, e.NewBlocks = s.clause(i), lines, []int{i}
	}
	return e
}

// frame fills in what an entry of both sides says of its places.
func (m *matching) frame(a, b []int) Entry {
	return Entry{
		OldClause: m.a.clause(a[0]), NewClause: m.b.clause(b[0]),
		OldLines:  &[2]int{m.a.Blocks[a[0]].First, m.a.Blocks[a[len(a)-1]].Last},
		NewLines:  &[2]int{m.b.Blocks[b[0]].First, m.b.Blocks[b[len(b)-1]].Last},
		OldBlocks: a, NewBlocks: b,
	}
}

// together is the entry of a split or a join.
func (m *matching) together(a, b []int, moved bool) Entry {
	e := m.frame(a, b)
	x, y := m.a.read(a), m.b.read(b)
	e.Kind, e.Moved, e.Renum = Changed, moved, renumbered(x, y)
	if len(b) > 1 {
		e.Split = len(b)
	} else {
		e.Joined = len(a)
	}
	e.Spans = m.spans(x.text, y.text, len(x.number), len(y.number))
	e.Details = details(x, y, e.Spans)
	return e
}

// both is the entry of block i that continues as block j.
func (m *matching) both(i, j int, moved bool) Entry {
	e := m.frame([]int{i}, []int{j})
	bytesEqual := m.a.raw[i] == m.b.raw[j]
	if m.a.Blocks[i].Hidden() || m.b.Blocks[j].Hidden() {
		e.Spans = []Span{}
		e.mark(false, moved, false, !bytesEqual)
		return e
	}
	x, y := m.a.read(e.OldBlocks), m.b.read(e.NewBlocks)
	e.Spans = m.compared(i, j)
	e.Details = details(x, y, e.Spans)
	changed, numbered, reformatted := len(e.Details) > 0, renumbered(x, y), false
	switch {
	case changed:
	case x.text == y.text:
		reformatted = !bytesEqual
	case m.follows(m.a.body[i], m.b.body[j]):
		reformatted = x.number != "" && y.number != "" && m.a.body[i] == m.b.body[j] && bare(m.a.raw[i], x.number) != bare(m.b.raw[j], y.number)
		numbered = true
	default:
		changed = true
	}
	e.mark(changed, moved, numbered, reformatted)
	return e
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

// mirror is e seen from the other direction.
func (e Entry) mirror() Entry {
	e.OldClause, e.NewClause = e.NewClause, e.OldClause
	e.OldLines, e.NewLines = e.NewLines, e.OldLines
	e.OldBlocks, e.NewBlocks = e.NewBlocks, e.OldBlocks
	e.Split, e.Joined = e.Joined, e.Split
	switch e.Kind {
	case Added:
		e.Kind = Removed
	case Removed:
		e.Kind = Added
	}
	e.Spans = turned(e.Spans)
	e.Details = slices.Clone(e.Details)
	for i, d := range e.Details {
		e.Details[i].Old, e.Details[i].New = d.New, d.Old
	}
	return e
}

// order lists entries as the new text has them, each removed block right after
// the entry of its predecessor.
func order(entries []Entry, old, new *markdown.Text) []Entry {
	byNew, byOld := make([]int, len(new.Blocks)), make([]int, len(old.Blocks))
	for n, e := range entries {
		for _, i := range e.OldBlocks {
			byOld[i] = n
		}
		for _, j := range e.NewBlocks {
			byNew[j] = n
		}
	}
	out := make([]Entry, 0, len(entries))
	removed := func(from int) {
		for i := from; i < len(byOld) && entries[byOld[i]].Kind == Removed; i++ {
			out = append(out, entries[byOld[i]])
		}
	}
	removed(0)
	for j, n := range byNew {
		e := entries[n]
		if e.NewBlocks[0] != j {
			continue
		}
		out = append(out, e)
		if k := len(e.OldBlocks); k > 0 {
			removed(e.OldBlocks[k-1] + 1)
		}
	}
	return out
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
