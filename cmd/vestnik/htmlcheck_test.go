package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"vestnik/documents/lang"
)

// soundPage is a page of ours as a strict validator reads it: what a browser
// would forgive is a fault.
type soundPage struct {
	faults []string
	root   *html.Node
	ids    map[string]bool // and names, which links may lead to as well
	links  []pageLink
	texts  []*html.Node // elements with the text of a document
	h1     int
	refs   []string // ids that attributes refer to
	inputs []string
	labels map[string]bool
}

// pageLink is an address in a page. One in the text of a document is its
// author's, and may lead nowhere.
type pageLink struct {
	to     string
	author bool
}

func readPage(body string) *soundPage {
	p := &soundPage{ids: map[string]bool{}, labels: map[string]bool{}}
	written := p.tokens(body)
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		p.fault("%v", err)
		return p
	}
	p.root = root
	if root.FirstChild == nil || root.FirstChild.Type != html.DoctypeNode {
		p.fault("no doctype")
	}
	var understood []string
	p.walk(root, &understood, false)
	p.compare(written, understood)
	if p.h1 != 1 {
		p.fault("%d h1", p.h1)
	}
	for _, id := range p.inputs {
		if !p.labels[id] {
			p.fault("the input %q has no label", id)
		}
	}
	for _, id := range p.refs {
		if !p.ids[id] {
			p.fault("an attribute refers to the id %q, which is not there", id)
		}
	}
	return p
}

func (p *soundPage) fault(format string, args ...any) {
	if len(p.faults) < 20 {
		p.faults = append(p.faults, fmt.Sprintf(format, args...))
	}
}

func (p *soundPage) report(t *testing.T, name string) {
	t.Helper()
	for _, f := range p.faults {
		t.Errorf("%s: %s", name, f)
	}
}

var void = strings.Fields("area base br col embed hr img input link meta source track wbr")

// tokens reads the tags as they are written, each of which must be closed, and
// returns them in order.
func (p *soundPage) tokens(body string) (out []string) {
	z := html.NewTokenizer(strings.NewReader(body))
	var open []string
	for {
		kind := z.Next()
		raw := string(z.Raw())
		token := z.Token()
		switch kind {
		case html.ErrorToken:
			for _, name := range open {
				p.fault("<%s> is never closed", name)
			}
			return out
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, a := range token.Attr {
				if strings.Count(raw, " "+a.Key+"=") > 1 { // the tokenizer keeps the first alone
					p.fault("<%s> has %s twice", token.Data, a.Key)
				}
			}
			out = append(out, token.Data)
			if slices.Contains(void, token.Data) {
				out = append(out, "/"+token.Data)
			} else {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				p.fault("</%s> closes nothing; open are %s", token.Data, open)
				continue
			}
			open = open[:len(open)-1]
			out = append(out, "/"+token.Data)
		case html.TextToken:
			p.ampersands(raw)
		case html.CommentToken:
			p.fault("a comment reached the page: %.40q", token.Data)
		}
		if strings.ContainsAny(raw, "\x00\ufffd") {
			p.fault("a character that cannot be shown in %.60q", raw)
		}
	}
}

// ampersands: one before a letter begins a reference, which ends in a semicolon.
func (p *soundPage) ampersands(raw string) {
	for i := strings.IndexByte(raw, '&'); i >= 0; {
		rest := raw[i+1:]
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '#' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') })
		if end != 0 && rest != "" && (end < 0 || rest[end] != ';') {
			p.fault("an ampersand is not escaped in %.60q", raw[i:])
		}
		next := strings.IndexByte(rest, '&')
		if next < 0 {
			return
		}
		i += 1 + next
	}
}

// compare: a browser must build exactly the elements that are written.
func (p *soundPage) compare(written, understood []string) {
	for i := range max(len(written), len(understood)) {
		if i >= len(written) || i >= len(understood) || written[i] != understood[i] {
			from := max(0, i-6)
			p.fault("a browser reads other elements than are written: %v, not %v", understood[min(from, len(understood)):min(i+2, len(understood))], written[min(from, len(written)):min(i+2, len(written))])
			return
		}
	}
}

