package redline

import (
	"slices"
	"strings"

	"vestnik/documents/markdown"
)

// contents says of the clauses whose number changed and whose title did not how a
// table of contents names them: by number of a their titles, by address within a
// the addresses within b.
type contents struct {
	titles  map[string]string
	targets map[string]string
}

func (m *matching) contents() contents {
	if m.numbers == nil {
		return contents{}
	}
	out := contents{map[string]string{}, map[string]string{}}
	one, other := m.a.addresses(), m.b.addresses()
	for c, d := range m.clauses.x {
		if d < 0 || m.clauses.doubtful[c] || m.clauses.sameNumber(c, d) || !m.clauses.sameTitle(c, d) {
			continue
		}
		x, y := &m.a.Clauses[c], &m.b.Clauses[d]
		out.titles[core(x.Number)] = x.Title
		out.leads(one[c], other[d])
		out.leads(x.Anchor, y.Anchor)
	}
	return out
}

func (c contents) leads(old, new string) {
	if old != "" && new != "" && old != new {
		c.targets["#"+old] = "#" + new
	}
}

// addresses are those of headings, by clause, which no other heading has.
func (s *side) addresses() map[int]string {
	at := map[string]int{}
	for i := range s.Blocks {
		if s.Blocks[i].Kind == markdown.Heading {
			once(at, markdown.HeadingSlug(s.Blocks[i].Text), i)
		}
	}
	out := map[int]string{}
	for address, i := range at {
		if i >= 0 && s.begun(i) >= 0 {
			out[s.begun(i)] = address
		}
	}
	return out
}

// listed tells whether a number begins a row of contents: a line or a cell that
// goes on with the title of its clause.
func (m *matching) listed(s string, number token) bool {
	before, after := s[:number.start], strings.TrimLeft(s[number.end:], ".) ")
	title := m.places.titles[core(s[number.start:number.end])]
	return (before == "" || strings.HasSuffix(before, " | ") || strings.HasSuffix(before, "\n")) &&
		title != "" && len(after) >= len(title) && strings.EqualFold(after[:len(title)], title)
}

// following returns x with the links led to where those of y lead, as far as these
// are the same clauses, and whether any was.
func (m *matching) following(x, y reading) (_ reading, followed bool) {
	if len(m.places.targets) == 0 {
		return x, false
	}
	led, to := x.clone(), y.links()
	links := led.links()
	if len(links) != len(to) {
		return x, false
	}
	for k, l := range links {
		if t, ok := m.places.targets[l.Target]; ok && t == to[k].Target {
			l.Target, followed = t, true
		}
	}
	return led, followed
}

// clone copies the blocks of r and their marks.
func (r reading) clone() reading {
	r.blocks = slices.Clone(r.blocks)
	for n, b := range r.blocks {
		c := *b
		c.Marks, r.blocks[n] = slices.Clone(b.Marks), &c
	}
	return r
}

// links lists the marks of r that are links.
func (r reading) links() []*markdown.Mark {
	var out []*markdown.Mark
	for _, b := range r.blocks {
		for i := range b.Marks {
			if b.Marks[i].Kind == "link" {
				out = append(out, &b.Marks[i])
			}
		}
	}
	return out
}
