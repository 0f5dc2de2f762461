package redline

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"vestnik/documents/markdown"
)

// The most characters of a title in a heading and in a list of names.
const (
	titleLetters = 60
	briefLetters = 40
)

// name says which clause c is: "Clause 5.4 “Cookies”", "Clause 5 → (b)",
// "“Cookies”". What is before the first clause is the start of the text.
func (s speech) name(t *markdown.Text, c int) string {
	if c < 0 || opens(t, c) {
		if len(s.old.Clauses)+len(s.new.Clauses) == 0 {
			return s.T("text")
		}
		return s.T("start")
	}
	title := s.title(t, c)
	if title != "" {
		title = s.titled(title)
	}
	if t.Clauses[c].Number == "" {
		return title
	}
	return strings.TrimSpace(s.numbered(t, c) + " " + title)
}

// opens tells whether c is what stands below the title of the text, before its
// first clause.
func opens(t *markdown.Text, c int) bool {
	return c == 0 && len(t.Clauses) > 1 && t.Clauses[0].Number == "" && t.Clauses[0].Title == t.Title
}

// numbered is the number of a clause with the word for it: "Clause 5.4".
func (s speech) numbered(t *markdown.Text, c int) string {
	number := dotless(t.Clauses[c].Number)
	if p := above(t, c); p >= 0 {
		if t.Clauses[p].Number == "" {
			return s.titled(s.title(t, p)) + " → " + number
		}
		return s.numbered(t, p) + " → " + number
	}
	if saysItself(number) {
		return number
	}
	return s.T("clause", "number", number)
}

// path is the number of a clause without a word, where it is local with those
// above it: "5 → (b)". A clause without a number has its title.
func (s speech) path(t *markdown.Text, c int) string {
	number := dotless(t.Clauses[c].Number)
	if number == "" {
		return s.name(t, c)
	}
	return s.over(t, c) + number
}

// over is what a path has before the number of c itself: "5 → ".
func (s speech) over(t *markdown.Text, c int) string {
	if p := above(t, c); p >= 0 && t.Clauses[p].Number != "" {
		return s.path(t, p) + " → "
	}
	return ""
}

// listed is a clause in a list of names, the first of its sentences: "5.4 Cookies".
func (s speech) listed(t *markdown.Text, c, letters int) string {
	cl := t.Clauses[c]
	title, _, ok := strings.Cut(cl.Title, ". ")
	if !ok {
		title = strings.TrimRight(shorten(title, letters), ".:;, ")
	}
	title = isolate(shorten(title, letters))
	if cl.Number == "" {
		return title
	}
	return strings.TrimSpace(s.path(t, c) + " " + title)
}

// dotless is a number without the dot behind it.
func dotless(number string) string {
	return strings.TrimSuffix(strings.TrimSpace(number), ".")
}

// above returns the clause that the number of c needs beside it because it counts
// only there, or -1.
func above(t *markdown.Text, c int) int {
	cl := t.Clauses[c]
	local := cl.Anchor == "" || strings.Contains(cl.Anchor, "-") || strings.HasSuffix(cl.Number, ")")
	if !local || cl.Parent < 0 || saysItself(dotless(cl.Number)) {
		return -1
	}
	if p := t.Clauses[cl.Parent]; p.Number == "" && p.Title == t.Title {
		return -1
	}
	return cl.Parent
}

// saysItself tells whether a number names its kind, as "Статья 7", "7-бап" and
// "§ 5" do.
func saysItself(number string) bool {
	letters, digits := 0, 0
	for _, r := range number {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		}
	}
	return strings.Contains(number, "§") || letters > 1 && (digits > 0 || strings.Contains(number, " "))
}

// title is what stands over clause c: its heading, or a short line above clauses
// below it. Other clauses have none.
func (s speech) title(t *markdown.Text, c int) string {
	cl := t.Clauses[c]
	if cl.Number == "" {
		return strings.TrimRight(cl.Title, ",;: ")
	}
	i := sort.Search(len(t.Blocks), func(i int) bool { return t.Blocks[i].First >= cl.First })
	if i == len(t.Blocks) || t.Blocks[i].First != cl.First {
		return ""
	}
	b := &t.Blocks[i]
	words := strings.Trim(strings.TrimPrefix(b.Text, b.Number), " \n,;:")
	holds := c+1 < len(t.Clauses) && t.Clauses[c+1].Parent == c
	if b.Kind == markdown.Heading || holds && utf8.RuneCountInString(words) <= titleLetters && !strings.ContainsAny(words, ".!?;:。！？；：") {
		return words
	}
	return ""
}

// titled is a title in quotes.
func (s speech) titled(title string) string {
	return s.T("titled", "title", isolate(shorten(title, titleLetters)))
}

// isolate keeps words that run right to left, or steer the direction, from turning
// round those beside them. HTML has an element for the isolates, the text form leaves
// them out: not every terminal and mail reader knows them.
func isolate(s string) string {
	if !strings.ContainsFunc(s, turning) {
		return s
	}
	return isolateBegin + unisolated.Replace(s) + isolateEnd
}

const isolateBegin, isolateEnd = "\u2068", "\u2069"

var unisolated = strings.NewReplacer("\u2066", "", "\u2067", "", isolateBegin, "", isolateEnd, "")

// turning tells whether r turns the direction round.
func turning(r rune) bool {
	return r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r >= 0x590 && unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana)
}

// shorten keeps at most so many characters of s, whole words where it can.
func shorten(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	kept := keepStart(s, most-1)
	if kept == "" {
		kept = firstRunes(s, most-1) // one word
	}
	return strings.TrimRight(kept, " ,;:([{«“") + "…"
}