func (p *soundPage) walk(n *html.Node, understood *[]string, author bool) {
	if n.Type == html.ElementNode {
		*understood = append(*understood, n.Data)
		author = author || strings.Contains(" "+attr(n, "class")+" ", " text ")
		p.element(n, author)
	}
	if n.Type == html.TextNode && n.Parent.Type == html.ElementNode && holds[n.Parent.Data] != "" && strings.TrimSpace(n.Data) != "" {
		p.fault("text directly in <%s>: %.40q", n.Parent.Data, n.Data)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.walk(c, understood, author)
	}
	if n.Type == html.ElementNode {
		*understood = append(*understood, "/"+n.Data)
	}
}

// holds are the only children that some elements may have (HTML, section 4).
var holds = map[string]string{
	"ul": "li", "ol": "li", "dl": "dt dd div", "table": "caption colgroup thead tbody tfoot", "thead": "tr", "tbody": "tr", "tfoot": "tr",
	"tr": "th td", "select": "option optgroup", "colgroup": "col",
}

// obsolete elements and attributes (HTML, section 16.2).
var (
	obsoleteElements   = strings.Fields("acronym big center font frame marquee nobr strike tt script style object embed applet")
	obsoleteAttributes = strings.Fields("align valign bgcolor border cellpadding cellspacing nowrap clear compact style")
)

// phrasing elements hold no blocks; transparent ones hold what their parent does.
var (
	phrasing    = strings.Fields("p h1 h2 h3 h4 h5 h6 pre span em strong b i u s small sub sup code kbd samp var cite q dfn abbr bdi bdo mark time label button summary")
	transparent = strings.Fields("a ins del")
	blocks      = strings.Fields("address article aside blockquote details div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table ul li dd dt")
	unnestable  = strings.Fields("a button label form header footer main")
)

func isOurFile(a html.Attribute) bool {
	return a.Key == "src" && strings.HasPrefix(a.Val, "/static/")
}

func (p *soundPage) element(n *html.Node, author bool) {
	switch parent := n.Parent; {
	case parent != nil && holds[parent.Data] != "" && !slices.Contains(strings.Fields(holds[parent.Data]), n.Data):
		p.fault("<%s> directly in <%s>", n.Data, parent.Data)
	case n.Data == "script" && n.FirstChild == nil && slices.ContainsFunc(n.Attr, isOurFile):
	case n.Data == "script" && slices.Contains(n.Attr, html.Attribute{Key: "type", Val: "application/ld+json"}): // data, which does not run
	case slices.Contains(obsoleteElements, n.Data):
		p.fault("<%s> must not be on a page", n.Data)
	}
	if slices.Contains(blocks, n.Data) {
		outer := n.Parent
		for outer != nil && slices.Contains(transparent, outer.Data) {
			outer = outer.Parent
		}
		if outer != nil && slices.Contains(phrasing, outer.Data) {
			p.fault("<%s> in <%s>, which holds no blocks", n.Data, outer.Data)
		}
	}
	for up := n.Parent; up != nil && slices.Contains(unnestable, n.Data); up = up.Parent {
		if up.Data == n.Data || n.Data == "button" && up.Data == "a" || n.Data == "a" && up.Data == "button" {
			p.fault("<%s> inside <%s>", n.Data, up.Data)
		}
	}
	for _, a := range n.Attr {
		p.attribute(n, a.Key, a.Val, author)
	}
	p.demands(n, author)
}

func (p *soundPage) attribute(n *html.Node, key, value string, author bool) {
	switch key {
	case "id", "name":
		if key == "name" && n.Data != "a" {
			return
		}
		if value == "" || strings.ContainsAny(value, " \t\n\f\r") {
			p.fault("<%s> has the %s %q", n.Data, key, value)
		}
		if key == "id" && p.ids[value] {
			p.fault("the id %q is there twice", value)
		}
		p.ids[value] = true
	case "lang", "hreflang":
		if value != "x-default" && !lang.Valid(value) {
			p.fault("<%s %s=%q> is no language", n.Data, key, value)
		}
	case "dir":
		if value != "ltr" && value != "rtl" && value != "auto" {
			p.fault("<%s dir=%q>", n.Data, value)
		}
	case "href", "src", "action":
		if u, err := url.Parse(value); err != nil || strings.ContainsAny(value, " \t\n\"<>\\^`{|}") || !slices.Contains([]string{"", "http", "https", "mailto", "tel"}, u.Scheme) {
			p.fault("<%s %s=%q> is no address that may be on a page", n.Data, key, value)
		}
		if key != "action" { // a form's address needs what is filled in
			p.links = append(p.links, pageLink{value, author && !strings.HasPrefix(value, "#") && attr(n, "class") != "share"})
		}
	case "datetime":
		_, notDay := time.Parse(time.DateOnly, value)
		_, notInstant := time.Parse(time.RFC3339, value)
		if notDay != nil && notInstant != nil && !author {
			p.fault("<%s datetime=%q> is no time", n.Data, value)
		}
	case "for", "aria-labelledby", "aria-describedby", "aria-controls":
		p.refs = append(p.refs, strings.Fields(value)...)
	}
	if slices.Contains(obsoleteAttributes, key) || strings.HasPrefix(key, "on") {
		p.fault("<%s> has the attribute %s", n.Data, key)
	}
}

