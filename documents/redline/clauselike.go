package redline

import (
	"cmp"
	"slices"
)

// words returns the bag of clause i's own blocks on side n, 0 for a.
func (c *clausing) words(n, i int) bag {
	w := &c.bags[n][i]
	if w.ready {
		return *w
	}
	s := []*side{c.a, c.b}[n]
	for k, end := s.own(i); k < end; k++ {
		of := c.bag(s, k)
		w.ids = append(w.ids, of.ids...)
		w.weight += of.weight
	}
	slices.Sort(w.ids)
	w.ready = true
	return *w
}

// likeness of the own words of two clauses.
func (c *clausing) likeness(i, j int) float64 {
	x, y := c.words(0, i), c.words(1, j)
	if c.work -= len(x.ids) + len(y.ids); c.work < 0 {
		return 0
	}
	return c.lexicon.likeness(x, y)
}

// byWords pairs what was renumbered or moved and reworded.
func (c *clausing) byWords() {
	holders := map[int32][]int{}
	for j := range c.y {
		if c.y[j] < 0 {
			for _, id := range slices.Compact(slices.Clone(c.words(1, j).ids)) {
				holders[id] = append(holders[id], j)
			}
		}
	}
	type close struct {
		vote
		likeness float64
	}
	var found []close
	for i := range c.x {
		if c.x[i] >= 0 || c.words(0, i).weight < 12 {
			continue
		}
		shared := map[int]int{}
		for _, id := range slices.Compact(slices.Clone(c.words(0, i).ids)) {
			if h := holders[id]; len(h) <= 12 {
				for _, j := range h {
					shared[j] += int(c.lexicon.letters[id]) * 12 / len(h)
				}
			}
		}
		for _, j := range best(shared, 5) {
			if l := c.likeness(i, j); l >= 0.5 {
				found = append(found, close{vote{i, j, int(l * 1000)}, l})
			}
		}
	}
	slices.SortFunc(found, func(p, q close) int { return cmp.Or(q.weight-p.weight, p.i-q.i, p.j-q.j) })
	for _, f := range found {
		c.join(f.i, f.j, f.likeness < 0.7 && !c.sameNumber(f.i, f.j) && !c.sameTitle(f.i, f.j))
	}
}

// byTitleWords pairs clauses below one pair of parents whose titles are alike.
func (c *clausing) byTitleWords() {
	left, titles := map[int][]int{}, map[int]bag{} // of b: by parent, by clause
	for j, cl := range c.b.Clauses {
		if c.y[j] < 0 && len(left[cl.Parent]) < 40 {
			left[cl.Parent], titles[j] = append(left[cl.Parent], j), c.lexicon.bag(cl.Title)
		}
	}
	for i, cl := range c.a.Clauses {
		q := -1
		if cl.Parent >= 0 {
			if q = c.x[cl.Parent]; q < 0 {
				continue
			}
		}
		if c.x[i] >= 0 || len(left[q]) == 0 {
			continue
		}
		if j := c.closest(c.lexicon.bag(cl.Title), left[q], titles); j >= 0 {
			c.join(i, j, true)
		}
	}
}

// closest is the unpaired one of left whose title is most like the given one, -1
// if none is.
func (c *clausing) closest(title bag, left []int, titles map[int]bag) int {
	at, top := -1, 0.6
	for _, j := range left {
		if c.y[j] >= 0 {
			continue
		}
		if c.work -= len(title.ids) + len(titles[j].ids); c.work < 0 {
			break
		}
		if l := c.lexicon.likeness(title, titles[j]); l >= top {
			at, top = j, l
		}
	}
	return at
}
