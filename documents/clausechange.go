package documents

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// ClauseChange is what became of one clause from one version to another.
type ClauseChange struct {
	// Clause is as the later version has it, or the earlier one if it is gone. The
	// text before the first clause has no ID.
	Clause Clause
	Was    string       // its number in the earlier version, "" if it was not there
	Kind   redline.Kind // added, removed, changed, moved or renumbered, the first that holds
	// Moved and Renumbered hold beside the kind. A clause is of the kind renumbered
	// with one number if only references in it followed those of others.
	Moved, Renumbered bool
}

// pair is two versions in one language.
type pair struct {
	old, new       Text
	before, parsed *markdown.Text
}

// compare is the redline of the pair, its clauses aligned by their ids first.
func (p pair) compare() *redline.Redline {
	return redline.Compare(p.before, p.parsed, continuing(p.old, p.new, p.before, p.parsed)...)
}

// continuing are the clauses of one text whose ids another has, too. The clause
// maps know them by their lines.
func continuing(old, new Text, before, parsed *markdown.Text) (known []redline.Pair) {
	at := make(map[string]int, len(parsed.Clauses))
	ids := byFirstLine(new.Clauses)
	for j, c := range parsed.Clauses {
		at[ids[c.First]] = j
	}
	ids = byFirstLine(old.Clauses)
	for i, c := range before.Clauses {
		if j, ok := at[ids[c.First]]; ok && ids[c.First] != "" {
			known = append(known, redline.Pair{Old: i, New: j})
		}
	}
	return known
}

func byFirstLine(clauses []Clause) map[int]string {
	out := make(map[int]string, len(clauses))
	for _, c := range clauses {
		out[c.First] = c.ID
	}
	return out
}

// pair reads two versions in a language.
func (l *Library) pair(ctx context.Context, document string, a, b int, tag string) (pair, error) {
	return (&reading{l: l, document: document, tag: tag}).pair(ctx, a, b)
}

// reading reads versions of a document in a language, and still knows the last
// two that were asked for.
type reading struct {
	l             *Library
	document, tag string
	last          [2]read
}

type read struct {
	number int
	text   Text
	parsed *markdown.Text
}

// version forgets for it what is not beside.
func (r *reading) version(ctx context.Context, number, beside int) (read, error) {
	for _, one := range r.last {
		if one.number == number && one.parsed != nil {
			return one, nil
		}
	}
	text, parsed, err := r.l.parsed(ctx, r.document, number, r.tag)
	if err != nil {
		return read{}, err
	}
	one := read{number, text, parsed}
	if r.last[0].number == beside {
		r.last[1] = one
	} else {
		r.last[0] = one
	}
	return one, nil
}

// pair reads each version once, whether one goes up through them or down.
func (r *reading) pair(ctx context.Context, a, b int) (pair, error) {
	new, err := r.version(ctx, b, a)
	if err != nil {
		return pair{}, err
	}
	old, err := r.version(ctx, a, b)
	return pair{old.text, new.text, old.parsed, new.parsed}, err
}

func (l *Library) parsed(ctx context.Context, document string, number int, tag string) (Text, *markdown.Text, error) {
	t, err := l.text(ctx, document, number, tag)
	if err != nil {
		return t, nil, err
	}
	parsed, err := parse(t.Source)
	if err != nil {
		err = fmt.Errorf("%s in %s: %w", in(document, number), tag, err)
	}
	return t, parsed, err
}

// changes tells what became of the clauses from version a of t to version b, from
// memory if that was asked before.
func (r *reading) changes(ctx context.Context, t Timeline, a, b int) ([]ClauseChange, error) {
	if known, ok := r.known(t, a, b); ok {
		return known, nil
	}
	_, _, found, err := r.compared(ctx, t, a, b)
	return found, err
}

func (r *reading) known(t Timeline, a, b int) ([]ClauseChange, bool) {
	return r.l.changed.get(r.changesKey(t, a, b))
}

func (r *reading) changesKey(t Timeline, a, b int) string {
	return fmt.Sprintf("%s %d %d", lineageKey(t, r.tag), a, b)
}

// compared is changes with the redline and what it is of.
func (r *reading) compared(ctx context.Context, t Timeline, a, b int) (pair, *redline.Redline, []ClauseChange, error) {
	p, err := r.pair(ctx, a, b)
	if err != nil {
		return p, nil, nil, err
	}
	line := p.compare()
	found := p.changes(line)
	r.l.changed.put(r.changesKey(t, a, b), found, 1+len(found))
	return p, line, found, nil
}

