package redline

import (
	"slices"

	"vestnik/documents/markdown"
)

// change is what one heading tells of: a run of entries that belong together.
type change struct {
	unit
	entries []Entry  // as Changes has them, quiet ones between included
	loud    []*Entry // those of them in which readers see a difference
	shown   Kind     // one kind for all of them
}

// unit says which entries belong together. Its kind is Same for what readers see
// no difference in, Renumbered for numbers and references that follow, Added and
// Removed for whole clauses with what is below them, else Changed or Moved.
type unit struct {
	kind Kind
	at   [2]int // the clause of the old text and of the new one, start or gone
	part bool   // the clause of the old text goes on elsewhere: some of it came here
	// shift is for headings that rose or sank by so many levels, wherever they are;
	// they have no entries here but where they stand.
	shift int
}

const (
	start = -1 // before the first clause
	gone  = -2 // the clause does not exist on that side
)

// changes parts all entries into changes, in order.
func (r *Redline) changes() []change {
	g := newGround(r)
	var units []unit
	var ends []int
	for i := range r.Changes {
		if by := r.shiftAt(i); by != 0 {
			units, ends = append(units, unit{kind: Changed, at: [2]int{gone, gone}, shift: by}), append(ends, i)
		}
		u := g.unit(&r.Changes[i])
		n := len(units)
		switch {
		case n > 0 && units[n-1] == u:
			ends[n-1] = i + 1
		case u.kind != Same && n > 1 && units[n-1].kind == Same && units[n-2] == u:
			units, ends = units[:n-1], ends[:n-1]
			ends[n-2] = i + 1
		default:
			units, ends = append(units, u), append(ends, i+1)
		}
	}
	out := make([]change, len(units))
	from := 0
	for n, u := range units {
		out[n] = r.change(u, r.Changes[from:ends[n]])
		from = ends[n]
	}
	return out
}

func (r *Redline) change(u unit, entries []Entry) change {
	c := change{unit: u, entries: entries, shown: u.kind}
	if u.kind == Same {
		return c
	}
	if u.shift != 0 {
		for _, i := range r.shifted[u.shift] {
			c.loud = append(c.loud, &r.Changes[i])
		}
		return c
	}
	moved := true
	for i := range entries {
		if e := &entries[i]; !(speech{Redline: r}).unseen(e) {
			c.loud = append(c.loud, e)
			moved = moved && e.Kind == Moved
		}
	}
	if u.kind == Moved || u.kind == Changed {
		if c.shown = Changed; moved {
			c.shown = Moved
		}
	}
	return c
}

// linesOnly tells whether c is nothing but dividing lines that came, went or moved.
func (s speech) linesOnly(c change) bool {
	if c.kind == Same {
		return false
	}
	for _, e := range c.loud {
		if s.block(e).Kind != markdown.Break || len(e.Details) > 0 {
			return false
		}
	}
	return true
}

// ground is what became of the clauses.
type ground struct {
	*Redline
	partner [2][]int // by clause of a side: the one of the other that holds most of it
	whole   [2][]int // the outermost clause around it that came, went or moved as a whole, or gone
	moved   []bool   // by clause of the new text: all of it moved
	touched []bool   // by clause of the new text, after what is before the first: more than numbers differ in it
}

func newGround(r *Redline) *ground {
	g := &ground{Redline: r, partner: r.partners(), touched: r.touched()}
	var alone [2][]bool
	alone[0], alone[1], g.moved = r.wholes()
	g.whole[0] = outermost(alone[0], func(c int) int { return r.old.Clauses[c].Parent })
	g.whole[1] = outermost(alone[1], func(c int) int { return r.new.Clauses[c].Parent })
	moved := outermost(g.moved, func(c int) int { return r.new.Clauses[c].Parent })
	for c, top := range moved {
		if top != gone {
			g.whole[1][c] = top
		}
	}
	return g
}

// unit tells where e belongs.
func (g *ground) unit(e *Entry) unit {
	switch {
	case (speech{Redline: g.Redline}).unseen(e):
		return unit{kind: Same}
	case e.Kind == Renumbered && !g.isTouched(e):
		return unit{kind: Renumbered}
	case len(e.NewBlocks) == 0:
		return g.unitOf(0, g.old.Blocks[e.OldBlocks[0]].Clause)
	}
	return g.unitOf(1, g.new.Blocks[e.NewBlocks[0]].Clause)
}

func (g *ground) isTouched(e *Entry) bool {
	return g.touched[g.new.Blocks[e.NewBlocks[0]].Clause+1]
}

// touched tells of what is before the first clause of the new text, and of each
// clause, whether more than numbers differ in its own words.
func (r *Redline) touched() []bool {
	out := make([]bool, 1+len(r.new.Clauses))
	for i := range r.Changes {
		e := &r.Changes[i]
		if len(e.NewBlocks) > 0 && !e.quiet() && !e.folded && e.Kind != Renumbered && len(e.Spans) > 0 {
			out[r.new.Blocks[e.NewBlocks[0]].Clause+1] = true
		}
	}
	return out
}

