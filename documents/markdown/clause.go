package markdown

import "strings"

// How many characters of a heading, and of a clause without one, stand for it.
const (
	headingLength = 500
	titleLength   = 80
)

// open is a clause that later ones may belong to.
type open struct {
	index   int
	number  *number
	heading int // its level, 0 for none
	depth   int
	list    any
}

// outliner builds the tree of clauses.
type outliner struct {
	clauses []Clause
	stack   []open
	seen    map[int]int     // first part of a dotted number to the largest second one
	second  map[string]bool // styles of which a second number may follow somewhere
}

// outline decides which leaves are clauses and how they nest.
func outline(leaves []leaf) []Clause {
	o := &outliner{seen: map[int]int{}, second: map[string]bool{}}
	for _, l := range leaves {
		if l.candidate != nil && l.candidate.parts[0] > 1 && l.candidate.parts[0] <= 1+nextLetter {
			o.second[l.candidate.style] = true
		}
	}
	for i := range leaves {
		l := &leaves[i]
		if l.candidate != nil && !l.aside {
			l.candidate = o.accept(l)
		}
		if l.candidate != nil && (!l.aside || l.certain) {
			l.Number = l.candidate.text
		} else {
			l.candidate = nil
		}
		if !l.aside && (l.candidate != nil || l.Kind == Heading) {
			l.clause = o.add(l)
		}
	}
	o.anchors()
	return o.clauses
}

// accept settles whether a candidate is a number, and of which style: (i) may be
// a letter or a numeral; г. may begin a name and 1.5 a sum.
func (o *outliner) accept(l *leaf) *number {
	n := *l.candidate
	n = o.asRoman(n)
	if !l.certain && !o.credible(n, l.Text) {
		return nil
	}
	if n.dotted && len(n.parts) > 1 {
		o.seen[n.parts[0]] = max(o.seen[n.parts[0]], n.parts[1])
	} else if n.dotted {
		o.seen[n.parts[0]] = max(o.seen[n.parts[0]], 0)
	}
	return &n
}

func (o *outliner) credible(n number, text string) bool {
	rest := strings.TrimLeft(text[len(n.text):], " \u00a0")
	upper := startsUpper(rest)
	last, running := o.last(n.style)
	switch {
	case n.dotted && n.closed || strings.HasPrefix(n.style, "(1") || n.style == "1)":
		return true
	case n.dotted && len(n.parts) > 2:
		return true
	case n.dotted:
		top, known := o.seen[n.parts[0]]
		next := known && n.parts[1] == top+1
		return upper && (known || n.parts[1] <= 1) || next
	case rank(&n) < plainRank:
		return n.closed || upper || rest == "" || !startsLetter(rest)
	case n.style == "A." || n.style == "А." || n.style == "I.":
		return upper && (n.parts[0] == 1 && o.second[n.style] || running && n.near(last))
	}
	return n.parts[0] == 1 || running && n.compare(last) > 0
}

func startsLetter(s string) bool { return letterRun(s) != "" }

// asRoman reads i, v and x as numerals where no letter goes before them.
func (o *outliner) asRoman(n number) number {
	r, ok := n.asRoman()
	if !ok {
		return n
	}
	if before, ok := o.last(n.style); ok && before.parts[0] == n.parts[0]-1 {
		return n
	}
	if before, ok := o.last(r.style); r.parts[0] == 1 || ok && before.parts[0] == r.parts[0]-1 {
		return r
	}
	return n
}

// add puts the clause below its parent.
func (o *outliner) add(l *leaf) int {
	entry := open{number: l.candidate, depth: l.depth, list: l.list, index: len(o.clauses)}
	if l.Kind == Heading {
		entry.heading = l.Level
	}
	keep := o.parent(entry)
	o.stack = append(o.stack[:keep], entry)
	c := Clause{Number: l.Number, Title: title(l.Block), Level: keep + 1, Parent: -1, First: l.First, Last: l.Last}
	if keep > 0 {
		c.Parent = o.stack[keep-1].index
	}
	o.clauses = append(o.clauses, c)
	return entry.index
}