// demands are what an element has to have.
func (p *soundPage) demands(n *html.Node, author bool) {
	switch n.Data {
	case "h1":
		p.h1++
	case "html":
		if l := attr(n, "lang"); l == "" || attr(n, "dir") != lang.Dir(l) {
			p.fault("<html lang=%q dir=%q>", l, attr(n, "dir"))
		}
	case "title":
		if n.FirstChild == nil || strings.TrimSpace(n.FirstChild.Data) == "" {
			p.fault("the title is empty")
		}
	case "img":
		if attr(n, "alt") == "" {
			p.fault("an image without a text")
		}
	case "label":
		p.labels[attr(n, "for")] = true
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" {
			p.inputs = append(p.inputs, attr(n, "id"))
		}
	case "a":
		if !author && attr(n, "class") != "share" && strings.TrimSpace(shownText(n)) == "" {
			p.fault("a link to %q has no text", attr(n, "href"))
		}
	}
	if author && strings.Contains(" "+attr(n, "class")+" ", " text ") {
		p.texts = append(p.texts, n)
	}
}

// The checker itself finds what it is for.
func TestPageFaults(t *testing.T) {
	page := func(body string) string {
		return `<!doctype html><html lang="ru" dir="ltr"><head><title>x</title></head><body><h1>x</h1>` + body + `</body></html>`
	}
	if p := readPage(page(`<p>A &amp; B</p><ul><li id="a"><a href="#a">x</a></li></ul><ins><p>x</p></ins><div class="text" dir="rtl"></div>`)); len(p.faults) > 0 {
		t.Errorf("a sound page has faults: %v", p.faults)
	}
	for body, want := range map[string]string{
		`<div>`:                                "never closed",
		`</div>`:                               "closes nothing",
		`<b><i>x</b></i>`:                      "closes nothing",
		`<p><ul></ul></p>`:                     "other elements",
		`<a href="#"><a href="#">x</a></a>`:    "other elements",
		`<table><tr><td>x</td></tr></table>`:   "other elements",
		`<p id="a"></p><p id="a"></p>`:         "twice",
		`<p lang="a" lang="b"></p>`:            "twice",
		`<h1>y</h1>`:                           "2 h1",
		`<ul><p>x</p></ul>`:                    "directly",
		`<ul>x</ul>`:                           "directly",
		`<span><div>x</div></span>`:            "no blocks",
		`<p>a &copy b</p>`:                     "ampersand",
		`<p style="x">a</p>`:                   "attribute",
		`<a href="javascript:x">a</a>`:         "no address",
		`<a href="/">  </a>`:                   "no text",
		`<nav aria-labelledby="none">a</nav>`:  "not there",
		`<form><input id="q" name="q"></form>`: "label",
		`<p dir="up">x</p>`:                    "dir",
		`<p lang="no tag">x</p>`:               "no language",
		`<!-- x -->`:                           "comment",
		`<time datetime="yesterday">x</time>`:  "no time",
		`<script>x</script>`:                   "must not be",
		`<p>` + "\ufffd" + `</p>`:              "cannot be shown",
		`<img src="/x">`:                       "without a text",
	} {
		faults := strings.Join(readPage(page(body)).faults, "; ")
		if !strings.Contains(faults, want) {
			t.Errorf("%s: %q, want %q", body, faults, want)
		}
	}
}
