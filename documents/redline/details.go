package redline

import (
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
	x, y := marked(a, spans, opRemoved), marked(b, spans, opAdded)
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

// marked lists the marks of a reading. own is the operation of spans that stand
// in this text only.
func marked(r reading, spans []Span, own string) []spot {
	at := sharedBefore(r.text, spans, own)
	var out []spot
	for n, b := range r.blocks {
		for _, m := range b.Marks {
			s := spot{from: at(r.starts[n] + m.Start), to: at(r.starts[n] + m.End)}
			s.words = b.Text[max(m.Start, 0):min(max(m.End, m.Start), len(b.Text))]
			switch m.Kind {
			case "link", "image":
				s.what, s.value = m.Kind, m.Target
				if m.Title != "" {
					s.value += " “" + m.Title + "”"
				}
			default:
				s.what, s.value = "emphasis", m.Kind
				if s.from == s.to && m.Start < m.End {
					continue // all its words are removed or added: that is shown
				}
			}
			out = append(out, s)
		}
	}
	return out
}

// sharedBefore returns the function that counts the shared bytes before a place
// of text.
func sharedBefore(text string, spans []Span, own string) func(int) int {
	type edge struct{ at, shared int }
	edges := []edge{{0, 0}}
	at, shared := 0, 0
	for _, s := range spans {
		if s.Op != opSame && s.Op != own {
			continue
		}
		at += len(s.Text)
		if s.Op == opSame {
			shared += len(s.Text)
		}
		edges = append(edges, edge{at, shared})
	}
	return func(p int) int {
		lo, hi := 0, len(edges)-1
		for lo < hi { // the last edge not after p
			mid := (lo + hi + 1) / 2
			if edges[mid].at <= p {
				lo = mid
			} else {
				hi = mid - 1
			}
		}
		n := edges[lo].shared
		if lo+1 < len(edges) && edges[lo+1].shared > n {
			n += p - edges[lo].at
		}
		return n
	}
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

func pairSpots(a, b []spot) []Detail {
	var out []Detail
	used := make([]bool, len(b))
	for _, s := range a {
		d := Detail{What: s.what, Old: s.say()}
		for k, o := range b {
			if !used[k] && o.what == s.what && o.from == s.from && o.to == s.to {
				used[k] = true
				d.New = o.say()
				break
			}
		}
		out = append(out, d)
	}
	for k, o := range b {
		if !used[k] {
			out = append(out, Detail{What: o.what, New: o.say()})
		}
	}
	return out
}

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
	if p, q := spoken.Replace(x), spoken.Replace(y); p != q {
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

var (
	counting = strings.NewReplacer("numbered/", "ordered/", "ol1/", "ordered/")
	spoken   = strings.NewReplacer("ul/li/", "bullet, ", "ul/li", "bullet", "ordered/li/", "numbered, ", "ordered/li", "numbered",
		"quote/", "quote, ", "dl/dd/", "description, ", "dl/dt", "term")
)
