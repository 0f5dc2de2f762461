package redline

import (
	"strings"
	"unicode"
	"unicode/utf8"
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
		if e := &s.Changes[i]; e.Kind != Same && !e.folded && s.unseen(e) {
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
	numbers        int // of passages that are no clauses
	lines          int
	levels         []string // what is said of headings that rose or sank
}

func (s speech) tally() *tally {
	y := &tally{count: map[Kind]int{}, passages: len(s.old.Clauses)+len(s.new.Clauses) == 0}
	seen := map[[2]int]Kind{}
	var order [][2]int
	for _, c := range s.changes() {
		switch {
		case c.kind == Same:
		case s.linesOnly(c):
			y.lines += len(c.loud)
		case c.shift != 0:
			y.levels = append(y.levels, s.levels(c))
		case c.kind == Renumbered:
			p, references, others := s.renumberings(c)
			y.count[Renumbered] += len(p)
			y.references += references
			y.numbers += others
		case y.passages:
			y.passage(c.loud)
		case s.atStart(c.at):
			y.start = true
		default:
			kind, ok := seen[c.at]
			if !ok {
				order = append(order, c.at)
				seen[c.at] = c.shown
			} else if kind != c.shown {
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
	more = append(more, y.levels...)
	if n := y.count[Renumbered]; n > 0 {
		more = append(more, s.N("clauses_renumbered", n))
	}
	if y.references > 0 {
		more = append(more, s.N("references_follow", y.references))
	}
	if y.numbers > 0 {
		more = append(more, small(s.N("numbers_only", y.numbers)))
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

func small(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[size:]
}
