package redline

import (
	"slices"
	"strconv"
	"strings"

	"vestnik/documents/markdown"
)

// compareForms compares what is neither words nor marks.
func compareForms(a, b *markdown.Block) []Detail {
	var out []Detail
	if a.Kind == markdown.Row && b.Kind == markdown.Row && a.Text != b.Text {
		out = movedCells(a.Text, b.Text)
	}
	if a.Form == b.Form {
		return out
	}
	x, y := formOf(a), formOf(b)
	p, q := x.containers(y), y.containers(x)
	if p != q && x.body() != y.body() {
		return append(out, Detail{"list", joinTerms(p, x.body()), joinTerms(q, y.body())})
	}
	if x.level != y.level {
		out = append(out, Detail{"level", x.level, y.level})
	}
	out = append(out, compareTables(a, b, x, y)...)
	if x.code != y.code {
		out = append(out, Detail{"code", x.code, y.code})
	}
	if p != q {
		out = append(out, Detail{"list", p, q})
	}
	if x.html != y.html {
		out = append(out, compareTags(x.html, y.html))
	}
	if len(out) == 0 && a.Text == b.Text && container(a) != container(b) {
		out = append(out, Detail{"layout", container(a), container(b)})
	}
	return out
}

func joinTerms(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// form is the Form of a block taken apart.
type form struct {
	around []string // containers, from outside in
	level  string   // of a heading
	row    string   // header, row or ""
	shape  string   // alignment of a header, columns of a row
	code   string   // code, code: LANGUAGE or ""
	html   string   // tags
	item   bool     // an item's own paragraph
}

func formOf(b *markdown.Block) form {
	var f form
	rest, raw, _ := strings.Cut(b.Form, "html:")
	f.html = raw
	parts := strings.Split(rest, "/")
	f.around = append(f.around, parts[:len(parts)-1]...)
	switch last := parts[len(parts)-1]; {
	case last == "li":
		f.item = true
	case last == "dt":
		f.around = append(f.around, last)
	case len(last) == 2 && last[0] == 'h' && last[1] <= '9':
		f.level = last[1:]
	case strings.HasPrefix(last, "table:header:"):
		f.row, f.shape = "header", strings.TrimPrefix(last, "table:header:")
	case strings.HasPrefix(last, "table:row:"):
		f.row, f.shape = "row", strings.TrimPrefix(last, "table:row:")
	case strings.HasPrefix(last, "code"):
		f.code = strings.Replace(last, ":", ": ", 1)
	}
	return f
}

// body is the term for what a block is in its containers, "" for plain text.
func (f form) body() string {
	switch {
	case f.level != "":
		return "heading " + f.level
	case f.code != "":
		return "code"
	}
	return f.row
}

// containers spells what is around a block. A list that counts itself is told
// from one with written numbers by its numbers, which are words; where the other
// block's list counts itself too, the number that it begins with counts.
func (f form) containers(other form) string {
	var out []string
	for n, c := range f.around {
		switch start, counted := strings.CutPrefix(c, "ol"); {
		case c == "ul":
			out = append(out, "bullet")
		case c == "numbered" || counted && start == "1":
			out = append(out, "numbered")
		case counted && n < len(other.around) && strings.HasPrefix(other.around[n], "ol"):
			out = append(out, "numbered "+start)
		case counted:
			out = append(out, "numbered")
		case c == "dd":
			out = append(out, "description")
		case c == "dt":
			out = append(out, "term")
		case c == "quote" || c == "footnote":
			out = append(out, c)
		}
	}
	if !f.item && len(f.around) > 0 && f.around[len(f.around)-1] == "li" && f.level+f.row+f.code == "" {
		out = append(out, "paragraph")
	}
	return strings.Join(out, ", ")
}

// compareTables compares the shape of tables. What a row lacks or has more is
// seen in its words: only the header tells that columns came or went.
func compareTables(a, b *markdown.Block, x, y form) []Detail {
	switch {
	case x.row != y.row:
		return []Detail{{"table", x.row, y.row}}
	case x.shape == y.shape || x.row == "row" && a.Text != b.Text:
		return nil
	case x.row == "row":
		return []Detail{{"table", "columns: " + x.shape, "columns: " + y.shape}}
	case len(x.shape) != len(y.shape):
		return []Detail{{"table", "columns: " + itoa(len(x.shape)), "columns: " + itoa(len(y.shape))}}
	}
	return []Detail{{"table", "alignment: " + aligned(x.shape), "alignment: " + aligned(y.shape)}}
}

// aligned spells the alignment of columns, which a form has by initials.
func aligned(shape string) string {
	return strings.TrimSuffix(strings.NewReplacer("l", "left, ", "r", "right, ", "c", "center, ", "n", "none, ").Replace(shape), ", ")
}

// compareTags says where the tags of two blocks of raw HTML differ.
func compareTags(a, b string) Detail {
	x, y := strings.SplitAfter(a, ">"), strings.SplitAfter(b, ">")
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	return Detail{"layout", tagNames(x), tagNames(y)}
}

// tagNames lists the elements that tags begin.
func tagNames(tags []string) string {
	var out []string
	for _, t := range tags {
		if t = strings.TrimSuffix(t, ">"); t != "" && len(out) < wordsShown {
			out = append(out, t)
		}
	}
	return shorten(strings.Join(out, " "), wordsShown)
}

// container is the form of b without its level. Whether an ordered list counts
// itself is the affair of its numbers: readers see an ordered list.
func container(b *markdown.Block) string {
	form := b.Form
	if f := formOf(b); f.level != "" {
		form = strings.TrimSuffix(form, "h"+f.level)
	}
	return counting.Replace(form)
}

var counting = strings.NewReplacer("numbered/", "ordered/", "ol1/", "ordered/")

func itoa(n int) string { return strconv.Itoa(n) }

// movedCells finds the cells of a row that stand elsewhere in the other one,
// where more than their neighbours coming or going moved them.
func movedCells(a, b string) []Detail {
	x, y := strings.Split(a, " | "), strings.Split(b, " | ")
	var links []link
	for i, cell := range x {
		if j := slices.Index(y, cell); cell != "" && j >= 0 && slices.Index(x, cell) == i && !slices.Contains(y[j+1:], cell) && !slices.Contains(x[i+1:], cell) {
			links = append(links, link{i, j, len(cell)})
		}
	}
	stay := map[int]bool{}
	for _, l := range chain(slices.Clone(links)) {
		stay[l.i] = true
	}
	var out []Detail
	for _, l := range links {
		if !stay[l.i] {
			out = append(out, Detail{"table", "cell: " + itoa(l.i+1), "cell: " + itoa(l.j+1)})
		}
	}
	return out
}
