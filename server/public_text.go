package server

import (
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/documents/markdown"
)

// rendered is a text as readers get it.
type rendered struct {
	HTML     template.HTML // sanitised by the renderer
	Contents []content
	Dropped  []markdown.Dropped
	parsed   *markdown.Text
}

// content is a line of the table of contents.
type content struct {
	ID, Number, Title string
	Below             []content
}

// render makes a text's HTML with the ids of its clause map.
func render(t documents.Text) (rendered, error) {
	parsed, err := markdown.Parse([]byte(t.Source))
	if err != nil {
		return rendered{}, fmt.Errorf("text in %s: %w", t.Lang, err)
	}
	body, dropped := parsed.HTML(markdown.Options{Lang: t.Lang, ID: idsOf(parsed, t.Clauses)})
	return rendered{template.HTML(body), contentsOf(parsed, t.Clauses), dropped, parsed}, nil
}

// idsOf finds the id of a parsed clause by its first line: the map was stored at
// publication, and a later parser may see the clauses otherwise.
func idsOf(parsed *markdown.Text, stored []documents.Clause) func(int) string {
	by := map[int]string{}
	for _, c := range stored {
		by[c.First] = c.ID
	}
	return func(i int) string {
		if i < 0 || i >= len(parsed.Clauses) {
			return ""
		}
		return by[parsed.Clauses[i].First]
	}
}

// clauseNumber is the link that the renderer makes of a clause's number.
var clauseNumber = regexp.MustCompile(`<a class="number" href="#(c-[a-z2-7]{8})"[^>]*>[^<]*</a>`)

// shared puts behind each number the link to share, which knows what becomes of
// the clause. The stylesheet shows it once the number was pressed.
func (v *visit) shared(body template.HTML, s subject) template.HTML {
	link := fmt.Sprintf(`${0}<a class="share" href="%s/$1">%s</a>`, v.href(s.ID, s.tag, "clause"), html.EscapeString(v.w.T("clause-share")))
	return template.HTML(clauseNumber.ReplaceAllString(string(body), link))
}

// contentsMost is how many lines a table of contents has at most before its
// deepest level goes.
const contentsMost = 70

// contentsOf lists the clauses of the first level and the headings below them. A
// lone heading around everything else is the document's title and is left out.
func contentsOf(parsed *markdown.Text, stored []documents.Clause) []content {
	headings := map[int]bool{}
	for _, b := range parsed.Blocks {
		if b.Kind == markdown.Heading {
			headings[b.First] = true
		}
	}
	top := 1
	if n := atLevel(stored, 1); n == 1 && len(stored) > 1 && stored[0].Number == "" && stored[0].Level == 1 {
		top = 2
	}
	for deepest := 3; deepest >= 1; deepest-- {
		out, n := contentsBelow(stored, headings, top, top+deepest-1)
		if n <= contentsMost || deepest == 1 {
			if n < 2 {
				return nil
			}
			return out
		}
	}
	return nil
}

func atLevel(clauses []documents.Clause, level int) (n int) {
	for _, c := range clauses {
		if c.Level == level {
			n++
		}
	}
	return n
}

func contentsBelow(stored []documents.Clause, headings map[int]bool, top, deepest int) (out []content, n int) {
	stack := []*[]content{&out}
	for _, c := range stored {
		depth := c.Level - top
		if depth < 0 || c.Level > deepest || depth > 0 && !headings[c.First] || c.Number == "" && c.Title == "" {
			continue
		}
		depth = min(depth, len(stack)-1)
		stack = stack[:depth+1]
		list := stack[depth]
		*list = append(*list, content{ID: c.ID, Number: c.Number, Title: shortened(c.Title, 90)})
		stack = append(stack, &(*list)[len(*list)-1].Below)
		n++
	}
	return out, n
}

// shortened cuts s after a word, with an ellipsis.
func shortened(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	cut := string(runes[:most])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.–—") + "…"
}

// textOf is a version's text in the language wanted, else the prevailing one.
func textOf(v documents.Version, want string) (t documents.Text, exact bool, err error) {
	if t, ok := v.Text(want); ok {
		return t, true, nil
	}
	if t, ok := v.Text(v.Prevailing); ok {
		return t, false, nil
	}
	return t, false, errNoPage
}

// clauseName is how people call a clause: its number, else its first words.
func clauseName(c documents.Clause) string {
	if c.Number != "" {
		return strings.TrimRight(c.Number, ".")
	}
	return "«" + shortened(c.Title, 60) + "»"
}

func dirOf(tag string) string { return lang.Dir(tag) }
