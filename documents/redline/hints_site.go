package redline

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// inside returns the words of a stretch of the text.
func (h *half) inside(stretch [2]int) []term {
	i, j := h.wordAt(stretch[0]), h.wordAt(stretch[1])
	return h.words[i:j]
}

// wordAt is the index of the first word that begins at p or behind it.
func (h *half) wordAt(p int) int {
	i, _ := slices.BinarySearchFunc(h.words, p, func(w term, p int) int { return int(w.start) - p })
	return i
}

const exceptBytes = 8 // before the word that makes a change an exception

// wordy tells whether a change has so many words that a small one among them
// says little: the whole is to be read anyway.
func wordy(what string, a, b int) bool {
	switch what {
	case "modal":
		return max(a, b) > hintLong
	case "negation", "limit", "number":
		return max(a, b) > hintLong/2 || min(a, b) == 0 && a+b > hintShort
	}
	return false
}

// trifle tells whether f alone says little: a weak word, a permission within
// words that only came or only went.
func trifle(f finding, a, b int) bool {
	return f.weak || f.what == "modal" && f.key == "permission" && min(a, b) == 0 && a+b > hintShort
}

// only returns the findings of one kind; of a long change, which begins at from,
// those alone that make it an exception.
func only(what string, of []finding, from int, long bool) (out []finding) {
	for _, f := range of {
		if f.what == what && (!long || f.key == "except" && f.start <= from+exceptBytes) {
			out = append(out, f)
		}
	}
	return out
}

func has(of []finding, what string) bool {
	return slices.ContainsFunc(of, func(f finding) bool { return f.what == what })
}

// kind is what a pair of findings, or one, is about in its sentence. It is the same
// in both directions: either of the two decides.
func (h *hinting) kind(x, y *finding) string {
	var about topic
	what, years, young, bare := "", false, false, true
	for _, side := range []struct {
		f *finding
		h *half
	}{{x, &h.old}, {y, &h.new}} {
		if f := side.f; f != nil {
			about |= side.h.about[f.sentence]
			what, years, young = f.what, years || strings.HasSuffix(f.key, "year"), young || youth(f.key)
			bare = bare && (f.what == "number" || year(f.key)) // 1999 Example Street
		}
	}
	if about&^aboutRetention == 0 && what == "duration" {
		about |= h.old.heads() | h.new.heads()
	}
	switch {
	case what == "duration" && about&aboutAge != 0 && years:
		return "age"
	case what == "duration" && about&aboutRetention != 0:
		return "retention"
	case what == "number" && about&aboutAge != 0 && young:
		return "age"
	case bare && about&(aboutAddress|aboutPhone) != 0:
		return "contact"
	}
	return what
}

// youth tells whether a bare number may be an age that a rule is about.
func youth(value string) bool {
	n, err := strconv.Atoi(value)
	return err == nil && n >= 5 && n <= 21
}

func (h *half) say(f finding) string { return clip(h.text[f.start:f.shown]) }

func (h *hinting) put(site int, what, old, new string) {
	if old != new {
		h.out = append(h.out, placed{Hint{what, old, new}, site})
	}
}

// A change of more words is no slip of the pen, nor one of so long a word.
const (
	slipWords   = 6
	slipLetters = 30
)

// misspelt tells whether one of others, the words of the other side, is f with
// its spelling mended.
func (h *half) misspelt(f finding, others []term) bool {
	if len(others) > slipWords {
		return false
	}
	mine := h.inside([2]int{f.start, f.end})
	return slices.ContainsFunc(mine, func(w term) bool {
		return w.kind == wordLetters && slices.ContainsFunc(others, func(o term) bool {
			known, _ := hintWords.match([]term{o}, h.isIn)
			return known == nil && hintWords.ending(o.text, nil) == nil && near(w.text, o.text)
		})
	})
}

// near tells whether two words differ by a slip of the pen: one letter of five or
// six, two of more.
func near(a, b string) bool {
	n, m := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	most := 2
	if min(n, m) < 7 {
		most = 1
	}
	if min(n, m) < 5 || max(n, m) > slipLetters || n-m > most || m-n > most {
		return false
	}
	return distance([]rune(a), []rune(b)) <= most
}

