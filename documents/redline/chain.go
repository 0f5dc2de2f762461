package redline

import "slices"

// link says that item i of one sequence may stand for item j of another.
type link struct{ i, j, weight int }

// chain returns the heaviest set of links that rises in both sequences. Ties go
// to the links that come first. It sorts links.
func chain(links []link) []link {
	if rising(links) {
		return links
	}
	slices.SortFunc(links, func(a, b link) int {
		if a.i != b.i {
			return a.i - b.i
		}
		return b.j - a.j // of one i only one can be taken
	})
	top := 0
	for _, l := range links {
		top = max(top, l.j+1)
	}
	best := newPrefixMax(top)
	from := make([]int, len(links))
	sums := make([]int, len(links))
	last := -1
	for k, l := range links {
		sum, at := best.get(l.j)
		sums[k], from[k] = sum+l.weight, at
		best.set(l.j, sums[k], k)
		if last < 0 || sums[k] > sums[last] {
			last = k
		}
	}
	var out []link
	for k := last; k >= 0; k = from[k] {
		out = append(out, links[k])
	}
	slices.Reverse(out)
	return out
}

func rising(links []link) bool {
	for k := 1; k < len(links); k++ {
		if links[k].i <= links[k-1].i || links[k].j <= links[k-1].j {
			return false
		}
	}
	return true
}

// prefixMax is a Fenwick tree of maxima.
type prefixMax struct{ sum, at []int }

func newPrefixMax(n int) *prefixMax {
	return &prefixMax{make([]int, n+1), slices.Repeat([]int{-1}, n+1)}
}

// get returns the greatest sum below j and where it was set.
func (p *prefixMax) get(j int) (sum, at int) {
	at = -1
	for ; j > 0; j &= j - 1 {
		if p.sum[j] > sum {
			sum, at = p.sum[j], p.at[j]
		}
	}
	return sum, at
}

func (p *prefixMax) set(j, sum, at int) {
	for j++; j < len(p.sum); j += j & -j {
		if sum > p.sum[j] {
			p.sum[j], p.at[j] = sum, at
		}
	}
}

// rise aligns two sequences of symbols in order: equal ends first, then symbols
// that stand once in both, between these the same again, and what remains by a
// bounded table or, beyond it, by place and by occurrence.
type rise struct {
	weight func(i int) int // of item i of the first sequence
	take   func(i, j int)
	cells  int // that tables may still fill
}

func (r *rise) align(a, b []int32, i, j, depth int) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		r.take(i, j)
		a, b, i, j = a[1:], b[1:], i+1, j+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
		r.take(i+len(a), j+len(b))
	}
	if len(a) == 0 || len(b) == 0 {
		return
	}
	links, shared := r.unique(a, b, i)
	if !shared {
		return
	}
	if len(links) == 0 || depth > 40 {
		links = r.rest(a, b, i)
	}
	r.between(a, b, i, j, depth, chain(links))
}

// between takes the links, and aligns what lies between them.
func (r *rise) between(a, b []int32, i, j, depth int, links []link) {
	if len(links) == 0 {
		return
	}
	x, y := 0, 0
	for _, l := range links {
		r.align(a[x:l.i], b[y:l.j], i+x, j+y, depth+1)
		r.take(i+l.i, j+l.j)
		x, y = l.i+1, l.j+1
	}
	r.align(a[x:], b[y:], i+x, j+y, depth+1)
}

// unique links symbols that stand once in each sequence, and tells whether any
// symbol stands in both.
func (r *rise) unique(a, b []int32, i int) (links []link, shared bool) {
	type seen struct{ a, b, at int }
	count := make(map[int32]seen, len(a))
	for k, s := range a {
		c := count[s]
		count[s] = seen{c.a + 1, 0, k}
	}
	at := make(map[int32]int)
	for k, s := range b {
		if c, ok := count[s]; ok {
			c.b++
			count[s] = c
			at[s] = k
			shared = true
		}
	}
	for k, s := range a {
		if c := count[s]; c.a == 1 && c.b == 1 {
			links = append(links, link{k, at[s], 1 + r.weight(i+k)})
		}
	}
	return links, shared
}

// rest links where no symbol is unique.
func (r *rise) rest(a, b []int32, i int) []link {
	if cells := len(a) * len(b); cells <= 1<<18 && cells <= r.cells {
		r.cells -= cells
		return r.table(a, b, i)
	}
	if links := r.places(a, b, i); len(links)*2 >= max(len(a), len(b)) {
		return links
	}
	return r.occurrences(a, b, i)
}

// table finds the heaviest common subsequence.
func (r *rise) table(a, b []int32, i int) (links []link) {
	w := len(b) + 1
	sum := make([]int32, (len(a)+1)*w)
	for x := len(a) - 1; x >= 0; x-- {
		weight := int32(1 + r.weight(i+x))
		for y := len(b) - 1; y >= 0; y-- {
			best := max(sum[(x+1)*w+y], sum[x*w+y+1])
			if a[x] == b[y] {
				best = max(best, weight+sum[(x+1)*w+y+1])
			}
			sum[x*w+y] = best
		}
	}
	for x, y := 0, 0; x < len(a) && y < len(b); {
		switch here := sum[x*w+y]; {
		case a[x] == b[y] && here == int32(1+r.weight(i+x))+sum[(x+1)*w+y+1]:
			links = append(links, link{x, y, 1 + r.weight(i+x)})
			x, y = x+1, y+1
		case here == sum[(x+1)*w+y]:
			x++
		default:
			y++
		}
	}
	return links
}

// places links equal symbols at equal distance from the start.
func (r *rise) places(a, b []int32, i int) (links []link) {
	for k := range min(len(a), len(b)) {
		if a[k] == b[k] {
			links = append(links, link{k, k, 1 + r.weight(i+k)})
		}
	}
	return links
}

// occurrences links the nth of a symbol with the nth of it.
func (r *rise) occurrences(a, b []int32, i int) (links []link) {
	at := map[int32][]int{}
	for k, s := range b {
		at[s] = append(at[s], k)
	}
	for k, s := range a {
		if left := at[s]; len(left) > 0 {
			links = append(links, link{k, left[0], 1 + r.weight(i+k)})
			at[s] = left[1:]
		}
	}
	return links
}
