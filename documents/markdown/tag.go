package markdown

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// tag is a token of raw HTML: text, or a tag with its attributes.
type tag struct {
	text  string
	name  string
	close bool
	void  bool
	attrs []attr
}

type attr struct{ name, value string }

func (t tag) attr(name string) string {
	for _, a := range t.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// shape is the tag in a canonical spelling, as far as a page gets it.
func (t tag) shape() string {
	var b strings.Builder
	b.WriteString(t.name)
	for _, a := range t.attrs {
		if a.name != "id" && a.name != "name" && attrAllowed(t.name, a.name) {
			b.WriteString(" " + a.name + "=" + a.value)
		}
	}
	return b.String()
}

// shown tells whether a page gets the start tag and readers see its effect.
func (t tag) shown() bool {
	return elements[t.name] && !(bare[t.name] && t.shape() == t.name)
}

// bare elements show nothing without attributes.
var bare = set("a abbr bdi span time")

var voids = set("br hr img wbr col area base embed input link meta param source track")

// silent elements lose their content too.
var silent = set("script style iframe object template noscript noembed noframes textarea title svg math select xmp plaintext canvas audio video")

// breaksWords are elements at whose edges one word cannot go on.
var breaksWords = set("address article aside blockquote center dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul caption")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// instructions are what Markdown lets through besides tags, and where each ends.
var instructions = [][2]string{{"<!--", "-->"}, {"<?", "?>"}, {"<![CDATA[", "]]>"}}

// behind returns what follows an instruction at the start of b.
func behind(b []byte) []byte {
	for _, in := range instructions {
		start := bytes.TrimLeft(b, " ")
		if !bytes.HasPrefix(start, []byte(in[0])) || bytes.HasPrefix(start, []byte("<!-->")) || bytes.HasPrefix(start, []byte("<!--->")) {
			continue
		}
		if _, rest, ok := bytes.Cut(start[len(in[0]):], []byte(in[1])); ok {
			return rest
		}
		return nil
	}
	return b
}

// tags reads raw HTML. A tag that is not complete in b is left out; so are
// comments, declarations and processing instructions.
func tags(b []byte) []tag {
	var out []tag
	b = behind(b)
	z := html.NewTokenizer(bytes.NewReader(b))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.TextToken:
			out = append(out, tag{text: string(z.Text())})
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			n := tag{name: t.Data, void: voids[t.Data]}
			for _, a := range t.Attr {
				n.attrs = append(n.attrs, attr{a.Key, a.Val})
			}
			out = append(out, n)
		case html.EndTagToken:
			name, _ := z.TagName()
			out = append(out, tag{name: string(name), close: true})
		}
	}
}
