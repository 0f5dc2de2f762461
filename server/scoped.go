package server

import (
	"bytes"
	"html/template"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// scoped gives every id in a fragment, and every link to one, a prefix: a page
// that shows a text in several languages, or a text and its redline, would
// otherwise have each id more than once.
func scoped(fragment, prefix string) template.HTML {
	nodes, err := html.ParseFragment(strings.NewReader(fragment), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return "" // unreachable: reading memory does not fail
	}
	var out bytes.Buffer
	for _, n := range nodes {
		for d := range n.Descendants() {
			prefixed(d, prefix)
		}
		prefixed(n, prefix)
		_ = html.Render(&out, n) // into memory
	}
	return template.HTML(out.String())
}

func prefixed(n *html.Node, prefix string) {
	for i, a := range n.Attr {
		switch {
		case a.Key == "id":
			n.Attr[i].Val = prefix + a.Val
		case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
			n.Attr[i].Val = "#" + prefix + a.Val[1:]
		case a.Key == "aria-labelledby" || a.Key == "aria-describedby":
			n.Attr[i].Val = prefix + strings.Join(strings.Fields(a.Val), " "+prefix)
		}
	}
}
