package markdown

import (
	"net/url"
	"strings"

	"github.com/yuin/goldmark/util"
)

// elements of raw HTML that reach a page. Everything else is left out.
var elements = set("a abbr b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr")

// attributes of them, by element; "" is all elements. Of ids and names a page
// gets the form u-…, so that none can pass for one of ours.
var attributes = map[string]map[string]bool{
	"":         set("id lang dir title"),
	"a":        set("href name"),
	"ol":       set("start reversed type"),
	"li":       set("value"),
	"td":       set("colspan rowspan"),
	"th":       set("colspan rowspan scope"),
	"col":      set("span"),
	"colgroup": set("span"),
	"details":  set("open"),
	"time":     set("datetime"),
}

func attrAllowed(element, name string) bool {
	return attributes[""][name] || attributes[element][name]
}

// phrasing elements may stand inside a line; the others would end a paragraph.
var phrasing = set("a abbr b bdi bdo br cite code del dfn em i ins kbd mark q rp rt ruby s samp small span strike strong sub sup time tt u var wbr")

// lasting elements may hold Markdown blocks between their tags. All others end
// with the block that they are written in.
var lasting = set("div section blockquote details figure figcaption center ul ol li dl dt dd ins del")

// inside names the elements that must stand directly in others.
var inside = map[string]map[string]bool{
	"li": set("ul ol"), "dt": set("dl div"), "dd": set("dl div"),
	"summary": set("details"), "figcaption": set("figure"),
	"caption": set("table"), "colgroup": set("table"), "col": set("colgroup table"),
	"thead": set("table"), "tbody": set("table"), "tfoot": set("table"),
	"tr": set("table thead tbody tfoot"), "td": set("tr"), "th": set("tr"),
	"rt": set("ruby"), "rp": set("ruby"),
}

// renamed are elements that HTML5 no longer has.
var renamed = map[string]string{"center": "div", "strike": "s", "tt": "code"}

var schemes = set("http https mailto tel")

// safeURL tells whether a link may go there, and else what to call it.
func safeURL(to string) (ok bool, what string) {
	if _, err := url.Parse(string(util.URLEscape([]byte(to), false))); err != nil {
		return false, "link that is no address"
	}
	to = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1
		}
		return r
	}, to)
	end := strings.IndexAny(to, ":/?#")
	if end < 0 || to[end] != ':' {
		return true, ""
	}
	scheme := strings.ToLower(to[:end])
	return schemes[scheme], scheme + ": link"
}