// unitOf is the unit of what differs in clause c of a side.
func (g *ground) unitOf(side, c int) unit {
	kind := Changed
	if c >= 0 && g.whole[side][c] != gone {
		c = g.whole[side][c]
		switch {
		case side == 1 && g.moved[c]:
			kind = Moved
		case side == 1:
			return unit{kind: Added, at: [2]int{gone, c}}
		default:
			return unit{kind: Removed, at: [2]int{c, gone}}
		}
	}
	at := [2]int{c, c}
	if at[1-side] = start; c >= 0 {
		at[1-side] = g.partner[side][c]
	}
	part := at[0] >= 0 && at[1] >= 0 && g.partner[1-side][at[1-side]] != c
	switch {
	case side == 0 && part: // what is left of it stands in other clauses
		return unit{kind: Removed, at: [2]int{c, gone}}
	case side == 0 && at[1] == gone: // removed, what is below it stays
		kind = Removed
	case side == 1 && at[0] == gone:
		kind = Added
	}
	return unit{kind: kind, at: at, part: part}
}

// partners finds for each clause the one of the other text that begins with its
// heading, else that holds most of its own words; the first of several.
func (r *Redline) partners() [2][]int {
	weight := map[[2]int]int{}
	var pairs [][2]int
	for i := range r.Changes {
		e := &r.Changes[i]
		if len(e.OldBlocks) == 0 || len(e.NewBlocks) == 0 {
			continue
		}
		p := [2]int{r.old.Blocks[e.OldBlocks[0]].Clause, r.new.Blocks[e.NewBlocks[0]].Clause}
		if weight[p] == 0 {
			pairs = append(pairs, p)
		}
		weight[p] += 1 + len(r.new.Blocks[e.NewBlocks[0]].Text)
		if leads(r.old, e.OldBlocks[0]) && leads(r.new, e.NewBlocks[0]) {
			weight[p] += len(r.old.Source) + len(r.new.Source)
		}
	}
	out := [2][]int{slices.Repeat([]int{gone}, len(r.old.Clauses)), slices.Repeat([]int{gone}, len(r.new.Clauses))}
	for side := range out {
		most := make([]int, len(out[side]))
		for _, p := range pairs {
			if c := p[side]; c >= 0 && weight[p] > most[c] {
				out[side][c], most[c] = p[1-side], weight[p]
			}
		}
	}
	return out
}

// leads tells whether block b begins its clause.
func leads(t *markdown.Text, b int) bool {
	c := t.Blocks[b].Clause
	return c >= 0 && t.Clauses[c].First == t.Blocks[b].First
}

// wholes tells of each clause whether all of it, with what is below it, was
// removed (of the old text), or was added or moved (of the new one).
func (r *Redline) wholes() (removed, added, moved []bool) {
	removed, added, moved = allTrue(len(r.old.Clauses)), allTrue(len(r.new.Clauses)), allTrue(len(r.new.Clauses))
	for i := range r.Changes {
		e := &r.Changes[i]
		if len(e.Spans) == 0 {
			continue // nobody sees it
		}
		for _, b := range e.OldBlocks {
			unless(removed, r.old.Blocks[b].Clause, e.Kind == Removed)
		}
		for _, b := range e.NewBlocks {
			unless(added, r.new.Blocks[b].Clause, e.Kind == Added)
			unless(moved, r.new.Blocks[b].Clause, e.Kind == Moved || e.Moved)
		}
	}
	upward(removed, func(c int) int { return r.old.Clauses[c].Parent })
	upward(added, func(c int) int { return r.new.Clauses[c].Parent })
	upward(moved, func(c int) int { return r.new.Clauses[c].Parent })
	return removed, added, moved
}

func allTrue(n int) []bool { return slices.Repeat([]bool{true}, n) }

// unless takes the mark from clause c unless it keeps it.
func unless(marks []bool, c int, keep bool) {
	if c >= 0 && !keep {
		marks[c] = false
	}
}

// upward takes the mark from each clause that holds one without it. Parents come
// before their children.
func upward(marks []bool, parent func(int) int) {
	for c := len(marks) - 1; c >= 0; c-- {
		if p := parent(c); p >= 0 && !marks[c] {
			marks[p] = false
		}
	}
}

// outermost returns for each marked clause the outermost marked one around it, and
// gone for the others.
func outermost(marks []bool, parent func(int) int) []int {
	out := make([]int, len(marks))
	for c, marked := range marks {
		switch p := parent(c); {
		case !marked:
			out[c] = gone
		case p >= 0 && marks[p]:
			out[c] = out[p]
		default:
			out[c] = c
		}
	}
	return out
}