// distance is Levenshtein's.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// around looks at a change that says nothing known by itself, where the sentence
// tells what it is about: a purpose, a postal address.
func (h *hinting) around(i int, wa, wb []term) {
	s := h.sites[i]
	if max(len(wa), len(wb)) > hintPhrase || !telling(wa, wb) {
		return
	}
	old, new := h.old.changed(s.old), h.new.changed(s.new)
	switch {
	case h.old.forPurpose(s.old) || h.new.forPurpose(s.new):
		h.put(i, "purpose", old, new)
	case (h.old.aboutAt(s.old)|h.new.aboutAt(s.new))&aboutAddress != 0 && (naming(wa) || naming(wb)):
		h.put(i, "contact", old, new)
	}
}

// telling tells whether two stretches differ in more than signs, endings and
// spelling.
func telling(a, b []term) bool {
	x, y := content(a), content(b)
	if len(x) != len(y) {
		return true
	}
	for k := range x {
		if x[k] != y[k] && !near(x[k], y[k]) && !inflected(x[k], y[k]) {
			return true
		}
	}
	return false
}

// content lists the words of five letters or more: shorter ones are mostly
// prepositions and the like.
func content(of []term) (out []string) {
	for _, w := range of {
		if w.kind == wordLetters && utf8.RuneCountInString(w.text) >= 5 {
			out = append(out, w.text)
		}
	}
	return out
}

// inflected tells whether two words share all but an ending.
func inflected(a, b string) bool {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return 10*n >= 6*max(len(a), len(b))
}

func naming(of []term) bool {
	return slices.ContainsFunc(of, func(w term) bool { return w.capital || w.kind == wordDigits })
}

func (h *half) aboutAt(stretch [2]int) topic {
	if i := h.wordAt(stretch[0]); i < len(h.words) {
		return h.about[h.words[i].sentence]
	}
	return 0
}

// forPurpose tells whether a word near the stretch, in its sentence, says that it
// is a purpose: before it in Russian and English, behind it in Kazakh.
func (h *half) forPurpose(stretch [2]int) bool {
	i, j := h.wordAt(stretch[0]), h.wordAt(stretch[1])
	from, _ := slices.BinarySearchFunc(h.purpose, i-purposeBefore, func(m marker, at int) int { return m.at - at })
	for _, m := range h.purpose[from:] {
		switch {
		case m.at > j+purposeBehind:
			return false
		case !m.behind && m.at < i && h.together(m.at, i), m.behind && m.at >= j && h.together(j-1, m.at):
			return true
		}
	}
	return false
}

const (
	purposeBefore = 8 // words
	purposeBehind = 3
)

func (h *half) together(i, j int) bool {
	return i >= 0 && h.words[i].sentence == h.words[min(j, len(h.words)-1)].sentence
}

// link makes a hint of a link that leads elsewhere, or a contact that is another.
// An address that was written and is a link now, or the reverse, is none.
func (h *hinting) link(d Detail) {
	if d.What != "link" {
		return
	}
	old, new := target(d.Old), target(d.New)
	n := len(h.out)
	h.out = slices.DeleteFunc(h.out, func(p placed) bool {
		return p.What == "contact" && p.Old+old != "" && p.New+new != "" && bareAddress(p.Old+old) == bareAddress(p.New+new)
	})
	if len(h.out) < n || bareAddress(old) == bareAddress(new) {
		return
	}
	if contact(d.Old) || contact(d.New) || absolute(d.Old) && absolute(d.New) {
		h.put(len(h.sites), "contact", clip(old), clip(new))
	}
}

func contact(s string) bool { return strings.HasPrefix(s, "mailto:") || strings.HasPrefix(s, "tel:") }

func absolute(s string) bool { return strings.Contains(s, "://") }

// target is the address of a link without its title and scheme.
func target(s string) string {
	s, _, _ = strings.Cut(s, " “")
	return strings.TrimPrefix(strings.TrimPrefix(s, "mailto:"), "tel:")
}

// headDepth is how many clauses around an entry may say what it is about.
const headDepth = 4

// heads is what the clause of the entry and those around it are about by their
// titles.
func (h *half) heads() (about topic) {
	if h.source == nil {
		return 0
	}
	for c, n := h.clause, 0; c >= 0 && n < headDepth; c, n = h.source.Clauses[c].Parent, n+1 {
		title := facts{scanning: scanning{text: clip(h.source.Clauses[c].Title)}}
		title.scan(0, len(title.text))
		title.collect()
		for _, t := range title.about {
			about |= t & aboutRetention
		}
	}
	return about
}
