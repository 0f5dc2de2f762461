package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"vestnik/documents/markdown"
)

// Sentence says in words, in the language nearest to tag, how many clauses differ,
// which came and went, and what is no difference to readers.
func (r *Redline) Sentence(tag string) string {
	return speech{catalogue.In(tag), r}.summary()
}

func (s speech) summary() string {
	quiet := s.sourceOnly()
	switch {
	case s.Equal():
		return s.T("equal")
	case quiet+s.Summary.Same == len(s.Changes):
		return s.N("equal_readers", quiet)
	case s.Rewritten():
		return s.T("rewritten")
	}
	out := s.tally().sentence(s)
	if quiet > 0 {
		out += " " + s.N("source_too", quiet)
	}
	return out
}

// sourceOnly counts the entries in which only the source differs.
func (s speech) sourceOnly() (n int) {
	for i := range s.Changes {
		if e := &s.Changes[i]; e.Kind != Same && s.unseen(e) {
			n++
		}
	}
	return n
}

// tally counts clauses, or passages of a text that has none.
type tally struct {
	passages       bool
	start          bool // what is before the first clause differs
	count          map[Kind]int
	added, removed []string // names
	references     int
	lines          int
}

func (s speech) tally() *tally {
	y := &tally{count: map[Kind]int{}, passages: len(s.old.Clauses)+len(s.new.Clauses) == 0}
	seen := map[[2]int]Kind{}
	var order [][2]int
	for _, c := range s.changes() {
		switch {
		case c.kind == Same:
		case s.linesOnly(c):
			y.lines += len(s.loud(c.entries))
		case c.kind == Renumbered:
			p, references := s.renumberings(c)
			y.count[Renumbered] += len(p)
			y.references += references
		case y.passages:
			y.passage(s.loud(c.entries))
		case s.atStart(c.at):
			y.start = true
		default:
			kind, ok := seen[c.at]
			if !ok {
				order = append(order, c.at)
				seen[c.at] = s.kindOf(c)
			} else if kind != s.kindOf(c) {
				seen[c.at] = Changed
			}
		}
	}
	for _, at := range order {
		y.clause(s, at, seen[at])
	}
	return y
}

// atStart tells whether a change is before the first clause.
func (s speech) atStart(at [2]int) bool {
	if at[1] == gone {
		return at[0] == start || opens(s.old, at[0])
	}
	return at[1] == start || opens(s.new, at[1])
}

func (y *tally) passage(loud []*Entry) {
	for _, e := range loud {
		y.count[e.Kind]++
	}
}

func (y *tally) clause(s speech, at [2]int, kind Kind) {
	y.count[kind]++
	switch kind {
	case Added:
		y.added = append(y.added, s.listed(s.new, at[1], briefLetters))
	case Removed:
		y.removed = append(y.removed, s.listed(s.old, at[0], briefLetters))
	}
}

// sentence lists what was counted: "3 clauses changed, 1 added (5.4 Cookies); 20
// clauses renumbered."
func (y *tally) sentence(s speech) string {
	unit := "clauses_"
	if y.passages {
		unit = "passages_"
	}
	var parts []string
	add := func(kind Kind, names []string) {
		n := y.count[kind]
		if n == 0 {
			return
		}
		key := unit
		if len(parts) > 0 {
			key += "more_"
		}
		parts = append(parts, s.N(key+string(kind), n)+s.list(names))
	}
	add(Changed, nil)
	add(Added, y.added)
	add(Removed, y.removed)
	add(Moved, nil)
	out := strings.Join(parts, ", ")
	var more []string
	if out != "" {
		more = append(more, out)
	}
	if y.start {
		more = append(more, s.T("start_changed"))
	}
	if n := y.count[Renumbered]; n > 0 {
		more = append(more, s.N("clauses_renumbered", n))
	}
	if y.references > 0 {
		more = append(more, s.N("references_follow", y.references))
	}
	if y.lines > 0 {
		more = append(more, s.N("lines_changed", y.lines))
	}
	return capital(strings.Join(more, "; ")) + "."
}

const namesListed = 3

// list is some names in parentheses, and how many more there are.
func (s speech) list(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (" + s.names(names) + ")"
}

func (s speech) names(names []string) string {
	if more := len(names) - namesListed; more > 1 {
		return strings.Join(names[:namesListed], "; ") + " " + s.N("and_more", more)
	}
	return strings.Join(names, "; ")
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// renumberings returns the clauses of c whose own number differs, and counts the
// entries in which only references follow.
func (s speech) renumberings(c change) (pairs [][2]int, references int) {
	for _, e := range s.loud(c.entries) {
		o, n := &s.old.Blocks[e.OldBlocks[0]], &s.new.Blocks[e.NewBlocks[0]]
		switch {
		case o.Number == n.Number:
			references++
		case o.Clause >= 0 && n.Clause >= 0 && s.old.Clauses[o.Clause].First == o.First && s.new.Clauses[n.Clause].First == n.First:
			pairs = append(pairs, [2]int{o.Clause, n.Clause})
		}
	}
	return pairs, references
}

// renumbering says of a run of clauses in one line which number became which.
func (s speech) renumbering(c change) string {
	pairs, references := s.renumberings(c)
	if len(pairs) == 0 {
		return s.followers(c)
	}
	var out []string
	for _, r := range s.rows(pairs) {
		first, last := pairs[r[0]], pairs[r[1]]
		if r[0] == r[1] {
			out = append(out, s.T("now_one", "old", s.path(s.old, first[0]), "new", s.path(s.new, first[1])))
			continue
		}
		out = append(out, s.T("now_many", "old", fromTo(s.path(s.old, first[0]), s.path(s.old, last[0])), "new", fromTo(s.path(s.new, first[1]), s.path(s.new, last[1]))))
	}
	line := s.names(out)
	if references > 0 {
		line += "; " + s.N("references_follow", references)
	}
	return line
}

// followers names the clauses of c in which only references differ.
func (s speech) followers(c change) string {
	var names []string
	for _, e := range s.loud(c.entries) {
		name := s.name(s.new, s.block(e).Clause)
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	return s.names(names) + " — " + s.N("references", len(s.loud(c.entries)))
}

// rows parts pairs into runs of neighbours, by first and last index. Clauses below
// one of the run are not named.
func (s speech) rows(pairs [][2]int) (rows [][2]int) {
	held := map[int]bool{}
	next := [2]int{gone, gone}
	for i, p := range pairs {
		held[p[0]] = true
		if held[s.old.Clauses[p[0]].Parent] {
			continue
		}
		if n := len(rows); n > 0 && p == next {
			rows[n-1][1] = i
		} else {
			rows = append(rows, [2]int{i, i})
		}
		next = [2]int{sibling(s.old, p[0]), sibling(s.new, p[1])}
	}
	return rows
}

// sibling is the clause after c below the same one, or gone.
func sibling(t *markdown.Text, c int) int {
	for i := c + 1; i < len(t.Clauses); i++ {
		switch {
		case t.Clauses[i].Parent == t.Clauses[c].Parent:
			return i
		case t.Clauses[i].Level <= t.Clauses[c].Level:
			return gone
		}
	}
	return gone
}

// fromTo writes a range of numbers.
func fromTo(first, last string) string {
	if strings.Contains(first+last, " ") {
		return first + " – " + last
	}
	return first + "–" + last
}
