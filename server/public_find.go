package server

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What one search looks for, marks and lists at most.
const (
	findLetters = 100
	findMarks   = 1000
	findLines   = 200
)

// found is the answer to a search in a text.
type found struct {
	Query, Sentence string
	Lines           []foundLine
	More, Whole     string // what is not listed; the address without the search
}

// foundLine is a clause in which something was found, with the words around the
// first place.
type foundLine struct {
	Href, Number, Before, Match, After string
	Again                              string // in how many more places
	again                              int
}

// queryOf is what a reader searches for.
func queryOf(asked string) string {
	runes := []rune(strings.Join(strings.Fields(asked), " "))
	return string(runes[:min(len(runes), findLetters)])
}

// find marks in body where the reader's words stand, and lists the clauses.
func (v *visit) find(body template.HTML) (template.HTML, *found) {
	out := &found{Query: v.query, Whole: v.base() + v.r.URL.Path}
	f := newFinding(string(body))
	hits := f.hits(v.query)
	f.mark(hits)
	out.Lines = f.lines(hits)
	for i := range out.Lines {
		if n := out.Lines[i].again; n > 0 {
			out.Lines[i].Again = v.w.N("find-again", n)
		}
	}
	switch out.Sentence = v.w.N("find-found", len(hits)); {
	case len(hits) == 0:
		out.Sentence = v.w.T("find-none")
	case len(hits) == findMarks:
		out.Sentence = v.w.N("find-most", len(hits))
	}
	if n := len(out.Lines); n > findLines {
		out.More, out.Lines = v.w.N("find-more", n-findLines), out.Lines[:findLines]
	}
	return template.HTML(f.html()), out
}

// finding is a fragment that is searched: its words without its markup, folded.
type finding struct {
	root   html.Node
	texts  []*html.Node
	starts []int    // of texts, in raw
	clause []string // of texts, the address of the clause
	number []string // and its number
	raw    strings.Builder
	folded foldedText
	at     [2]string // the clause that the walk is in, and its number
	breaks []int     // where in raw a block begins or ends
}

// phrasing are the elements that a search reads across; others end a phrase.
var phrasing = strings.Fields("a abbr b bdi bdo cite code del dfn em i ins kbd mark q s samp small span strong sub sup time u var")

func newFinding(fragment string) *finding {
	f := &finding{}
	nodes, err := html.ParseFragment(strings.NewReader(fragment), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return f // unreachable: reading memory does not fail
	}
	for _, n := range nodes {
		f.root.AppendChild(n)
	}
	for n := range f.root.ChildNodes() {
		f.walk(n)
	}
	f.folded = foldText(f.raw.String(), f.breaks)
	return f
}

func (f *finding) walk(n *html.Node) {
	if n.Type == html.TextNode {
		f.texts, f.starts = append(f.texts, n), append(f.starts, f.raw.Len())
		f.clause, f.number = append(f.clause, f.at[0]), append(f.number, f.at[1])
		f.raw.WriteString(n.Data)
		return
	}
	class := attr(n, "class")
	if class == "share" {
		return
	}
	if id := attr(n, "id"); id != "" && slices.Contains(strings.Fields(class), "clause") {
		f.at = [2]string{id, ""}
	}
	if class == "number" && n.FirstChild != nil {
		f.at = [2]string{strings.TrimPrefix(attr(n, "href"), "#"), n.FirstChild.Data}
	}
	block := !slices.Contains(phrasing, n.Data)
	if block {
		f.breaks = append(f.breaks, f.raw.Len())
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		f.walk(c)
	}
	if block {
		f.breaks = append(f.breaks, f.raw.Len())
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// hits are the places in raw where the query stands, the first findMarks.
func (f *finding) hits(query string) (out [][2]int) {
	want := strings.TrimSpace(foldText(query, nil).text)
	if want == "" {
		return nil
	}
	for at := 0; len(out) < findMarks; {
		i := strings.Index(f.folded.text[at:], want)
		if i < 0 {
			break
		}
		at += i
		out = append(out, [2]int{int(f.folded.from[at]), int(f.folded.to[at+len(want)-1])})
		at += len(want)
	}
	return out
}

// mark puts the hits into elements; the first piece of the nth has the id find-n.
func (f *finding) mark(hits [][2]int) {
	last := len(hits) - 1
	for t := len(f.texts) - 1; t >= 0; t-- {
		begin, node := f.starts[t], f.texts[t]
		end := begin + len(node.Data)
		for last >= 0 && hits[last][0] >= end {
			last--
		}
		for h := last; h >= 0 && hits[h][1] > begin; h-- {
			from, to := max(hits[h][0], begin), min(hits[h][1], end)
			mark := splitOff(node, from-begin, to-begin)
			if hits[h][0] >= begin {
				mark.Attr = []html.Attribute{{Key: "id", Val: findID(h)}}
			}
		}
	}
}

func findID(hit int) string { return fmt.Sprintf("find-%d", hit+1) }

// splitOff puts node's bytes from to to into a mark behind it, and what follows
// behind that.
func splitOff(node *html.Node, from, to int) *html.Node {
	mark := &html.Node{Type: html.ElementNode, Data: "mark", DataAtom: atom.Mark}
	mark.AppendChild(&html.Node{Type: html.TextNode, Data: node.Data[from:to]})
	rest := &html.Node{Type: html.TextNode, Data: node.Data[to:]}
	node.Data = node.Data[:from]
	node.Parent.InsertBefore(rest, node.NextSibling)
	node.Parent.InsertBefore(mark, rest)
	return mark
}

// lines names each clause with hits once, in the order of the text.
func (f *finding) lines(hits [][2]int) (out []foundLine) {
	clause := ""
	for h, hit := range hits {
		t, same := slices.BinarySearch(f.starts, hit[0])
		if !same {
			t--
		}
		if len(out) > 0 && f.clause[t] == clause {
			out[len(out)-1].again++
			continue
		}
		clause = f.clause[t]
		line := foundLine{Href: "#" + findID(h), Number: strings.TrimRight(f.number[t], ".")}
		line.Before, line.Match, line.After = f.around(hit, f.number[t])
		out = append(out, line)
	}
	return out
}

// around is what stands in a block before a hit, in it, and behind it, cut short.
func (f *finding) around(hit [2]int, number string) (before, match, after string) {
	raw := f.raw.String()
	i, _ := slices.BinarySearch(f.breaks, hit[0]+1)
	j, _ := slices.BinarySearch(f.breaks, hit[1])
	begin, end := 0, len(raw)
	if i > 0 {
		begin = f.breaks[i-1]
	}
	if j < len(f.breaks) {
		end = f.breaks[j]
	}
	before = strings.TrimPrefix(strings.TrimLeft(raw[begin:hit[0]], " \n"), number)
	return lastWords(before, 60), raw[hit[0]:hit[1]], shortened(raw[hit[1]:end], 80)
}

// lastWords cuts s before a word, with an ellipsis.
func lastWords(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	cut := string(runes[len(runes)-most:])
	if i := strings.IndexByte(cut, ' '); i >= 0 && i < len(cut)/2 {
		cut = cut[i+1:]
	}
	return "…" + cut
}

func (f *finding) html() string {
	var out bytes.Buffer
	for n := range f.root.ChildNodes() {
		_ = html.Render(&out, n) // into memory
	}
	return out.String()
}
