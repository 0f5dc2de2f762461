package markdown

import (
	"bytes"
	"regexp"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"vestnik/documents/lang"
)

// policy is what may be on a page, whoever wrote it. It comes after the renderer,
// which lets nothing else through either: each would be enough.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	for name := range elements {
		p.AllowElements(name)
		p.AllowNoAttrs().OnElements(name)
		for a := range attributes[name] {
			if a != "href" {
				p.AllowAttrs(a).OnElements(name)
			}
		}
	}
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^\S+$`)).Globally()
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^[\p{L}\p{N} _+.#-]+$`)).Globally()
	p.AllowAttrs("lang", "dir", "title").Globally()
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^(list|listitem|region|doc-endnotes)$`)).OnElements("div", "section")
	p.AllowAttrs("aria-label").OnElements("a", "div", "section")
	p.AllowAttrs("tabindex").Matching(regexp.MustCompile(`^0$`)).OnElements("div")
	return p
})

// sanitise applies the policy to the whole output, parses it as a fragment and
// serialises it again, until nothing changes.
func sanitise(b []byte, raw bool) []byte {
	b = reserialise(policy().SanitizeBytes(b))
	for range 4 {
		if !raw {
			break
		}
		next := reserialise(b)
		if bytes.Equal(next, b) {
			break
		}
		b = next
	}
	return b
}

// reserialise writes the tree that a browser makes of b. What the parser refuses
// is left out altogether.
func reserialise(b []byte) []byte {
	context := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(bytes.NewReader(b), context)
	if err != nil {
		return nil
	}
	var out bytes.Buffer
	for _, n := range nodes {
		if html.Render(&out, n) != nil {
			return nil
		}
	}
	return out.Bytes()
}

// labels are the few words that a rendered text needs beside its own.
type labels struct{ link, notes, back, table string }

func labelsIn(tag string) labels {
	switch lang.Near(tag) {
	case "ru":
		return labels{"Ссылка на этот пункт", "Сноски", "Назад к тексту", "Таблица"}
	case "kk":
		return labels{"Осы тармаққа сілтеме", "Ескертпелер", "Мәтінге қайту", "Кесте"}
	}
	return labels{"Link to this clause", "Footnotes", "Back to the text", "Table"}
}
