package redline

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"vestnik/documents/markdown"
)

const (
	hintContext = 160     // bytes read on each side of a change
	hintBytes   = 1 << 15 // of an entry's text that are read
	hintLong    = 30      // words: in a longer change single small words say little
	hintShort   = 8       // words that only came, or only went, likewise
	hintPhrase  = 14      // words of a change that is shown whole
)

// take takes the text of blocks, and where their own numbers stand in it.
func (h *half) take(t *markdown.Text, blocks []int) {
	texts, at := make([]string, 0, 1), 0
	for _, i := range blocks {
		b := &t.Blocks[i]
		if b.Number != "" && strings.HasPrefix(b.Text, b.Number) {
			h.numbers = append(h.numbers, [2]int{at, at + len(b.Number)})
		}
		texts, at = append(texts, b.Text), at+len(b.Text)+1
	}
	h.text = strings.Join(texts, "\n")
	if len(blocks) > 0 {
		h.source, h.clause = t, t.Blocks[blocks[0]].Clause
	}
}

// compare finds what came and went at the sites.
func (h *hinting) compare() {
	old, new := make([][2]int, len(h.sites)), make([][2]int, len(h.sites))
	for i, s := range h.sites {
		old[i], new[i] = s.old, s.new
	}
	h.old.read(old)
	h.new.read(new)
	h.cancel()
	for i := range h.sites {
		h.pair(i)
	}
}

// read collects the facts near the sites, and keeps those that a site touches.
func (h *half) read(sites [][2]int) {
	budget := hintBytes
	var pieces [][2]int
	for i := 0; i < len(sites) && budget > 0; {
		from := h.snap(sites[i][0] - hintContext)
		to := sites[i][1] + hintContext
		for i++; i < len(sites) && sites[i][0]-hintContext <= to; i++ {
			to = sites[i][1] + hintContext
		}
		to = h.snap(min(to, from+budget))
		pieces = append(pieces, [2]int{from, to})
		budget -= to - from
	}
	h.words = make([]term, 0, (hintBytes-budget)/7+8)
	for _, p := range pieces {
		h.scan(p[0], p[1])
	}
	h.collect()
	k := 0
	for _, f := range h.found {
		for k < len(sites) && sites[k][1] < f.end && !touches(sites[k], f) {
			k++
		}
		if k < len(sites) && touches(sites[k], f) && !h.numbered(f) {
			h.left, h.at = append(h.left, f), append(h.at, k)
		}
	}
}

// snap moves a place to the space before it, or, where words are very long, to
// the beginning of a rune.
func (h *half) snap(p int) int {
	switch {
	case p <= 0:
		return 0
	case p >= len(h.text):
		return len(h.text)
	}
	if at := strings.LastIndexByte(h.text[max(0, p-64):p], ' '); at >= 0 {
		return max(0, p-64) + at
	}
	for !utf8.RuneStart(h.text[p]) {
		p--
	}
	return p
}

// touches tells whether a change of site is within the words of f.
func touches(site [2]int, f finding) bool {
	if site[0] == site[1] {
		return f.start < site[0] && site[0] < f.end
	}
	return max(site[0], f.start) < min(site[1], f.end)
}

// numbered tells whether f is the number of a clause.
func (h *half) numbered(f finding) bool {
	return slices.ContainsFunc(h.numbers, func(n [2]int) bool { return f.start >= n[0] && f.start < n[1] })
}

// cancel drops what stands on both sides: it moved, or words around it changed.
func (h *hinting) cancel() {
	type id struct{ what, key string }
	count := map[id]int{}
	for _, f := range h.old.left {
		count[id{f.what, f.key}]++
	}
	both := map[id]int{}
	h.new.drop(func(f finding) bool {
		k := id{f.what, f.key}
		if count[k] == 0 {
			return false
		}
		count[k]--
		both[k]++
		return true
	})
	h.old.drop(func(f finding) bool {
		k := id{f.what, f.key}
		both[k]--
		return both[k] >= 0
	})
}

// drop removes the findings that are gone.
func (h *half) drop(gone func(finding) bool) {
	n := 0
	for i, f := range h.left {
		if !gone(f) {
			h.left[n], h.at[n] = f, h.at[i]
			n++
		}
	}
	h.left, h.at = h.left[:n], h.at[:n]
}

