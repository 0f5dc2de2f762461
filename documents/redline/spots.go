package redline

import (
	"slices"
	"strings"
	"unicode/utf8"

	"vestnik/documents/markdown"
)

// spot is a mark whose ends are counted in bytes that both texts share, so that
// marks on both sides of a redline compare.
type spot struct {
	place
	value string // what it is, beside its words
	mark  *markdown.Mark
	text  string // of the block
}

// place is a spot without what it says.
type place struct {
	what     string
	from, to int
}

// marked lists the marks of a reading. own is the operation of spans that stand
// in this text only.
func marked(r, other reading, spans []Span, own string) []spot {
	if !slices.ContainsFunc(r.blocks, func(b *markdown.Block) bool { return len(b.Marks) > 0 }) {
		return nil
	}
	shared := func(at int) int { return at }
	if r.text != other.text {
		at := sharedBefore(r.text, spans, own)
		shared = func(i int) int { return int(at[min(i, len(at)-1)]) }
	}
	var out []spot
	for n, b := range r.blocks {
		for k := range b.Marks {
			m := &b.Marks[k]
			s := spotOf(b.Text, m)
			s.from, s.to = shared(r.starts[n]+m.Start), shared(r.starts[n]+m.End)
			if (s.what == "emphasis" || s.what == "layout") && s.from == s.to {
				continue // all its words are removed or added: that is shown
			}
			out = append(out, s)
		}
	}
	return out
}

// spotOf says what a mark of text is.
func spotOf(text string, m *markdown.Mark) spot {
	s := spot{mark: m, text: text}
	switch s.what = m.Kind; m.Kind {
	case "link", "image":
		if s.value = m.Target; m.Title != "" {
			s.value += "\x00" + m.Title
		}
	case "footnote":
	case "html":
		s.what, s.value = "emphasis", m.Title // the tag: u, span lang=de
		if arranging[m.Target] {
			s.what = "layout"
		}
	default:
		s.what, s.value = "emphasis", m.Kind
	}
	return s
}

// words are those that the mark stands on, as a detail shows them.
func (s *spot) words() string {
	if s == nil {
		return ""
	}
	return shorten(opening(s.text[s.mark.Start:s.mark.End]), wordsShown)
}

// opening is as much of s as a detail may show, cut between characters.
func opening(s string) string {
	end := min(len(s), 4*(wordsShown+1))
	for end < len(s) && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// before is the last words before a place of text, "…" where there are none.
func before(text string, at int) string {
	const letters = 40
	r := []rune(strings.TrimSpace(text[max(0, at-4*letters):at]))
	if len(r) == 0 {
		return "…"
	}
	if len(r) > letters || at > 4*letters {
		r = r[max(0, len(r)-letters):]
		if i := slices.Index(r, ' '); i >= 0 {
			r = r[i+1:]
		}
		return "…" + strings.ToValidUTF8(string(r), "")
	}
	return string(r)
}

// arranging are the elements of raw HTML that arrange words, and do not emphasise
// them.
var arranging = func() map[string]bool {
	out := map[string]bool{}
	for _, name := range strings.Fields("blockquote caption center col colgroup dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 li ol p pre section summary table tbody td tfoot th thead tr ul") {
		out[name] = true
	}
	return out
}()

// sharedBefore counts, before each place of text, the bytes that both texts
// share, without spaces: an edit takes the space on one side of a mark with it.
func sharedBefore(text string, spans []Span, own string) []int32 {
	out := make([]int32, 1, len(text)+1)
	shared := int32(0)
	for _, s := range spans {
		if s.Op != opSame && s.Op != own {
			continue
		}
		for i := range len(s.Text) {
			if s.Op == opSame && s.Text[i] != ' ' {
				shared++
			}
			out = append(out, shared)
		}
	}
	return out
}

// say spells a mark: the target of a link, the words that are emphasised.
func (s *spot) say() string {
	switch {
	case s == nil:
		return ""
	case s.what == "link" || s.what == "image":
		return addressOf(s.mark)
	case s.what == "footnote":
		return before(s.text, s.mark.Start)
	}
	return shorten(s.value, wordsShown) + ": " + s.words()
}

// addressed tells whether words are an address, which needs no link to be one.
func addressed(words string) bool {
	return !strings.ContainsAny(words, " \n") && (strings.Contains(words, "://") || strings.HasPrefix(words, "www.") || strings.Contains(words, "@"))
}
