package redline

import (
	"slices"
	"strconv"
	"strings"

	"vestnik/documents/markdown"
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
	// An edit takes the space on one side of a mark with it: spaces count only
	// where no word differs.
	spaces := a.text == b.text
	x, y := marked(a, spans, opRemoved, spaces), marked(b, spans, opAdded, spaces)
	out := compareMarks(x, y)
	if len(a.blocks) == 1 && len(b.blocks) == 1 {
		out = append(out, compareForms(a.blocks[0], b.blocks[0])...)
	}
	return out
}

// spot is a mark whose ends are counted in bytes that both texts share, so that
// marks on both sides of a redline compare.
type spot struct {
	what, value, words string
	from, to           int
}

func (s spot) key() string {
	return s.what + "\x00" + s.value + "\x00" + strconv.Itoa(s.from) + "\x00" + strconv.Itoa(s.to)
}

// wordsShown is how many characters a detail shows of the words that it is about.
const wordsShown = 100

// marked lists the marks of a reading. own is the operation of spans that stand
// in this text only.
func marked(r reading, spans []Span, own string, spaces bool) []spot {
	if !slices.ContainsFunc(r.blocks, func(b *markdown.Block) bool { return len(b.Marks) > 0 }) {
		return nil
	}
	at := sharedBefore(r.text, spans, own, spaces)
	var out []spot
	for n, b := range r.blocks {
		for _, m := range b.Marks {
			s := spot{from: at[min(r.starts[n]+m.Start, len(at)-1)], to: at[min(r.starts[n]+m.End, len(at)-1)]}
			s.words = shorten(b.Text[m.Start:min(m.End, m.Start+4*(wordsShown+1))], wordsShown)
			switch m.Kind {
			case "link", "image":
				s.what, s.value = m.Kind, m.Target
				if m.Title != "" {
					s.value += " “" + m.Title + "”"
				}
			default:
				if s.what, s.value = "emphasis", m.Kind; m.Kind == "html" {
					s.value = m.Title // the tag: u, span lang=de
				}
				if s.from == s.to && m.Start < m.End {
					continue // all its words are removed or added: that is shown
				}
			}
			out = append(out, s)
		}
	}
	return out
}

// sharedBefore counts, before each place of text, the bytes that both texts
// share.
func sharedBefore(text string, spans []Span, own string, spaces bool) []int {
	out := make([]int, 1, len(text)+1)
	shared := 0
	for _, s := range spans {
		if s.Op != opSame && s.Op != own {
			continue
		}
		for i := range len(s.Text) {
			if s.Op == opSame && (spaces || s.Text[i] != ' ') {
				shared++
			}
			out = append(out, shared)
		}
	}
	return out
}

// compareMarks drops the marks that stand in both lists and pairs the rest by
// place.
func compareMarks(x, y []spot) []Detail {
	return pairSpots(remaining(x, y), remaining(y, x))
}

// remaining returns the spots of y that x lacks, counting repeats.
func remaining(y, x []spot) []spot {
	count := map[string]int{}
	for _, s := range x {
		count[s.key()]++
	}
	var out []spot
	for _, s := range y {
		if k := s.key(); count[k] > 0 {
			count[k]--
		} else {
			out = append(out, s)
		}
	}
	return out
}

// pairSpots pairs what is marked otherwise at one place; the rest came or went.
func pairSpots(a, b []spot) []Detail {
	type found struct {
		at int
		Detail
	}
	var all []found
	left := map[spot][]spot{}
	for _, s := range b {
		left[s.place()] = append(left[s.place()], s)
	}
	for _, s := range a {
		d := Detail{What: s.what, Old: s.say()}
		if o := left[s.place()]; len(o) > 0 {
			d.New, left[s.place()] = o[0].say(), o[1:]
		}
		all = append(all, found{s.from, d})
	}
	for _, s := range b {
		if o := left[s.place()]; len(o) > 0 {
			all = append(all, found{s.from, Detail{What: s.what, New: o[0].say()}})
			left[s.place()] = o[1:]
		}
	}
	slices.SortStableFunc(all, func(x, y found) int { return x.at - y.at })
	var out []Detail
	for _, f := range all {
		out = append(out, f.Detail)
	}
	return out
}

// place is a spot without what it says.
func (s spot) place() spot { return spot{what: s.what, from: s.from, to: s.to} }

// say spells a mark: the target of a link, the words that are emphasised.
func (s spot) say() string {
	if s.what == "emphasis" {
		return s.value + ": " + s.words
	}
	return s.value
}

// compareForms compares what is neither words nor marks.
func compareForms(a, b *markdown.Block) []Detail {
	var out []Detail
	if x, y := level(a), level(b); x != y {
		out = append(out, Detail{"level", x, y})
	}
	x, y := container(a), container(b)
	if x == y {
		return out
	}
	what := "list"
	if a.Kind == markdown.Row || b.Kind == markdown.Row {
		what = "table"
	}
	if p, q := spell(x), spell(y); p != q {
		x, y = p, q
	}
	return append(out, Detail{what, x, y})
}

func level(b *markdown.Block) string {
	if b.Kind != markdown.Heading {
		return ""
	}
	return strconv.Itoa(b.Level)
}

// container is the form of b without its level. Whether an ordered list counts
// itself is the affair of its numbers: readers see an ordered list.
func container(b *markdown.Block) string {
	form := b.Form
	if b.Kind == markdown.Heading {
		form = strings.TrimSuffix(form, "h"+strconv.Itoa(b.Level))
	}
	return counting.Replace(form)
}

// spell says a form in words; what it has no word for stays.
func spell(form string) string { return strings.TrimSuffix(spoken.Replace(form), ", ") }

var (
	counting = strings.NewReplacer("numbered/", "ordered/", "ol1/", "ordered/")
	spoken   = strings.NewReplacer("ul/li/", "bullet, ", "ul/li", "bullet", "ordered/li/", "numbered, ", "ordered/li", "numbered",
		"quote/", "quote, ", "dl/dd/", "description, ", "dl/dt", "term")
)
