package documents

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// lineage knows in which versions a clause may have become another, for all
// clauses of a document in one language, and which clauses went. The traces of
// versions are read once, in order. A withdrawn version is compared with the one
// before it, and the next one with that one too.
type lineage struct {
	turn  chan struct{} // held by who uses what is below
	read  []place
	steps map[string][]step
	gone  []GoneClause // by After; Clause has an ID alone until somebody asks
	size  int          // how many steps and gone there are, an id counting as several
	last  Trace        // of the last version that was not withdrawn, number 0 for none
	shown Trace        // of the last version
}

// place is what a lineage took a version for.
type place struct {
	number              int
	seq                 Seq
	withdrawn, withheld bool
}

// step is a version in which the bytes of a clause, or its place among the
// others, differ from those of the version before: 0 if there is none.
type step struct {
	version, before int32
	bytes           int32 // of the version's text
	withdrawn       bool
}

// following has the lineage of a document in a language, read to the last version
// of t, in the hands of use. What was read stays read if ctx ends.
func (l *Library) following(ctx context.Context, t Timeline, tag string, use func(*lineage) error) error {
	key := lineageKey(t, tag)
	n := l.lineages.getOr(key, func() *lineage { return &lineage{turn: make(chan struct{}, 1)} })
	select {
	case n.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-n.turn }()
	err := n.follow(ctx, l.Store, t, tag)
	if err == nil {
		err = use(n)
	}
	l.lineages.put(key, n, 1+n.size)
	return err
}

// steps are those of a clause.
func (l *Library) steps(ctx context.Context, t Timeline, tag, id string) (out []step, err error) {
	err = l.following(ctx, t, tag, func(n *lineage) error {
		out = slices.Clone(n.steps[id])
		return nil
	})
	return out, err
}

// lineageKey names a document in a language. A log that begins anew has another
// origin.
func lineageKey(t Timeline, tag string) string {
	origin := ""
	if len(t.Events) > 0 {
		origin = t.Events[0].Origin
	}
	return origin + " " + t.Document + " " + tag
}

// tracesAtOnce is how many are asked of a store.
const tracesAtOnce = 200

// follow reads on, or anew if a version that was read is another now.
func (n *lineage) follow(ctx context.Context, store Store, t Timeline, tag string) error {
	if !n.continues(t) {
		*n = lineage{turn: n.turn}
	}
	if n.steps == nil {
		n.steps = map[string][]step{}
	}
	for len(n.read) < len(t.Versions) {
		next := t.Versions[len(n.read):]
		some, err := store.Traces(ctx, t.Document, tag, next[0].Number-1, tracesAtOnce)
		if err != nil {
			return err
		}
		if len(some) == tracesAtOnce {
			last := some[len(some)-1].Number
			next = next[:slices.IndexFunc(next, func(s Standing) bool { return s.Number == last })+1]
		}
		if err := n.take(next, tag, some); err != nil {
			return err
		}
	}
	return nil
}

func placed(s Standing) place { return place{s.Number, s.Seq, s.Withdrawn, s.Withheld} }

func (n *lineage) continues(t Timeline) bool {
	return len(n.read) <= len(t.Versions) && slices.EqualFunc(n.read, t.Versions[:len(n.read)], func(p place, s Standing) bool { return p == placed(s) })
}

// take reads versions, of which some have traces.
func (n *lineage) take(versions []Standing, tag string, traces []Trace) error {
	for _, s := range versions {
		for len(traces) > 0 && traces[0].Number < s.Number {
			traces = traces[1:]
		}
		if s.legible(tag) {
			if len(traces) == 0 || traces[0].Number != s.Number {
				return fmt.Errorf("version %d in %s: %w", s.Number, tag, ErrNotFound)
			}
			n.compare(traces[0], s)
		}
		n.read = append(n.read, placed(s))
	}
	return nil
}

// legible tells whether a version has a text in a language that may be shown.
func (s Standing) legible(tag string) bool {
	_, ok := s.Titles[tag]
	return ok && !s.Withheld
}

func (n *lineage) compare(now Trace, s Standing) {
	one := step{int32(s.Number), int32(n.last.Number), int32(now.Size), s.Withdrawn}
	n.depart(now)
	if sameOrder(n.last, now) {
		for i, m := range now.Marks {
			if m != n.last.Marks[i] {
				n.add(m.ID, one)
			}
		}
	} else {
		n.compareMoved(now, one)
	}
	if n.shown = now; !s.Withdrawn {
		n.last = now
	}
}

// compareMoved is for texts of which one has clauses that the other has not, or has
// them elsewhere.
func (n *lineage) compareMoved(now Trace, one step) {
	was, is := n.last.places(), now.places()
	strayed := strayed(was, now)
	for i, m := range now.Marks {
		at, ok := was[m.ID]
		if is[m.ID] == i && (!ok || n.last.Marks[at].Own != m.Own || strayed[m.ID]) {
			n.add(m.ID, one)
		}
	}
	for i, m := range n.last.Marks {
		if _, ok := is[m.ID]; !ok && was[m.ID] == i {
			n.add(m.ID, one)
		}
	}
}

func sameOrder(a, b Trace) bool {
	return slices.EqualFunc(a.Marks, b.Marks, func(x, y Mark) bool { return x.ID == y.ID })
}

// places is where each clause stands among the others.
func (t Trace) places() map[string]int {
	out := make(map[string]int, len(t.Marks))
	for i, m := range t.Marks {
		out[m.ID] = i
	}
	return out
}

// depart notes which clauses of the version before are not in this one.
func (n *lineage) depart(now Trace) {
	if sameOrder(n.shown, now) {
		return
	}
	is := now.places()
	for _, m := range n.shown.Marks {
		if _, ok := is[m.ID]; !ok {
			n.gone = append(n.gone, GoneClause{Clause: Clause{ID: strings.Clone(m.ID)}, Last: n.shown.Number, After: now.Number})
			n.size += 10
		}
	}
}

// add keeps an id of its own, not a piece of what was read.
func (n *lineage) add(id string, s step) {
	had := n.steps[id]
	if had == nil {
		id = strings.Clone(id)
		n.size += 10
	}
	n.steps[id] = append(had, s)
	n.size++
}

// strayed finds the clauses that stand on another side of some clause than they
// did.
func strayed(was map[string]int, now Trace) map[string]bool {
	var ids []string
	var at []int
	for _, m := range now.Marks {
		if place, ok := was[m.ID]; ok {
			ids, at = append(ids, m.ID), append(at, place)
		}
	}
	out := map[string]bool{}
	most := -1
	for i, p := range at {
		if p < most {
			out[ids[i]] = true
		}
		most = max(most, p)
	}
	least := len(was)
	for i, p := range slices.Backward(at) {
		if p > least {
			out[ids[i]] = true
		}
		least = min(least, p)
	}
	return out
}
