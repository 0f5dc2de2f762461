package redline

import (
	"strings"

	"vestnik/documents/markdown"
)

// renumberings returns the clauses of c whose own number differs, and counts the
// entries in which only references follow, and those of passages whose own number
// differs and that are not clauses of both texts.
func (s speech) renumberings(c change) (pairs [][2]int, references, others int) {
	for _, e := range c.loud {
		o, n := &s.old.Blocks[e.OldBlocks[0]], &s.new.Blocks[e.NewBlocks[0]]
		switch {
		case o.Number == n.Number:
			references++
		case o.Clause >= 0 && n.Clause >= 0 && s.old.Clauses[o.Clause].First == o.First && s.new.Clauses[n.Clause].First == n.First:
			pairs = append(pairs, [2]int{o.Clause, n.Clause})
		default:
			others++
		}
	}
	return pairs, references, others
}

// renumbering says of a run of clauses in one line which number became which.
func (s speech) renumbering(c change) string {
	pairs, references, others := s.renumberings(c)
	if len(pairs) == 0 {
		return s.referring(c)
	}
	var out []string
	for _, r := range s.rows(pairs) {
		first, last := pairs[r[0]], pairs[r[1]]
		was, is := s.path(s.old, first[0]), s.path(s.new, first[1])
		if over := s.over(s.new, first[1]); over == s.over(s.old, first[0]) {
			is = strings.TrimPrefix(is, over)
		}
		if r[0] == r[1] {
			out = append(out, s.T("now_one", "old", was, "new", is))
			continue
		}
		out = append(out, s.T("now_many", "old", fromTo(was, dotless(s.old.Clauses[last[0]].Number)), "new", fromTo(is, dotless(s.new.Clauses[last[1]].Number))))
	}
	line := s.names(out)
	if references > 0 {
		line += "; " + s.N("references_follow", references)
	}
	if others > 0 {
		line += "; " + small(s.N("numbers_only", others))
	}
	return line
}

// leastRun is how many neighbours in which only numbers differ are told of in one
// line.
const leastRun = 2

// followers counts the entries at the begin of a list in which only numbers differ,
// if they are worth one line.
func followers(entries []Entry) (n int) {
	for n < len(entries) && entries[n].Kind == Renumbered {
		n++
	}
	if n < leastRun {
		return 0
	}
	return n
}

// following says of entries, which followers counted, that only their numbers differ:
// those of clauses one by one.
func (s speech) following(entries []Entry) string {
	c := change{loud: pointers(entries)}
	if pairs, _, _ := s.renumberings(c); len(pairs) > 0 {
		return s.renumbering(c)
	}
	return s.N("numbers_only", len(entries))
}

func pointers(entries []Entry) []*Entry {
	out := make([]*Entry, len(entries))
	for i := range entries {
		out[i] = &entries[i]
	}
	return out
}

// referring names the clauses of c in which only references differ, or numbers of
// what is no clause.
func (s speech) referring(c change) string {
	var names []string
	for _, e := range c.loud {
		name := s.name(s.new, s.block(e).Clause)
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	if _, references, _ := s.renumberings(c); references < len(c.loud) {
		return s.names(names) + " — " + small(s.N("numbers_only", len(c.loud)))
	}
	return s.names(names) + " — " + s.N("references", len(c.loud))
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

// fromTo writes a range of numbers, which have a parent in common.
func fromTo(first, last string) string {
	if strings.Contains(last, " ") {
		return first + " – " + last
	}
	return first + "–" + last
}
