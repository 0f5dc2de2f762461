package redline

import (
	"slices"
	"strings"
)

// compareMarks drops the marks that stand in both lists and pairs the rest: what
// stands at one place, then what overlaps; the others came or went.
func compareMarks(x, y []spot) []Detail {
	a, b := remaining(x, y), remaining(y, x)
	p := pairing{a: a, b: b, with: make([]int, len(a)), taken: make([]bool, len(b))}
	p.atOnePlace()
	p.overlapping()
	p.alike()
	return p.details()
}

// remaining returns the spots of y that x lacks, counting repeats.
func remaining(y, x []spot) []spot {
	type key struct {
		place
		value string
	}
	keyed := func(s spot) key {
		if s.what == "image" {
			return key{s.place, s.value + "\x00" + s.text[s.mark.Start:s.mark.End]}
		}
		return key{s.place, s.value}
	}
	count := make(map[key]int, len(x))
	for _, s := range x {
		count[keyed(s)]++
	}
	var out []spot
	for _, s := range y {
		if k := keyed(s); count[k] > 0 {
			count[k]--
		} else {
			out = append(out, s)
		}
	}
	return out
}

// pairing finds what became of each spot of a. with holds the partner, counted
// from 1.
type pairing struct {
	a, b  []spot
	with  []int
	taken []bool
}

func (p *pairing) pair(i, j int) { p.with[i], p.taken[j] = j+1, true }

func (p *pairing) atOnePlace() {
	left := map[place][]int{}
	for j, s := range p.b {
		left[s.place] = append(left[s.place], j)
	}
	for i, s := range p.a {
		if o := left[s.place]; len(o) > 0 {
			p.pair(i, o[0])
			left[s.place] = o[1:]
		}
	}
}

// overlapping walks through both lists, kind by kind.
func (p *pairing) overlapping() {
	for _, what := range []string{"emphasis", "layout", "link"} {
		x, y := p.free(what)
		for len(x) > 0 && len(y) > 0 {
			switch s, o := p.a[x[0]], p.b[y[0]]; {
			case s.from < o.to && o.from < s.to:
				p.pair(x[0], y[0])
				x, y = x[1:], y[1:]
			case s.to <= o.from:
				x = x[1:]
			default:
				y = y[1:]
			}
		}
	}
}

// alike pairs references to footnotes in order: each is a number like any other.
func (p *pairing) alike() {
	x, y := p.free("footnote")
	for k := range min(len(x), len(y)) {
		p.pair(x[k], y[k])
	}
}

// free lists what is unpaired of one kind, by place.
func (p *pairing) free(what string) (x, y []int) {
	for i, s := range p.a {
		if s.what == what && p.with[i] == 0 {
			x = append(x, i)
		}
	}
	for j, s := range p.b {
		if s.what == what && !p.taken[j] {
			y = append(y, j)
		}
	}
	return x, y
}

func (p *pairing) details() []Detail {
	all := make([]fate, 0, len(p.a)+len(p.b))
	for i := range p.a {
		var o *spot
		if j := p.with[i]; j > 0 {
			o = &p.b[j-1]
		}
		all = append(all, fate{&p.a[i], o})
	}
	for j := range p.b {
		if !p.taken[j] {
			all = append(all, fate{nil, &p.b[j]})
		}
	}
	slices.SortStableFunc(all, func(x, y fate) int { return int(x.a.or(x.b).from - y.a.or(y.b).from) })
	var out []Detail
	for n, f := range all {
		if f.same() {
			continue
		}
		if k := len(out) - 1; k >= 0 && f.continues(all[n-1]) {
			out[k].Old, out[k].New = carryOn(out[k].Old, f.a), carryOn(out[k].New, f.b)
			continue
		}
		out = append(out, f.detail())
	}
	return out
}

// fate is a spot that was a and is b; one of them may be nil.
type fate struct{ a, b *spot }

// same tells whether readers get the same words with the same behind them: that
// characters in them differ is told of the words.
func (f fate) same() bool {
	if f.a == nil || f.b == nil || f.a.value != f.b.value || f.a.what != "link" || f.b.what != "link" {
		return false
	}
	x, y := f.a.words(), f.b.words()
	return x != y && appearance(x) == appearance(y)
}

// continues tells whether f came or went as o did: emphasis of one kind. They are
// one detail.
func (f fate) continues(o fate) bool {
	x, y := f.a.or(f.b), o.a.or(o.b)
	return (f.a == nil) == (o.a == nil) && (f.b == nil) == (o.b == nil) && (f.a == nil || f.b == nil) &&
		x.what == "emphasis" && y.what == "emphasis" && x.value == y.value
}

// carryOn appends the words of s, as far as a detail shows words.
func carryOn(value string, s *spot) string {
	switch {
	case s == nil || strings.HasSuffix(value, "…"):
		return value
	case len(value) > 4*wordsShown:
		return value + " …"
	}
	return value + " … " + s.words()
}

func (f fate) detail() Detail {
	a, b := f.a, f.b
	d := Detail{What: a.or(b).what, Old: a.say(), New: b.say()}
	switch {
	case d.What == "image" && d.Old == d.New && a.words() != b.words():
		return Detail{"alternative", a.words(), b.words()}
	case d.What == "link" && a == nil && addressed(b.words()):
		d.Old = b.words() // it was its own address
	case d.What == "link" && b == nil && addressed(a.words()):
		d.New = a.words()
	case d.Old == d.New && a.words() != b.words():
		d.Old, d.New = lengthen(d.Old, a.words()), lengthen(d.New, b.words())
	case d.Old == d.New && a != nil && b != nil: // long ones that begin alike
		d.Old, d.New = lengthen(d.Old, itoa(len(a.value)+a.mark.End-a.mark.Start)), lengthen(d.New, itoa(len(b.value)+b.mark.End-b.mark.Start))
	}
	return d
}

func (s *spot) or(o *spot) *spot {
	if s == nil {
		return o
	}
	return s
}
