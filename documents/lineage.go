package documents

import (
	"context"
	"crypto/sha256"
	"hash"
	"slices"
	"strings"
)

// lineage knows in which versions a clause may have become another, for all
// clauses of a document in one language. Versions are read once, in order, and
// nothing of their texts is kept. A withdrawn version is compared with the one
// before it, and the next one with that one too.
type lineage struct {
	turn   chan struct{} // held by who uses what is below
	read   []place
	steps  map[string][]step
	size   int             // how many steps there are, an id counting as several
	number int             // of the last version that was not withdrawn, 0 for none
	last   map[string]held // its clauses by id
}

// place is what a lineage took a version for.
type place struct {
	number              int
	seq                 Seq
	withdrawn, withheld bool
}

// step is a version in which the bytes of a clause, or its place among the
// others, differ from those of the version before: 0 if there is none.
type step struct {
	version, before int32
	bytes           int32 // of the version's text
	withdrawn       bool
}

// held is a clause as a version has it.
type held struct {
	own   Digest
	place int
}

// steps reads the lineage of a document in a language to its last version, and
// returns the steps of a clause. What was read stays read if ctx ends.
func (l *Library) steps(ctx context.Context, t Timeline, tag, id string) ([]step, error) {
	key := lineageKey(t, tag)
	n, ok := l.lineages.get(key)
	if !ok {
		n = &lineage{turn: make(chan struct{}, 1)}
		l.lineages.put(key, n, 1)
	}
	select {
	case n.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-n.turn }()
	err := n.follow(ctx, l, t, tag)
	l.lineages.put(key, n, 1+n.size)
	return slices.Clone(n.steps[id]), err
}

// lineageKey names a document in a language. A log that begins anew has another
// origin.
func lineageKey(t Timeline, tag string) string {
	origin := ""
	if len(t.Events) > 0 {
		origin = t.Events[0].Origin
	}
	return origin + " " + t.Document + " " + tag
}

// follow reads on, or anew if a version that was read is another now.
func (n *lineage) follow(ctx context.Context, l *Library, t Timeline, tag string) error {
	if !n.continues(t) {
		*n = lineage{turn: n.turn}
	}
	if n.steps == nil {
		n.steps = map[string][]step{}
	}
	for _, s := range t.Versions[len(n.read):] {
		if err := n.take(ctx, l, t.Document, tag, s); err != nil {
			return err
		}
	}
	return nil
}

func placed(s Standing) place { return place{s.Number, s.Seq, s.Withdrawn, s.Withheld} }

func (n *lineage) continues(t Timeline) bool {
	return len(n.read) <= len(t.Versions) && slices.EqualFunc(n.read, t.Versions[:len(n.read)], func(p place, s Standing) bool { return p == placed(s) })
}

func (n *lineage) take(ctx context.Context, l *Library, document, tag string, s Standing) error {
	if s.legible(tag) {
		text, err := l.text(ctx, document, s.Number, tag)
		if err != nil {
			return err
		}
		n.compare(text, s)
	}
	n.read = append(n.read, placed(s))
	return nil
}

// legible tells whether a version has a text in a language that may be shown.
func (s Standing) legible(tag string) bool {
	_, ok := s.Titles[tag]
	return ok && !s.Withheld
}

func (n *lineage) compare(text Text, s Standing) {
	now := holdings(text)
	one := step{int32(s.Number), int32(n.number), int32(len(text.Source)), s.Withdrawn}
	strayed := n.strayed(text.Clauses)
	for id, h := range now {
		if was, ok := n.last[id]; !ok || was.own != h.own || strayed[id] {
			n.add(id, one)
		}
	}
	for id := range n.last {
		if _, ok := now[id]; !ok {
			n.add(id, one)
		}
	}
	if !s.Withdrawn {
		n.number, n.last = s.Number, now
	}
}

func (n *lineage) add(id string, s step) {
	if n.steps[id] == nil {
		n.size += 10
	}
	n.steps[id] = append(n.steps[id], s)
	n.size++
}

// strayed finds the clauses that stand on another side of some clause than in the
// last version.
func (n *lineage) strayed(clauses []Clause) map[string]bool {
	var ids []string
	var at []int
	for _, c := range clauses {
		if was, ok := n.last[c.ID]; ok {
			ids, at = append(ids, c.ID), append(at, was.place)
		}
	}
	out := map[string]bool{}
	most := -1
	for i, p := range at {
		if p < most {
			out[ids[i]] = true
		}
		most = max(most, p)
	}
	least := len(n.last)
	for i, p := range slices.Backward(at) {
		if p > least {
			out[ids[i]] = true
		}
		least = min(least, p)
	}
	return out
}

// holdings digests what each clause of a text is made of.
func holdings(t Text) map[string]held {
	s := newSource(t.Source)
	out := make(map[string]held, len(t.Clauses))
	for i, c := range t.Clauses {
		out[c.ID] = held{s.own(c.First, c.Last), i}
	}
	return out
}

// source is a text by lines.
type source struct {
	lines []string
	links Digest // of the definitions of links, which stand anywhere
	sum   hash.Hash
}

func newSource(text string) *source {
	s := &source{lines: strings.SplitAfter(text, "\n"), sum: sha256.New()}
	for i, line := range s.lines {
		if strings.Contains(line, "]:") {
			s.sum.Write([]byte(strings.Join(s.lines[i:min(i+3, len(s.lines))], ""))) // address and title may stand below
		}
	}
	s.sum.Sum(s.links[:0])
	return s
}

// own digests lines first to last and, if they may hold a link by reference, all
// definitions. Blank ends do not count.
func (s *source) own(first, last int) (d Digest) {
	s.sum.Reset()
	linked := false
	for _, line := range s.lines[max(first, 1)-1 : min(max(last, 0), len(s.lines))] {
		linked = linked || strings.Contains(line, "[")
		s.sum.Write([]byte(strings.TrimSuffix(line, "\n")))
		s.sum.Write([]byte{'\n'})
	}
	if linked {
		s.sum.Write(s.links[:])
	}
	s.sum.Sum(d[:0])
	return d
}
