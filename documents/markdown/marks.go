package markdown

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// finish returns the text in NFC and the marks in its offsets, in one spelling
// for all that looks the same. Marks that hold nothing are dropped, images and
// references to footnotes excepted.
func (f *flow) finish() (string, []Mark) {
	for len(f.buf) > 0 && f.buf[len(f.buf)-1] == '\n' {
		f.buf = f.buf[:len(f.buf)-1]
	}
	var marks []Mark
	for _, m := range f.marks {
		if m.End < 0 {
			m.End = len(f.buf)
		}
		m.End = min(m.End, len(f.buf))
		m.Start = min(m.Start, m.End)
		if m.Start < m.End || m.Kind == "image" || m.Kind == "footnote" {
			marks = append(marks, m)
		}
	}
	text := compose(f.buf, marks)
	if marks = canonical(text, marks); len(marks) == 0 {
		return text, nil
	}
	return text, marks
}

// canonical spells marks in one way: sorted, addresses in NFC, without links that
// lead nowhere or say no more than the address that they stand on, and with
// emphasis that goes on behind a space, or within its own kind, in one mark.
// Nobody sees whether the point or colon behind bold words is bold: it never is.
func canonical(text string, marks []Mark) []Mark {
	for i := range marks {
		marks[i].Target, marks[i].Title = norm.NFC.String(marks[i].Target), folded(norm.NFC.String(marks[i].Title))
	}
	marks = slices.DeleteFunc(marks, func(m Mark) bool {
		switch words := text[m.Start:m.End]; m.Kind {
		case "link":
			return m.Target == "" || m.Title == "" && addressed(words, m.Target)
		case "image":
			return m.Target == "" && words == ""
		}
		return false
	})
	slices.SortStableFunc(marks, compareMarks)
	out := marks[:0]
	last := map[string]int{}
	for _, m := range marks {
		if m.Kind == "em" || m.Kind == "strong" {
			if words := strings.TrimRight(text[m.Start:m.End], ".,:;"); words != "" {
				m.End = m.Start + len(words)
			}
			if i, ok := last[m.Kind]; ok && (m.Start <= out[i].End || strings.TrimSpace(text[out[i].End:m.Start]) == "") {
				out[i].End = max(out[i].End, m.End)
				continue
			}
			last[m.Kind] = len(out)
		}
		out = append(out, m)
	}
	slices.SortStableFunc(out, compareMarks)
	return out
}

// folded is s with every run of white space as one space.
func folded(s string) string {
	if !strings.ContainsAny(s, " \t\r\n") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

func compareMarks(a, b Mark) int {
	return cmp.Or(a.Start-b.Start, b.End-a.End, cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Title, b.Title))
}

// addressed tells whether words are the address of their link: a reader who gets
// them without the link misses nothing.
func addressed(words, target string) bool {
	if words == target {
		return strings.Contains(words, "://") || strings.HasPrefix(words, "mailto:")
	}
	scheme, ok := strings.CutSuffix(target, words)
	switch {
	case !ok || words == "":
		return false
	case scheme == "mailto:":
		return strings.Contains(words, "@")
	}
	return (scheme == "http://" || scheme == "https://") && strings.HasPrefix(words, "www.")
}
