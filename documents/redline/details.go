package redline

import (
	"slices"
	"strings"

	"vestnik/documents/markdown"
)

// Detail is a difference that words do not show. Old and New are in no language:
// addresses, numbers and words of the text as they are, and terms, which in spells.
// "" is none. What says how to read them:
//
//	link       the address, a title behind it in “”; behind two equal ones, in
//	           brackets, the words that are the link
//	image      the source, likewise
//	alternative  the description that stands for an image
//	emphasis   TERM: words, where TERM is strong, em, del, code, sub, sup or a tag
//	level      of a heading, 1 to 6; "" for what is none
//	list       the containers from outside in: bullet, numbered, quote, footnote,
//	           term, description; paragraph for text that continues an item;
//	           then heading N, code, header or row if that differs too
//	table      columns: N; alignment: TERM, TERM…; header; row; cell: N
//	code       code, or code: LANGUAGE
//	footnote   the words before a reference to one
//	character  SIGN (NAME, U+XXXX), or NAME (U+XXXX) of what has no sign of its own
//	layout     tags of raw HTML
//	more       how many details are left out
type Detail struct {
	What string `json:"what"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// The bounds of details: how many an entry has, how many characters they show of
// the words that they are about, and how many bytes of an address.
const (
	detailsShown = 100
	wordsShown   = 100
	targetShown  = 500
)

// reading is what a reader gets of one block, or of several that are one entry.
type reading struct {
	text, number string
	blocks       []*markdown.Block
	starts       []int // of each block's text in text
}

func (s *side) read(of []int) reading {
	var r reading
	var text strings.Builder
	for n, i := range of {
		b := &s.Blocks[i]
		if n > 0 {
			text.WriteByte('\n')
		} else if strings.HasPrefix(b.Text, b.Number) {
			r.number = b.Number
		}
		r.starts = append(r.starts, text.Len())
		r.blocks = append(r.blocks, b)
		text.WriteString(b.Text)
	}
	r.text = text.String()
	return r
}

// details names what differs and words do not show.
func details(a, b reading, spans []Span) []Detail {
	var out []Detail
	if a.text != b.text || !slices.EqualFunc(a.blocks, b.blocks, sameMarks) {
		out = compareMarks(marked(a, b, spans, opRemoved), marked(b, a, spans, opAdded))
	}
	if len(a.blocks) == 1 && len(b.blocks) == 1 {
		forms := compareForms(a.blocks[0], b.blocks[0])
		if slices.ContainsFunc(out, arranges) { // by words, which says more than bare tags
			forms = slices.DeleteFunc(forms, arranges)
		}
		out = append(out, forms...)
	}
	if a.text != b.text {
		out = append(out, compareCharacters(spans)...)
	}
	return bounded(out)
}

func arranges(d Detail) bool { return d.What == "layout" }

func sameMarks(x, y *markdown.Block) bool { return slices.Equal(x.Marks, y.Marks) }

// bounded drops repeated details, and says how many are too many.
func bounded(all []Detail) []Detail {
	seen := map[Detail]bool{}
	out := all[:0]
	for _, d := range all {
		if !seen[d] {
			seen[d] = true
			out = append(out, d)
		}
	}
	if n := len(out) - detailsShown; n > 0 {
		left := itoa(n)
		out = append(out[:detailsShown], Detail{"more", left, left})
	}
	return out
}

func lengthen(s, words string) string { return s + " (" + words + ")" }

// addressOf is an address as a detail shows it: without the middle where no honest
// one is so long, because a short reference may repeat a long one often.
func addressOf(m *markdown.Mark) string {
	out := m.Target
	if len(out) > targetShown {
		out = strings.ToValidUTF8(out[:targetShown-100]+"…"+out[len(out)-97:], "")
	}
	if m.Title != "" {
		out += " “" + shorten(m.Title, wordsShown) + "”"
	}
	return out
}
