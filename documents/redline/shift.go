package redline

import (
	"strings"

	"vestnik/documents/markdown"
)

// renumberings returns the clauses of c whose own number differs, and counts the
// entries in which only references follow.
func (s speech) renumberings(c change) (pairs [][2]int, references int) {
	for _, e := range c.loud {
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
	for _, e := range c.loud {
		name := s.name(s.new, s.block(e).Clause)
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
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

// fromTo writes a range of numbers.
func fromTo(first, last string) string {
	if strings.Contains(first+last, " ") {
		return first + " – " + last
	}
	return first + "–" + last
}
