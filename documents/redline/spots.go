package redline

import (
	"slices"
	"strings"
	"unicode/utf8"

	"vestnik/documents/markdown"
)

// spot is a mark whose ends are counted in bytes that both texts share, so that
// marks on both sides of a redline compare.
type spot struct {
	place
	value, words string
}

// place is a spot without what it says.
type place struct {
	what     string
	from, to int
}

// marked lists the marks of a reading. own is the operation of spans that stand
// in this text only.
func marked(r, other reading, spans []Span, own string) []spot {
	if !slices.ContainsFunc(r.blocks, func(b *markdown.Block) bool { return len(b.Marks) > 0 }) {
		return nil
	}
	shared := func(at int) int { return at }
	if r.text != other.text {
		at := sharedBefore(r.text, spans, own)
		shared = func(i int) int { return int(at[min(i, len(at)-1)]) }
	}
	var out []spot
	for n, b := range r.blocks {
		for _, m := range b.Marks {
			s := spotOf(b.Text, m)
			s.from, s.to = shared(r.starts[n]+m.Start), shared(r.starts[n]+m.End)
			if (s.what == "emphasis" || s.what == "layout") && s.from == s.to {
				continue // all its words are removed or added: that is shown
			}
			out = append(out, s)
		}
	}
	return out
}

// spotOf says what a mark of text is.
func spotOf(text string, m markdown.Mark) spot {
	s := spot{words: shorten(opening(text[m.Start:m.End]), wordsShown)}
	switch s.what = m.Kind; m.Kind {
	case "link", "image":
		s.value = addressOf(m)
	case "footnote":
		s.value = before(text, m.Start)
	case "html":
		s.what, s.value = "emphasis", shorten(m.Title, wordsShown) // the tag: u, span lang=de
		if arranging[m.Target] {
			s.what = "layout"
		}
	default:
		s.what, s.value = "emphasis", m.Kind
	}
	return s
}

// opening is as much of s as a detail may show, cut between characters.
func opening(s string) string {
	end := min(len(s), 4*(wordsShown+1))
	for end < len(s) && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// before is the last words before a place of text, "…" where there are none.
func before(text string, at int) string {
	const letters = 40
	r := []rune(strings.TrimSpace(text[max(0, at-4*letters):at]))
	if len(r) == 0 {
		return "…"
	}
	if len(r) > letters || at > 4*letters {
		r = r[max(0, len(r)-letters):]
		if i := slices.Index(r, ' '); i >= 0 {
			r = r[i+1:]
		}
		return "…" + strings.ToValidUTF8(string(r), "")
	}
	return string(r)
}

// arranging are the elements of raw HTML that arrange words, and do not emphasise
// them.
var arranging = func() map[string]bool {
	out := map[string]bool{}
	for _, name := range strings.Fields("blockquote caption center col colgroup dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 li ol p pre section summary table tbody td tfoot th thead tr ul") {
		out[name] = true
	}
	return out
}()

// sharedBefore counts, before each place of text, the bytes that both texts
// share, without spaces: an edit takes the space on one side of a mark with it.
func sharedBefore(text string, spans []Span, own string) []int32 {
	out := make([]int32, 1, len(text)+1)
	shared := int32(0)
	for _, s := range spans {
		if s.Op != opSame && s.Op != own {
			continue
		}
		for i := range len(s.Text) {
			if s.Op == opSame && s.Text[i] != ' ' {
				shared++
			}
			out = append(out, shared)
		}
	}
	return out
}

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
		switch s.what {
		case "footnote":
			return key{place: s.place}
		case "image":
			return key{s.place, s.value + "\x00" + s.words}
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
	type found struct {
		at int
		Detail
	}
	var all []found
	for i, s := range p.a {
		var o *spot
		if j := p.with[i]; j > 0 {
			o = &p.b[j-1]
		}
		all = append(all, found{s.from, became(&s, o)})
	}
	for j, s := range p.b {
		if !p.taken[j] {
			all = append(all, found{s.from, became(nil, &s)})
		}
	}
	slices.SortStableFunc(all, func(x, y found) int { return x.at - y.at })
	var out []Detail
	for _, f := range all {
		if f.Old != f.New {
			out = append(out, f.Detail)
		}
	}
	return out
}

// became is the detail of a spot that was a and is b; one of them may be nil.
func became(a, b *spot) Detail {
	d := Detail{What: a.or(b).what, Old: a.say(), New: b.say()}
	switch {
	case d.What == "image" && d.Old == d.New && a.words != b.words:
		return Detail{"alternative", a.words, b.words}
	case d.What == "link" && a == nil && addressed(b.words):
		d.Old = b.words // it was its own address
	case d.What == "link" && b == nil && addressed(a.words):
		d.New = a.words
	case d.Old == d.New && a.words != b.words:
		d.Old, d.New = lengthen(d.Old, a.words), lengthen(d.New, b.words)
	}
	return d
}

func (s *spot) or(o *spot) *spot {
	if s == nil {
		return o
	}
	return s
}

// say spells a mark: the target of a link, the words that are emphasised.
func (s *spot) say() string {
	switch {
	case s == nil:
		return ""
	case s.what == "emphasis" || s.what == "layout":
		return s.value + ": " + s.words
	}
	return s.value
}

// addressed tells whether words are an address, which needs no link to be one.
func addressed(words string) bool {
	return !strings.ContainsAny(words, " \n") && (strings.Contains(words, "://") || strings.HasPrefix(words, "www.") || strings.Contains(words, "@"))
}
