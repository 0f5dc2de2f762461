package redline

import (
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// The operations of a span.
const (
	opSame    = "same"
	opRemoved = "removed"
	opAdded   = "added"
)

// edit is a stretch of two token lists: equal, or the one replaced by the other.
type edit struct {
	equal          bool
	a, b           int // tokens
	lettersA, letB int
}

// spans compares two texts word by word; prefixA and prefixB are the lengths of
// their numbers.
func (m *matching) spans(a, b string, prefixA, prefixB int) []Span {
	if a == b {
		return flat(opSame, a)
	}
	ta, tb := tokens(a, prefixA), tokens(b, prefixB)
	w := &wording{matching: m, a: m.number(a, ta), b: m.number(b, tb)}
	w.compare(0, len(ta), 0, len(tb), 0)
	edits := tidy(weigh(w.edits, ta, tb))
	w.slide(edits, a, b, ta, tb)
	if !mostly(edits) {
		edits = clean(edits, prefixA > 0 && prefixB > 0)
	}
	return render(edits, a, b, ta, tb)
}

// flat is a text of one operation.
func flat(op, text string) []Span {
	if text == "" {
		return []Span{}
	}
	return []Span{{op, text}}
}

// number turns tokens into symbols.
func (m *matching) number(s string, of []token) []int32 {
	out := make([]int32, len(of))
	for i, t := range of {
		out[i] = m.lexicon.id(s[t.start:t.end], t.letters)
	}
	return out
}

// wording aligns the words of two texts.
type wording struct {
	*matching
	a, b  []int32
	edits []edit
}

func (w *wording) add(equal bool, a, b int) {
	if a == 0 && b == 0 {
		return
	}
	if n := len(w.edits); n > 0 && w.edits[n-1].equal == equal {
		w.edits[n-1].a += a
		w.edits[n-1].b += b
		return
	}
	w.edits = append(w.edits, edit{equal: equal, a: a, b: b})
}

// compare aligns a[i:j] with b[k:l]: equal ends, then go-diff if the rest is
// small, else runs of words that stand once in both, and what lies between.
func (w *wording) compare(i, j, k, l, depth int) {
	start := i
	for i < j && k < l && w.a[i] == w.b[k] {
		i, k = i+1, k+1
	}
	w.add(true, i-start, i-start)
	tail := 0
	for i < j && k < l && w.a[j-1] == w.b[l-1] {
		j, l, tail = j-1, l-1, tail+1
	}
	switch size := j - i + l - k; {
	case i == j || k == l:
		w.add(false, j-i, l-k)
	case size <= 1500 && w.afford(size):
		w.goDiff(i, j, k, l)
	default:
		w.anchored(i, j, k, l, depth)
	}
	w.add(true, tail, tail)
}

func (w *wording) afford(size int) bool {
	if w.squares < size*size {
		return false
	}
	w.squares -= size * size
	return true
}

// goDiff lets go-diff compare the symbols, one rune each.
func (w *wording) goDiff(i, j, k, l int) {
	dense := map[int32]rune{}
	symbol := func(ids []int32) []rune {
		out := make([]rune, len(ids))
		for n, id := range ids {
			r, ok := dense[id]
			if !ok {
				r = rune(len(dense) + 1)
				if r >= 0xd800 {
					r += 0x800 // past the surrogates, which are no runes
				}
				dense[id] = r
			}
			out[n] = r
		}
		return out
	}
	var dmp diffmatchpatch.DiffMatchPatch
	for _, d := range dmp.DiffMainRunes(symbol(w.a[i:j]), symbol(w.b[k:l]), false) {
		switch n := utf8.RuneCountInString(d.Text); d.Type {
		case diffmatchpatch.DiffEqual:
			w.add(true, n, n)
		case diffmatchpatch.DiffDelete:
			w.add(false, n, 0)
		case diffmatchpatch.DiffInsert:
			w.add(false, 0, n)
		}
	}
}

// anchored cuts long texts at runs of words that stand once in both.
func (w *wording) anchored(i, j, k, l, depth int) {
	for _, run := range []int{9, 5} { // about five words with the spaces between, then three
		if depth > 24 {
			break
		}
		links := w.anchors(i, j, k, l, run)
		if len(links) == 0 {
			continue
		}
		x, y := i, k
		for _, a := range links {
			if a.i < x || a.j < y {
				continue // lies in what the last one already covers
			}
			w.compare(x, a.i, y, a.j, depth+1)
			w.add(true, run, run)
			x, y = a.i+run, a.j+run
		}
		w.compare(x, j, y, l, depth+1)
		return
	}
	w.add(false, j-i, l-k)
}

// anchors finds runs of n tokens that stand once in a[i:j] and once in b[k:l].
func (w *wording) anchors(i, j, k, l, n int) []link {
	type seen struct{ a, b, at int }
	count := map[uint64]seen{}
	for at, h := range runs(w.a[i:j], n) {
		c := count[h]
		count[h] = seen{c.a + 1, 0, at}
	}
	var links []link
	ys := map[uint64]int{}
	for at, h := range runs(w.b[k:l], n) {
		if c, ok := count[h]; ok {
			c.b++
			count[h] = c
			ys[h] = at
		}
	}
	for at, h := range runs(w.a[i:j], n) {
		if c := count[h]; c.a == 1 && c.b == 1 && w.equal(i+at, k+ys[h], n) {
			links = append(links, link{i + at, k + ys[h], 1})
		}
	}
	return chain(links)
}

func (w *wording) equal(x, y, n int) bool {
	for d := range n {
		if w.a[x+d] != w.b[y+d] {
			return false
		}
	}
	return true
}

// runs hashes every n symbols in a row.
func runs(s []int32, n int) []uint64 {
	if len(s) < n {
		return nil
	}
	const base = 0x9e3779b97f4a7c15
	out := make([]uint64, 0, len(s)-n+1)
	top, h := uint64(1), uint64(0)
	for range n {
		top *= base
	}
	for i, x := range s {
		h = h*base + uint64(x) + 1
		if i >= n {
			h -= top * (uint64(s[i-n]) + 1)
		}
		if i >= n-1 {
			out = append(out, h)
		}
	}
	return out
}
