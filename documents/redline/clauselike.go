package redline

import (
	"cmp"
	"slices"

	"vestnik/documents/markdown"
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

// likeness of the own words of two clauses, or of the blocks that begin them,
// whichever is greater: what follows the last item of a list is only by its place
// a part of it.
func (c *clausing) likeness(i, j int) float64 {
	x, y := c.words(0, i), c.words(1, j)
	if c.work -= len(x.lemmas) + len(y.lemmas); c.work < 0 {
		return 0
	}
	return max(likeness(x, y), c.likeHeads(i, j))
}

// likeHeads compares the blocks that begin two clauses, unless one is a heading.
func (c *clausing) likeHeads(i, j int) float64 {
	x, endA := c.a.own(i)
	y, endB := c.b.own(j)
	if x == endA || y == endB || c.a.Blocks[x].Kind == markdown.Heading || c.b.Blocks[y].Kind == markdown.Heading {
		return 0
	}
	return c.matching.likeness(x, y)
}

// byWords pairs what was reworded, the most alike first, renumbered or moved or
// not. An equal number and the same neighbours make up for some words.
func (c *clausing) byWords() {
	type close struct {
		vote
		likeness float64
	}
	var found []close
	consider := func(i, j, weight int) {
		if l := c.likeness(i, j); l >= 0.5 {
			if c.sameNumber(i, j) {
				weight += 200
			}
			found = append(found, close{vote{i, j, weight + int(l*1000)}, l})
		}
	}
	offer := func(i, j int) { consider(i, j, 0) }
	c.sameNumbers(offer)
	c.eachGap(func(a, b []int) {
		c.neighbours(a, b, func(i, j int) { consider(i, j, 100) })
	})
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

// neighbours offers the free clauses that begin among the blocks of one gap, if
// these are few.
func (c *clausing) neighbours(a, b []int, offer func(i, j int)) {
	if len(a)*len(b) > 400 {
		return
	}
	for _, x := range a {
		i := c.a.begun(x)
		if i < 0 || c.x[i] >= 0 {
			continue
		}
		for _, y := range b {
			if j := c.b.begun(y); j >= 0 && c.y[j] < 0 {
				offer(i, j)
			}
		}
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