// next returns the findings of a site. Sites are asked for in order.
func (h *half) next(site int) []finding {
	n := 0
	for n < len(h.at) && h.at[n] <= site {
		n++
	}
	out := h.left[:n]
	h.left, h.at = h.left[n:], h.at[n:]
	return out
}

// pair makes the hints of one site.
func (h *hinting) pair(i int) {
	s, found := h.sites[i], len(h.out)
	a, b := h.old.next(i), h.new.next(i)
	wa, wb := h.old.inside(s.old), h.new.inside(s.new)
	if len(a)+len(b) > 0 {
		for _, what := range hintKinds {
			if what == "retention" && (has(a, "duration") || has(b, "duration")) {
				continue // how long says more
			}
			long := wordy(what, len(wa), len(wb))
			h.match(i, only(what, a, s.old[0], long), only(what, b, s.new[0], long), wa, wb)
		}
	}
	if len(h.out) == found && len(wa)+len(wb) > 0 {
		h.around(i, wa, wb)
	}
}

// match pairs findings of one kind in order: what came for what went.
func (h *hinting) match(i int, x, y []finding, wa, wb []term) {
	switch {
	case len(y) == 0:
		x = h.old.enlisted(x, &h.new)
	case len(x) == 0:
		y = h.new.enlisted(y, &h.old)
	}
	for k := range max(len(x), len(y)) {
		switch {
		case k >= len(y) && h.new.names(x[k]), k >= len(x) && h.old.names(y[k]):
		case k < len(x) && k < len(y):
			h.both(i, x[k], y[k])
		case k < len(x) && !trifle(x[k], len(wa), len(wb)) && !h.old.misspelt(x[k], wb) && h.fresh(swap{x[k].what, x[k].key, ""}):
			h.place(i, &x[k], nil)
		case k < len(y) && !trifle(y[k], len(wa), len(wb)) && !h.new.misspelt(y[k], wa) && h.fresh(swap{y[k].what, "", y[k].key}):
			h.place(i, nil, &y[k])
		}
	}
}

// enlisted makes one finding of countries that stand in a row and that the other
// side does not name.
func (h *half) enlisted(of []finding, other *half) (out []finding) {
	for _, f := range of {
		last := len(out) - 1
		if f.what == "country" && last >= 0 && !other.names(f) && !other.names(out[last]) && strings.TrimSpace(h.text[out[last].end:f.start]) == "," {
			out[last].end, out[last].shown = f.end, f.shown
			continue
		}
		out = append(out, f)
	}
	return out
}

// names tells whether a country or a party that came or went alone is named near
// the other changes of this side too: then it is none that the passage gains or
// loses.
func (h *half) names(f finding) bool {
	if f.what != "country" && f.what != "party" {
		return false
	}
	if h.named == nil {
		h.named = map[string]bool{}
		for _, o := range h.found {
			if o.what == "country" || o.what == "party" {
				h.named[o.what+o.key] = true
			}
		}
	}
	return h.named[f.what+f.key]
}

// both makes a hint of what came for what went.
func (h *hinting) both(i int, x, y finding) {
	if x.what == "number" && h.old.text[x.end:x.shown] != h.new.text[y.end:y.shown] {
		x.shown, y.shown = x.end, y.end
	}
	if id := (swap{x.what, x.key, y.key}); !slices.Contains(h.seen, id) {
		h.seen = append(h.seen, id)
		h.place(i, &x, &y)
	}
}

// fresh tells whether what came or went alone has not been told yet.
func (h *hinting) fresh(id swap) bool {
	if !byGroup[id.what] {
		return true
	}
	if slices.Contains(h.seen, id) {
		return false
	}
	h.seen = append(h.seen, id)
	return true
}

// place makes a hint of what went, of what came, or of both. A number in an
// address is shown with all that changed beside it.
func (h *hinting) place(i int, x, y *finding) {
	what := h.kind(x, y)
	var old, new string
	if x != nil {
		old = h.old.say(*x)
	}
	if y != nil {
		new = h.new.say(*y)
	}
	s := h.sites[i]
	if f := cmp.Or(x, y); what == "contact" && f.what != what {
		old, new = h.old.changed(s.old), h.new.changed(s.new)
	}
	h.put(i, what, old, new)
}

// changed is what a site changed.
func (h *half) changed(stretch [2]int) string {
	return clip(strings.Trim(h.text[stretch[0]:stretch[1]], " ,.;:—–-|\n"))
}
