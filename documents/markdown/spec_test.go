package markdown

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// specExamples reads CommonMark's examples from goldmark's own tests.
func specExamples(t *testing.T) []specExample {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Fatalf("CommonMark's examples lie in the module cache, which go does not name: %v", err)
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "_test", "spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	var examples []specExample
	if err := json.Unmarshal(b, &examples); err != nil {
		t.Fatal(err)
	}
	return examples
}

type specExample struct {
	Markdown string
	HTML     string
	Example  int
	Section  string
}

func TestCommonMark(t *testing.T) {
	reasons := map[int]string{}
	for _, d := range differences {
		for _, n := range d.examples {
			reasons[n] = d.reason
		}
	}
	examples := specExamples(t)
	if len(examples) < 600 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, e := range examples {
		got := ""
		if text, err := Parse([]byte(e.Markdown)); err == nil {
			out, _ := text.HTML(Options{top: 1})
			got = ordinary(string(out))
		}
		want := ordinary(e.HTML)
		switch reason := reasons[e.Example]; {
		case got != want && reason == "":
			t.Errorf("example %d (%s): %q\n got %q\nwant %q", e.Example, e.Section, e.Markdown, got, want)
		case got == want && reason != "":
			t.Errorf("example %d is no difference any more: %s", e.Example, reason)
		}
	}
}

// ordinary rewrites HTML into one spelling, in which our numbered lists are the
// ordered lists that CommonMark makes of them.
func ordinary(s string) string {
	context := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(s), context)
	if err != nil {
		return err.Error()
	}
	root := &html.Node{Type: html.ElementNode, Data: "div"}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	unnumber(root)
	var b bytes.Buffer
	html.Render(&b, root)
	return aroundTags.ReplaceAllString(b.String(), "$1")
}

var aroundTags = regexp.MustCompile(`\n*(<[^>]*>)\n*`)

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func unnumber(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		class := attribute(c, "class")
		switch {
		case c.Data == "img":
			described(c)
		case class == "numbered":
			c.Data, c.DataAtom, c.Attr = "ol", atom.Ol, nil
			if number := firstNumber(c); number != 1 {
				c.Attr = []html.Attribute{{Key: "start", Val: strconv.Itoa(number)}}
			}
		case class == "item" || strings.HasPrefix(class, "item clause"):
			c.Data, c.DataAtom, c.Attr = "li", atom.Li, nil
		case class == "number":
			if after := c.NextSibling; after != nil && after.Type == html.TextNode {
				after.Data = strings.TrimPrefix(after.Data, " ")
			}
			n.RemoveChild(c)
			c = next
			continue
		case strings.HasPrefix(class, "clause"):
			c.Attr = nil
		}
		unnumber(c)
		c = next
	}
}

// described turns an image into what we make of it.
func described(img *html.Node) {
	text := &html.Node{Type: html.TextNode, Data: attribute(img, "alt")}
	href := attribute(img, "src")
	img.Attr = []html.Attribute{{Key: "class", Val: "image"}, {Key: "href", Val: href}}
	img.Data, img.DataAtom = "a", atom.A
	img.AppendChild(text)
	switch {
	case text.Data == "":
		img.Parent.RemoveChild(img)
	case img.Parent.Data == "a":
		img.RemoveChild(text)
		img.Parent.InsertBefore(text, img)
		img.Parent.RemoveChild(img)
	}
}

func firstNumber(n *html.Node) int {
	for c := range n.Descendants() {
		if attribute(c, "class") == "number" {
			v, _ := strconv.Atoi(strings.Trim(c.FirstChild.Data, ".)"))
			return v
		}
	}
	return -1
}