// last is the number of a style that is still open.
func (o *outliner) last(style string) (number, bool) {
	for i := len(o.stack) - 1; i >= 0; i-- {
		if n := o.stack[i].number; n != nil && n.style == style {
			return *n, true
		}
	}
	return number{}, false
}

// parent returns how much of the stack stays open around e: the rule is in the
// package comment.
func (o *outliner) parent(e open) int {
	if e.number != nil && e.number.dotted && len(e.number.parts) > 1 {
		if keep, ok := o.byParts(e); ok {
			return keep
		}
	}
	switch {
	case e.heading > 0:
		return o.aboveHeading(e.heading)
	case rank(e.number) < plainRank || len(e.number.parts) > 1 && e.number.dotted:
		return o.byRank(e)
	}
	return o.byStyle(e)
}

// byStyle puts a plain number beside one of its style, or else below the clause
// before it. A list that begins at 1 again right behind a clause of another form
// belongs to that clause.
func (o *outliner) byStyle(e open) int {
	keep := len(o.stack)
	for keep > 0 && o.stack[keep-1].heading == 0 && o.stack[keep-1].depth > e.depth {
		keep--
	}
	same, at := 0, -1
	for i := keep - 1; i >= 0 && o.stack[i].heading == 0; i-- {
		s := o.stack[i]
		if e.list != nil && s.list == e.list {
			return i
		}
		if sibling(s, e) {
			if same++; at < 0 || at != keep-1 && e.number.compare(*o.stack[at].number) <= 0 && e.number.compare(*s.number) > 0 {
				at = i
			}
		}
	}
	if at < 0 && e.number.dotted && e.number.parts[0] != 1 {
		for i := keep - 1; i >= 0 && o.stack[i].heading == 0; i-- {
			if n := o.stack[i].number; n.dotted && len(n.parts) > 1 {
				keep = i
			}
		}
	}
	again := e.number.dotted && e.number.parts[0] == 1 && same == 1 && at != keep-1
	if at >= 0 && !again {
		return at
	}
	return keep
}

// byRank puts articles beside articles, points below articles, and a number of
// several parts that has no place below whatever is wider than numbers.
func (o *outliner) byRank(e open) int {
	for i := len(o.stack) - 1; i >= 0; i-- {
		s := o.stack[i]
		switch {
		case s.heading > 0 || s.number == nil || rank(s.number) < rank(e.number) || e.depth > s.depth:
			return i + 1
		case s.number.style == e.number.style && rank(e.number) < plainRank:
			return i
		}
	}
	return 0
}

func sibling(s, e open) bool {
	return s.number != nil && s.number.style == e.number.style && s.depth >= e.depth &&
		(!e.number.dotted || len(s.number.parts) == len(e.number.parts))
}

// byParts finds the place of 6.1.1: beside 6.1.0 or, below 6.1 or 6.
func (o *outliner) byParts(e open) (int, bool) {
	n := *e.number
	k := len(n.parts)
	if k < 2 {
		return 0, false
	}
	for i := len(o.stack) - 1; i >= 0; i-- {
		s := o.stack[i].number
		if s != nil && s.dotted && len(s.parts) == k && n.compareTo(*s, k-1) == 0 && o.stack[i].depth >= e.depth {
			return i, true
		}
	}
	for i := len(o.stack) - 1; i >= 0; i-- {
		s := o.stack[i].number
		if s != nil && len(s.parts) < k && n.compareTo(*s, len(s.parts)) == 0 && (s.dotted || rank(s) < plainRank) {
			return i + 1, true
		}
	}
	return 0, false
}

func (o *outliner) aboveHeading(level int) int {
	for i := len(o.stack) - 1; i >= 0; i-- {
		if h := o.stack[i].heading; h > 0 && h < level {
			return i + 1
		}
	}
	return 0
}

// plainRank is that of numbers without a word.
const plainRank = 3

// rank orders numbers that have a word from wide to narrow.
func rank(n *number) int {
	switch n.style {
	case "section", "article", "statya", "bap", "s":
		return 1
	case "punkt", "tarmaq":
		return 2
	}
	return plainRank
}