// changes sorts the entries of line by clause: those of the new text in order,
// then those that are gone.
func (p pair) changes(line *redline.Redline) []ClauseChange {
	c := comparing{pair: p, was: byID(p.old.Clauses), is: byID(p.new.Clauses), tallies: map[string]*tally{}}
	c.equal = c.untouched()
	for i := range line.Changes {
		c.take(&line.Changes[i])
	}
	var out []ClauseChange
	for _, now := range append([]Clause{{}}, p.new.Clauses...) {
		was, had := c.was[now.ID]
		if !had {
			out = append(out, ClauseChange{Clause: now, Kind: redline.Added})
			continue
		}
		if change, ok := c.verdict(was, now); ok {
			out = append(out, change)
		}
	}
	for _, was := range p.old.Clauses {
		if _, has := c.is[was.ID]; !has {
			out = append(out, ClauseChange{Clause: was, Was: was.Number, Kind: redline.Removed})
		}
	}
	return out
}

// comparing is the work of pair.changes.
type comparing struct {
	pair
	was, is map[string]Clause // by id
	tallies map[string]*tally
	equal   map[string]bool // clauses whose bytes are equal: they can have moved, no more
}

// tally counts the entries with words of a clause that both texts have.
type tally struct{ all, changed, moved, renumbered int }

func byID(clauses []Clause) map[string]Clause {
	out := map[string]Clause{"": {}}
	for _, c := range clauses {
		out[c.ID] = c
	}
	return out
}

func (c *comparing) untouched() map[string]bool {
	old, out := map[Mark]bool{}, map[string]bool{}
	for _, m := range TraceOf(0, c.old).Marks {
		old[m] = true
	}
	for _, m := range TraceOf(0, c.new).Marks {
		if old[m] {
			out[m.ID] = true
		}
	}
	return out
}

func (c *comparing) take(e *redline.Entry) {
	if len(e.Spans) == 0 && len(e.Details) == 0 {
		return // readers see no words of it
	}
	was, is := within(c.old.Clauses, e.OldLines), within(c.new.Clauses, e.NewLines)
	for _, id := range was {
		c.touch(id, e, slices.Contains(is, id))
	}
	for _, id := range is {
		if !slices.Contains(was, id) {
			c.touch(id, e, false)
		}
	}
}

// touch notes what e does to a clause; stays tells whether e is about words that
// the clause had and has.
func (c *comparing) touch(id string, e *redline.Entry, stays bool) {
	t := c.tallies[id]
	if t == nil {
		t = &tally{}
		c.tallies[id] = t
	}
	t.all++
	if !stays || e.Kind == redline.Changed {
		t.changed++
	}
	if e.Kind == redline.Moved || e.Moved {
		t.moved++
	}
	if e.Kind == redline.Renumbered || e.Renum {
		t.renumbered++
	}
}

// verdict says what became of a clause that both texts have. Where only a part of
// it moved, within it, it has changed.
func (c *comparing) verdict(was, now Clause) (ClauseChange, bool) {
	t := c.tallies[now.ID]
	if t == nil {
		return ClauseChange{}, false
	}
	out := ClauseChange{Clause: now, Was: was.Number, Moved: t.moved > 0, Renumbered: was.Number != now.Number}
	switch same := c.equal[now.ID]; {
	case !same && (t.changed > 0 || t.moved > 0 && t.moved < t.all):
		out.Kind, out.Moved = redline.Changed, t.moved == t.all
	case t.moved > 0:
		out.Kind, out.Moved = redline.Moved, false
	case !same && t.renumbered > 0:
		out.Kind, out.Renumbered = redline.Renumbered, false
	}
	return out, out.Kind != ""
}

// within lists the ids of the clauses that hold lines, "" before the first.
func within(clauses []Clause, lines *[2]int) []string {
	if lines == nil {
		return nil
	}
	behind := func(line int) int {
		return sort.Search(len(clauses), func(i int) bool { return clauses[i].First > line })
	}
	first, last := behind(lines[0]), behind(lines[1])
	out := make([]string, 0, last-first+1)
	for i := first; i <= last; i++ {
		if i == 0 {
			out = append(out, "")
		} else {
			out = append(out, clauses[i-1].ID)
		}
	}
	return out
}

// about is line with the entries of one clause alone.
func (p pair) about(line *redline.Redline, id string) *redline.Redline {
	return line.Only(func(e redline.Entry) bool {
		return slices.Contains(within(p.old.Clauses, e.OldLines), id) || slices.Contains(within(p.new.Clauses, e.NewLines), id)
	})
}
