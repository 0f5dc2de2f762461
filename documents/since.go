package documents

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"vestnik/documents/redline"
)

// Since is what happened between two versions, clause by clause.
type Since struct {
	Versions []int // those between the two that can be read and were not withdrawn
	// Clauses are those of the newer text in order, then those that are gone. None
	// are named if no version lies between.
	Clauses []ClauseSince
	// Many: so many versions lie between, or so much happened, that no clause is
	// named.
	Many bool
}

// ClauseSince is in which versions a clause changed.
type ClauseSince struct {
	// Clause is as the newer text has it, else as the last version that had it.
	Clause Clause
	Steps  []ClauseStep // by version
	// Undone: between the two versions nothing of it differs. What one version
	// did, another took back.
	Undone bool
}

// ClauseStep is what one version did to a clause, compared with another.
type ClauseStep struct {
	ClauseChange
	Version, Before int
}

const (
	mostBetween  = 100      // how many versions between two are compared one by one
	mostTexts    = 16 << 20 // how many bytes they have, if each is like the newer one
	mostHappened = 10_000   // how many changes of clauses are named
)

// Since says for two versions, in either order, in which of the versions between
// them, and in the newer one, each clause changed.
func (l *Library) Since(ctx context.Context, document string, a, b int, tag string) (Since, error) {
	t, err := l.Timeline(ctx, document, time.Time{})
	if err != nil {
		return Since{}, err
	}
	w := walk{reading: reading{l: l, document: document, tag: tag}, t: t, from: min(a, b), to: max(a, b), same: map[string]string{}, at: map[string]int{}}
	if err := w.along(ctx); err != nil {
		return Since{}, fmt.Errorf("%s to %s: %w", in(document, w.from), in(document, w.to), err)
	}
	return w.out, nil
}

// walk is the work of Since.
type walk struct {
	reading
	t        Timeline
	from, to int
	same     map[string]string // of a clause that went and came back as another: the later id
	at       map[string]int    // index of a clause in out
	newer    Text
	happened int
	out      Since
}

// between lists the versions to compare one by one, without the two ends.
func (w *walk) between() (out []int) {
	for _, s := range w.t.Versions {
		if s.Number > w.from && s.Number < w.to && !s.Withdrawn && s.legible(w.tag) {
			out = append(out, s.Number)
		}
	}
	return out
}

func (w *walk) along(ctx context.Context) (err error) {
	w.out.Versions = w.between()
	n := len(w.out.Versions)
	if n == 0 {
		return nil
	}
	if w.newer, err = w.l.text(ctx, w.document, w.to, w.tag); err != nil {
		return err
	}
	if w.out.Many = n > mostBetween || n*len(w.newer.Source) > mostTexts; w.out.Many {
		return nil
	}
	return w.step(ctx, slices.Concat([]int{w.from}, w.out.Versions, []int{w.to}))
}

// step goes from each version of path to the next.
func (w *walk) step(ctx context.Context, path []int) error {
	whole, err := w.whole(ctx)
	if err != nil {
		return err
	}
	for i := 1; i < len(path); i++ {
		changes, err := w.changes(ctx, w.t, path[i-1], path[i])
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		if w.happened += len(changes); w.happened > mostHappened {
			w.out.Clauses, w.out.Many = nil, true
			return nil
		}
		for _, c := range changes {
			w.add(ClauseStep{c, path[i], path[i-1]})
		}
	}
	for i := range w.out.Clauses {
		c := &w.out.Clauses[i]
		_, differs := changeOf(whole, c.Clause.ID)
		c.Undone = !differs
	}
	w.order()
	return nil
}

func (w *walk) add(s ClauseStep) {
	id := s.Clause.ID
	if later, ok := w.same[id]; ok {
		id = later
	}
	i, ok := w.at[id]
	if !ok {
		i = len(w.out.Clauses)
		w.at[id] = i
		w.out.Clauses = append(w.out.Clauses, ClauseSince{})
	}
	c := &w.out.Clauses[i]
	c.Clause, c.Steps = s.Clause, append(c.Steps, s)
	c.Clause.ID = id
}

// whole is what differs between the two ends. A clause that went and came back
// has another id then; what the redline takes for one clause counts as one.
func (w *walk) whole(ctx context.Context) ([]ClauseChange, error) {
	whole, err := w.changes(ctx, w.t, w.from, w.to)
	if err != nil || !slices.ContainsFunc(whole, gone) || !slices.ContainsFunc(whole, came) {
		return whole, err
	}
	p, err := w.pair(ctx, w.from, w.to)
	if err != nil {
		return nil, err
	}
	was, is := byID(p.old.Clauses), byID(p.new.Clauses)
	for _, found := range redline.Clauses(p.before, p.parsed) {
		old := idAt(p.old, p.before.Clauses[found.Old].First)
		new := idAt(p.new, p.parsed.Clauses[found.New].First)
		if _, stays := is[old]; stays || found.Doubtful {
			continue
		}
		if _, stayed := was[new]; !stayed {
			w.same[old] = new
		}
	}
	p.old.Clauses = slices.Clone(p.old.Clauses)
	for i, c := range p.old.Clauses {
		if later, ok := w.same[c.ID]; ok {
			p.old.Clauses[i].ID = later
		}
	}
	return p.changes(p.compare()), nil
}

func gone(c ClauseChange) bool { return c.Kind == redline.Removed }
func came(c ClauseChange) bool { return c.Kind == redline.Added }

// idAt is the id of the clause that holds a line, "" before the first.
func idAt(t Text, line int) string { return within(t.Clauses, &[2]int{line, line})[0] }

// order sorts the clauses: those of the newer text as they stand there, then the
// others by when they were last touched.
func (w *walk) order() {
	place := map[string]int{"": -1}
	for i, c := range w.newer.Clauses {
		place[c.ID] = i
	}
	rank := func(c ClauseSince) int {
		if i, ok := place[c.Clause.ID]; ok {
			return i
		}
		return len(w.newer.Clauses) + c.Steps[len(c.Steps)-1].Version
	}
	slices.SortStableFunc(w.out.Clauses, func(x, y ClauseSince) int { return rank(x) - rank(y) })
	for i := range w.out.Clauses {
		c := &w.out.Clauses[i]
		if j, ok := place[c.Clause.ID]; ok && j >= 0 {
			c.Clause = w.newer.Clauses[j]
		}
	}
}
