package redline

import (
	"cmp"
	"slices"
)

// words returns the bag of clause i's own blocks on side n, 0 for a.
func (c *clausing) words(n, i int) bag {
	if c.bags[n] == nil {
		c.bags[n] = make([]bag, max(len(c.x), len(c.y)))
	}
	w := &c.bags[n][i]
	if w.ready {
		return *w
	}
	s := []*side{c.a, c.b}[n]
	for k, end := s.own(i); k < end; k++ {
		of := c.bag(s, k)
		w.lemmas = append(w.lemmas, of.lemmas...)
		w.weight += of.weight
	}
	slices.Sort(w.lemmas)
	w.ready = true
	return *w
}

// likeness of the own words of two clauses.
func (c *clausing) likeness(i, j int) float64 {
	x, y := c.words(0, i), c.words(1, j)
	if c.work -= len(x.lemmas) + len(y.lemmas); c.work < 0 {
		return 0
	}
	return likeness(x, y)
}

// byWords pairs what was reworded, the most alike first, renumbered or moved or
// not. An equal number makes up for some words.
func (c *clausing) byWords() {
	type close struct {
		vote
		likeness float64
	}
	var found []close
	offer := func(i, j int) {
		if l := c.likeness(i, j); l >= 0.5 {
			weight := int(l * 1000)
			if c.sameNumber(i, j) {
				weight += 200
			}
			found = append(found, close{vote{i, j, weight}, l})
		}
	}
	c.sameNumbers(offer)
	r := rarely{}
	for j := range c.y {
		if c.y[j] < 0 {
			r.hold(c.words(1, j), j)
		}
	}
	for i := range c.x {
		if c.x[i] < 0 && c.words(0, i).weight >= 12 {
			for _, j := range best(r.shared(c.words(0, i)), 5) {
				offer(i, j)
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
			left[cl.Parent], titles[j] = append(left[cl.Parent], j), bagged(cl.Title)
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
		if j := c.closest(bagged(cl.Title), left[q], titles); j >= 0 {
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
		if c.work -= len(title.lemmas) + len(titles[j].lemmas); c.work < 0 {
			break
		}
		if l := likeness(title, titles[j]); l >= top {
			at, top = j, l
		}
	}
	return at
}
